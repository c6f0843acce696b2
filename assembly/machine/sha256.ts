// SHA-256 (FIPS 180-4) over linear memory: paths, trie nodes and values of state, and the host call. Scalar
// and written out eight rounds at a time, so that no working variable is moved; the second block of a
// 64-byte message never changes, so its schedule is a constant. It never allocates: callers own every byte.

/** The eight chaining words of the hash under way. */
const STATE: usize = memory.data(32, 8);
/** Message schedule of one block. */
const SCHEDULE: usize = memory.data(256, 8);
/** The last one or two blocks of a message, padded. */
const TAIL: usize = memory.data(128, 8);

const START: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

const ROUNDS: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

/** Schedule of the block behind a message of 64 bytes: 0x80, zeros, the length 512. */
const PADDING_OF_PAIR: usize = memory.data<u32>([
  0x80000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,
  0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000200,
  0x80000000, 0x01400000, 0x00205000, 0x00005088, 0x22000800, 0x22550014, 0x05089742, 0xa0000020,
  0x5a880000, 0x005c9400, 0x0016d49d, 0xfa801f00, 0xd33225d0, 0x11675959, 0xf6e6bfda, 0xb30c1549,
  0x08b2b050, 0x9d7c4c27, 0x0ce2a393, 0x88e6e1ea, 0xa52b4335, 0x67a16f49, 0xd732016f, 0x4eeb2e91,
  0x5dbf55e5, 0x8eee2335, 0xe2bc5ec2, 0xa83f4394, 0x45ad78f7, 0x36f3d0cd, 0xd99c05e8, 0xb0511dc7,
  0x69bc7ac4, 0xbd11375b, 0xe3ba71e5, 0x3b209ff2, 0x18feee17, 0xe25ad9e7, 0x13375046, 0x0515089d,
  0x4f0d0f04, 0x2627484e, 0x310128d2, 0xc668b434, 0x420841cc, 0x62d311b8, 0xe59ba771, 0x85a7a484,
]);

function bigSigma0(x: u32): u32 {
  return rotr<u32>(x, 2) ^ rotr<u32>(x, 13) ^ rotr<u32>(x, 22);
}

function bigSigma1(x: u32): u32 {
  return rotr<u32>(x, 6) ^ rotr<u32>(x, 11) ^ rotr<u32>(x, 25);
}

function choose(x: u32, y: u32, z: u32): u32 {
  return z ^ (x & (y ^ z));
}

function majority(x: u32, y: u32, z: u32): u32 {
  return (x & y) | (z & (x | y));
}

/** Fills SCHEDULE for the 64-byte block at `block`. */
function expand(block: usize): void {
  for (let i: usize = 0; i < 64; i += 4) {
    store<u32>(SCHEDULE + i, bswap<u32>(load<u32>(block + i)));
  }
  for (let at = SCHEDULE; at < SCHEDULE + 192; at += 4) {
    const x = load<u32>(at, 4);
    const y = load<u32>(at, 56);
    const s0 = rotr<u32>(x, 7) ^ rotr<u32>(x, 18) ^ (x >> 3);
    const s1 = rotr<u32>(y, 17) ^ rotr<u32>(y, 19) ^ (y >> 10);
    store<u32>(at, load<u32>(at) + s0 + load<u32>(at, 36) + s1, 64);
  }
}

/** The compression function with the 64 schedule words at `words`. */
function compress(words: usize): void {
  let a: u32 = load<u32>(STATE),
    b: u32 = load<u32>(STATE, 4),
    c: u32 = load<u32>(STATE, 8),
    d: u32 = load<u32>(STATE, 12),
    e: u32 = load<u32>(STATE, 16),
    f: u32 = load<u32>(STATE, 20),
    g: u32 = load<u32>(STATE, 24),
    h: u32 = load<u32>(STATE, 28);
  for (let k = ROUNDS; k < ROUNDS + 256; k += 32) {
    h += bigSigma1(e) + choose(e, f, g) + load<u32>(k) + load<u32>(words);
    d += h;
    h += bigSigma0(a) + majority(a, b, c);
    g += bigSigma1(d) + choose(d, e, f) + load<u32>(k, 4) + load<u32>(words, 4);
    c += g;
    g += bigSigma0(h) + majority(h, a, b);
    f += bigSigma1(c) + choose(c, d, e) + load<u32>(k, 8) + load<u32>(words, 8);
    b += f;
    f += bigSigma0(g) + majority(g, h, a);
    e += bigSigma1(b) + choose(b, c, d) + load<u32>(k, 12) + load<u32>(words, 12);
    a += e;
    e += bigSigma0(f) + majority(f, g, h);
    d += bigSigma1(a) + choose(a, b, c) + load<u32>(k, 16) + load<u32>(words, 16);
    h += d;
    d += bigSigma0(e) + majority(e, f, g);
    c += bigSigma1(h) + choose(h, a, b) + load<u32>(k, 20) + load<u32>(words, 20);
    g += c;
    c += bigSigma0(d) + majority(d, e, f);
    b += bigSigma1(g) + choose(g, h, a) + load<u32>(k, 24) + load<u32>(words, 24);
    f += b;
    b += bigSigma0(c) + majority(c, d, e);
    a += bigSigma1(f) + choose(f, g, h) + load<u32>(k, 28) + load<u32>(words, 28);
    e += a;
    a += bigSigma0(b) + majority(b, c, d);
    words += 32;
  }
  store<u32>(STATE, load<u32>(STATE) + a);
  store<u32>(STATE, load<u32>(STATE, 4) + b, 4);
  store<u32>(STATE, load<u32>(STATE, 8) + c, 8);
  store<u32>(STATE, load<u32>(STATE, 12) + d, 12);
  store<u32>(STATE, load<u32>(STATE, 16) + e, 16);
  store<u32>(STATE, load<u32>(STATE, 20) + f, 20);
  store<u32>(STATE, load<u32>(STATE, 24) + g, 24);
  store<u32>(STATE, load<u32>(STATE, 28) + h, 28);
}

function finish(out: usize): void {
  for (let i: usize = 0; i < 32; i += 4) {
    store<u32>(out + i, bswap<u32>(load<u32>(STATE + i)));
  }
}

/** sha256 of `length` bytes at `ptr` into 32 bytes at `out`; the ranges may overlap. */
export function sha256(ptr: usize, length: u32, out: usize): void {
  memory.copy(STATE, START, 32);
  let left = length;
  for (; left >= 64; left -= 64) {
    expand(ptr);
    compress(SCHEDULE);
    ptr += 64;
  }
  memory.copy(TAIL, ptr, left);
  store<u8>(TAIL + left, 0x80);
  const end: u32 = left < 56 ? 64 : 128;
  memory.fill(TAIL + left + 1, 0, end - left - 1);
  store<u64>(TAIL + end - 8, bswap<u64>((<u64>length) << 3));
  expand(TAIL);
  compress(SCHEDULE);
  if (end == 128) {
    expand(TAIL + 64);
    compress(SCHEDULE);
  }
  finish(out);
}

/** sha256 of the 64 bytes at `ptr` (a node of a trie or of a chunk tree) into `out`; they may overlap. */
export function sha256Pair(ptr: usize, out: usize): void {
  memory.copy(STATE, START, 32);
  expand(ptr);
  compress(SCHEDULE);
  compress(PADDING_OF_PAIR);
  finish(out);
}
