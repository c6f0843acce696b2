// A state of which only a part is in memory: the upper tree always, the buckets that were touched lately
// with their keys and values, of the others one hash each. A bucket is read when a path in it is first
// needed and is hashed before anything in it is believed. Part of the LMDB store, which writes the buckets.
// It must never forget a value that the disk does not have yet.

import { equalBytes } from "../codec/hex.ts";
import { assert, EngineError } from "../errors.ts";
import {
  bucketHead,
  bucketName,
  type DecodedBucket,
  decodeBucket,
  type EncodedBucket,
  HashedRun,
  parseBucketName,
  pathsOf,
} from "./bucket.ts";
import { BucketDirectory } from "./bucket-directory.ts";
import { comparePaths, firstRight } from "./path-order.ts";
import type { StateChanges } from "./state-changes.ts";
import type { StateHasher } from "./state-hasher.ts";
import { StateImage } from "./state-image.ts";
import { packStateKey, STATE_KEY_BYTES, type StateClass } from "./state-key.ts";
import { leafHashesOf } from "./value-commitment.ts";

export interface DiskImageOptions {
  readonly hasher: StateHasher;
  /** Spreads the key table. */
  readonly seed: number;
  /** Bytes of keys and values that may stay in memory beside those that the disk does not have yet. */
  readonly cacheBytes: number;
  /** The record of a bucket; the bytes are read before the next call. */
  readonly read: (name: Uint8Array) => Uint8Array | undefined;
  /** All records. */
  readonly damaged: (what: string) => EngineError;
  readonly readAll: () => Iterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>;
}

interface LoadedBucket {
  readonly path: Uint8Array;
  readonly depth: number;
  /** Height of the last block that changed it; no block below that height is enough to forget it. */
  changed: number;
}

/** A bucket that is not in memory. */
interface ColdBucket extends DecodedBucket {
  readonly id: number;
  readonly path: Uint8Array;
  readonly depth: number;
}

const DEPTH_MAX = 256;
const WRONG_HASH = "the values of a bucket do not give its hash";
/** Bytes of buckets that are hashed at a time where all of them are. */
const COLD_BYTES = 1024 * 1024;
/** Bytes of a key with its path and its share of the tree, room to grow included. */
const KEY_BYTES = 320;
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
  #failure: EngineError | undefined;
  readonly #hash = new Uint8Array(32);
  readonly #packed = new Uint8Array(STATE_KEY_BYTES);

  constructor(options: DiskImageOptions) {
    super(options.hasher, options.seed);
    this.#options = options;
  }

  /** Takes up everything that the disk has, one hash per bucket. @throws STATE_DAMAGED */
  mount(): void {
    const overlap = "two of its buckets overlap";
    const singles: { readonly key: Uint8Array; readonly hash: Uint8Array }[] = [];
    for (const { key: name, value: record } of this.#options.readAll()) {
      const { path, depth } = parseBucketName(name);
      const { hash, count, key } = bucketHead(record);
      if (this.directory.find(path) !== 0) throw this.#options.damaged(overlap);
      this.directory.add(path, depth);
      // A subtree of one leaf is that leaf, wherever it stands: only its path can tell.
      if (count < 2) singles.push({ key: new Uint8Array(key), hash: new Uint8Array(hash) });
      else if (!this.trie.mount(path, depth, hash)) throw this.#options.damaged(overlap);
    }
    this.trie.rehash();
    for (const { key, hash } of singles) {
      if (this.table.findPacked(key, 0) !== 0) throw this.#options.damaged(overlap);
      const index = this.table.add();
      this.trie.setPath(index, this.hasher.sha256(key));
      this.trie.put(index, hash, 0);
    }
    this.trie.rehash();
  }

  /** Reads and hashes every bucket that is not in memory. @throws STATE_DAMAGED */
  check(): void {
    for (const _ of this.#cold());
  }

  override get(cls: StateClass, address: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    const index = this.table.find(cls, address, key);
    if (index !== 0) return this.valueAt(index);
    packStateKey(this.#packed, 0, cls, address, key);
    if (!this.#warm(this.hasher.sha256(this.#packed), 0)) return undefined;
    const found = this.table.findPacked(this.#packed, 0);
    return found === 0 ? undefined : this.heap.get(found);
  }

  override *entries(): Generator<{ key: Uint8Array; value: Uint8Array }> {
    yield* super.entries();
    yield* this.#cold();
  }

  /** Why this image is of no more use: damage that was found. */
  get failure(): EngineError | undefined {
    return this.#failure;
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

  /** A bucket of one value keeps its key and leaf in memory, and may lack the value. */
  protected override valueAt(index: number): Uint8Array {
    if (this.heap.get(index) === undefined) this.#warm(this.trie.paths, index * 32);
    return super.valueAt(index);
  }

  /** Brings what stands there into memory: a witness asks for all its paths before it walks the first. */
  protected override unknownPath(keys: Uint8Array, offset: number): Uint8Array {
    const path = super.unknownPath(keys, offset);
    this.#warm(path, 0);
    return path;
  }

  /** Loads what the changes touch and keeps it until the disk has it. */
  protected override prepare(changes: StateChanges): void {
    this.#evict();
    for (let i = 0; i < changes.count; i++) {
      const path = this.pathOf(changes.keys, i * STATE_KEY_BYTES);
      this.#warm(path, 0);
      const bucket = this.#loaded.get(this.directory.find(path));
      if (bucket !== undefined) bucket.changed = this.height;
    }
  }

  /** Brings the bucket of a path into memory; false where it is there or there is none. */
  #warm(path: Uint8Array, offset: number): boolean {
    const id = this.directory.find(path, offset);
    if (id === 0 || this.#loaded.has(id)) return false;
    if (this.#failure !== undefined) throw this.#failure;
    const { depth } = this.directory;
    const prefix = path.slice(offset, offset + 32);
    try {
      this.#load(prefix, depth);
    } catch (error) {
      // Half of it may be in memory.
      if (error instanceof EngineError) this.#failure = error;
      throw error;
    }
    this.#loaded.set(id, { path: prefix, depth, changed: -1 });
    return true;
  }

  #load(path: Uint8Array, depth: number): void {
    const { keys, values } = this.#read(path, depth);
    const count = keys.length;
    const paths = pathsOf(this.hasher, keys);
    const hashes = new Uint8Array(32 * count);
    leafHashesOf(this.hasher, paths, values, hashes);
    const indexes = keys.map((key, i) => this.#take(key, paths, i, count === 1));
    values.forEach((value, i) => {
      this.heap.set(indexes[i]!, value);
    });
    if (count === 1) {
      this.trie.hashAt(paths, DEPTH_MAX, this.#hash, 0);
      if (!equalBytes(hashes, this.#hash)) throw this.#options.damaged(WRONG_HASH);
      return;
    }
    const expected = new Uint8Array(32);
    this.trie.hashAt(path, depth, expected, 0);
    const slot = this.trie.unseal(path, depth);
    this.#graft(slot >>> 1, slot & 1, depth, { indexes, paths, hashes }, 0, count);
    this.trie.rehash();
    this.trie.copyHash(slot >>> 1, slot & 1, this.#hash, 0);
    if (!equalBytes(this.#hash, expected)) throw this.#options.damaged(WRONG_HASH);
  }

  /** The index of a stored key: a new one, unless it is alone in its bucket and always there. */
  #take(key: Uint8Array, paths: Uint8Array, i: number, isAlone: boolean): number {
    const index = this.table.findPacked(key, 0);
    if (isAlone !== (index !== 0)) throw this.#options.damaged("a key is stored twice");
    if (isAlone) return index;
    const added = this.table.add();
    this.trie.setPath(added, paths.subarray(32 * i, 32 * i + 32));
    return added;
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

  #read(path: Uint8Array, depth: number): DecodedBucket {
    const record = this.#options.read(bucketName(path, depth));
    if (record === undefined) throw this.#options.damaged("a bucket is missing");
    return decodeBucket(record);
  }

  /** Copies of what is only on the disk, checked. */
  *#cold(): Generator<{ key: Uint8Array; value: Uint8Array }> {
    let buckets: ColdBucket[] = [];
    let bytes = 0;
    for (const { key: name, value: record } of this.#options.readAll()) {
      const { path, depth } = parseBucketName(name);
      const id = this.directory.find(path);
      if (this.#loaded.has(id)) continue;
      if (id === 0) throw this.#options.damaged("a bucket came from nowhere");
      buckets.push({ id, path, depth, ...decodeBucket(new Uint8Array(record)) });
      bytes += record.length;
      if (bytes < COLD_BYTES) continue;
      yield* this.#checked(buckets);
      buckets = [];
      bytes = 0;
    }
    yield* this.#checked(buckets);
  }

  /** What is in buckets that are not in memory. One trie checks all of them: it takes longer to make than a bucket. */
  *#checked(buckets: readonly ColdBucket[]): Generator<{ key: Uint8Array; value: Uint8Array }> {
    const keys = buckets.flatMap((bucket) => bucket.keys);
    const values = buckets.flatMap((bucket) => bucket.values);
    const paths = pathsOf(this.hasher, keys);
    let at = 0;
    for (const { id, keys: own } of buckets) {
      for (let i = 0; i < own.length; i++, at += 32) {
        const isBehind = i === 0 || comparePaths(paths, at - 32, paths, at) < 0;
        if (isBehind && this.directory.find(paths, at) === id) continue;
        throw this.#options.damaged("a key stands in a bucket where it does not belong");
      }
    }
    const run = new HashedRun(this.hasher, { keys, values, paths });
    const hash = new Uint8Array(32);
    for (const { path, depth } of buckets) {
      run.copyHash(path, depth, hash);
      this.trie.hashAt(path, depth, this.#hash, 0);
      if (!equalBytes(hash, this.#hash)) throw this.#options.damaged(WRONG_HASH);
    }
    for (let i = 0; i < keys.length; i++) yield { key: keys[i]!, value: values[i]! };
  }

  /** Forgets buckets that the disk has, the longest loaded first, while there is too much. */
  #evict(): void {
    let left = EVICTIONS_MAX;
    for (const [id, bucket] of this.#loaded) {
      const bytes = this.heap.bytes + KEY_BYTES * this.table.size;
      if (bytes <= this.#options.cacheBytes || left-- === 0) return;
      this.#loaded.delete(id);
      // What the disk does not have is looked at again after all others.
      if (bucket.changed > this.merged) this.#loaded.set(id, bucket);
      else this.#forget(bucket);
    }
  }

  #forget({ path, depth }: LoadedBucket): void {
    const ref = this.trie.at(path, depth);
    if (ref < 0) {
      this.heap.delete(-ref);
      return;
    }
    this.trie.seal(path, depth, (leaf) => {
      this.heap.delete(leaf);
      this.table.remove(leaf);
    });
  }
}
