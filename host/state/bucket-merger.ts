// Writes the changes of many blocks into buckets: last value per key, in path order so that neighbours
// share pages, bucket by bucket. It reads what the disk has and never the image, which is ahead of it.
// Part of the LMDB store; what it writes must be the same whatever is in memory.

import {
  bucketName,
  cutBuckets,
  decodeBucket,
  type EncodedBucket,
  type PathRun,
  pathsOf,
} from "./bucket.ts";
import type { BucketDirectory } from "./bucket-directory.ts";
import { KeyTable } from "./key-table.ts";
import { pathOrder } from "./path-order.ts";
import type { StateChanges } from "./state-changes.ts";
import type { StateHasher } from "./state-hasher.ts";
import { STATE_KEY_BYTES } from "./state-key.ts";

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

/** One merge, from `add` over `sort` to `writeSlice` until it is done. */
export class BucketMerger {
  readonly #hasher: StateHasher;
  readonly #directory: BucketDirectory;
  readonly #table: BucketTable;
  readonly #keys = new KeyTable();
  readonly #values: (Uint8Array | undefined)[] = [];
  #sorted: SortedChanges = { keys: [], values: [], paths: new Uint8Array(0) };
  #next = 0;

  constructor(hasher: StateHasher, directory: BucketDirectory, table: BucketTable) {
    this.#hasher = hasher;
    this.#directory = directory;
    this.#table = table;
  }

  /** Changes of the next block; later ones win. The values are kept, not copied. */
  add({ keys, values }: StateChanges): void {
    for (let i = 0; i < values.length; i++) {
      const index = this.#keys.findPacked(keys, i * STATE_KEY_BYTES) || this.#keys.add();
      this.#values[index] = values[i];
    }
  }

  sort(): void {
    const keys: Uint8Array[] = [];
    for (let index = 1; index < this.#keys.end; index++) {
      const key = new Uint8Array(STATE_KEY_BYTES);
      this.#keys.copyKey(index, key, 0);
      keys.push(key);
    }
    this.#sorted = sortByPath(this.#hasher, keys, this.#values.slice(1));
  }

  get isDone(): boolean {
    return this.#next === this.#sorted.keys.length;
  }

  /** Writes whole buckets until `keys` changes are in; to be called in a transaction. */
  writeSlice(keys: number): Recut[] {
    const { paths, keys: all } = this.#sorted;
    const recuts: Recut[] = [];
    const stop = this.#next + keys;
    while (this.#next < Math.min(stop, all.length)) {
      const from = this.#next;
      const bucket = this.#directory.find(paths, 32 * from);
      const { slot, depth } = this.#directory;
      let to = from + 1;
      while (to < all.length && this.#isIn(slot, to)) to++;
      this.#next = to;
      const path = paths.slice(32 * from, 32 * from + 32);
      recuts.push({ bucket, path, cuts: this.#write(bucket, path, depth, from, to) });
    }
    return recuts;
  }

  #isIn(slot: number, change: number): boolean {
    this.#directory.find(this.#sorted.paths, 32 * change);
    return this.#directory.slot === slot;
  }

  #write(
    bucket: number,
    path: Uint8Array,
    depth: number,
    from: number,
    to: number,
  ): EncodedBucket[] {
    const name = bucketName(path, depth);
    const record = bucket === 0 ? undefined : this.#table.get(name);
    const run = this.#mergeRun(record, from, to);
    const cuts = cutBuckets(this.#hasher, run, depth);
    if (record !== undefined && cuts[0]?.depth !== depth) this.#table.remove(name);
    for (const cut of cuts) this.#table.put(bucketName(cut.path, cut.depth), cut.record);
    return cuts;
  }

  /** The values of a record with changes [from, to) over them, in path order. */
  #mergeRun(record: Uint8Array | undefined, from: number, to: number): PathRun {
    const changes = this.#sorted;
    const old = record === undefined ? { keys: [], values: [] } : decodeBucket(record);
    const oldPaths = pathsOf(this.#hasher, old.keys);
    const keys: Uint8Array[] = [];
    const values: Uint8Array[] = [];
    const paths = new Uint8Array(32 * (old.keys.length + to - from));
    const take = (key: Uint8Array, value: Uint8Array, source: Uint8Array, at: number): void => {
      paths.set(source.subarray(32 * at, 32 * at + 32), 32 * keys.length);
      keys.push(key);
      values.push(value);
    };
    let i = 0;
    for (let k = from; k < to; k++) {
      let order = -1;
      while (i < old.keys.length && (order = comparePaths(oldPaths, i, changes.paths, k)) < 0) {
        take(old.keys[i]!, old.values[i]!, oldPaths, i);
        i++;
      }
      if (i < old.keys.length && order === 0) i++;
      const value = changes.values[k];
      if (value !== undefined) take(changes.keys[k]!, value, changes.paths, k);
    }
    for (; i < old.keys.length; i++) take(old.keys[i]!, old.values[i]!, oldPaths, i);
    return { keys, values, paths: paths.subarray(0, 32 * keys.length) };
  }
}

function comparePaths(a: Uint8Array, i: number, b: Uint8Array, k: number): number {
  for (let at = 0; at < 32; at++) {
    const difference = a[32 * i + at]! - b[32 * k + at]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Keys and their values in the order of their paths. */
export function sortByPath<Value>(
  hasher: StateHasher,
  keys: readonly Uint8Array[],
  values: readonly Value[],
): { keys: Uint8Array[]; values: Value[]; paths: Uint8Array } {
  const unsorted = pathsOf(hasher, keys);
  const order = pathOrder(unsorted, keys.length);
  const paths = new Uint8Array(unsorted.length);
  order.forEach((from, to) => {
    paths.set(unsorted.subarray(32 * from, 32 * from + 32), 32 * to);
  });
  return {
    keys: Array.from(order, (i) => keys[i]!),
    values: Array.from(order, (i) => values[i]!),
    paths,
  };
}
