// ECDSA on secp256k1 over linear memory: recovery of public keys (docs/host-calls.md 16) and the signature rule
// of transactions (docs/formats.md 3). Everything is public, so nothing is done in constant time. All
// functions are total: bytes that are no signature, no point or no key give false, and nothing is written.
import {
  ELEMENT_BYTES,
  fieldCombine,
  fieldFromWords,
  fieldIsZero,
  fieldMultiply,
  fieldRoot,
  fieldSquare,
  fieldToWords,
} from "./secp256k1-field";
import {
  HALF_N,
  invertModulo,
  isBelow,
  isZeroNumber,
  multiplyModulo,
  N,
  negateModulo,
  P,
  P_MINUS_N,
  readNumber,
  reduceOnce,
  writeNumber,
} from "./secp256k1-scalar";

/** A point in Jacobian coordinates: x = X / Z^2, y = Y / Z^3. Infinity has no such form here. */
const Y: usize = ELEMENT_BYTES;
const Z: usize = 2 * ELEMENT_BYTES;
const POINT_BYTES: usize = 3 * ELEMENT_BYTES;

const GENERATOR_X: usize = memory.data<u64>([
  0x59f2815b16f81798, 0x029bfcdb2dce28d9, 0x55a06295ce870b07, 0x79be667ef9dcbbac,
]);
const GENERATOR_Y: usize = memory.data<u64>([
  0x9c47d08ffb10d4b8, 0xfd17b448a6855419, 0x5da4fbfc0e1108a8, 0x483ada7726a3c465,
]);
const ONE: usize = memory.data<u32>([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const SEVEN: usize = memory.data<u32>([7, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/** Intermediate elements of one addition or doubling. */
const T: usize = memory.data(12 * 40, 8);

/** point := 2 x point. No point of the curve has order two, so none becomes infinity. */
function double(point: usize): void {
  const yy = T;
  const xyy = T + 40;
  const m = T + 80;
  const t = T + 120;
  fieldSquare(point + Y, yy);
  fieldMultiply(point, yy, xyy);
  fieldSquare(point, m);
  fieldCombine(3, m, 0, m, m);
  fieldMultiply(point + Y, point + Z, t);
  fieldCombine(2, t, 0, t, point + Z);
  // X = m^2 - 8 x y^2, Y = m (4 x y^2 - X) - 8 y^4
  fieldSquare(m, t);
  fieldCombine(1, t, 8, xyy, point);
  fieldCombine(4, xyy, 1, point, t);
  fieldMultiply(m, t, t);
  fieldSquare(yy, yy);
  fieldCombine(1, t, 8, yy, point + Y);
}

/** Whether the sum that is added to is still infinity. */
let sumIsInfinity: bool = true;
const SUM: usize = memory.data(120, 8);

/** SUM := SUM + point */
function addToSum(point: usize): void {
  if (sumIsInfinity) {
    memory.copy(SUM, point, POINT_BYTES);
    sumIsInfinity = false;
    return;
  }
  const zz = T;
  const zzSum = T + 40;
  const u = T + 80;
  const s = T + 120;
  const h = T + 160;
  const r = T + 200;
  fieldSquare(SUM + Z, zzSum);
  fieldSquare(point + Z, zz);
  fieldMultiply(SUM, zz, u);
  fieldMultiply(point, zzSum, h);
  fieldCombine(1, h, 1, u, h);
  fieldMultiply(SUM + Y, point + Z, s);
  fieldMultiply(s, zz, s);
  fieldMultiply(point + Y, SUM + Z, r);
  fieldMultiply(r, zzSum, r);
  fieldCombine(1, r, 1, s, r);
  if (fieldIsZero(h)) {
    if (fieldIsZero(r)) double(SUM);
    else sumIsInfinity = true;
    return;
  }
  const hh = zz;
  const hhh = zzSum;
  const t = T + 240;
  fieldMultiply(SUM + Z, point + Z, t);
  fieldMultiply(t, h, SUM + Z);
  fieldSquare(h, hh);
  fieldMultiply(h, hh, hhh);
  fieldMultiply(u, hh, u);
  // X = r^2 - h^3 - 2 u h^2, Y = r (u h^2 - X) - s h^3
  fieldSquare(r, t);
  fieldCombine(1, t, 1, hhh, t);
  fieldCombine(1, t, 2, u, SUM);
  fieldCombine(1, u, 1, SUM, t);
  fieldMultiply(r, t, t);
  fieldMultiply(s, hhh, s);
  fieldCombine(1, t, 1, s, SUM + Y);
}

/** Odd multiples 1, 3, … 15 of a point, and the digits -15 … 15 of a scalar, at most each fifth not 0. */
const WINDOW: u32 = 5;
const MULTIPLES: u32 = 8;
const OF_GENERATOR: usize = memory.data(120 * 8, 8);
const OF_POINT: usize = memory.data(120 * 8, 8);
const DIGITS_MAX: u32 = 257;
const GENERATOR_DIGITS: usize = memory.data(264, 8);
const POINT_DIGITS: usize = memory.data(264, 8);
const NEGATED: usize = memory.data(120, 8);
const TWICE: usize = memory.data(120, 8);

/** Fills a table whose first entry stands. */
function makeMultiples(table: usize): void {
  memory.copy(TWICE, table, POINT_BYTES);
  double(TWICE);
  memory.copy(SUM, table, POINT_BYTES);
  sumIsInfinity = false;
  for (let i: u32 = 1; i < MULTIPLES; i++) {
    addToSum(TWICE);
    memory.copy(table + POINT_BYTES * i, SUM, POINT_BYTES);
  }
}

/** The digits of a number in non-adjacent form, one signed byte for each bit. */
function makeDigits(words: usize, digits: usize): void {
  memory.fill(digits, 0, DIGITS_MAX);
  let carry: u32 = 0;
  for (let bit: u32 = 0; bit < 256; ) {
    const at = words + ((bit >> 6) << 3);
    const shift = bit & 63;
    let chunk = <u32>(load<u64>(at) >> shift);
    if (shift > 64 - WINDOW && bit < 192) chunk |= <u32>(load<u64>(at, 8) << (64 - shift));
    if ((chunk & 1) == carry) {
      bit++;
      continue;
    }
    const digit = (chunk & 31) + carry;
    carry = digit >> 4;
    store<u8>(digits + bit, <u8>(digit - (carry << WINDOW)));
    bit += WINDOW;
  }
  store<u8>(digits, <u8>carry, 256);
}

function addDigit(digit: i32, table: usize): void {
  if (digit > 0) {
    addToSum(table + POINT_BYTES * (<u32>digit >> 1));
  } else if (digit < 0) {
    memory.copy(NEGATED, table + POINT_BYTES * (<u32>-digit >> 1), POINT_BYTES);
    fieldCombine(0, NEGATED, 1, NEGATED + Y, NEGATED + Y);
    addToSum(NEGATED);
  }
}

/** SUM := a x generator + b x the point that stands first in OF_POINT; a and b below n. */
function multiply(a: usize, b: usize): void {
  fieldFromWords(GENERATOR_X, OF_GENERATOR);
  fieldFromWords(GENERATOR_Y, OF_GENERATOR + Y);
  memory.copy(OF_GENERATOR + Z, ONE, ELEMENT_BYTES);
  makeMultiples(OF_GENERATOR);
  makeMultiples(OF_POINT);
  makeDigits(a, GENERATOR_DIGITS);
  makeDigits(b, POINT_DIGITS);
  sumIsInfinity = true;
  for (let i = DIGITS_MAX; i-- != 0; ) {
    if (!sumIsInfinity) double(SUM);
    addDigit(load<i8>(GENERATOR_DIGITS + i), OF_GENERATOR);
    addDigit(load<i8>(POINT_DIGITS + i), OF_POINT);
  }
}

const DIGEST: usize = memory.data(32, 8);
const R: usize = memory.data(32, 8);
const S: usize = memory.data(32, 8);
const KEY_X: usize = memory.data(32, 8);
const KEY_Y: usize = memory.data(32, 8);
const INVERSE: usize = memory.data(32, 8);
const A: usize = memory.data(32, 8);
const B: usize = memory.data(32, 8);
const ELEMENT: usize = memory.data(40, 8);
const SQUARE: usize = memory.data(40, 8);

/** out = x^3 + 7 */
function curveSide(x: usize, out: usize): void {
  fieldSquare(x, out);
  fieldMultiply(out, x, out);
  // x^3 + 7 = x^3 - (-7)
  fieldCombine(0, SEVEN, 1, SEVEN, ELEMENT);
  fieldCombine(1, out, 1, ELEMENT, out);
}

function areEqual(a: usize, b: usize): bool {
  fieldCombine(1, a, 1, b, ELEMENT);
  return fieldIsZero(ELEMENT);
}

/** Makes (x = R, y of this parity) the first entry of OF_POINT; false if R is no x coordinate. */
function liftR(odd: u32): bool {
  fieldFromWords(R, OF_POINT);
  curveSide(OF_POINT, SQUARE);
  fieldRoot(SQUARE, OF_POINT + Y);
  fieldSquare(OF_POINT + Y, OF_POINT + Z);
  if (!areEqual(SQUARE, OF_POINT + Z)) return false;
  fieldToWords(OF_POINT + Y, A);
  if ((<u32>load<u64>(A) & 1) != odd) fieldCombine(0, ONE, 1, OF_POINT + Y, OF_POINT + Y);
  memory.copy(OF_POINT + Z, ONE, ELEMENT_BYTES);
  return true;
}

/** Writes the affine coordinates of SUM, which is not infinity, big-endian to `out` [64]. */
function writeSum(out: usize): void {
  fieldToWords(SUM + Z, A);
  invertModulo(A, P, A);
  fieldFromWords(A, T);
  fieldSquare(T, T + 40);
  fieldMultiply(SUM, T + 40, T + 80);
  fieldToWords(T + 80, A);
  writeNumber(A, out);
  fieldMultiply(T + 40, T, T + 40);
  fieldMultiply(SUM + Y, T + 40, T + 80);
  fieldToWords(T + 80, A);
  writeNumber(A, out + 32);
}

/** 0 < s <= n/2 for the 32 bytes at `s`. */
function admitsS(s: usize): bool {
  readNumber(s, S);
  return !isZeroNumber(S) && !isBelow(HALF_N, S);
}

/** Range of r and s that host call 16 admits: 0 < r < n, 0 < s <= n/2; 32 bytes each. */
export function admitsRecover(r: usize, s: usize): bool {
  readNumber(r, R);
  return !isZeroNumber(R) && isBelow(R, N) && admitsS(s);
}

/** Range of r and s that a transaction's signature has: p - n <= r < n, 0 < s <= n/2. */
export function admitsTransaction(r: usize, s: usize): bool {
  readNumber(r, R);
  return !isBelow(R, P_MINUS_N) && isBelow(R, N) && admitsS(s);
}

/** The rest of a recovery once R and S stand. */
function recoverAdmitted(digest: usize, odd: u32, out: usize): bool {
  if (!liftR(odd)) return false;
  readNumber(digest, DIGEST);
  reduceOnce(DIGEST, N);
  // Key = (s x point - digest x generator) / r
  invertModulo(R, N, INVERSE);
  multiplyModulo(DIGEST, INVERSE, N, A);
  negateModulo(A, N, A);
  multiplyModulo(S, INVERSE, N, B);
  multiply(A, B);
  if (sumIsInfinity) return false;
  writeSum(out);
  return true;
}

/**
 * The public key x ‖ y [64] of a signature over `digest` [32] to `out`: r and s of 32 bytes in the range of
 * `admitsRecover`, v 0 or 1 the parity of the point's y. False, and nothing written, if there is none.
 */
export function recover(digest: usize, r: usize, s: usize, v: u32, out: usize): bool {
  return v <= 1 && admitsRecover(r, s) && recoverAdmitted(digest, v, out);
}

/** Host call 16: `signature` is r ‖ s ‖ v [65] with v 27 or 28. */
export function recoverSignature(digest: usize, signature: usize, out: usize): bool {
  const v = <u32>load<u8>(signature, 64) - 27;
  return recover(digest, signature, signature + 32, v, out);
}

/** Makes the key x ‖ y [64] the first entry of OF_POINT; false if it is no point of the curve. */
function takeKey(key: usize): bool {
  readNumber(key, KEY_X);
  readNumber(key + 32, KEY_Y);
  if (!isBelow(KEY_X, P) || !isBelow(KEY_Y, P)) return false;
  fieldFromWords(KEY_X, OF_POINT);
  fieldFromWords(KEY_Y, OF_POINT + Y);
  memory.copy(OF_POINT + Z, ONE, ELEMENT_BYTES);
  curveSide(OF_POINT, SQUARE);
  fieldSquare(OF_POINT + Y, T);
  return areEqual(SQUARE, T);
}

/**
 * The signature rule of transactions: r ‖ s [64] in the range of `admitsTransaction` is an ECDSA signature over
 * `digest` [32] by the key x ‖ y [64], a point of the curve.
 */
export function verifyTransaction(digest: usize, signature: usize, key: usize): bool {
  if (!admitsTransaction(signature, signature + 32) || !takeKey(key)) return false;
  readNumber(digest, DIGEST);
  reduceOnce(DIGEST, N);
  invertModulo(S, N, INVERSE);
  multiplyModulo(DIGEST, INVERSE, N, A);
  multiplyModulo(R, INVERSE, N, B);
  multiply(A, B);
  if (sumIsInfinity) return false;
  // x modulo n is r, and r + n >= p: x is r.
  fieldFromWords(R, T);
  fieldSquare(SUM + Z, T + 40);
  fieldMultiply(T, T + 40, T);
  return areEqual(SUM, T);
}
