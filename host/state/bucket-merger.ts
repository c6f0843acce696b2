// Writes the changes of many blocks into buckets: last value per key, in path order so that neighbours
// share pages, bucket by bucket. It reads what the disk has and never the image, which is ahead of it.
// Part of the LMDB store; what it writes must be the same whatever is in memory.

import {
  bucketName,
  type DecodedBucket,
  decodeBucket,
  type EncodedBucket,
  HashedRun,
  LEAF_BYTES,
  type PathRun,
} from "./bucket.ts";
import type { BucketDirectory } from "./bucket-directory.ts";
import { grown } from "./grown.ts";
import { KeyTable } from "./key-table.ts";
import { comparePaths, sortPaths } from "./path-order.ts";
import type { StateChanges } from "./state-changes.ts";
import type { StateHasher } from "./state-hasher.ts";
import { STATE_KEY_BYTES } from "./state-key.ts";
import { damaged } from "./store-tail.ts";
import { valueCommitments } from "./value-commitment.ts";

/** The table that buckets stand in. */
export interface BucketTable {
  get(name: Uint8Array): Uint8Array | undefined;
  put(name: Uint8Array, record: Uint8Array): unknown;
  remove(name: Uint8Array): unknown;
}

/** What came in place of a bucket of the directory, or of none (number 0). */
export interface Recut {
  readonly bucket: number;
  /** A path of it. */
  readonly path: Uint8Array;
  readonly cuts: readonly EncodedBucket[];
}

/** New values in path order; undefined deletes. */
interface SortedChanges {
  readonly keys: Uint8Array[];
  readonly values: (Uint8Array | undefined)[];
  readonly paths: Uint8Array;
}

/** A bucket that changes are for, and its values in the run of the slice. */
interface Change {
  readonly bucket: number;
  readonly path: Uint8Array;
  readonly depth: number;
  readonly name: Uint8Array;
  readonly from: number;
  readonly to: number;
}

export interface MergerOptions {
  readonly hasher: StateHasher;
  readonly directory: BucketDirectory;
  readonly table: BucketTable;
  /** The path [32] of the packed key at `offset`; it is copied at once. */
  readonly pathOf: (keys: Uint8Array, offset: number) => Uint8Array;
}

/** One merge, from `add` over `sort` to `writeSlice` until it is done. */
export class BucketMerger {
  readonly #options: MergerOptions;
  readonly #keys = new KeyTable();
  readonly #values: (Uint8Array | undefined)[] = [];
  #sorted: SortedChanges = { keys: [], values: [], paths: new Uint8Array(0) };
  #next = 0;

  constructor(options: MergerOptions) {
    this.#options = options;
  }

  /** Changes of the next block; later ones win. The values are kept, not copied. */
  add({ keys, values }: StateChanges): void {
    for (let i = 0; i < values.length; i++) {
      const index = this.#keys.findPacked(keys, i * STATE_KEY_BYTES) || this.#keys.add();
      this.#values[index] = values[i];
    }
  }

  sort(): void {
    const count = this.#keys.end - 1;
    const keys: Uint8Array[] = [];
    const unsorted = new Uint8Array(32 * count);
    for (let i = 0; i < count; i++) {
      const key = this.#keys.keyAt(i + 1);
      keys.push(key);
      unsorted.set(this.#options.pathOf(key, 0), 32 * i);
    }
    const { paths, order } = sortPaths(unsorted, count);
    this.#sorted = {
      keys: Array.from(order, (i) => keys[i]!),
      values: Array.from(order, (i) => this.#values[i + 1]),
      paths,
    };
  }

  get isDone(): boolean {
    return this.#next === this.#sorted.keys.length;
  }

  /** Writes whole buckets until `keys` changes are in; to be called in a transaction. */
  writeSlice(keys: number): Recut[] {
    const { directory, table, hasher } = this.#options;
    const { paths, keys: all } = this.#sorted;
    const run = new RunBuilder();
    const changes: Change[] = [];
    const stop = Math.min(this.#next + keys, all.length);
    while (this.#next < stop) {
      const first = this.#next;
      const bucket = directory.find(paths, 32 * first);
      const { slot, depth } = directory;
      let end = first + 1;
      while (end < all.length && this.#isIn(slot, end)) end++;
      this.#next = end;
      const path = paths.slice(32 * first, 32 * first + 32);
      const name = bucketName(path, depth);
      const from = run.keys.length;
      const record = bucket === 0 ? undefined : table.get(name);
      if (bucket !== 0 && record === undefined) throw damaged("a bucket is missing");
      this.#mergeInto(run, record, first, end);
      changes.push({ bucket, path, depth, name, from, to: run.keys.length });
    }
    // All at once: hashing a thousand nodes in one call costs what thirty cost alone.
    const hashed = new HashedRun(hasher, run.finish(hasher));
    return changes.map(({ bucket, path, depth, name, from, to }) => {
      const cuts = hashed.cut(from, to, depth);
      if (bucket !== 0 && cuts[0]?.depth !== depth) table.remove(name);
      for (const cut of cuts) table.put(bucketName(cut.path, cut.depth), cut.record);
      return { bucket, path, cuts };
    });
  }

  #isIn(slot: number, change: number): boolean {
    const { directory } = this.#options;
    directory.find(this.#sorted.paths, 32 * change);
    return directory.slot === slot;
  }

  /** Appends the values of a record with changes [first, end) over them, in path order. */
  #mergeInto(run: RunBuilder, record: Uint8Array | undefined, first: number, end: number): void {
    const changes = this.#sorted;
    const old = record === undefined ? NO_BUCKET : decodeBucket(record);
    let i = 0;
    for (let k = first; k < end; k++) {
      for (; i < old.keys.length; i++) {
        const order = comparePaths(old.leaves, LEAF_BYTES * i, changes.paths, 32 * k);
        if (order > 0) break;
        if (order < 0) run.keep(old, i);
      }
      const value = changes.values[k];
      if (value !== undefined) run.add(changes.keys[k]!, value, changes.paths, 32 * k);
    }
    for (; i < old.keys.length; i++) run.keep(old, i);
  }
}

const NO_BUCKET: DecodedBucket = { leaves: new Uint8Array(0), keys: [], values: [] };

/** A run that grows at its end. */
class RunBuilder {
  readonly keys: Uint8Array[] = [];
  readonly #values: Uint8Array[] = [];
  /** Places of values that have no commitment yet. */
  readonly #fresh: number[] = [];
  #paths = new Uint8Array(32 * 1024);
  #commitments = new Uint8Array(32 * 1024);

  /** A new value. */
  add(key: Uint8Array, value: Uint8Array, paths: Uint8Array, offset: number): void {
    this.#fresh.push(this.#push(key, value, paths, offset));
  }

  /** Value `i` of a bucket as it is. */
  keep(bucket: DecodedBucket, i: number): void {
    const leaf = LEAF_BYTES * i;
    const place = this.#push(bucket.keys[i]!, bucket.values[i]!, bucket.leaves, leaf);
    for (let k = 0; k < 32; k++) {
      this.#commitments[32 * place + k] = bucket.leaves[leaf + 32 + k]!;
    }
  }

  finish(hasher: StateHasher): PathRun {
    const fresh = valueCommitments(
      hasher,
      this.#fresh.map((place) => this.#values[place]!),
    );
    this.#fresh.forEach((place, k) => {
      this.#commitments.set(fresh.subarray(32 * k, 32 * k + 32), 32 * place);
    });
    const bytes = 32 * this.keys.length;
    return {
      keys: this.keys,
      values: this.#values,
      paths: this.#paths.subarray(0, bytes),
      commitments: this.#commitments.subarray(0, bytes),
    };
  }

  #push(key: Uint8Array, value: Uint8Array, paths: Uint8Array, offset: number): number {
    const place = this.keys.length;
    if (32 * place === this.#paths.length) {
      this.#paths = grown(this.#paths);
      this.#commitments = grown(this.#commitments);
    }
    for (let i = 0; i < 32; i++) this.#paths[32 * place + i] = paths[offset + i]!;
    this.keys.push(key);
    this.#values.push(value);
    return place;
  }
}
