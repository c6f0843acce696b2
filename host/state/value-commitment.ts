// Value commitments and leaf hashes (docs/formats.md section 7): a value is a binary tree of 32-byte
// chunks, so that one piece of it can be proven alone, and its length is bound beside the root.
// Works on whole batches, because one native call for a thousand nodes costs what five calls for one
// node cost. It must never hash more than what the definition says: roots depend on it.

import { copyBytes } from "../codec/copy-bytes.ts";
import { bytesOf } from "./cache-lines.ts";
import { copyWords, HASH_WORDS, wordsOf } from "./hash-words.ts";
import { Handful, type StateHasher } from "./state-hasher.ts";

export const CHUNK_BYTES = 32;
/** Top bit of a node hash: set on leaves, clear on branches. */
export const LEAF_TAG = 0x80;

const ZERO_LEVELS = 33;
const zeroRoots = new WeakMap<StateHasher, Uint8Array>();

/** Root of the chunk tree of 2^level zero chunks, at 32 × level of the returned array. */
export function zeroChunkRoots(hasher: StateHasher): Uint8Array {
  let roots = zeroRoots.get(hasher);
  if (roots === undefined) {
    roots = new Uint8Array(32 * ZERO_LEVELS);
    const pair = new Uint8Array(64);
    for (let level = 1; level < ZERO_LEVELS; level++) {
      pair.set(roots.subarray(32 * (level - 1), 32 * level), 0);
      pair.set(roots.subarray(32 * (level - 1), 32 * level), 32);
      hasher.hashPairs(pair, roots.subarray(32 * level), 1);
    }
    zeroRoots.set(hasher, roots);
  }
  return roots;
}

/** Number of 32-byte chunks of a value. */
export function chunkCount(length: number): number {
  return (length + CHUNK_BYTES - 1) >>> 5;
}

/** Least depth d with 32·2^d >= length. */
export function chunkDepth(length: number): number {
  const chunks = chunkCount(length);
  return chunks <= 1 ? 0 : 32 - Math.clz32(chunks - 1);
}

/**
 * All levels of the chunk tree of a value, chunks first; level k has ceil(chunks / 2^k) nodes of 32
 * bytes (those wholly beyond the last chunk are left out), the last level is the root. An empty value
 * has one level of one zero chunk.
 */
export function chunkLevels(hasher: StateHasher, value: Uint8Array): Uint8Array[] {
  const zeros = zeroChunkRoots(hasher);
  const depth = chunkDepth(value.length);
  let count = Math.max(1, chunkCount(value.length));
  const levels: Uint8Array[] = [];
  for (let level = 0; ; level++) {
    // One spare slot: the right neighbour of an odd last node is a zero subtree.
    const nodes = new Uint8Array(32 * (count + 1));
    if (level === 0) nodes.set(value);
    else hasher.hashPairs(levels[level - 1]!, nodes, count);
    if (count & 1) nodes.set(zeros.subarray(32 * level, 32 * level + 32), 32 * count);
    levels.push(nodes);
    if (level === depth) break;
    count = (count + 1) >>> 1;
  }
  return levels.map((nodes, level) => {
    const length = Math.max(1, Math.ceil(chunkCount(value.length) / 2 ** level));
    return nodes.subarray(0, 32 * length);
  });
}

/** Root of the chunk tree. */
export function chunkRoot(hasher: StateHasher, value: Uint8Array): Uint8Array {
  return chunkLevels(hasher, value).at(-1)!.slice(0, 32);
}

/** Writes root ‖ length as 32-byte big-endian at `offset`; `out` is zero there. */
export function writeCommitmentPreimage(
  out: Uint8Array,
  offset: number,
  root: Uint8Array,
  length: number,
): void {
  out.set(root, offset);
  out[offset + 60] = length >>> 24;
  out[offset + 61] = length >>> 16;
  out[offset + 62] = length >>> 8;
  out[offset + 63] = length;
}

/** Commitments of many values: 32 bytes each, in order. */
export function valueCommitments(hasher: StateHasher, values: readonly Uint8Array[]): Uint8Array {
  const count = values.length;
  const preimages = new Uint8Array(64 * count);
  const pairs: number[] = [];
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    const at = 64 * i;
    if (value.length <= 32) {
      for (let k = 0; k < value.length; k++) preimages[at + k] = value[k]!;
      preimages[at + 63] = value.length;
    } else if (value.length <= 64) {
      pairs.push(i);
    } else {
      writeCommitmentPreimage(preimages, at, chunkRoot(hasher, value), value.length);
    }
  }
  if (pairs.length > 0) {
    const chunks = new Uint8Array(64 * pairs.length);
    const roots = new Uint8Array(32 * pairs.length);
    for (let i = 0; i < pairs.length; i++) {
      const value = values[pairs[i]!]!;
      copyBytes(chunks, 64 * i, value, 0, value.length);
    }
    hasher.hashPairs(chunks, roots, pairs.length);
    const rootWords = wordsOf(roots);
    const preimageWords = new Int32Array(preimages.buffer);
    for (let i = 0; i < pairs.length; i++) {
      const at = pairs[i]!;
      copyWords(rootWords, HASH_WORDS * i, preimageWords, 2 * HASH_WORDS * at);
      preimages[64 * at + 63] = values[at]!.length;
    }
  }
  const commitments = new Uint8Array(32 * count);
  hasher.hashPairs(preimages, commitments, count);
  return commitments;
}

/** What is hashed alone. */
const single = new Handful();
const { input: preimage, output: hashed } = single;

/** Commitment [32] of one value. */
export function valueCommitment(hasher: StateHasher, value: Uint8Array): Uint8Array {
  if (value.length > 64) return valueCommitments(hasher, [value]);
  preimage.fill(0, 0, 64);
  preimage.set(value);
  if (value.length > 32) {
    hasher.hashFew(single, 1);
    preimage.fill(0, 32, 64);
    for (let i = 0; i < 32; i++) preimage[i] = hashed[i]!;
  }
  preimage[63] = value.length;
  hasher.hashFew(single, 1);
  return hashed.slice(0, 32);
}

/** Hash [32] of the leaf of one value, tagged. */
export function leafHash(hasher: StateHasher, path: Uint8Array, value: Uint8Array): Uint8Array {
  const commitment = valueCommitment(hasher, value);
  preimage.set(path);
  preimage.set(commitment, 32);
  hasher.hashFew(single, 1);
  hashed[0]! |= LEAF_TAG;
  return hashed.slice(0, 32);
}

/**
 * Leaf hashes (tagged), 32 bytes each, of leaves whose paths stand at 32 × leaf of `paths` and whose
 * commitments stand in order.
 */
export function leafHashes(
  hasher: StateHasher,
  paths: Uint8Array,
  leaves: readonly number[],
  commitments: Uint8Array,
): Uint8Array {
  const count = leaves.length;
  const pathWords = wordsOf(paths);
  const commitmentWords = wordsOf(commitments);
  const preimages = new Int32Array(2 * HASH_WORDS * count);
  for (let i = 0; i < count; i++) {
    const at = 2 * HASH_WORDS * i;
    copyWords(pathWords, HASH_WORDS * leaves[i]!, preimages, at);
    copyWords(commitmentWords, HASH_WORDS * i, preimages, at + HASH_WORDS);
  }
  const hashes = new Uint8Array(32 * count);
  hasher.hashPairs(bytesOf(preimages), hashes, count);
  for (let i = 0; i < count; i++) hashes[32 * i]! |= LEAF_TAG;
  return hashes;
}
