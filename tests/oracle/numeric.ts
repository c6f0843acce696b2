// Integer instructions of Wasm on unsigned BigInt slots, written from the specification's definitions
// (https://webassembly.github.io/spec/core/exec/numerics.html) for reading, not for speed. Slots hold
// i32 zero-extended. A division that traps gives undefined.

type Width = 32 | 64;

const signed = (width: Width, value: bigint): bigint => BigInt.asIntN(width, value);
const unsigned = (width: Width, value: bigint): bigint => BigInt.asUintN(width, value);
const flag = (condition: boolean): bigint => (condition ? 1n : 0n);

function leadingZeros(width: Width, value: bigint): bigint {
  return BigInt(value === 0n ? width : width - value.toString(2).length);
}

function trailingZeros(width: Width, value: bigint): bigint {
  let count = 0n;
  while (count < BigInt(width) && ((value >> count) & 1n) === 0n) count += 1n;
  return count;
}

function ones(value: bigint): bigint {
  return BigInt([...value.toString(2)].filter((digit) => digit === "1").length);
}

function rotateLeft(width: Width, value: bigint, count: bigint): bigint {
  return unsigned(width, (value << count) | (value >> (BigInt(width) - count)));
}

/** Comparison number `index`: eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u. */
function compare(width: Width, index: number, x: bigint, y: bigint): bigint {
  const sx = signed(width, x);
  const sy = signed(width, y);
  switch (index) {
    case 0:
      return flag(x === y);
    case 1:
      return flag(x !== y);
    case 2:
      return flag(sx < sy);
    case 3:
      return flag(x < y);
    case 4:
      return flag(sx > sy);
    case 5:
      return flag(x > y);
    case 6:
      return flag(sx <= sy);
    case 7:
      return flag(x <= y);
    case 8:
      return flag(sx >= sy);
    default:
      return flag(x >= y);
  }
}

/** Binary operation number `index`: add sub mul div_s … rotr, in opcode order. */
function binary(width: Width, index: number, x: bigint, y: bigint): bigint | undefined {
  const sx = signed(width, x);
  const sy = signed(width, y);
  const shift = y % BigInt(width);
  switch (index) {
    case 0:
      return unsigned(width, x + y);
    case 1:
      return unsigned(width, x - y);
    case 2:
      return unsigned(width, x * y);
    case 3: {
      if (y === 0n) return undefined;
      const quotient = sx / sy;
      return quotient === 1n << BigInt(width - 1) ? undefined : unsigned(width, quotient);
    }
    case 4:
      return y === 0n ? undefined : x / y;
    case 5:
      return y === 0n ? undefined : unsigned(width, sx % sy);
    case 6:
      return y === 0n ? undefined : x % y;
    case 7:
      return x & y;
    case 8:
      return x | y;
    case 9:
      return x ^ y;
    case 10:
      return unsigned(width, x << shift);
    case 11:
      return unsigned(width, sx >> shift);
    case 12:
      return x >> shift;
    case 13:
      return rotateLeft(width, x, shift);
    default:
      return rotateLeft(width, x, shift === 0n ? 0n : BigInt(width) - shift);
  }
}

function unary(width: Width, index: number, x: bigint): bigint {
  if (index === 0) return leadingZeros(width, x);
  return index === 1 ? trailingZeros(width, x) : ones(x);
}

/** How many operands a numeric opcode (0x45 … 0xC4) takes. */
export function operandCount(op: number): 1 | 2 {
  if (op === 0x45 || op === 0x50) return 1;
  if (op <= 0x5a) return 2;
  if (op <= 0x69 || (op >= 0x79 && op <= 0x7b) || op >= 0xa7) return 1;
  return 2;
}

/** The result of a numeric opcode; undefined for an integer divide by zero or an overflow. */
export function evaluate(op: number, x: bigint, y: bigint): bigint | undefined {
  if (op === 0x45 || op === 0x50) return flag(x === 0n);
  if (op >= 0x46 && op <= 0x4f) return compare(32, op - 0x46, x, y);
  if (op >= 0x51 && op <= 0x5a) return compare(64, op - 0x51, x, y);
  if (op >= 0x67 && op <= 0x69) return unary(32, op - 0x67, x);
  if (op >= 0x6a && op <= 0x78) return binary(32, op - 0x6a, x, y);
  if (op >= 0x79 && op <= 0x7b) return unary(64, op - 0x79, x);
  if (op >= 0x7c && op <= 0x8a) return binary(64, op - 0x7c, x, y);
  return convert(op, x);
}

function convert(op: number, x: bigint): bigint {
  switch (op) {
    case 0xa7:
      return unsigned(32, x);
    case 0xac:
      return unsigned(64, signed(32, x));
    case 0xad:
      return x;
    case 0xc0:
      return unsigned(32, BigInt.asIntN(8, x));
    case 0xc1:
      return unsigned(32, BigInt.asIntN(16, x));
    case 0xc2:
      return unsigned(64, BigInt.asIntN(8, x));
    case 0xc3:
      return unsigned(64, BigInt.asIntN(16, x));
    case 0xc4:
      return unsigned(64, BigInt.asIntN(32, x));
    default:
      throw new TypeError(`no such numeric opcode: 0x${op.toString(16)}`);
  }
}
