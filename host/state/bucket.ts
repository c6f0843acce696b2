// One record of the LMDB store: all values whose paths share a prefix, a handful, in path order, with the
// hash of their subtree. Nothing of it is believed before it was hashed: its leaves when the first of them is
// needed, each value when it is read. The bytes are the store's own.
//
//   name   the first `depth` bits of the paths, in whole bytes, zeros after them ‖ u8 depth
//   record hash [32] ‖ u32 count ‖ leaves: (path [32] ‖ commitment [32]) each ‖ (key [53] ‖ u32 length ‖ value) each

import { readU32 } from "../codec/reader.ts";
import { comparePaths, firstRight } from "./path-order.ts";
import type { StateHasher } from "./state-hasher.ts";
import { PATH_BYTES, STATE_KEY_BYTES } from "./state-key.ts";
import { damaged } from "./store-tail.ts";
import { Trie } from "./trie.ts";
import { leafHashes } from "./value-commitment.ts";

/** More values than this, or more bytes with at least two of them, and a bucket is split. */
export const BUCKET_VALUES_MAX = 6;
const BUCKET_BYTES_MAX = 16_384;
/** Where the leaves of a record begin. */
const LEAVES_AT = 36;
/** Of a leaf: path and commitment, what its hash is made of. */
export const LEAF_BYTES = 64;

/** A run of values in path order. */
export interface PathRun {
  /** Packed keys. */
  readonly keys: readonly Uint8Array[];
  readonly values: readonly Uint8Array[];
  /** 32 bytes each. */
  readonly paths: Uint8Array;
  /** 32 bytes each. */
  readonly commitments: Uint8Array;
}

export interface DecodedBucket {
  /** Path and commitment, 64 bytes each, ascending by path. */
  readonly leaves: Uint8Array;
  readonly keys: readonly Uint8Array[];
  readonly values: readonly Uint8Array[];
}

/** A bucket to be written. */
export interface EncodedBucket {
  readonly depth: number;
  /** A path in it. */
  readonly path: Uint8Array;
  readonly record: Uint8Array;
}

export function bucketName(path: Uint8Array, depth: number): Uint8Array {
  const bytes = (depth + 7) >>> 3;
  const name = new Uint8Array(bytes + 1);
  name.set(path.subarray(0, bytes));
  if (depth & 7) name[bytes - 1]! &= 0xff << (8 - (depth & 7));
  name[bytes] = depth & 0xff;
  return name;
}

/** The prefix [32] and depth that a name stands for. @throws STATE_DAMAGED */
export function parseBucketName(name: Uint8Array): { path: Uint8Array; depth: number } {
  const bytes = name.length - 1;
  // A depth of 256 would be a single path, which is never split off.
  const depth = name[bytes] ?? 0;
  if (bytes !== (depth + 7) >>> 3) throw damaged("the name of a bucket is cut short");
  const path = new Uint8Array(PATH_BYTES);
  path.set(name.subarray(0, bytes));
  return { path, depth };
}

/** Reads a record; views of it. @throws STATE_DAMAGED */
export function decodeBucket(record: Uint8Array): DecodedBucket {
  // No Buffer: parts of one are Buffers, which take longer to make.
  const bytes = new Uint8Array(record.buffer, record.byteOffset, record.length);
  const keys: Uint8Array[] = [];
  const values: Uint8Array[] = [];
  const { leaves } = bucketHead(bytes);
  let at = LEAVES_AT + leaves.length;
  while (keys.length < leaves.length / LEAF_BYTES) {
    const end = valueEnd(bytes, at);
    keys.push(bytes.subarray(at, at + STATE_KEY_BYTES));
    values.push(bytes.subarray(at + STATE_KEY_BYTES + 4, end));
    at = end;
  }
  if (at !== bytes.length) throw damaged("a bucket is too long");
  return { leaves, keys, values };
}

/** The value in a record whose leaf has a path, and the leaf's commitment; views. @throws STATE_DAMAGED */
export function valueInBucket(
  record: Uint8Array,
  path: Uint8Array,
): { readonly value: Uint8Array; readonly commitment: Uint8Array } {
  const end = LEAVES_AT + LEAF_BYTES * readU32(record, 32);
  let at = end;
  for (let leaf = LEAVES_AT; leaf < end; leaf += LEAF_BYTES) {
    const next = valueEnd(record, at);
    if (comparePaths(record, leaf, path, 0) === 0) {
      const commitment = record.subarray(leaf + 32, leaf + LEAF_BYTES);
      return { value: record.subarray(at + STATE_KEY_BYTES + 4, next), commitment };
    }
    at = next;
  }
  throw damaged("a value is missing");
}

/** Where the key and value that begin at `at` end. */
function valueEnd(record: Uint8Array, at: number): number {
  const start = at + STATE_KEY_BYTES + 4;
  if (start > record.length) throw damaged("a bucket is cut short");
  const end = start + readU32(record, at + STATE_KEY_BYTES);
  if (end > record.length) throw damaged("a bucket is cut short");
  return end;
}

/** What a record begins with. */
export interface BucketHead {
  /** Of the subtree, as the record claims. */
  readonly hash: Uint8Array;
  /** Path and commitment, 64 bytes each, ascending by path; at least one. */
  readonly leaves: Uint8Array;
}

/** Reads the beginning of a record; views of `bytes`. @throws STATE_DAMAGED */
export function bucketHead(bytes: Uint8Array): BucketHead {
  if (bytes.length < LEAVES_AT) throw damaged("a bucket is cut short");
  const end = LEAVES_AT + LEAF_BYTES * readU32(bytes, 32);
  if (end === LEAVES_AT || end > bytes.length) throw damaged("a bucket is empty or cut short");
  const leaves = bytes.subarray(LEAVES_AT, end);
  for (let at = LEAF_BYTES; at < leaves.length; at += LEAF_BYTES) {
    const isBehind = comparePaths(leaves, at - LEAF_BYTES, leaves, at) < 0;
    if (!isBehind) throw damaged("the paths of a bucket do not ascend");
  }
  return { hash: bytes.subarray(0, 32), leaves };
}

/** Paths of packed keys, 32 bytes each. */
export function pathsOf(hasher: StateHasher, keys: readonly Uint8Array[]): Uint8Array {
  const paths = new Uint8Array(PATH_BYTES * keys.length);
  for (let i = 0; i < keys.length; i++) paths.set(hasher.sha256(keys[i]!), PATH_BYTES * i);
  return paths;
}

/** A run with the hashes of all its subtrees. */
export class HashedRun {
  readonly run: PathRun;
  readonly #trie: Trie;

  constructor(hasher: StateHasher, run: PathRun) {
    this.run = run;
    const count = run.values.length;
    const numbers = run.values.map((_, i) => i);
    const hashes = leafHashes(hasher, run.paths, numbers, run.commitments);
    // One trie for all of it, though only its lower parts are asked for: it hashes level by level.
    this.#trie = new Trie(hasher);
    for (let i = 0; i < count; i++) {
      this.#trie.setPath(i + 1, run.paths, PATH_BYTES * i);
      this.#trie.put(i + 1, hashes, 32 * i);
    }
    this.#trie.rehash();
  }

  /** Copies to `out` the hash of what shares the first `depth` bits of a path: at least one value. */
  copyHash(path: Uint8Array, depth: number, out: Uint8Array): void {
    this.#trie.hashAt(path, depth, out, 0);
  }

  /** Cuts values [from, to), all those of the run that share `depth` bits, into buckets. */
  cut(from: number, to: number, depth: number): EncodedBucket[] {
    const buckets: EncodedBucket[] = [];
    this.#cut(buckets, from, to, depth);
    return buckets;
  }

  #cut(buckets: EncodedBucket[], from: number, to: number, depth: number): void {
    if (from === to) return;
    const { paths, values } = this.run;
    let bytes = LEAVES_AT;
    for (let i = from; i < to; i++) bytes += LEAF_BYTES + STATE_KEY_BYTES + 4 + values[i]!.length;
    const isTooLong = bytes > BUCKET_BYTES_MAX && to - from > 1;
    if (to - from > BUCKET_VALUES_MAX || isTooLong) {
      const middle = firstRight(paths, from, to, depth);
      this.#cut(buckets, from, middle, depth + 1);
      this.#cut(buckets, middle, to, depth + 1);
      return;
    }
    const path = paths.slice(PATH_BYTES * from, PATH_BYTES * (from + 1));
    const record = new Uint8Array(bytes);
    this.#trie.hashAt(path, depth, record, 0);
    writeValues(record, this.run, from, to);
    buckets.push({ depth, path, record });
  }
}

function writeValues(record: Uint8Array, run: PathRun, from: number, to: number): void {
  const { keys, values, paths, commitments } = run;
  const view = new DataView(record.buffer);
  view.setUint32(32, to - from);
  let at = LEAVES_AT;
  for (let i = from; i < to; i++, at += LEAF_BYTES) {
    record.set(paths.subarray(32 * i, 32 * i + 32), at);
    record.set(commitments.subarray(32 * i, 32 * i + 32), at + 32);
  }
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    record.set(keys[i]!, at);
    view.setUint32(at + STATE_KEY_BYTES, value.length);
    record.set(value, at + STATE_KEY_BYTES + 4);
    at += STATE_KEY_BYTES + 4 + value.length;
  }
}
