// What the receipts of a block need in bulk: the chains of transactions with one event each, and the leaves
// of the receipts tree. Records of equal size stand one behind the other; the last of an odd number is
// hashed together with itself.
import { keccak128Both, keccakBoth } from "./keccak-pair";

/** Preimage of an event's link (host/chain/receipt.ts), from byte 224 its data zero-padded to 128 bytes. */
const EVENT_RECORD: usize = 352;
const LINK_BYTES: u32 = 217;
const DATA_ROOT: usize = 185;
const DATA: usize = 224;

/** Writes the link over the first 32 bytes of each of `count` event records at `ptr`. */
export function hashEvents(ptr: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i += 2) {
    const a = ptr + EVENT_RECORD * i;
    const b = i + 1 < count ? a + EVENT_RECORD : a;
    keccak128Both(a + DATA, b + DATA, a + DATA_ROOT, b + DATA_ROOT);
    keccakBoth(a, b, LINK_BYTES, a, b);
  }
}

/** Writes the hash of each of `count` records of `length` bytes, `stride` apart, over its start. */
export function hashRecords(ptr: usize, stride: u32, length: u32, count: u32): void {
  for (let i: u32 = 0; i < count; i += 2) {
    const a = ptr + <usize>stride * i;
    const b = i + 1 < count ? a + stride : a;
    keccakBoth(a, b, length, a, b);
  }
}
