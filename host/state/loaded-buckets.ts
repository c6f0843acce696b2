// The buckets of a disk image that are in memory, in the order in which they came. Columns instead of objects:
// hundreds of thousands of them would be what the garbage collector is busy with.

import { assert } from "../errors.ts";
import { grown } from "./grown.ts";
import { PATH_BYTES } from "./state-key.ts";

const FIRST_ROOM = 64;

/**
 * Buckets by number, from 1. One that is removed without `takeFirst` must not be added again: its number still
 * stands in the ring.
 */
export class LoadedBuckets {
  /** By bucket, as long as the greatest number: its place in the columns, 0 where it is not in memory. */
  #places = new Int32Array(FIRST_ROOM);
  #paths = new Uint8Array(FIRST_ROOM * PATH_BYTES);
  #depths = new Uint8Array(FIRST_ROOM);
  #changed = new Float64Array(FIRST_ROOM);
  #placeEnd = 1;
  readonly #free: number[] = [];
  /** Numbers from the one that came first, those removed since among them: a ring. */
  #queue = new Int32Array(FIRST_ROOM);
  #first = 0;
  /** Numbers in the ring. */
  #queued = 0;

  has(bucket: number): boolean {
    return this.#places[bucket]! > 0;
  }

  /** Adds a bucket with the first `depth` bits of a path, which are copied, last changed at a height. */
  add(bucket: number, path: Uint8Array, depth: number, changed: number): void {
    const place = this.#free.pop() ?? this.#placeEnd++;
    if (bucket >= this.#places.length) this.#places = grown(this.#places, bucket + 1);
    if (place >= this.#depths.length) {
      this.#paths = grown(this.#paths);
      this.#depths = grown(this.#depths);
      this.#changed = grown(this.#changed);
    }
    this.#places[bucket] = place;
    for (let i = 0; i < PATH_BYTES; i++) this.#paths[PATH_BYTES * place + i] = path[i]!;
    this.#depths[place] = depth;
    this.#changed[place] = changed;
    this.putBack(bucket);
  }

  /** Forgets a bucket that is in memory. */
  remove(bucket: number): void {
    assert(this.has(bucket), "a bucket in memory is forgotten");
    this.#free.push(this.#places[bucket]!);
    this.#places[bucket] = 0;
  }

  /** The path of a bucket; a view, good until the next is added. */
  pathOf(bucket: number): Uint8Array {
    const at = PATH_BYTES * this.#places[bucket]!;
    return this.#paths.subarray(at, at + PATH_BYTES);
  }

  /** Bits of the path that all paths in the bucket begin with. */
  depthOf(bucket: number): number {
    return this.#depths[this.#places[bucket]!]!;
  }

  /** Height of the last block that changed a bucket; no block below it is enough to forget it. */
  changedAt(bucket: number): number {
    return this.#changed[this.#places[bucket]!]!;
  }

  setChanged(bucket: number, height: number): void {
    this.#changed[this.#places[bucket]!] = height;
  }

  /** The bucket that came first, 0 where there is none. It is to be removed, or put back behind all others. */
  takeFirst(): number {
    while (this.#queued > 0) {
      const bucket = this.#queue[this.#first]!;
      this.#first = (this.#first + 1) % this.#queue.length;
      this.#queued--;
      if (this.has(bucket)) return bucket;
    }
    return 0;
  }

  /** Puts a bucket that was taken, or is new, behind all others. */
  putBack(bucket: number): void {
    if (this.#queued === this.#queue.length) this.#makeRoom();
    this.#queue[(this.#first + this.#queued) % this.#queue.length] = bucket;
    this.#queued++;
  }

  /** Drops from the full ring what was removed, and makes it longer where that is little. */
  #makeRoom(): void {
    const { length } = this.#queue;
    const inOrder = Int32Array.from({ length }, (_, i) => this.#queue[(this.#first + i) % length]!);
    const left = inOrder.filter((bucket) => this.has(bucket));
    this.#queue = new Int32Array(2 * left.length > length ? 2 * length : length);
    this.#queue.set(left);
    this.#first = 0;
    this.#queued = left.length;
  }
}
