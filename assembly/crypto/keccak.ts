// Keccak-256 (Ethereum's: pad byte 0x01) over linear memory. The only Keccak of the engine's own Wasm:
// the codec's trees use it now, the proof machine later. The 25 lanes live in locals and two rounds
// are written out per turn (a to e, e to a), so no lane is copied; rotations and round constants
// are those of FIPS 202. It must never allocate: callers own every byte.

/** Sponge state, 25 little-endian lanes. One permutation runs at a time, so one is enough. */
const STATE: usize = memory.data(200, 8);
const RATE: u32 = 136;

/** Round constants, used two at a time. */
export const ROUNDS: usize = memory.data<u64>([
  0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
  0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
  0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
  0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
  0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
  0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
]);

/** keccak-f[1600] on STATE. */
function permute(): void {
  let a0: u64 = load<u64>(STATE, 0),
    a1: u64 = load<u64>(STATE, 8),
    a2: u64 = load<u64>(STATE, 16),
    a3: u64 = load<u64>(STATE, 24),
    a4: u64 = load<u64>(STATE, 32);
  let a5: u64 = load<u64>(STATE, 40),
    a6: u64 = load<u64>(STATE, 48),
    a7: u64 = load<u64>(STATE, 56),
    a8: u64 = load<u64>(STATE, 64),
    a9: u64 = load<u64>(STATE, 72);
  let a10: u64 = load<u64>(STATE, 80),
    a11: u64 = load<u64>(STATE, 88),
    a12: u64 = load<u64>(STATE, 96),
    a13: u64 = load<u64>(STATE, 104),
    a14: u64 = load<u64>(STATE, 112);
  let a15: u64 = load<u64>(STATE, 120),
    a16: u64 = load<u64>(STATE, 128),
    a17: u64 = load<u64>(STATE, 136),
    a18: u64 = load<u64>(STATE, 144),
    a19: u64 = load<u64>(STATE, 152);
  let a20: u64 = load<u64>(STATE, 160),
    a21: u64 = load<u64>(STATE, 168),
    a22: u64 = load<u64>(STATE, 176),
    a23: u64 = load<u64>(STATE, 184),
    a24: u64 = load<u64>(STATE, 192);
  let e0: u64 = 0,
    e1: u64 = 0,
    e2: u64 = 0,
    e3: u64 = 0,
    e4: u64 = 0;
  let e5: u64 = 0,
    e6: u64 = 0,
    e7: u64 = 0,
    e8: u64 = 0,
    e9: u64 = 0;
  let e10: u64 = 0,
    e11: u64 = 0,
    e12: u64 = 0,
    e13: u64 = 0,
    e14: u64 = 0;
  let e15: u64 = 0,
    e16: u64 = 0,
    e17: u64 = 0,
    e18: u64 = 0,
    e19: u64 = 0;
  let e20: u64 = 0,
    e21: u64 = 0,
    e22: u64 = 0,
    e23: u64 = 0,
    e24: u64 = 0;
  let b0: u64, b1: u64, b2: u64, b3: u64, b4: u64;
  let c0: u64, c1: u64, c2: u64, c3: u64, c4: u64;
  let d0: u64, d1: u64, d2: u64, d3: u64, d4: u64;
  for (let round: usize = ROUNDS; round < ROUNDS + 192; round += 16) {
    c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20;
    c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21;
    c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22;
    c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23;
    c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24;
    d0 = c4 ^ rotl<u64>(c1, 1);
    d1 = c0 ^ rotl<u64>(c2, 1);
    d2 = c1 ^ rotl<u64>(c3, 1);
    d3 = c2 ^ rotl<u64>(c4, 1);
    d4 = c3 ^ rotl<u64>(c0, 1);
    b0 = a0 ^ d0;
    b1 = rotl<u64>(a6 ^ d1, 44);
    b2 = rotl<u64>(a12 ^ d2, 43);
    b3 = rotl<u64>(a18 ^ d3, 21);
    b4 = rotl<u64>(a24 ^ d4, 14);
    e0 = b0 ^ (~b1 & b2) ^ load<u64>(round);
    e1 = b1 ^ (~b2 & b3);
    e2 = b2 ^ (~b3 & b4);
    e3 = b3 ^ (~b4 & b0);
    e4 = b4 ^ (~b0 & b1);
    b0 = rotl<u64>(a3 ^ d3, 28);
    b1 = rotl<u64>(a9 ^ d4, 20);
    b2 = rotl<u64>(a10 ^ d0, 3);
    b3 = rotl<u64>(a16 ^ d1, 45);
    b4 = rotl<u64>(a22 ^ d2, 61);
    e5 = b0 ^ (~b1 & b2);
    e6 = b1 ^ (~b2 & b3);
    e7 = b2 ^ (~b3 & b4);
    e8 = b3 ^ (~b4 & b0);
    e9 = b4 ^ (~b0 & b1);
    b0 = rotl<u64>(a1 ^ d1, 1);
    b1 = rotl<u64>(a7 ^ d2, 6);
    b2 = rotl<u64>(a13 ^ d3, 25);
    b3 = rotl<u64>(a19 ^ d4, 8);
    b4 = rotl<u64>(a20 ^ d0, 18);
    e10 = b0 ^ (~b1 & b2);
    e11 = b1 ^ (~b2 & b3);
    e12 = b2 ^ (~b3 & b4);
    e13 = b3 ^ (~b4 & b0);
    e14 = b4 ^ (~b0 & b1);
    b0 = rotl<u64>(a4 ^ d4, 27);
    b1 = rotl<u64>(a5 ^ d0, 36);
    b2 = rotl<u64>(a11 ^ d1, 10);
    b3 = rotl<u64>(a17 ^ d2, 15);
    b4 = rotl<u64>(a23 ^ d3, 56);
    e15 = b0 ^ (~b1 & b2);
    e16 = b1 ^ (~b2 & b3);
    e17 = b2 ^ (~b3 & b4);
    e18 = b3 ^ (~b4 & b0);
    e19 = b4 ^ (~b0 & b1);
    b0 = rotl<u64>(a2 ^ d2, 62);
    b1 = rotl<u64>(a8 ^ d3, 55);
    b2 = rotl<u64>(a14 ^ d4, 39);
    b3 = rotl<u64>(a15 ^ d0, 41);
    b4 = rotl<u64>(a21 ^ d1, 2);
    e20 = b0 ^ (~b1 & b2);
    e21 = b1 ^ (~b2 & b3);
    e22 = b2 ^ (~b3 & b4);
    e23 = b3 ^ (~b4 & b0);
    e24 = b4 ^ (~b0 & b1);

    c0 = e0 ^ e5 ^ e10 ^ e15 ^ e20;
    c1 = e1 ^ e6 ^ e11 ^ e16 ^ e21;
    c2 = e2 ^ e7 ^ e12 ^ e17 ^ e22;
    c3 = e3 ^ e8 ^ e13 ^ e18 ^ e23;
    c4 = e4 ^ e9 ^ e14 ^ e19 ^ e24;
    d0 = c4 ^ rotl<u64>(c1, 1);
    d1 = c0 ^ rotl<u64>(c2, 1);
    d2 = c1 ^ rotl<u64>(c3, 1);
    d3 = c2 ^ rotl<u64>(c4, 1);
    d4 = c3 ^ rotl<u64>(c0, 1);
    b0 = e0 ^ d0;
    b1 = rotl<u64>(e6 ^ d1, 44);
    b2 = rotl<u64>(e12 ^ d2, 43);
    b3 = rotl<u64>(e18 ^ d3, 21);
    b4 = rotl<u64>(e24 ^ d4, 14);
    a0 = b0 ^ (~b1 & b2) ^ load<u64>(round, 8);
    a1 = b1 ^ (~b2 & b3);
    a2 = b2 ^ (~b3 & b4);
    a3 = b3 ^ (~b4 & b0);
    a4 = b4 ^ (~b0 & b1);
    b0 = rotl<u64>(e3 ^ d3, 28);
    b1 = rotl<u64>(e9 ^ d4, 20);
    b2 = rotl<u64>(e10 ^ d0, 3);
    b3 = rotl<u64>(e16 ^ d1, 45);
    b4 = rotl<u64>(e22 ^ d2, 61);
    a5 = b0 ^ (~b1 & b2);
    a6 = b1 ^ (~b2 & b3);
    a7 = b2 ^ (~b3 & b4);
    a8 = b3 ^ (~b4 & b0);
    a9 = b4 ^ (~b0 & b1);
    b0 = rotl<u64>(e1 ^ d1, 1);
    b1 = rotl<u64>(e7 ^ d2, 6);
    b2 = rotl<u64>(e13 ^ d3, 25);
    b3 = rotl<u64>(e19 ^ d4, 8);
    b4 = rotl<u64>(e20 ^ d0, 18);
    a10 = b0 ^ (~b1 & b2);
    a11 = b1 ^ (~b2 & b3);
    a12 = b2 ^ (~b3 & b4);
    a13 = b3 ^ (~b4 & b0);
    a14 = b4 ^ (~b0 & b1);
    b0 = rotl<u64>(e4 ^ d4, 27);
    b1 = rotl<u64>(e5 ^ d0, 36);
    b2 = rotl<u64>(e11 ^ d1, 10);
    b3 = rotl<u64>(e17 ^ d2, 15);
    b4 = rotl<u64>(e23 ^ d3, 56);
    a15 = b0 ^ (~b1 & b2);
    a16 = b1 ^ (~b2 & b3);
    a17 = b2 ^ (~b3 & b4);
    a18 = b3 ^ (~b4 & b0);
    a19 = b4 ^ (~b0 & b1);
    b0 = rotl<u64>(e2 ^ d2, 62);
    b1 = rotl<u64>(e8 ^ d3, 55);
    b2 = rotl<u64>(e14 ^ d4, 39);
    b3 = rotl<u64>(e15 ^ d0, 41);
    b4 = rotl<u64>(e21 ^ d1, 2);
    a20 = b0 ^ (~b1 & b2);
    a21 = b1 ^ (~b2 & b3);
    a22 = b2 ^ (~b3 & b4);
    a23 = b3 ^ (~b4 & b0);
    a24 = b4 ^ (~b0 & b1);
  }
  store<u64>(STATE, a0, 0);
  store<u64>(STATE, a1, 8);
  store<u64>(STATE, a2, 16);
  store<u64>(STATE, a3, 24);
  store<u64>(STATE, a4, 32);
  store<u64>(STATE, a5, 40);
  store<u64>(STATE, a6, 48);
  store<u64>(STATE, a7, 56);
  store<u64>(STATE, a8, 64);
  store<u64>(STATE, a9, 72);
  store<u64>(STATE, a10, 80);
  store<u64>(STATE, a11, 88);
  store<u64>(STATE, a12, 96);
  store<u64>(STATE, a13, 104);
  store<u64>(STATE, a14, 112);
  store<u64>(STATE, a15, 120);
  store<u64>(STATE, a16, 128);
  store<u64>(STATE, a17, 136);
  store<u64>(STATE, a18, 144);
  store<u64>(STATE, a19, 152);
  store<u64>(STATE, a20, 160);
  store<u64>(STATE, a21, 168);
  store<u64>(STATE, a22, 176);
  store<u64>(STATE, a23, 184);
  store<u64>(STATE, a24, 192);
}

/** Copies the digest, the first four lanes, to `out`. */
function squeeze(out: usize): void {
  store<u64>(out, load<u64>(STATE));
  store<u64>(out, load<u64>(STATE, 8), 8);
  store<u64>(out, load<u64>(STATE, 16), 16);
  store<u64>(out, load<u64>(STATE, 24), 24);
}

/** Starts a message: the all-zero state. */
export function keccakStart(): void {
  memory.fill(STATE, 0, 200);
}

/** Absorbs the next `blocks` x 136 bytes of a message at `ptr`. */
export function keccakAbsorb(ptr: usize, blocks: u32): void {
  for (; blocks; --blocks) {
    for (let i: usize = 0; i < RATE; i += 8) {
      store<u64>(STATE + i, load<u64>(STATE + i) ^ load<u64>(ptr + i));
    }
    permute();
    ptr += RATE;
  }
}

/** Absorbs the last `length` < 136 bytes of a message, pads, and writes its hash to `out`. */
export function keccakFinish(ptr: usize, length: u32, out: usize): void {
  const lanes: usize = length & ~7;
  let at: usize = 0;
  for (; at < lanes; at += 8) store<u64>(STATE + at, load<u64>(STATE + at) ^ load<u64>(ptr + at));
  for (; at < length; ++at) store<u8>(STATE + at, load<u8>(STATE + at) ^ load<u8>(ptr + at));
  store<u8>(STATE + at, load<u8>(STATE + at) ^ 0x01);
  store<u8>(STATE, load<u8>(STATE, 135) ^ 0x80, 135);
  permute();
  squeeze(out);
}

/** keccak of `length` bytes at `ptr` into 32 bytes at `out`; the ranges may overlap. */
export function keccak256(ptr: usize, length: u32, out: usize): void {
  const blocks = length / RATE;
  keccakStart();
  keccakAbsorb(ptr, blocks);
  keccakFinish(ptr + blocks * RATE, length - blocks * RATE, out);
}

/** keccak of the 64 bytes at `ptr` (a tree node) into `out`; the ranges may overlap. */
export function keccak64(ptr: usize, out: usize): void {
  memory.copy(STATE, ptr, 64);
  memory.fill(STATE + 64, 0, 136);
  store<u8>(STATE, 0x01, 64);
  store<u8>(STATE, 0x80, 135);
  permute();
  squeeze(out);
}

/** keccak of the 128 bytes at `ptr` (a tree leaf) into `out`; the ranges may overlap. */
export function keccak128(ptr: usize, out: usize): void {
  memory.copy(STATE, ptr, 128);
  memory.fill(STATE + 128, 0, 72);
  // Bytes 128 and 135 are the first and last of lane 16.
  store<u64>(STATE, 0x8000000000000001, 128);
  permute();
  squeeze(out);
}
