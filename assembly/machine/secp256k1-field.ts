// The field of secp256k1 over linear memory: numbers modulo p = 2^256 - 2^32 - 977. An element is nine limbs
// of 29 bits in u32s: nine 64-bit products leave room in a column, so they are added without carries (Wasm has
// none; 60 ns for a product, where 32-bit limbs and carries took 140). An element is *loose*: limbs 0 to 2
// below 2^29 + 2^16, 3 to 7 below 2^29, 8 below 2^24, whichever of the numbers that are equal modulo p. Every
// function takes and gives loose elements; a result may stand where an operand stands unless it says no.

export const ELEMENT_BYTES: usize = 40;
const LIMB: u64 = 0x1fffffff;
const TOP: u64 = 0xffffff;
/** 2^261 modulo p is FOLD + 2^37, and 2^37 is 2^8 limbs. */
const FOLD: u64 = 31264;
const P_0: u64 = 0x1ffffc2f;
const P_1: u64 = 0x1ffffff7;

/** Sums of products by the limb they belong to, 0 to 16. */
const COLUMNS: usize = memory.data(17 * 8, 8);

/** Reduces COLUMNS, each below 2^63.6, to a loose element. */
function reduce(out: usize): void {
  let h0 = load<u64>(COLUMNS, 72);
  let h1 = load<u64>(COLUMNS, 80) + (h0 >> 29);
  let h2 = load<u64>(COLUMNS, 88) + (h1 >> 29);
  let h3 = load<u64>(COLUMNS, 96) + (h2 >> 29);
  let h4 = load<u64>(COLUMNS, 104) + (h3 >> 29);
  let h5 = load<u64>(COLUMNS, 112) + (h4 >> 29);
  let h6 = load<u64>(COLUMNS, 120) + (h5 >> 29);
  let h7 = load<u64>(COLUMNS, 128) + (h6 >> 29);
  const h8 = h7 >> 29;
  h0 &= LIMB;
  h1 &= LIMB;
  h2 &= LIMB;
  h3 &= LIMB;
  h4 &= LIMB;
  h5 &= LIMB;
  h6 &= LIMB;
  h7 &= LIMB;
  // h8 x 2^8 stands one limb beyond the others and is folded twice.
  let c0 = load<u64>(COLUMNS) + (h0 + (h8 << 8)) * FOLD;
  let c1 = load<u64>(COLUMNS, 8) + h1 * FOLD + ((h0 + (h8 << 8)) << 8) + (c0 >> 29);
  let c2 = load<u64>(COLUMNS, 16) + h2 * FOLD + (h1 << 8) + (c1 >> 29);
  const c3 = load<u64>(COLUMNS, 24) + h3 * FOLD + (h2 << 8) + (c2 >> 29);
  const c4 = load<u64>(COLUMNS, 32) + h4 * FOLD + (h3 << 8) + (c3 >> 29);
  const c5 = load<u64>(COLUMNS, 40) + h5 * FOLD + (h4 << 8) + (c4 >> 29);
  const c6 = load<u64>(COLUMNS, 48) + h6 * FOLD + (h5 << 8) + (c5 >> 29);
  const c7 = load<u64>(COLUMNS, 56) + h7 * FOLD + (h6 << 8) + (c6 >> 29);
  const c8 = load<u64>(COLUMNS, 64) + h8 * FOLD + (h7 << 8) + (c7 >> 29);
  const top = c8 >> 24;
  c0 = (c0 & LIMB) + top * 977;
  c1 = (c1 & LIMB) + (top << 3) + (c0 >> 29);
  c2 = (c2 & LIMB) + (c1 >> 29);
  store<u32>(out, <u32>(c0 & LIMB));
  store<u32>(out, <u32>(c1 & LIMB), 4);
  store<u32>(out, <u32>c2, 8);
  store<u32>(out, <u32>(c3 & LIMB), 12);
  store<u32>(out, <u32>(c4 & LIMB), 16);
  store<u32>(out, <u32>(c5 & LIMB), 20);
  store<u32>(out, <u32>(c6 & LIMB), 24);
  store<u32>(out, <u32>(c7 & LIMB), 28);
  store<u32>(out, <u32>(c8 & TOP), 32);
}

/** out = a x b */
export function fieldMultiply(a: usize, b: usize, out: usize): void {
  let a0: u64 = load<u32>(a),
    a1: u64 = load<u32>(a, 4),
    a2: u64 = load<u32>(a, 8),
    a3: u64 = load<u32>(a, 12),
    a4: u64 = load<u32>(a, 16),
    a5: u64 = load<u32>(a, 20),
    a6: u64 = load<u32>(a, 24),
    a7: u64 = load<u32>(a, 28),
    a8: u64 = load<u32>(a, 32);
  let b0: u64 = load<u32>(b),
    b1: u64 = load<u32>(b, 4),
    b2: u64 = load<u32>(b, 8),
    b3: u64 = load<u32>(b, 12),
    b4: u64 = load<u32>(b, 16),
    b5: u64 = load<u32>(b, 20),
    b6: u64 = load<u32>(b, 24),
    b7: u64 = load<u32>(b, 28),
    b8: u64 = load<u32>(b, 32);
  store<u64>(COLUMNS, a0 * b0);
  store<u64>(COLUMNS, a0 * b1 + a1 * b0, 8);
  store<u64>(COLUMNS, a0 * b2 + a1 * b1 + a2 * b0, 16);
  store<u64>(COLUMNS, a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0, 24);
  store<u64>(COLUMNS, a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0, 32);
  store<u64>(COLUMNS, a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0, 40);
  store<u64>(COLUMNS, a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0, 48);
  store<u64>(
    COLUMNS,
    a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0,
    56,
  );
  store<u64>(
    COLUMNS,
    a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0,
    64,
  );
  store<u64>(
    COLUMNS,
    a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1,
    72,
  );
  store<u64>(COLUMNS, a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3 + a8 * b2, 80);
  store<u64>(COLUMNS, a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3, 88);
  store<u64>(COLUMNS, a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4, 96);
  store<u64>(COLUMNS, a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5, 104);
  store<u64>(COLUMNS, a6 * b8 + a7 * b7 + a8 * b6, 112);
  store<u64>(COLUMNS, a7 * b8 + a8 * b7, 120);
  store<u64>(COLUMNS, a8 * b8, 128);
  reduce(out);
}

/** out = a x a */
export function fieldSquare(a: usize, out: usize): void {
  let a0: u64 = load<u32>(a),
    a1: u64 = load<u32>(a, 4),
    a2: u64 = load<u32>(a, 8),
    a3: u64 = load<u32>(a, 12),
    a4: u64 = load<u32>(a, 16),
    a5: u64 = load<u32>(a, 20),
    a6: u64 = load<u32>(a, 24),
    a7: u64 = load<u32>(a, 28),
    a8: u64 = load<u32>(a, 32);
  const d0 = a0 << 1,
    d1 = a1 << 1,
    d2 = a2 << 1,
    d3 = a3 << 1,
    d4 = a4 << 1,
    d5 = a5 << 1,
    d6 = a6 << 1,
    d7 = a7 << 1;
  store<u64>(COLUMNS, a0 * a0);
  store<u64>(COLUMNS, d0 * a1, 8);
  store<u64>(COLUMNS, d0 * a2 + a1 * a1, 16);
  store<u64>(COLUMNS, d0 * a3 + d1 * a2, 24);
  store<u64>(COLUMNS, d0 * a4 + d1 * a3 + a2 * a2, 32);
  store<u64>(COLUMNS, d0 * a5 + d1 * a4 + d2 * a3, 40);
  store<u64>(COLUMNS, d0 * a6 + d1 * a5 + d2 * a4 + a3 * a3, 48);
  store<u64>(COLUMNS, d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4, 56);
  store<u64>(COLUMNS, d0 * a8 + d1 * a7 + d2 * a6 + d3 * a5 + a4 * a4, 64);
  store<u64>(COLUMNS, d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5, 72);
  store<u64>(COLUMNS, d2 * a8 + d3 * a7 + d4 * a6 + a5 * a5, 80);
  store<u64>(COLUMNS, d3 * a8 + d4 * a7 + d5 * a6, 88);
  store<u64>(COLUMNS, d4 * a8 + d5 * a7 + a6 * a6, 96);
  store<u64>(COLUMNS, d5 * a8 + d6 * a7, 104);
  store<u64>(COLUMNS, d6 * a8 + a7 * a7, 112);
  store<u64>(COLUMNS, d7 * a8, 120);
  store<u64>(COLUMNS, a8 * a8, 128);
  reduce(out);
}

function load29(at: usize, i: usize): u64 {
  return load<u32>(at + (i << 2));
}

/** Limb i of 2p, which no limb of a loose element exceeds. */
function twiceP(i: usize): u64 {
  if (i == 0) return P_0 << 1;
  if (i == 1) return P_1 << 1;
  return (i == 8 ? TOP : LIMB) << 1;
}

/** out = m x a - k x b, for m and k up to 8 */
export function fieldCombine(m: u64, a: usize, k: u64, b: usize, out: usize): void {
  let carry: u64 = 0;
  for (let i: usize = 0; i < 8; i++) {
    carry += m * load29(a, i) + k * (twiceP(i) - load29(b, i));
    store<u32>(out + (i << 2), <u32>(carry & LIMB));
    carry >>= 29;
  }
  carry += m * load29(a, 8) + k * (twiceP(8) - load29(b, 8));
  store<u32>(out, <u32>(carry & TOP), 32);
  const top = <u32>(carry >> 24);
  store<u32>(out, load<u32>(out) + top * 977);
  store<u32>(out, load<u32>(out, 4) + (top << 3), 4);
}

/** out = a + 977 x top + 2^32 x top with full carries; what is above 2^256 is given back, not stored. */
function addTop(a: usize, top: u64, out: usize): u64 {
  let carry = top * 977;
  for (let i: usize = 0; i < 8; i++) {
    carry += load29(a, i);
    if (i == 1) carry += top << 3;
    store<u32>(out + (i << 2), <u32>(carry & LIMB));
    carry >>= 29;
  }
  carry += load29(a, 8);
  store<u32>(out, <u32>(carry & TOP), 32);
  return carry >> 24;
}

const PROPER: usize = memory.data(40, 8);
const LESS: usize = memory.data(40, 8);

/** Writes the number below p that `a` stands for to PROPER. */
function makeProper(a: usize): void {
  // A loose element is below 2^256 + 2^75, so what is left after one fold is below 2^256.
  const top = addTop(a, 0, PROPER);
  if (top != 0) addTop(PROPER, top, PROPER);
  if (addTop(PROPER, 1, LESS) != 0) memory.copy(PROPER, LESS, 36);
}

export function fieldIsZero(a: usize): bool {
  makeProper(a);
  let any: u64 = 0;
  for (let i: usize = 0; i < 9; i++) any |= load29(PROPER, i);
  return any == 0;
}

/** An element from four words (secp256k1-scalar.ts), of any value. */
export function fieldFromWords(words: usize, out: usize): void {
  const w0 = load<u64>(words);
  const w1 = load<u64>(words, 8);
  const w2 = load<u64>(words, 16);
  const w3 = load<u64>(words, 24);
  store<u32>(out, <u32>(w0 & LIMB));
  store<u32>(out, <u32>((w0 >> 29) & LIMB), 4);
  store<u32>(out, <u32>(((w0 >> 58) | (w1 << 6)) & LIMB), 8);
  store<u32>(out, <u32>((w1 >> 23) & LIMB), 12);
  store<u32>(out, <u32>(((w1 >> 52) | (w2 << 12)) & LIMB), 16);
  store<u32>(out, <u32>((w2 >> 17) & LIMB), 20);
  store<u32>(out, <u32>(((w2 >> 46) | (w3 << 18)) & LIMB), 24);
  store<u32>(out, <u32>((w3 >> 11) & LIMB), 28);
  store<u32>(out, <u32>(w3 >> 40), 32);
}

/** The number below p as four words. */
export function fieldToWords(a: usize, words: usize): void {
  makeProper(a);
  const c2 = load29(PROPER, 2);
  const c4 = load29(PROPER, 4);
  const c6 = load29(PROPER, 6);
  store<u64>(words, load29(PROPER, 0) | (load29(PROPER, 1) << 29) | (c2 << 58));
  store<u64>(words, (c2 >> 6) | (load29(PROPER, 3) << 23) | (c4 << 52), 8);
  store<u64>(words, (c4 >> 12) | (load29(PROPER, 5) << 17) | (c6 << 46), 16);
  store<u64>(words, (c6 >> 18) | (load29(PROPER, 7) << 11) | (load29(PROPER, 8) << 40), 24);
}

/** out = a^(2^times) x b; `out` is neither operand. */
function raise(a: usize, times: u32, b: usize, out: usize): void {
  fieldSquare(a, out);
  while (--times != 0) fieldSquare(out, out);
  fieldMultiply(out, b, out);
}

/** Powers a^(2^k - 1) on the way to a square root. */
const POWERS: usize = memory.data(40 * 8, 8);

/** out = a^((p + 1) / 4): a square root of `a` if it has one, else of p - a. `out` is not `a`. */
export function fieldRoot(a: usize, out: usize): void {
  const x2 = POWERS;
  const x3 = POWERS + 40;
  const x11 = POWERS + 80;
  const x22 = POWERS + 120;
  const x44 = POWERS + 160;
  const x88 = POWERS + 200;
  const x = POWERS + 240;
  const y = POWERS + 280;
  raise(a, 1, a, x2);
  raise(x2, 1, a, x3);
  raise(x3, 3, x3, x); // 6
  raise(x, 3, x3, y); // 9
  raise(y, 2, x2, x11);
  raise(x11, 11, x11, x22);
  raise(x22, 22, x22, x44);
  raise(x44, 44, x44, x88);
  raise(x88, 88, x88, x); // 176
  raise(x, 44, x44, y); // 220
  raise(y, 3, x3, x); // 223
  // (p + 1) / 4 in binary: 223 ones, a zero, 22 ones, four zeros, two ones, two zeros.
  raise(x, 23, x22, y);
  raise(y, 6, x2, x);
  fieldSquare(x, x);
  fieldSquare(x, out);
}
