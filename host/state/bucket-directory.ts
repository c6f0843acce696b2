// Which part of a state is in which record of the disk: a binary tree over path bits whose leaves are
// buckets. It says where the disk is cut, which is no part of the state: two nodes with the same root may
// cut differently. Part of the LMDB store; it must never be asked what a bucket holds.

import { grown } from "./grown.ts";
import { bitAt } from "./path-bits.ts";

const FIRST_NODES = 64;

/** Finds the bucket of a path; buckets are numbered from 1. */
export class BucketDirectory {
  /** Bits of the prefix at which the last `find` ended. */
  depth = 0;
  /** Place where the last `find` ended: equal for paths of one bucket, or of one part without any. */
  slot = 0;
  /** One word per slot, slot = 2 × node + bit; slot 0 is the top. Positive: node, negative: bucket. */
  #refs = new Int32Array(2 * FIRST_NODES);
  #nodeEnd = 1;
  /** The bucket made last: so many were made, those forgotten since among them. */
  lastBucket = 0;

  /** The bucket whose prefix a path begins with, or 0 where nothing is stored; see `depth`. */
  find(path: Uint8Array, offset = 0): number {
    const refs = this.#refs;
    let slot = 0;
    let depth = 0;
    for (let ref = refs[0]!; ref > 0; ref = refs[slot]!) {
      slot = 2 * ref + bitAt(path, offset, depth);
      depth++;
    }
    this.depth = depth;
    this.slot = slot;
    const ref = refs[slot]!;
    return ref === 0 ? 0 : -ref;
  }

  /** Makes a bucket of the first `depth` bits of a path, below which nothing is stored; its number. */
  add(path: Uint8Array, depth: number, offset = 0): number {
    this.find(path, offset);
    for (let level = this.depth; level < depth; level++) {
      const node = this.#newNode();
      this.#refs[this.slot] = node;
      this.slot = 2 * node + bitAt(path, offset, level);
    }
    this.#refs[this.slot] = -++this.lastBucket;
    return this.lastBucket;
  }

  /** Forgets the bucket of a path. */
  remove(path: Uint8Array, offset = 0): void {
    this.find(path, offset);
    this.#refs[this.slot] = 0;
  }

  #newNode(): number {
    const node = this.#nodeEnd++;
    if (2 * node >= this.#refs.length) this.#refs = grown(this.#refs);
    return node;
  }
}
