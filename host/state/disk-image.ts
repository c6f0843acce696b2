// A state of which only a part is in memory: the upper tree always, of the buckets that were touched lately
// the leaves, and the keys and values that were asked for; of the others one hash each. The leaves of a bucket
// are read and hashed when a path in it is first needed, a value when it is: nothing is believed before. Part
// of the LMDB store, which writes the buckets. It must never forget a value that the disk does not have yet.

import { equalBytes } from "../codec/hex.ts";
import { assert, EngineError } from "../errors.ts";
import {
  BUCKET_VALUES_MAX,
  bucketHead,
  bucketName,
  type DecodedBucket,
  decodeBucket,
  type EncodedBucket,
  HashedRun,
  LEAF_BYTES,
  parseBucketName,
  pathsOf,
  valueInBucket,
} from "./bucket.ts";
import { BucketDirectory } from "./bucket-directory.ts";
import { LoadedBuckets } from "./loaded-buckets.ts";
import { DEPTH_MAX } from "./path-bits.ts";
import { comparePaths, firstRight } from "./path-order.ts";
import type { StateChanges } from "./state-changes.ts";
import { HANDFUL, Handful } from "./state-hasher.ts";
import { StateImage, type StateImageOptions } from "./state-image.ts";
import { STATE_KEY_BYTES } from "./state-key.ts";
import { LEAF_TAG, leafHash, valueCommitment, valueCommitments } from "./value-commitment.ts";

export interface DiskImageOptions extends StateImageOptions {
  /** Bytes of keys and values that may stay in memory beside those that the disk does not have yet. */
  readonly cacheBytes: number;
  /** The record of a bucket; the bytes are read before the next call. */
  readonly read: (name: Uint8Array) => Uint8Array | undefined;
  readonly damaged: (what: string) => EngineError;
  /** All records. */
  readonly readAll: () => Iterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>;
}

/** A bucket that is not in memory. */
interface ColdBucket extends DecodedBucket {
  readonly id: number;
  readonly path: Uint8Array;
  readonly depth: number;
}

const WRONG_HASH = "the leaves of a bucket do not give its hash";
const WRONG_VALUE = "a value does not give the hash of its leaf";
const WRONG_KEY = "a key stands in a bucket where it does not belong";
/** What reading the disk may fail with; anything else is damage. */
const TOLD: readonly string[] = ["STATE_DAMAGED", "STATE_THREAD"];
/** Height of the last change of a bucket that no block has changed since it was read. */
const NEVER = -1;
/** Bytes of buckets that are hashed at a time where all of them are. */
const COLD_BYTES = 1024 * 1024;
/** Bytes of a key with its path and its share of the tree, room to grow included. */
const KEY_BYTES = 320;
/** Keys for which there is room from the start, 160 MiB that the system gives when they are used. */
const ROOM_MAX = 2 ** 20;
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
  readonly #loaded = new LoadedBuckets();
  #failure: EngineError | undefined;
  readonly #hash = new Uint8Array(32);
  readonly #few = new Handful();
  /** Of the bucket that `#warm` has just read, if it read one. */
  #record: Uint8Array | undefined;
  readonly #packed = new Uint8Array(STATE_KEY_BYTES);

  constructor(options: DiskImageOptions) {
    super(options);
    this.#options = options;
  }

  /** Takes up everything that the disk has, one hash per bucket. @throws STATE_DAMAGED */
  mount(): void {
    const overlap = "two of its buckets overlap";
    const singles: { readonly id: number; readonly path: Uint8Array; readonly hash: Uint8Array }[] =
      [];
    for (const { key: name, value: record } of this.#options.readAll()) {
      const { path, depth } = parseBucketName(name);
      const { hash, leaves } = bucketHead(record);
      if (this.directory.find(path) !== 0) throw this.#options.damaged(overlap);
      const id = this.directory.add(path, depth);
      const isLeaf = (hash[0]! & LEAF_TAG) !== 0;
      if (isLeaf !== (leaves.length === LEAF_BYTES)) throw this.#options.damaged(WRONG_HASH);
      // A subtree of one leaf is that leaf, wherever it stands: only its path can tell.
      if (isLeaf) {
        const own = new Uint8Array(leaves.subarray(0, 32));
        singles.push({ id, path: own, hash: new Uint8Array(hash) });
      } else if (!this.trie.mount(path, depth, hash)) throw this.#options.damaged(overlap);
    }
    this.trie.rehash();
    const keysOnDisk = BUCKET_VALUES_MAX * this.directory.lastBucket;
    this.table.makeRoom(Math.min(keysOnDisk, this.#options.cacheBytes / KEY_BYTES, ROOM_MAX));
    for (const { id, path, hash } of singles) {
      if (this.directory.find(path) !== id) throw this.#options.damaged(WRONG_KEY);
      const index = this.table.reserve();
      this.trie.setPath(index, path);
      this.trie.put(index, hash, 0);
    }
    this.trie.rehash();
  }

  /** Reads and hashes every bucket that is not in memory. @throws STATE_DAMAGED */
  check(): void {
    for (const _ of this.#cold());
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
    let changed = this.height;
    if (bucket !== 0) {
      assert(this.#loaded.has(bucket), "a bucket with changes is in memory");
      if (buckets.length === 1 && buckets[0]!.depth === this.#loaded.depthOf(bucket)) return;
      changed = this.#loaded.changedAt(bucket);
      this.#loaded.remove(bucket);
      this.directory.remove(path);
    }
    for (const cut of buckets) {
      this.#loaded.add(this.directory.add(cut.path, cut.depth), cut.path, cut.depth, changed);
    }
  }

  protected override valueAtFound(index: number): Uint8Array | undefined {
    this.lastLeaf = index;
    if (index !== 0) return this.valueAt(index);
    this.table.copySought(this.#packed, 0);
    const path = this.hasher.sha256(this.#packed);
    this.#warm(path);
    const record = this.#record;
    this.#record = undefined;
    const leaf = this.#nameLeaf(path);
    this.lastLeaf = leaf;
    if (leaf === 0) return undefined;
    return record === undefined ? this.valueAt(leaf) : this.#takeValue(leaf, path, record);
  }

  /** A leaf lacks its value until that is asked for. */
  protected override valueAt(index: number): Uint8Array {
    return this.heap.get(index) ?? this.#guarded(() => this.#readValue(index));
  }

  /** Brings what stands there into memory: a witness asks for all its paths before it walks the first. */
  protected override unknownPath(keys: Uint8Array, offset: number): Uint8Array {
    const path = super.unknownPath(keys, offset);
    this.#warm(path);
    return path;
  }

  /** Loads what the changes touch and keeps it until the disk has it. */
  protected override prepare(changes: StateChanges): void {
    this.#evict();
    for (let i = 0; i < changes.count; i++) {
      const at = i * STATE_KEY_BYTES;
      const index = this.leafOf(changes, i);
      const path = index === 0 ? super.unknownPath(changes.keys, at) : this.pathOfLeaf(index);
      const bucket = this.#warm(path);
      // What applies the changes then finds it at once.
      changes.leaves[i] = index === 0 ? this.#nameLeaf(path) : index;
      if (bucket !== 0) this.#loaded.setChanged(bucket, this.height);
    }
  }

  /** The bucket of a path, 0 where there is none; its leaves are brought into memory if they are not there. */
  #warm(path: Uint8Array): number {
    this.#record = undefined;
    const bucket = this.directory.find(path);
    if (bucket === 0 || this.#loaded.has(bucket)) return bucket;
    const { depth } = this.directory;
    this.#record = this.#guarded(() => this.#load(path, depth));
    this.#loaded.add(bucket, path, depth, NEVER);
    return bucket;
  }

  /** What reads the disk: once that failed, whatever the error, half of what was read may be in memory. */
  #guarded<T>(action: () => T): T {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return action();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const isTold = error instanceof EngineError && TOLD.includes(error.code);
      this.#failure = isTold ? error : this.#options.damaged(text);
      throw this.#failure;
    }
  }

  /** The leaf at the path of a key that was looked for just before and not found, or 0; it has the key from now on. */
  #nameLeaf(path: Uint8Array): number {
    const leaf = this.trie.find(path);
    if (leaf !== 0) this.table.name(leaf);
    return leaf;
  }

  /** Makes leaves of a bucket's, and hashes them; its record. */
  #load(path: Uint8Array, depth: number): Uint8Array {
    const record = this.#read(path, depth);
    const { leaves } = bucketHead(record);
    const count = leaves.length / LEAF_BYTES;
    const paths = new Uint8Array(32 * count);
    for (let i = 0; i < paths.length; i++) paths[i] = leaves[LEAF_BYTES * (i >>> 5) + (i & 31)]!;
    const hashes = count <= HANDFUL ? this.#few.output : new Uint8Array(32 * count);
    if (count <= HANDFUL) {
      this.#few.input.set(leaves);
      this.hasher.hashFew(this.#few, count);
    } else this.hasher.hashPairs(leaves, hashes, count);
    for (let i = 0; i < count; i++) hashes[32 * i]! |= LEAF_TAG;
    if (count === 1) {
      // Such a leaf is always there.
      this.trie.hashAt(paths, DEPTH_MAX, this.#hash, 0);
      if (!equalBytes(hashes.subarray(0, 32), this.#hash)) throw this.#options.damaged(WRONG_HASH);
      return record;
    }
    const slot = this.trie.unseal(path, depth);
    const expected = new Uint8Array(32);
    this.trie.copyHash(slot >>> 1, slot & 1, expected, 0);
    this.#graft(slot >>> 1, slot & 1, depth, { paths, hashes }, 0, count);
    this.trie.rehash();
    this.trie.copyHash(slot >>> 1, slot & 1, this.#hash, 0);
    if (!equalBytes(this.#hash, expected)) throw this.#options.damaged(WRONG_HASH);
    return record;
  }

  /** Reads the value of a leaf that lacks it. */
  #readValue(leaf: number): Uint8Array {
    const path = this.pathOfLeaf(leaf);
    this.#warm(path);
    this.directory.find(path);
    const { value } = valueInBucket(this.#read(path, this.directory.depth), path);
    this.#checkValue(path, value);
    this.heap.set(leaf, value);
    return super.valueAt(leaf);
  }

  /** Takes the value of a leaf out of a record whose leaves were hashed just before. */
  #takeValue(leaf: number, path: Uint8Array, record: Uint8Array): Uint8Array {
    return this.#guarded(() => {
      const { value, commitment } = valueInBucket(record, path);
      const isValue = equalBytes(valueCommitment(this.hasher, value), commitment);
      if (!isValue) throw this.#options.damaged(WRONG_VALUE);
      this.heap.set(leaf, value);
      return super.valueAt(leaf);
    });
  }

  /** Whether a value of the disk is the one whose hash the tree has. */
  #checkValue(path: Uint8Array, value: Uint8Array): void {
    this.trie.hashAt(path, DEPTH_MAX, this.#hash, 0);
    const isValue = equalBytes(leafHash(this.hasher, path, value), this.#hash);
    if (!isValue) throw this.#options.damaged(WRONG_VALUE);
  }

  #graft(
    node: number,
    side: number,
    depth: number,
    leaves: { readonly paths: Uint8Array; readonly hashes: Uint8Array },
    from: number,
    to: number,
  ): void {
    if (to - from === 1) {
      const leaf = this.table.reserve();
      this.trie.setPath(leaf, leaves.paths, 32 * from);
      this.trie.graftLeaf(node, side, leaf, leaves.hashes, 32 * from);
      return;
    }
    const branch = this.trie.graftBranch(node, side, depth);
    const middle = firstRight(leaves.paths, from, to, depth);
    if (from < middle) this.#graft(branch, 0, depth + 1, leaves, from, middle);
    if (middle < to) this.#graft(branch, 1, depth + 1, leaves, middle, to);
  }

  /** The record of a bucket; good until the next is read. */
  #read(path: Uint8Array, depth: number): Uint8Array {
    const record = this.#options.read(bucketName(path, depth));
    if (record === undefined) throw this.#options.damaged("a bucket is missing");
    // No Buffer: parts of one are Buffers, which take longer to make.
    return new Uint8Array(record.buffer, record.byteOffset, record.length);
  }

  /** Copies of what is only on the disk, checked. */
  *#cold(): Generator<{ key: Uint8Array; value: Uint8Array }> {
    let buckets: ColdBucket[] = [];
    let bytes = 0;
    for (const { key: name, value: record } of this.#options.readAll()) {
      const { path, depth } = parseBucketName(name);
      const id = this.directory.find(path);
      if (id === 0) throw this.#options.damaged("a bucket came from nowhere");
      const bucket = decodeBucket(new Uint8Array(record));
      if (this.#loaded.has(id)) {
        yield* this.#unread(bucket, id);
        continue;
      }
      buckets.push({ id, path, depth, ...bucket });
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
    const commitments = valueCommitments(this.hasher, values);
    let at = 0;
    for (const { id, leaves } of buckets) {
      for (let leaf = 0; leaf < leaves.length; leaf += LEAF_BYTES, at += 32) {
        const isIn = this.directory.find(paths, at) === id;
        const isPath = comparePaths(paths, at, leaves, leaf) === 0;
        if (!isIn || !isPath) throw this.#options.damaged(WRONG_KEY);
        const isCommitment = comparePaths(commitments, at, leaves, leaf + 32) === 0;
        if (!isCommitment) throw this.#options.damaged(WRONG_VALUE);
      }
    }
    const run = new HashedRun(this.hasher, { keys, values, paths, commitments });
    const hash = new Uint8Array(32);
    for (const { path, depth } of buckets) {
      run.copyHash(path, depth, hash);
      this.trie.hashAt(path, depth, this.#hash, 0);
      if (!equalBytes(hash, this.#hash)) throw this.#options.damaged(WRONG_HASH);
    }
    for (let i = 0; i < keys.length; i++) yield { key: keys[i]!, value: values[i]! };
  }

  /** What of a bucket in memory has only its leaves there. */
  *#unread(
    { leaves, keys, values }: DecodedBucket,
    id: number,
  ): Generator<{ key: Uint8Array; value: Uint8Array }> {
    const paths = pathsOf(this.hasher, keys);
    for (let i = 0; i < keys.length; i++) {
      const path = paths.subarray(32 * i, 32 * i + 32);
      const stored = leaves.subarray(LEAF_BYTES * i, LEAF_BYTES * i + 32);
      const isIn = this.directory.find(path) === id;
      if (!isIn || !equalBytes(path, stored)) throw this.#options.damaged(WRONG_KEY);
      const leaf = this.trie.find(path);
      // Deleted, or known with its key and value.
      if (leaf === 0 || (this.table.isNamed(leaf) && this.heap.get(leaf) !== undefined)) continue;
      this.#checkValue(path, values[i]!);
      yield { key: keys[i]!, value: values[i]! };
    }
  }

  /** Forgets buckets that the disk has, the longest loaded first, while there is too much. */
  #evict(): void {
    const loaded = this.#loaded;
    for (let left = EVICTIONS_MAX; left > 0; left--) {
      const bytes = this.heap.bytes + KEY_BYTES * this.table.size;
      if (bytes <= this.#options.cacheBytes) return;
      const bucket = loaded.takeFirst();
      if (bucket === 0) return;
      // What the disk does not have is looked at again after all others.
      if (loaded.changedAt(bucket) > this.merged) {
        loaded.putBack(bucket);
      } else {
        this.#forget(loaded.pathOf(bucket), loaded.depthOf(bucket));
        loaded.remove(bucket);
      }
    }
  }

  #forget(path: Uint8Array, depth: number): void {
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
