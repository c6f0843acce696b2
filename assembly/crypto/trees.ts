// The keccak trees of docs/formats.md section 1 over linear memory: bytesRoot (128-byte leaves, least
// depth) and listRoot (32-byte leaves, fixed depth). Both walk the leaves once, keep one pending node
// per level and fill up with zero-subtree constants, so they need no working memory, leave their
// input as it was, and long inputs can be fed in pieces. One tree is built at a time.
import { keccak128, keccak64 } from "./keccak";
import { keccak64Both } from "./keccak-pair";

/** Deepest tree: 2^32 bytes are 2^25 leaves of 128 bytes. */
const DEPTH_MAX: u32 = 26;
/** Per level the 64 bytes left ‖ right of the node that is being built above it. */
const PENDING: usize = memory.data(64 * 27, 8);
/** Roots of subtrees of zeros by height: of 128-byte leaves and of 32-byte leaves. */
const ZERO_BYTES: usize = memory.data(32 * 27, 8);
const ZERO_LIST: usize = memory.data(32 * 27, 8);
/** One zero-padded leaf. */
const BLOCK: usize = memory.data(128, 8);

/** Computes the zero-subtree constants; call once before anything else in this file. */
export function prepareTrees(): void {
  memory.fill(BLOCK, 0, 128);
  keccak128(BLOCK, ZERO_BYTES);
  memory.fill(ZERO_LIST, 0, 32);
  for (let above: usize = 32; above <= 32 * DEPTH_MAX; above += 32) {
    doubleZero(ZERO_BYTES + above);
    doubleZero(ZERO_LIST + above);
  }
}

function doubleZero(at: usize): void {
  memory.copy(BLOCK, at - 32, 32);
  memory.copy(BLOCK + 32, at - 32, 32);
  keccak64(BLOCK, at);
}

/** Where the node number `index` of `level` stands: left or right half of the pair it belongs to. */
function place(level: u32, index: u32): usize {
  return PENDING + 64 * level + ((index & 1) << 5);
}

/** After leaf `index` was put in its place: hashes every pair that it completes. */
function carry(index: u32): void {
  let level: u32 = 0;
  while (index & 1) {
    index >>= 1;
    keccak64(PENDING + 64 * level, place(level + 1, index));
    ++level;
  }
}

/** Adds the leaves of `length` bytes at `ptr`, the last one zero-padded, from leaf number `first`. */
export function addBytes(ptr: usize, length: u32, first: u32): void {
  while (length >= 128) {
    keccak128(ptr, place(0, first));
    carry(first++);
    ptr += 128;
    length -= 128;
  }
  if (length) {
    memory.copy(BLOCK, ptr, length);
    memory.fill(BLOCK + length, 0, 128 - length);
    keccak128(BLOCK, place(0, first));
    carry(first);
  }
}

/** Adds `count` leaves of 32 bytes at `ptr`, from leaf number `first`. */
export function addList(ptr: usize, count: u32, first: u32): void {
  for (let end = first + count; first < end; ++first) {
    memory.copy(place(0, first), ptr, 32);
    carry(first);
    ptr += 32;
  }
}

/** Root of the tree of `depth` over the `count` leaves added, the rest being `zeros`. */
function close(count: u32, depth: u32, zeros: usize, out: usize): void {
  if (count == 0) {
    memory.copy(out, zeros + 32 * depth, 32);
    return;
  }
  // The lowest set bit of the count is the lowest level with a pending node, and it is a left one.
  let level: u32 = ctz(count);
  let index = (count - 1) >> level;
  while (level < depth) {
    if ((index & 1) == 0) memory.copy(place(level, 1), zeros + 32 * level, 32);
    index >>= 1;
    keccak64(PENDING + 64 * level, place(level + 1, index));
    ++level;
  }
  memory.copy(out, PENDING + 64 * depth, 32);
}

/** Root after `addBytes` of `length` bytes in all. */
export function closeBytes(length: u32, out: usize): void {
  const count = (length >> 7) + <u32>((length & 127) != 0);
  const depth: u32 = count > 1 ? 32 - clz(count - 1) : 0;
  close(count, depth, ZERO_BYTES, out);
}

/** Root after `addList` of `count` <= 2^depth leaves in all; depth <= 26. */
export function closeList(count: u32, depth: u32, out: usize): void {
  close(count, depth, ZERO_LIST, out);
}

export function bytesRoot(ptr: usize, length: u32, out: usize): void {
  addBytes(ptr, length, 0);
  closeBytes(length, out);
}

/** `count` nodes from 64-byte pairs at `ptr` to `out`; in place when both are equal. */
export function hashPairs(ptr: usize, out: usize, count: u32): void {
  for (; count > 1; count -= 2) {
    keccak64Both(ptr, ptr + 64, out, out + 32);
    ptr += 128;
    out += 64;
  }
  if (count) keccak64(ptr, out);
}

/**
 * Root of the list of `depth` over `count` >= 1 leaves at `ptr`, level by level and so in pairs. The
 * leaves are overwritten, and so are the 32 bytes behind them.
 */
export function listRoot(ptr: usize, count: u32, depth: u32, out: usize): void {
  for (let level: u32 = 0; level < depth; ++level) {
    if (count & 1) memory.copy(ptr + 32 * count, ZERO_LIST + 32 * level, 32);
    count = (count + 1) >> 1;
    hashPairs(ptr, ptr, count);
  }
  memory.copy(out, ptr, 32);
}
