// A state of which only a part is in memory: the upper tree always, the buckets that were touched lately
// with their keys and values, of the others one hash each. A bucket is read when a path in it is first
// needed and is hashed before anything in it is believed. Part of the LMDB store, which writes the buckets.
// It must never forget a value that the disk does not have yet.

import { assert } from "../errors.ts";
import {
  bucketHead,
  bucketName,
  cutBuckets,
  decodeBucket,
  type EncodedBucket,
  firstRight,
  parseBucketName,
  pathsOf,
} from "./bucket.ts";
import { BucketDirectory } from "./bucket-directory.ts";
import type { Touches } from "./overlay.ts";
import type { StateChanges } from "./state-changes.ts";
import type { StateHasher } from "./state-hasher.ts";
import { StateImage } from "./state-image.ts";
import { packStateKey, STATE_KEY_BYTES, type StateClass } from "./state-key.ts";
import { damaged } from "./store-tail.ts";
import { leafHashes, valueCommitments } from "./value-commitment.ts";

export interface DiskImageOptions {
  readonly hasher: StateHasher;
  /** Spreads the key table. */
  readonly seed: number;
  /** Values that may stay in memory beside those that the disk does not have yet. */
  readonly cacheValues: number;
  /** The record of a bucket; the bytes are read before the next call. */
  readonly read: (name: Uint8Array) => Uint8Array | undefined;
  /** All records. */
  readonly readAll: () => Iterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>;
}

interface LoadedBucket {
  readonly path: Uint8Array;
  readonly depth: number;
  /** Height of the last block that changed it; no block below that height is enough to forget it. */
  changed: number;
}

/** Buckets looked at for eviction per batch of changes: bounds the pause. */
const EVICTIONS_MAX = 16_384;

/** The state image of the LMDB store. */
export class DiskImage extends StateImage {
  /** Height of the block that is being applied. */
  height = 0;
  /** Height up to which the disk has all buckets. */
  merged = -1;
  readonly directory = new BucketDirectory();
  readonly #options: DiskImageOptions;
  /** By number, the longest in memory first. */
  readonly #loaded = new Map<number, LoadedBucket>();
  readonly #packed = new Uint8Array(STATE_KEY_BYTES);

  constructor(options: DiskImageOptions) {
    super(options.hasher, options.seed);
    this.#options = options;
  }

  /** Takes up everything that the disk has, one hash per bucket. @throws STATE_DAMAGED */
  mount(): void {
    const single: { id: number; path: Uint8Array; depth: number }[] = [];
    for (const { key, value } of this.#options.readAll()) {
      const { path, depth } = parseBucketName(key);
      const { hash, count } = bucketHead(value);
      if (this.directory.find(path) !== 0) throw damaged("two of its buckets overlap");
      const id = this.directory.add(path, depth);
      // A subtree of one leaf is that leaf, wherever it stands: only its path can tell.
      if (count < 2) single.push({ id, path, depth });
      else if (!this.trie.mount(path, depth, hash)) throw damaged("two of its buckets overlap");
    }
    this.trie.rehash();
    for (const { id, path, depth } of single) this.#load(id, path, depth);
    this.trie.rehash();
  }

  /** Reads and hashes every bucket that is not in memory. @throws STATE_DAMAGED */
  check(): void {
    for (const _ of this.#cold());
  }

  override get(cls: StateClass, address: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    const index = this.table.find(cls, address, key);
    if (index !== 0) return this.heap.get(index);
    packStateKey(this.#packed, 0, cls, address, key);
    if (!this.#warm(this.hasher.sha256(this.#packed), 0)) return undefined;
    const found = this.table.findPacked(this.#packed, 0);
    return found === 0 ? undefined : this.heap.get(found);
  }

  override witness(touches: Touches): Uint8Array {
    for (let i = 0; i < touches.count; i++) {
      const at = i * STATE_KEY_BYTES;
      if (this.table.findPacked(touches.keys, at) !== 0) continue;
      this.#warm(this.hasher.sha256(touches.keys.subarray(at, at + STATE_KEY_BYTES)), 0);
    }
    return super.witness(touches);
  }

  override *entries(): Generator<{ key: Uint8Array; value: Uint8Array }> {
    yield* super.entries();
    yield* this.#cold();
  }

  /** What a merger wrote in place of one bucket (or of none, number 0) of the directory. */
  recut(bucket: number, path: Uint8Array, buckets: readonly EncodedBucket[]): void {
    const before = this.#loaded.get(bucket);
    assert(bucket === 0 || before !== undefined, "a bucket with changes is in memory");
    if (before !== undefined) {
      if (buckets.length === 1 && buckets[0]!.depth === before.depth) return;
      this.#loaded.delete(bucket);
      this.directory.remove(path);
    }
    const changed = before?.changed ?? this.height;
    for (const cut of buckets) {
      const id = this.directory.add(cut.path, cut.depth);
      this.#loaded.set(id, { path: cut.path, depth: cut.depth, changed });
    }
  }

  /** Loads what the changes touch and keeps it until the disk has it. */
  protected override prepare(changes: StateChanges): void {
    this.#evict();
    const { paths } = this.trie;
    for (let i = 0; i < changes.count; i++) {
      const at = i * STATE_KEY_BYTES;
      const index = this.table.findPacked(changes.keys, at);
      if (index !== 0) this.#touch(paths, index * 32);
      else this.#touch(this.hasher.sha256(changes.keys.subarray(at, at + STATE_KEY_BYTES)), 0);
    }
  }

  #touch(path: Uint8Array, offset: number): void {
    this.#warm(path, offset);
    const bucket = this.#loaded.get(this.directory.find(path, offset));
    if (bucket !== undefined) bucket.changed = this.height;
  }

  /** Brings the bucket of a path into memory; false where it is there or there is none. */
  #warm(path: Uint8Array, offset: number): boolean {
    const id = this.directory.find(path, offset);
    if (id === 0 || this.#loaded.has(id)) return false;
    this.#load(id, path.slice(offset, offset + 32), this.directory.depth);
    return true;
  }

  #load(id: number, path: Uint8Array, depth: number): void {
    const { keys, values } = this.#read(path, depth);
    const count = keys.length;
    const paths = pathsOf(this.hasher, keys);
    const indexes: number[] = [];
    for (let i = 0; i < count; i++) {
      if (this.table.findPacked(keys[i]!, 0) !== 0) throw damaged("a key is stored twice");
      const index = this.table.add();
      this.trie.setPath(index, paths.subarray(32 * i, 32 * i + 32));
      this.heap.set(index, values[i]!);
      indexes.push(index);
    }
    const commitments = valueCommitments(this.hasher, values);
    const hashes = leafHashes(this.hasher, this.trie.paths, indexes, commitments);
    this.#loaded.set(id, { path, depth, changed: -1 });
    if (count === 1) {
      this.trie.put(indexes[0]!, hashes, 0);
      return;
    }
    const expected = this.trie.sealedHash(path, depth);
    const slot = this.trie.unseal(path, depth);
    const leaves = { indexes, paths, hashes };
    this.#graft(slot >>> 1, slot & 1, depth, leaves, 0, count);
    this.trie.rehash();
    const got = new Uint8Array(32);
    this.trie.copyHash(slot >>> 1, slot & 1, got, 0);
    if (!equal(got, expected)) throw damaged("the values of a bucket do not give its hash");
  }

  #graft(
    node: number,
    side: number,
    depth: number,
    leaves: { indexes: number[]; paths: Uint8Array; hashes: Uint8Array },
    from: number,
    to: number,
  ): void {
    if (to - from === 1) {
      this.trie.graftLeaf(node, side, leaves.indexes[from]!, leaves.hashes, 32 * from);
      return;
    }
    const branch = this.trie.graftBranch(node, side, depth);
    const middle = firstRight(leaves.paths, from, to, depth);
    if (from < middle) this.#graft(branch, 0, depth + 1, leaves, from, middle);
    if (middle < to) this.#graft(branch, 1, depth + 1, leaves, middle, to);
  }

  #read(path: Uint8Array, depth: number): ReturnType<typeof decodeBucket> {
    const record = this.#options.read(bucketName(path, depth));
    if (record === undefined) throw damaged("a bucket is missing");
    return decodeBucket(record);
  }

  /** Copies of what is only on the disk, checked. */
  *#cold(): Generator<{ key: Uint8Array; value: Uint8Array }> {
    for (const { key: name, value: record } of this.#options.readAll()) {
      const { path, depth } = parseBucketName(name);
      const id = this.directory.find(path);
      if (this.#loaded.has(id)) continue;
      const { keys, values } = decodeBucket(new Uint8Array(record));
      const paths = pathsOf(this.hasher, keys);
      const [cut] = cutBuckets(this.hasher, { keys, values, paths }, depth);
      const hash = bucketHead(cut!.record).hash;
      if (id === 0 || !equal(hash, this.trie.sealedHash(path, depth))) {
        throw damaged("the values of a bucket do not give its hash");
      }
      for (let i = 0; i < keys.length; i++) yield { key: keys[i]!, value: values[i]! };
    }
  }

  /** Forgets buckets that the disk has, the longest loaded first, while there are too many values. */
  #evict(): void {
    let left = EVICTIONS_MAX;
    for (const [id, bucket] of this.#loaded) {
      if (this.table.size <= this.#options.cacheValues || left-- === 0) return;
      this.#loaded.delete(id);
      const isCold =
        bucket.changed <= this.merged &&
        this.trie.seal(bucket.path, bucket.depth, (leaf) => {
          this.heap.delete(leaf);
          this.table.remove(leaf);
        });
      // Not to be forgotten now: it is looked at again after all others.
      if (!isCold) this.#loaded.set(id, bucket);
    }
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}
