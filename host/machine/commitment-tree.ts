// A commitment to a sequence of state hashes (DESIGN 11): a keccak tree of fixed depth whose last leaf stands for
// all places behind it, so that the tail of a halted run costs nothing. A dispute walks it four levels at a
// time. It holds hashes and knows nothing of what they stand for.
import { keccak256Pair } from "../codec/keccak.ts";
import { assert } from "../errors.ts";

const HASH_BYTES = 32;
/** A state after every step of a stride, and a state after every stride. */
export const COMMITMENT_DEPTH = 16;
const DEPTH_MAX = 20;

/** Nodes of one level: those that differ, and the one that all others behind them equal. */
interface Level {
  /** 32 bytes each. */
  readonly nodes: Uint8Array;
  readonly rest: Uint8Array;
}

export class CommitmentTree {
  readonly depth: number;
  /** From the leaves up; the last one holds the root alone. */
  readonly #levels: readonly Level[];

  /**
   * `leaves` are 1 to 2^depth hashes of 32 bytes, the first places of the sequence; those that are not
   * given are as the last one.
   */
  constructor(leaves: Uint8Array, depth = COMMITMENT_DEPTH) {
    const count = leaves.length / HASH_BYTES;
    assert(depth >= 0 && depth <= DEPTH_MAX, "a commitment is at most 20 levels deep");
    assert(Number.isInteger(count) && count >= 1 && count <= 2 ** depth, "leaves fill a tree");
    this.depth = depth;
    const levels: Level[] = [{ nodes: leaves, rest: leaves.slice(-HASH_BYTES) }];
    for (let level = 0; level < depth; level++) levels.push(levelAbove(levels[level]!));
    this.#levels = levels;
  }

  /** [32] */
  get root(): Uint8Array {
    return this.node(0, 0);
  }

  /** Node `index` at `depth` below the root [32]. */
  node(depth: number, index: number): Uint8Array {
    assert(depth >= 0 && depth <= this.depth, "a node lies within its tree");
    assert(index >= 0 && index < 2 ** depth, "a node lies within its level");
    const { nodes, rest } = this.#levels[this.depth - depth]!;
    const at = HASH_BYTES * index;
    return at < nodes.length ? nodes.slice(at, at + HASH_BYTES) : rest;
  }

  /** Leaf `index` [32]. */
  leaf(index: number): Uint8Array {
    return this.node(this.depth, index);
  }

  /** The 2^levels nodes that stand `levels` below node `index` at `depth`, one after the other. */
  children(depth: number, index: number, levels = 4): Uint8Array {
    const count = 2 ** levels;
    const children = new Uint8Array(HASH_BYTES * count);
    for (let i = 0; i < count; i++) {
      children.set(this.node(depth + levels, index * count + i), HASH_BYTES * i);
    }
    return children;
  }

  /** Siblings of leaf `index`, from the leaf up, 32 bytes for each level. */
  path(index: number): Uint8Array {
    const siblings = new Uint8Array(HASH_BYTES * this.depth);
    for (let level = 0; level < this.depth; level++) {
      const sibling = Math.floor(index / 2 ** level) ^ 1;
      siblings.set(this.node(this.depth - level, sibling), HASH_BYTES * level);
    }
    return siblings;
  }
}

function levelAbove({ nodes, rest }: Level): Level {
  const count = Math.ceil(nodes.length / (2 * HASH_BYTES));
  const above = new Uint8Array(HASH_BYTES * count);
  for (let i = 0; i < count; i++) {
    const at = 2 * HASH_BYTES * i;
    const left = nodes.subarray(at, at + HASH_BYTES);
    const right = nodes.subarray(at + HASH_BYTES, at + 2 * HASH_BYTES);
    above.set(keccak256Pair(left, right.length === 0 ? rest : right), HASH_BYTES * i);
  }
  return { nodes: above, rest: keccak256Pair(rest, rest) };
}
