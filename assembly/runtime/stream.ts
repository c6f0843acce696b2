// Hashes of data of any length, computed by the contract itself: the host hashes at most 1,024 bytes at once.
// `new Keccak256().update(a).update(b).digest()`; several may run at a time, and a digest does not end one.
// Dearer than the host's for each byte: for 1,024 bytes and less use keccak256 and sha256.
import { store32, store64, load32 } from "../codec/words";
import { Bytes32 } from "./bytes";
import { keccakF } from "./keccak-f";
import { alloc } from "./memory";

/** Bytes of one block of Keccak-256. */
const RATE: u32 = 136;
const STATE_SIZE: u32 = 200;
/** Bytes of one block of SHA-256. */
const BLOCK: u32 = 64;

@unmanaged
export class Keccak256 {
  private state: usize;
  /** Bytes of the block at hand that are in the state already. */
  private filled: u32;

  constructor() {
    this.state = alloc(STATE_SIZE);
    this.filled = 0;
  }

  /** Appends bytes. */
  update(data: StaticArray<u8>): Keccak256 {
    let from = changetype<usize>(data);
    let left = <u32>data.length;
    while (left != 0) {
      const part = min(RATE - this.filled, left);
      absorb(this.state + this.filled, from, part);
      from += part;
      left -= part;
      this.filled += part;
      if (this.filled == RATE) {
        keccakF(this.state);
        this.filled = 0;
      }
    }
    return this;
  }

  /** The hash of all bytes so far. */
  digest(): Bytes32 {
    const out = alloc(STATE_SIZE);
    memory.copy(out, this.state, STATE_SIZE);
    store<u8>(out + this.filled, load<u8>(out + this.filled) ^ 1);
    store<u8>(out, load<u8>(out, RATE - 1) ^ 0x80, RATE - 1);
    keccakF(out);
    return Bytes32.at(out);
  }
}

/** XORs `length` bytes into the state, whole lanes where it can. */
function absorb(state: usize, from: usize, length: u32): void {
  const end = from + length;
  if ((state & 7) == 0)
    for (; from + 8 <= end; from += 8) {
      store<u64>(state, load<u64>(state) ^ load<u64>(from));
      state += 8;
    }
  for (; from < end; from++) {
    store<u8>(state, load<u8>(state) ^ load<u8>(from));
    state++;
  }
}

@unmanaged
export class Sha256 {
  private state: usize;
  private block: usize;
  private filled: u32;
  private total: u64;

  constructor() {
    this.state = alloc(32);
    this.block = alloc(BLOCK);
    this.filled = 0;
    this.total = 0;
    memory.copy(this.state, sha256Start(), 32);
  }

  /** Appends bytes. */
  update(data: StaticArray<u8>): Sha256 {
    let from = changetype<usize>(data);
    let left = <u32>data.length;
    this.total += left;
    if (this.filled != 0 && this.filled + left >= BLOCK) {
      const missing = BLOCK - this.filled;
      memory.copy(this.block + this.filled, from, missing);
      compress(this.state, this.block);
      from += missing;
      left -= missing;
      this.filled = 0;
    }
    if (this.filled == 0) {
      for (; left >= BLOCK; left -= BLOCK) {
        compress(this.state, from);
        from += BLOCK;
      }
    }
    memory.copy(this.block + this.filled, from, left);
    this.filled += left;
    return this;
  }

  /** The hash of all bytes so far. */
  digest(): Bytes32 {
    const out = alloc(32);
    // The last bytes, 80, zeros, and the length in bits: one block or two.
    const last = memory.data(128, 8);
    memory.fill(last, 0, 128);
    memory.copy(last, this.block, this.filled);
    store<u8>(last + this.filled, 0x80);
    const size: usize = this.filled < 56 ? 64 : 128;
    store64(last + size - 8, this.total << 3);
    memory.copy(out, this.state, 32);
    compress(out, last);
    if (size == 128) compress(out, last + 64);
    for (let i: usize = 0; i < 32; i += 4) store32(out + i, load<u32>(out + i));
    return Bytes32.at(out);
  }
}

function sha256Start(): usize {
  return memory.data<u32>([
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  ]);
}

function constants(): usize {
  return memory.data<u32>([
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ]);
}

function word(base: usize, index: usize): u32 {
  return load<u32>(base + (index << 2));
}

/** One block of SHA-256 (FIPS 180-4, 6.2.2) into the eight words at `state`. */
function compress(state: usize, block: usize): void {
  const schedule = memory.data(256, 8);
  const k = constants();
  for (let i: usize = 0; i < 64; i += 4) store<u32>(schedule + i, load32(block + i));
  for (let i: usize = 16; i < 64; i++) {
    const x = word(schedule, i - 15);
    const y = word(schedule, i - 2);
    const s0 = rotr(x, 7) ^ rotr(x, 18) ^ (x >> 3);
    const s1 = rotr(y, 17) ^ rotr(y, 19) ^ (y >> 10);
    store<u32>(schedule + (i << 2), word(schedule, i - 16) + s0 + word(schedule, i - 7) + s1);
  }
  let a = word(state, 0);
  let b = word(state, 1);
  let c = word(state, 2);
  let d = word(state, 3);
  let e = word(state, 4);
  let f = word(state, 5);
  let g = word(state, 6);
  let h = word(state, 7);
  for (let i: usize = 0; i < 64; i++) {
    const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const t1 = h + s1 + ((e & f) ^ (~e & g)) + word(k, i) + word(schedule, i);
    const t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  store<u32>(state, word(state, 0) + a);
  store<u32>(state, word(state, 1) + b, 4);
  store<u32>(state, word(state, 2) + c, 8);
  store<u32>(state, word(state, 3) + d, 12);
  store<u32>(state, word(state, 4) + e, 16);
  store<u32>(state, word(state, 5) + f, 20);
  store<u32>(state, word(state, 6) + g, 24);
  store<u32>(state, word(state, 7) + h, 28);
}
