// The two keccak trees of docs/formats.md section 1 with membership proofs for lists. All hashing is
// in the crypto module; long inputs pass through its buffer in pieces. A proof is checked by exact
// length and index, so for a root, an index and a leaf there is one proof.
import { assert } from "../errors.ts";
import { bufferAt, bufferSize, crypto, memory, outAt, readOut } from "./crypto.ts";
import { equalBytes } from "./hex.ts";
import { keccak256Pair } from "./keccak.ts";

const LEAF = 128;
/** Deepest list: the index of a leaf stays an exact 32-bit integer. */
const DEPTH_MAX = 26;

/** Leaves the bytes root of source[start..] at `outAt`. */
function rootToOut(source: Uint8Array, start: number): void {
  const length = source.length - start;
  if (length <= bufferSize) {
    memory.set(start === 0 ? source : source.subarray(start), bufferAt);
    crypto.bytesRoot(bufferAt, length, outAt);
    return;
  }
  for (let at = 0; at < length; at += bufferSize) {
    const size = Math.min(bufferSize, length - at);
    memory.set(source.subarray(start + at, start + at + size), bufferAt);
    crypto.addBytes(bufferAt, size, at / LEAF);
  }
  crypto.closeBytes(length, outAt);
}

/** Root of the tree over 128-byte leaves of `bytes`, from byte `start` (0 by default). */
export function bytesRoot(bytes: Uint8Array, start = 0): Uint8Array {
  rootToOut(bytes, start);
  return readOut(0);
}

/** keccak(u32 length ‖ bytesRoot(bytes)): commits to the length too. */
export function bytesHash(bytes: Uint8Array): Uint8Array {
  rootToOut(bytes, 0);
  const { length } = bytes;
  memory[bufferAt] = length >>> 24;
  memory[bufferAt + 1] = length >>> 16;
  memory[bufferAt + 2] = length >>> 8;
  memory[bufferAt + 3] = length;
  memory.copyWithin(bufferAt + 4, outAt, outAt + 32);
  crypto.keccak256(bufferAt, 36, outAt);
  return readOut(0);
}

function checkList(depth: number, count: number): void {
  assert(Number.isInteger(depth) && depth >= 0 && depth <= DEPTH_MAX, "a list depth is 0 to 26");
  assert(count <= 2 ** depth, "a list has at most 2^depth leaves");
}

/**
 * Root of the fixed-depth tree over 32-byte leaves; missing leaves are zero.
 * At most 2^depth leaves and depth 26: callers bound the count before (an assertion otherwise).
 */
export function listRoot(depth: number, leaves: readonly Uint8Array[]): Uint8Array {
  checkList(depth, leaves.length);
  const batchMax = bufferSize / 32;
  if (leaves.length > 0 && leaves.length < batchMax) {
    for (let i = 0; i < leaves.length; i++) memory.set(leaves[i]!, bufferAt + 32 * i);
    crypto.listRoot(bufferAt, leaves.length, depth, outAt);
    return readOut(0);
  }
  for (let first = 0; first < leaves.length; first += batchMax) {
    const count = Math.min(batchMax, leaves.length - first);
    for (let i = 0; i < count; i++) memory.set(leaves[first + i]!, bufferAt + 32 * i);
    crypto.addList(bufferAt, count, first);
  }
  crypto.closeList(leaves.length, depth, outAt);
  return readOut(0);
}

/** One level up: pairs of 32-byte nodes, an even number, to half as many. */
function levelAbove(nodes: Uint8Array): Uint8Array {
  const above = new Uint8Array(nodes.length / 2);
  for (let at = 0; at < nodes.length; at += bufferSize) {
    const size = Math.min(bufferSize, nodes.length - at);
    memory.set(nodes.subarray(at, at + size), bufferAt);
    crypto.hashPairs(bufferAt, bufferAt, size / 64);
    above.set(memory.subarray(bufferAt, bufferAt + size / 2), at / 2);
  }
  return above;
}

/**
 * Proof that `leaves[index]` is leaf `index` of the list: its `depth` siblings from the leaf upwards,
 * 32 bytes each. `index` may lie beyond the leaves given: then it proves a zero leaf.
 */
export function listProof(depth: number, leaves: readonly Uint8Array[], index: number): Uint8Array {
  checkList(depth, leaves.length);
  assert(Number.isInteger(index) && index >= 0 && index < 2 ** depth, "the index is in the list");
  const proof = new Uint8Array(32 * depth);
  let nodes = new Uint8Array(32 * leaves.length);
  for (let i = 0; i < leaves.length; i++) nodes.set(leaves[i]!, 32 * i);
  let zero: Uint8Array = new Uint8Array(32);
  for (let level = 0; level < depth; level++) {
    const sibling = 32 * (index ^ 1);
    const inside = sibling < nodes.length;
    proof.set(inside ? nodes.subarray(sibling, sibling + 32) : zero, 32 * level);
    if (nodes.length % 64 !== 0) {
      const even = new Uint8Array(nodes.length + 32);
      even.set(nodes);
      even.set(zero, nodes.length);
      nodes = even;
    }
    nodes = levelAbove(nodes) as Uint8Array<ArrayBuffer>;
    zero = keccak256Pair(zero, zero);
    index >>>= 1;
  }
  return proof;
}

/** Whether `proof` shows that `leaf` [32] is leaf `index` of a list of `depth` with this root. Total. */
export function verifyListProof(
  depth: number,
  root: Uint8Array,
  index: number,
  leaf: Uint8Array,
  proof: Uint8Array,
): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** depth) return false;
  if (leaf.length !== 32 || proof.length !== 32 * depth) return false;
  let node = leaf;
  for (let level = 0; level < depth; level++) {
    const sibling = proof.subarray(32 * level, 32 * level + 32);
    node = index & 1 ? keccak256Pair(sibling, node) : keccak256Pair(node, sibling);
    index >>>= 1;
  }
  return equalBytes(node, root);
}
