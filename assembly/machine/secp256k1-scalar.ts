// 256-bit numbers and arithmetic modulo a 256-bit prime over linear memory, for what secp256k1 asks outside of
// its field: bounds, the two products modulo n and inverses. A number is four u64 words, least first (32
// bytes). Plain and slow next to the field: a recovery uses it for a twentieth of its time.

/** The order of the group, its floored half, the field's prime, and p - n: below it r would not tell x. */
export const N: usize = memory.data<u64>([
  0xbfd25e8cd0364141, 0xbaaedce6af48a03b, 0xfffffffffffffffe, 0xffffffffffffffff,
]);
export const HALF_N: usize = memory.data<u64>([
  0xdfe92f46681b20a0, 0x5d576e7357a4501d, 0xffffffffffffffff, 0x7fffffffffffffff,
]);
export const P: usize = memory.data<u64>([
  0xfffffffefffffc2f, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff,
]);
export const P_MINUS_N: usize = memory.data<u64>([
  0x402da1722fc9baee, 0x4551231950b75fc4, 0x0000000000000001, 0x0000000000000000,
]);

export function readNumber(bigEndian: usize, out: usize): void {
  for (let i: usize = 0; i < 32; i += 8) {
    store<u64>(out + i, bswap<u64>(load<u64>(bigEndian + 24 - i)));
  }
}

/** `out` and `words` do not overlap. */
export function writeNumber(words: usize, out: usize): void {
  for (let i: usize = 0; i < 32; i += 8) {
    store<u64>(out + 24 - i, bswap<u64>(load<u64>(words + i)));
  }
}

export function isZeroNumber(a: usize): bool {
  return (load<u64>(a) | load<u64>(a, 8) | load<u64>(a, 16) | load<u64>(a, 24)) == 0;
}

export function isBelow(a: usize, b: usize): bool {
  for (let i: usize = 32; i != 0; ) {
    i -= 8;
    const x = load<u64>(a + i);
    const y = load<u64>(b + i);
    if (x != y) return x < y;
  }
  return false;
}

/** out = a + b; the carry. */
function add(a: usize, b: usize, out: usize): u64 {
  let carry: u64 = 0;
  for (let i: usize = 0; i < 32; i += 8) {
    const x = load<u64>(a + i);
    const sum = x + load<u64>(b + i);
    const total = sum + carry;
    carry = <u64>(sum < x) | <u64>(total < sum);
    store<u64>(out + i, total);
  }
  return carry;
}

/** out = a - b modulo 2^256 */
function subtract(a: usize, b: usize, out: usize): void {
  let borrow: u64 = 0;
  for (let i: usize = 0; i < 32; i += 8) {
    const x = load<u64>(a + i);
    const y = load<u64>(b + i);
    const difference = x - y;
    store<u64>(out + i, difference - borrow);
    borrow = <u64>(x < y) | <u64>(difference < borrow);
  }
}

/** a := a modulo m where a < 2m */
export function reduceOnce(a: usize, m: usize): void {
  if (!isBelow(a, m)) subtract(a, m, a);
}

/** out = a + b modulo m; both below m. */
function addModulo(a: usize, b: usize, m: usize, out: usize): void {
  if (add(a, b, out) != 0 || !isBelow(out, m)) subtract(out, m, out);
}

/** out = -a modulo m; a below m. */
export function negateModulo(a: usize, m: usize, out: usize): void {
  if (isZeroNumber(a)) memory.fill(out, 0, 32);
  else subtract(m, a, out);
}

/** out = a x b modulo m, bit by bit; both below m, `out` is neither. */
export function multiplyModulo(a: usize, b: usize, m: usize, out: usize): void {
  memory.fill(out, 0, 32);
  for (let bit: u32 = 256; bit-- != 0; ) {
    addModulo(out, out, m, out);
    if ((load<u64>(b + ((bit >> 6) << 3)) >> (bit & 63)) & 1) addModulo(out, a, m, out);
  }
}

/** Shifts a number right by one bit, with `top` as the new highest bit. */
function halve(a: usize, top: u64): void {
  for (let i: usize = 32; i != 0; ) {
    i -= 8;
    const word = load<u64>(a + i);
    store<u64>(a + i, (word >> 1) | (top << 63));
    top = word & 1;
  }
}

/** Takes the factors of two out of u; x is divided by as many twos modulo m. */
function takeTwos(u: usize, x: usize, m: usize): void {
  while ((load<u64>(u) & 1) == 0) {
    halve(u, 0);
    halve(x, (load<u64>(x) & 1) != 0 ? add(x, m, x) : 0);
  }
}

function isOne(a: usize): bool {
  return load<u64>(a) == 1 && (load<u64>(a, 8) | load<u64>(a, 16) | load<u64>(a, 24)) == 0;
}

function subtractModulo(a: usize, b: usize, m: usize): void {
  const borrows = isBelow(a, b);
  subtract(a, b, a);
  if (borrows) add(a, m, a);
}

const U: usize = memory.data(32, 8);
const V: usize = memory.data(32, 8);
const X: usize = memory.data(32, 8);
const Y: usize = memory.data(32, 8);

/** out = 1 / a modulo the odd prime m, by the binary algorithm; 0 for 0. a is below m. */
export function invertModulo(a: usize, m: usize, out: usize): void {
  if (isZeroNumber(a)) return memory.fill(out, 0, 32);
  // a x X = U and a x Y = V modulo m, all the time; U + V shrinks.
  memory.copy(U, a, 32);
  memory.copy(V, m, 32);
  memory.fill(X, 0, 32);
  store<u64>(X, 1);
  memory.fill(Y, 0, 32);
  takeTwos(U, X, m);
  while (!isOne(U) && !isOne(V)) {
    if (isBelow(U, V)) {
      subtract(V, U, V);
      subtractModulo(Y, X, m);
      takeTwos(V, Y, m);
    } else {
      subtract(U, V, U);
      subtractModulo(X, Y, m);
      takeTwos(U, X, m);
    }
  }
  memory.copy(out, isOne(U) ? X : Y, 32);
}
