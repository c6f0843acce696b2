// Keccak-256 of two messages of equal length at once, one in each half of 128-bit vectors: two hashes in
// 1.2 times the time of one. Blocks bring thousands of independent hashes of equal form, so the batch
// functions of this module work in pairs. The same permutation as keccak.ts, written out the same way.
import { ROUNDS } from "./keccak";

/** Two sponge states, lane by lane side by side: 25 vectors. */
const STATES: usize = memory.data(400, 16);
const RATE: u32 = 136;
/** The last block of each message, padded. */
const LAST_A: usize = memory.data(136, 8);
const LAST_B: usize = memory.data(136, 8);

function rotated(lanes: v128, by: i32): v128 {
  return v128.or(i64x2.shl(lanes, by), i64x2.shr_u(lanes, 64 - by));
}

function xor5(a: v128, b: v128, c: v128, d: v128, e: v128): v128 {
  return v128.xor(v128.xor(v128.xor(a, b), v128.xor(c, d)), e);
}

/** a ^ (~b & c) */
function chi(a: v128, b: v128, c: v128): v128 {
  return v128.xor(a, v128.andnot(c, b));
}

/** keccak-f[1600] on both states. */
function permuteBoth(): void {
  let a0: v128 = v128.load(STATES, 0),
    a1: v128 = v128.load(STATES, 16),
    a2: v128 = v128.load(STATES, 32),
    a3: v128 = v128.load(STATES, 48),
    a4: v128 = v128.load(STATES, 64);
  let a5: v128 = v128.load(STATES, 80),
    a6: v128 = v128.load(STATES, 96),
    a7: v128 = v128.load(STATES, 112),
    a8: v128 = v128.load(STATES, 128),
    a9: v128 = v128.load(STATES, 144);
  let a10: v128 = v128.load(STATES, 160),
    a11: v128 = v128.load(STATES, 176),
    a12: v128 = v128.load(STATES, 192),
    a13: v128 = v128.load(STATES, 208),
    a14: v128 = v128.load(STATES, 224);
  let a15: v128 = v128.load(STATES, 240),
    a16: v128 = v128.load(STATES, 256),
    a17: v128 = v128.load(STATES, 272),
    a18: v128 = v128.load(STATES, 288),
    a19: v128 = v128.load(STATES, 304);
  let a20: v128 = v128.load(STATES, 320),
    a21: v128 = v128.load(STATES, 336),
    a22: v128 = v128.load(STATES, 352),
    a23: v128 = v128.load(STATES, 368),
    a24: v128 = v128.load(STATES, 384);
  let zero = i64x2.splat(0);
  let e0 = zero,
    e1 = zero,
    e2 = zero,
    e3 = zero,
    e4 = zero;
  let e5 = zero,
    e6 = zero,
    e7 = zero,
    e8 = zero,
    e9 = zero;
  let e10 = zero,
    e11 = zero,
    e12 = zero,
    e13 = zero,
    e14 = zero;
  let e15 = zero,
    e16 = zero,
    e17 = zero,
    e18 = zero,
    e19 = zero;
  let e20 = zero,
    e21 = zero,
    e22 = zero,
    e23 = zero,
    e24 = zero;
  let b0 = zero,
    b1 = zero,
    b2 = zero,
    b3 = zero,
    b4 = zero;
  let c0 = zero,
    c1 = zero,
    c2 = zero,
    c3 = zero,
    c4 = zero;
  let d0 = zero,
    d1 = zero,
    d2 = zero,
    d3 = zero,
    d4 = zero;
  for (let round: usize = ROUNDS; round < ROUNDS + 192; round += 16) {
    c0 = xor5(a0, a5, a10, a15, a20);
    c1 = xor5(a1, a6, a11, a16, a21);
    c2 = xor5(a2, a7, a12, a17, a22);
    c3 = xor5(a3, a8, a13, a18, a23);
    c4 = xor5(a4, a9, a14, a19, a24);
    d0 = v128.xor(c4, rotated(c1, 1));
    d1 = v128.xor(c0, rotated(c2, 1));
    d2 = v128.xor(c1, rotated(c3, 1));
    d3 = v128.xor(c2, rotated(c4, 1));
    d4 = v128.xor(c3, rotated(c0, 1));
    b0 = v128.xor(a0, d0);
    b1 = rotated(v128.xor(a6, d1), 44);
    b2 = rotated(v128.xor(a12, d2), 43);
    b3 = rotated(v128.xor(a18, d3), 21);
    b4 = rotated(v128.xor(a24, d4), 14);
    e0 = v128.xor(chi(b0, b1, b2), v128.load_splat<u64>(round));
    e1 = chi(b1, b2, b3);
    e2 = chi(b2, b3, b4);
    e3 = chi(b3, b4, b0);
    e4 = chi(b4, b0, b1);
    b0 = rotated(v128.xor(a3, d3), 28);
    b1 = rotated(v128.xor(a9, d4), 20);
    b2 = rotated(v128.xor(a10, d0), 3);
    b3 = rotated(v128.xor(a16, d1), 45);
    b4 = rotated(v128.xor(a22, d2), 61);
    e5 = chi(b0, b1, b2);
    e6 = chi(b1, b2, b3);
    e7 = chi(b2, b3, b4);
    e8 = chi(b3, b4, b0);
    e9 = chi(b4, b0, b1);
    b0 = rotated(v128.xor(a1, d1), 1);
    b1 = rotated(v128.xor(a7, d2), 6);
    b2 = rotated(v128.xor(a13, d3), 25);
    b3 = rotated(v128.xor(a19, d4), 8);
    b4 = rotated(v128.xor(a20, d0), 18);
    e10 = chi(b0, b1, b2);
    e11 = chi(b1, b2, b3);
    e12 = chi(b2, b3, b4);
    e13 = chi(b3, b4, b0);
    e14 = chi(b4, b0, b1);
    b0 = rotated(v128.xor(a4, d4), 27);
    b1 = rotated(v128.xor(a5, d0), 36);
    b2 = rotated(v128.xor(a11, d1), 10);
    b3 = rotated(v128.xor(a17, d2), 15);
    b4 = rotated(v128.xor(a23, d3), 56);
    e15 = chi(b0, b1, b2);
    e16 = chi(b1, b2, b3);
    e17 = chi(b2, b3, b4);
    e18 = chi(b3, b4, b0);
    e19 = chi(b4, b0, b1);
    b0 = rotated(v128.xor(a2, d2), 62);
    b1 = rotated(v128.xor(a8, d3), 55);
    b2 = rotated(v128.xor(a14, d4), 39);
    b3 = rotated(v128.xor(a15, d0), 41);
    b4 = rotated(v128.xor(a21, d1), 2);
    e20 = chi(b0, b1, b2);
    e21 = chi(b1, b2, b3);
    e22 = chi(b2, b3, b4);
    e23 = chi(b3, b4, b0);
    e24 = chi(b4, b0, b1);

    c0 = xor5(e0, e5, e10, e15, e20);
    c1 = xor5(e1, e6, e11, e16, e21);
    c2 = xor5(e2, e7, e12, e17, e22);
    c3 = xor5(e3, e8, e13, e18, e23);
    c4 = xor5(e4, e9, e14, e19, e24);
    d0 = v128.xor(c4, rotated(c1, 1));
    d1 = v128.xor(c0, rotated(c2, 1));
    d2 = v128.xor(c1, rotated(c3, 1));
    d3 = v128.xor(c2, rotated(c4, 1));
    d4 = v128.xor(c3, rotated(c0, 1));
    b0 = v128.xor(e0, d0);
    b1 = rotated(v128.xor(e6, d1), 44);
    b2 = rotated(v128.xor(e12, d2), 43);
    b3 = rotated(v128.xor(e18, d3), 21);
    b4 = rotated(v128.xor(e24, d4), 14);
    a0 = v128.xor(chi(b0, b1, b2), v128.load_splat<u64>(round, 8));
    a1 = chi(b1, b2, b3);
    a2 = chi(b2, b3, b4);
    a3 = chi(b3, b4, b0);
    a4 = chi(b4, b0, b1);
    b0 = rotated(v128.xor(e3, d3), 28);
    b1 = rotated(v128.xor(e9, d4), 20);
    b2 = rotated(v128.xor(e10, d0), 3);
    b3 = rotated(v128.xor(e16, d1), 45);
    b4 = rotated(v128.xor(e22, d2), 61);
    a5 = chi(b0, b1, b2);
    a6 = chi(b1, b2, b3);
    a7 = chi(b2, b3, b4);
    a8 = chi(b3, b4, b0);
    a9 = chi(b4, b0, b1);
    b0 = rotated(v128.xor(e1, d1), 1);
    b1 = rotated(v128.xor(e7, d2), 6);
    b2 = rotated(v128.xor(e13, d3), 25);
    b3 = rotated(v128.xor(e19, d4), 8);
    b4 = rotated(v128.xor(e20, d0), 18);
    a10 = chi(b0, b1, b2);
    a11 = chi(b1, b2, b3);
    a12 = chi(b2, b3, b4);
    a13 = chi(b3, b4, b0);
    a14 = chi(b4, b0, b1);
    b0 = rotated(v128.xor(e4, d4), 27);
    b1 = rotated(v128.xor(e5, d0), 36);
    b2 = rotated(v128.xor(e11, d1), 10);
    b3 = rotated(v128.xor(e17, d2), 15);
    b4 = rotated(v128.xor(e23, d3), 56);
    a15 = chi(b0, b1, b2);
    a16 = chi(b1, b2, b3);
    a17 = chi(b2, b3, b4);
    a18 = chi(b3, b4, b0);
    a19 = chi(b4, b0, b1);
    b0 = rotated(v128.xor(e2, d2), 62);
    b1 = rotated(v128.xor(e8, d3), 55);
    b2 = rotated(v128.xor(e14, d4), 39);
    b3 = rotated(v128.xor(e15, d0), 41);
    b4 = rotated(v128.xor(e21, d1), 2);
    a20 = chi(b0, b1, b2);
    a21 = chi(b1, b2, b3);
    a22 = chi(b2, b3, b4);
    a23 = chi(b3, b4, b0);
    a24 = chi(b4, b0, b1);
  }
  v128.store(STATES, a0, 0);
  v128.store(STATES, a1, 16);
  v128.store(STATES, a2, 32);
  v128.store(STATES, a3, 48);
  v128.store(STATES, a4, 64);
  v128.store(STATES, a5, 80);
  v128.store(STATES, a6, 96);
  v128.store(STATES, a7, 112);
  v128.store(STATES, a8, 128);
  v128.store(STATES, a9, 144);
  v128.store(STATES, a10, 160);
  v128.store(STATES, a11, 176);
  v128.store(STATES, a12, 192);
  v128.store(STATES, a13, 208);
  v128.store(STATES, a14, 224);
  v128.store(STATES, a15, 240);
  v128.store(STATES, a16, 256);
  v128.store(STATES, a17, 272);
  v128.store(STATES, a18, 288);
  v128.store(STATES, a19, 304);
  v128.store(STATES, a20, 320);
  v128.store(STATES, a21, 336);
  v128.store(STATES, a22, 352);
  v128.store(STATES, a23, 368);
  v128.store(STATES, a24, 384);
}

/** The next word of both messages as one vector. */
function word(a: usize, b: usize): v128 {
  return v128.load64_lane(b, v128.load64_zero(a), 1);
}

/** Writes one half of the first four lanes, a digest, to `out`. */
function squeezeBoth(outA: usize, outB: usize): void {
  for (let i: usize = 0; i < 4; ++i) {
    const lane = v128.load(STATES + 16 * i);
    v128.store64_lane(outA + 8 * i, lane, 0);
    v128.store64_lane(outB + 8 * i, lane, 1);
  }
}

/** Starts both messages with `words` words each, at most 17; the rest of the states is zero. */
function startBoth(a: usize, b: usize, words: usize): void {
  for (let i: usize = 0; i < words; ++i) v128.store(STATES + 16 * i, word(a + 8 * i, b + 8 * i));
  const zero = i64x2.splat(0);
  for (let i = words; i < 25; ++i) v128.store(STATES + 16 * i, zero);
}

/** keccak of the 64 bytes at `a` and at `b`; outputs may overlap inputs. */
export function keccak64Both(a: usize, b: usize, outA: usize, outB: usize): void {
  startBoth(a, b, 8);
  v128.store(STATES, i64x2.splat(1), 128);
  v128.store(STATES, i64x2.splat(0x8000000000000000), 256);
  permuteBoth();
  squeezeBoth(outA, outB);
}

/** keccak of the 128 bytes at `a` and at `b`; outputs may overlap inputs. */
export function keccak128Both(a: usize, b: usize, outA: usize, outB: usize): void {
  startBoth(a, b, 16);
  // Bytes 128 and 135 are the first and last of lane 16.
  v128.store(STATES, i64x2.splat(0x8000000000000001), 256);
  permuteBoth();
  squeezeBoth(outA, outB);
}

function absorbBoth(a: usize, b: usize): void {
  for (let i: usize = 0; i < 17; ++i) {
    const at = STATES + 16 * i;
    v128.store(at, v128.xor(v128.load(at), word(a + 8 * i, b + 8 * i)));
  }
  permuteBoth();
}

/** keccak of `length` bytes at `a` and at `b`; outputs may overlap inputs. */
export function keccakBoth(a: usize, b: usize, length: u32, outA: usize, outB: usize): void {
  memory.fill(STATES, 0, 400);
  for (; length >= RATE; length -= RATE) {
    absorbBoth(a, b);
    a += RATE;
    b += RATE;
  }
  padded(a, length, LAST_A);
  padded(b, length, LAST_B);
  absorbBoth(LAST_A, LAST_B);
  squeezeBoth(outA, outB);
}

function padded(ptr: usize, length: u32, block: usize): void {
  memory.copy(block, ptr, length);
  memory.fill(block + length, 0, RATE - length);
  store<u8>(block + length, 0x01);
  store<u8>(block, load<u8>(block, 135) ^ 0x80, 135);
}
