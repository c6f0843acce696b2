// Hashes of a transaction in one call (docs/formats.md section 3): what F, settlement and replay need
// of every body entry. The bytes are taken as they are; whether they decode is the host's business.
// The EIP-712 words are built from the head in place, the two constant hashes once.
import { keccak256, keccak64 } from "./keccak";
import { keccak128Both, keccak64Both, keccakBoth } from "./keccak-pair";
import { bytesRoot } from "./trees";

const HEAD: u32 = 256;
/** u32 length ‖ head hash ‖ input root. */
const OUTER: usize = memory.data(72, 8);
/** type hash ‖ nine words. The zero parts stay zero. */
const STRUCT: usize = memory.data(320, 8);
/** 0x1901 ‖ domain ‖ struct hash. */
const SIGNED: usize = memory.data(72, 8);

/** Takes the type hash and the domain separator, 32 bytes each, which the host computes from text. */
export function prepareTransactions(typeHash: usize, domain: usize): void {
  memory.copy(STRUCT, typeHash, 32);
  store<u16>(SIGNED, 0x0119);
  memory.copy(SIGNED + 2, domain, 32);
}

/** Hash of any `length` bytes at `ptr` to `out`, and the root of what follows byte 256 to `out` + 32. */
export function transactionHash(ptr: usize, length: u32, out: usize): void {
  const head = min<u32>(length, HEAD);
  store<u32>(OUTER, bswap<u32>(length));
  keccak256(ptr, head, OUTER + 4);
  bytesRoot(ptr + head, length - head, out + 32);
  memory.copy(OUTER + 36, out + 32, 32);
  keccak256(OUTER, 68, out);
}

/** The EIP-712 digest of the 256-byte head at `ptr`. */
export function transactionDigest(ptr: usize, out: usize): void {
  memory.copy(STRUCT + 32, ptr + 2, 32); // environment
  store<u8>(STRUCT, load<u8>(ptr, 1), 95); // kind
  memory.copy(STRUCT + 108, ptr + 98, 20); // to
  memory.copy(STRUCT + 144, ptr + 118, 16); // value
  memory.copy(STRUCT + 184, ptr + 134, 8); // nonce
  memory.copy(STRUCT + 218, ptr + 142, 6); // gas limit
  memory.copy(STRUCT + 248, ptr + 148, 8); // price
  memory.copy(STRUCT + 284, ptr + 156, 4); // inputLength
  memory.copy(STRUCT + 288, ptr + 160, 32); // inputRoot
  keccak256(STRUCT, 320, SIGNED + 34);
  keccak256(SIGNED, 66, out);
}

/** hash ‖ input root ‖ keccak of the public key, 96 bytes, of at least 256 bytes at `ptr`. */
export function transactionHashes(ptr: usize, length: u32, out: usize): void {
  transactionHash(ptr, length, out);
  keccak64(ptr + 34, out + 64);
}

/** Two zero-padded inputs, then two times u32 length ‖ head hash ‖ input root. */
const INPUTS: usize = memory.data(256, 8);
const OUTERS: usize = memory.data(144, 8);

/** `transactionHashes` of two entries of equal length, 256 to 384 bytes, to `out` and to `out` + 96. */
export function transactionHashesBoth(a: usize, b: usize, length: u32, out: usize): void {
  const inputLength = length - HEAD;
  memory.fill(INPUTS, 0, 256);
  memory.copy(INPUTS, a + HEAD, inputLength);
  memory.copy(INPUTS + 128, b + HEAD, inputLength);
  keccak128Both(INPUTS, INPUTS + 128, out + 32, out + 128);
  store<u32>(OUTERS, bswap<u32>(length));
  store<u32>(OUTERS, bswap<u32>(length), 72);
  keccakBoth(a, b, HEAD, OUTERS + 4, OUTERS + 76);
  memory.copy(OUTERS + 36, out + 32, 32);
  memory.copy(OUTERS + 108, out + 128, 32);
  keccakBoth(OUTERS, OUTERS + 72, 68, out, out + 96);
  keccak64Both(a + 34, b + 34, out + 64, out + 160);
}
