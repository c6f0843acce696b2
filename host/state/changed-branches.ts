// The branches of a trie that are to be hashed again, by depth, and their hashing: deepest level first, one
// call of the hasher for many of a level. Part of trie.ts, which owns the arena that the hashes stand in.

import { grown } from "./grown.ts";
import { copyWords, HASH_WORDS } from "./hash-words.ts";
import { DEPTH_MAX } from "./path-bits.ts";
import { HANDFUL, Handful, type StateHasher } from "./state-hasher.ts";

const FIRST_NODES = 64;
const HASH_BATCH = 2048;

/** Branches by number, each with the slot that holds its hash. */
export class ChangedBranches {
  #flags = new Uint8Array(FIRST_NODES);
  readonly #counts = new Int32Array(DEPTH_MAX);
  readonly #nodes: number[][] = Array.from({ length: DEPTH_MAX }, () => []);
  readonly #slots: number[][] = Array.from({ length: DEPTH_MAX }, () => []);
  #deepest = -1;
  readonly #hasher: StateHasher;
  readonly #input = new Int32Array(HASH_BATCH * 2 * HASH_WORDS);
  readonly #output = new Int32Array(HASH_BATCH * HASH_WORDS);
  readonly #inputBytes = new Uint8Array(this.#input.buffer);
  readonly #outputBytes = new Uint8Array(this.#output.buffer);
  readonly #few = new Handful(this.#inputBytes, this.#outputBytes);

  constructor(hasher: StateHasher) {
    this.#hasher = hasher;
  }

  has(node: number): boolean {
    return this.#flags[node] === 1;
  }

  /** Adds a branch at `depth` whose hash stands in `slot`. */
  add(node: number, depth: number, slot: number): void {
    if (node >= this.#flags.length) this.#flags = grown(this.#flags, node + 1);
    this.#flags[node] = 1;
    const at = this.#counts[depth]!;
    this.#nodes[depth]![at] = node;
    this.#slots[depth]![at] = slot;
    this.#counts[depth] = at + 1;
    if (depth > this.#deepest) this.#deepest = depth;
  }

  /** Forgets a branch that is no more. Its number must not be given out again before all are hashed. */
  drop(node: number): void {
    this.#flags[node] = 0;
  }

  /** Hashes those at depth `least` and below it, in the arena `hashes`. */
  hash(hashes: Int32Array, least: number): void {
    for (let depth = this.#deepest; depth >= least; depth--) {
      const nodes = this.#nodes[depth]!;
      const slots = this.#slots[depth]!;
      // The lists keep their memory: the next marks overwrite them.
      const count = this.#counts[depth]!;
      for (let from = 0; from < count; from += HASH_BATCH) {
        this.#hashBatch(hashes, nodes, slots, from, Math.min(count, from + HASH_BATCH));
      }
      this.#counts[depth] = 0;
    }
    this.#deepest = Math.min(this.#deepest, least - 1);
  }

  #hashBatch(hashes: Int32Array, nodes: number[], slots: number[], from: number, to: number): void {
    const flags = this.#flags;
    const input = this.#input;
    const output = this.#output;
    let count = 0;
    for (let i = from; i < to; i++) {
      const node = nodes[i]!;
      if (flags[node] === 0) continue;
      const at = 2 * HASH_WORDS * node;
      const inputAt = 2 * HASH_WORDS * count;
      copyWords(hashes, at, input, inputAt);
      copyWords(hashes, at + HASH_WORDS, input, inputAt + HASH_WORDS);
      count++;
    }
    if (count === 0) return;
    if (count <= HANDFUL) this.#hasher.hashFew(this.#few, count);
    else this.#hasher.hashPairs(this.#inputBytes, this.#outputBytes, count);
    count = 0;
    for (let i = from; i < to; i++) {
      const node = nodes[i]!;
      if (flags[node] === 0) continue;
      flags[node] = 0;
      this.#outputBytes[count * 32]! &= 0x7f;
      copyWords(output, HASH_WORDS * count, hashes, HASH_WORDS * slots[i]!);
      count++;
    }
  }
}
