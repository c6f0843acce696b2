// The memory that a trie stands in: paths of leaves, and branches with what is below them. Part of trie.ts,
// which alone knows what it means. It may lie in memory that threads share, so that one thread goes on with a
// trie where another stopped: then the fields here are all that it is between two batches of changes.

import { alignedWords, bytesOf } from "./cache-lines.ts";
import { HASH_WORDS } from "./hash-words.ts";
import { PATH_BYTES } from "./state-key.ts";

const FIRST_NODES = 64;

/** The arrays of an arena. */
export type TrieArrays = Pick<TrieArena, "paths" | "refs" | "hashes">;

/** Arrays that grow: each is replaced then, so read the fields anew each time. */
export class TrieArena {
  /** By leaf, 32 bytes each. */
  paths: Uint8Array;
  /**
   * A slot is one side of a branch: slot = 2 × branch + side. `refs` has one word per slot and stays small
   * enough for the caches that walks live on; `hashes` has 8 words per slot, so that the two of a branch are
   * its preimage, one cache line, and a leaf moves up by copying 8 words. Branch 0 is none: slot 0 holds the
   * root.
   */
  refs: Int32Array;
  hashes: Int32Array;
  /** Those of `hashes`. */
  hashBytes: Uint8Array;
  /** One more than the highest branch that was ever made. */
  nodeEnd = 1;
  /** First of the free branches, each of which has the next one in its first slot; 0 for none. */
  freeNode = 0;
  readonly #isShared: boolean;

  /** Of an empty trie; `room` is how many leaves and branches it is made for. */
  constructor(isShared: boolean, room = 0) {
    this.#isShared = isShared;
    const nodes = Math.max(FIRST_NODES, room);
    this.paths = bytesOf(this.#words((nodes * PATH_BYTES) / 4));
    this.refs = this.#words(nodes * 2);
    this.hashes = this.#words(nodes * 2 * HASH_WORDS);
    this.hashBytes = bytesOf(this.hashes);
  }

  /** Goes on with arrays that another thread made to replace these. */
  adopt({ paths, refs, hashes }: Partial<TrieArrays>): void {
    if (paths !== undefined) this.paths = paths;
    if (refs !== undefined) this.refs = refs;
    if (hashes === undefined) return;
    this.hashes = hashes;
    this.hashBytes = bytesOf(hashes);
  }

  /** Room for the path of a leaf. */
  makeRoom(leaf: number): void {
    const end = (leaf + 1) * PATH_BYTES;
    if (end <= this.paths.length) return;
    const grown = bytesOf(this.#words(Math.max(this.paths.length * 2, end) / 4));
    grown.set(this.paths);
    this.paths = grown;
  }

  /** A branch with two empty sides. */
  newNode(): number {
    const reused = this.freeNode;
    if (reused !== 0) {
      this.freeNode = this.refs[2 * reused]!;
      this.refs.fill(0, 2 * reused, 2 * reused + 2);
      this.hashes.fill(0, 2 * reused * HASH_WORDS, (2 * reused + 2) * HASH_WORDS);
      return reused;
    }
    const node = this.nodeEnd++;
    if (2 * node >= this.refs.length) {
      this.adopt({ refs: this.#doubled(this.refs), hashes: this.#doubled(this.hashes) });
    }
    return node;
  }

  /** Takes a branch back. */
  free(node: number): void {
    this.refs[2 * node] = this.freeNode;
    this.freeNode = node;
  }

  #words(length: number): Int32Array {
    return alignedWords(length, this.#isShared);
  }

  #doubled(words: Int32Array): Int32Array {
    const doubled = this.#words(2 * words.length);
    doubled.set(words);
    return doubled;
  }
}
