// Integer instructions on unsigned BigInt slots (docs/machine.md section 3), one line per opcode, from the
// WebAssembly specification's definitions. An operand is cut to its width first, so that a slot with a dirty
// upper half means the same in every judge. undefined is a division that traps.

type Operation = (x: bigint, y: bigint) => bigint | undefined;
type Width = 32 | 64;

const truth = (condition: boolean): bigint => (condition ? 1n : 0n);

function leadingZeros(x: bigint, width: Width): bigint {
  return BigInt(x === 0n ? width : width - x.toString(2).length);
}

function trailingZeros(x: bigint, width: Width): bigint {
  return BigInt(x === 0n ? width : (x & -x).toString(2).length - 1);
}

function populationCount(x: bigint): bigint {
  let count = 0n;
  for (; x > 0n; x >>= 1n) count += x & 1n;
  return count;
}

/** The 34 operations that i32 and i64 have in common, in opcode order, results not yet cut to the width. */
function operations(width: Width): { readonly compare: Operation[]; readonly other: Operation[] } {
  const bits = BigInt(width);
  const s = (x: bigint): bigint => BigInt.asIntN(width, x);
  const left: Operation = (x, y) => (x << (y % bits)) | (x >> (bits - (y % bits)));
  return {
    compare: [
      (x) => truth(x === 0n),
      (x, y) => truth(x === y),
      (x, y) => truth(x !== y),
      (x, y) => truth(s(x) < s(y)),
      (x, y) => truth(x < y),
      (x, y) => truth(s(x) > s(y)),
      (x, y) => truth(x > y),
      (x, y) => truth(s(x) <= s(y)),
      (x, y) => truth(x <= y),
      (x, y) => truth(s(x) >= s(y)),
      (x, y) => truth(x >= y),
    ],
    other: [
      (x) => leadingZeros(x, width),
      (x) => trailingZeros(x, width),
      (x) => populationCount(x),
      (x, y) => x + y,
      (x, y) => x - y,
      (x, y) => x * y,
      (x, y) => (y === 0n || s(x) / s(y) === 1n << (bits - 1n) ? undefined : s(x) / s(y)),
      (x, y) => (y === 0n ? undefined : x / y),
      (x, y) => (y === 0n ? undefined : s(x) % s(y)),
      (x, y) => (y === 0n ? undefined : x % y),
      (x, y) => x & y,
      (x, y) => x | y,
      (x, y) => x ^ y,
      (x, y) => x << (y % bits),
      (x, y) => s(x) >> (y % bits),
      (x, y) => x >> (y % bits),
      left,
      (x, y) => left(x, bits - (y % bits)),
    ],
  };
}

/** One numeric opcode. */
export interface Numeric {
  readonly operands: 1 | 2;
  /** The result slot of operand slots, or undefined where the word traps. */
  readonly evaluate: Operation;
}

const numerics = new Map<number, Numeric>();

function add(opcode: number, operands: 1 | 2, from: Width, to: Width, operation: Operation): void {
  const evaluate: Operation = (x, y) => {
    const result = operation(BigInt.asUintN(from, x), BigInt.asUintN(from, y));
    return result === undefined ? undefined : BigInt.asUintN(to, result);
  };
  numerics.set(opcode, { operands, evaluate });
}

function addFamily(width: Width, compareAt: number, otherAt: number): void {
  const { compare, other } = operations(width);
  compare.forEach((operation, i) => {
    add(compareAt + i, i === 0 ? 1 : 2, width, 32, operation);
  });
  other.forEach((operation, i) => {
    add(otherAt + i, i < 3 ? 1 : 2, width, width, operation);
  });
}

addFamily(32, 0x45, 0x67);
addFamily(64, 0x50, 0x79);
add(0xa7, 1, 64, 32, (x) => x);
add(0xac, 1, 32, 64, (x) => BigInt.asIntN(32, x));
add(0xad, 1, 32, 64, (x) => x);
add(0xc0, 1, 32, 32, (x) => BigInt.asIntN(8, x));
add(0xc1, 1, 32, 32, (x) => BigInt.asIntN(16, x));
add(0xc2, 1, 64, 64, (x) => BigInt.asIntN(8, x));
add(0xc3, 1, 64, 64, (x) => BigInt.asIntN(16, x));
add(0xc4, 1, 64, 64, (x) => BigInt.asIntN(32, x));

/** The numeric word with this opcode, or undefined for another word. */
export function numericOf(opcode: number): Numeric | undefined {
  return numerics.get(opcode);
}
