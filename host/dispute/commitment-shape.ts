// The shape of a dispute (docs/dispute.md section 1): how wide and deep the trees are that claims commit to, and
// how many levels of them lead from a whole block to one step. Everything below reads it from here, so that a game
// of four states and one of 2^32 steps run through the same code. The judge knows nothing of it.
import { assert } from "../errors.ts";

export interface CommitmentShape {
  /** Children that one move shows. A power of two, at least 2. */
  readonly arity: number;
  /** Moves until the first differing leaf of a level is known: a tree has arity^moves leaves. */
  readonly moves: number;
  /** 2: the leaves of level A are strides apart, those of level B one step. 1: level A is one step apart. */
  readonly levels: 1 | 2;
}

/** 16-ary trees of depth 16: 2^16 strides of 2^16 steps, four moves per level. */
export const PRODUCTION_SHAPE: CommitmentShape = { arity: 16, moves: 4, levels: 2 };

/** Binary levels from a node to the children that one move shows. */
export function childDepth({ arity }: CommitmentShape): number {
  const depth = Math.log2(arity);
  assert(Number.isInteger(depth) && depth >= 1, "an arity is a power of two");
  return depth;
}

/** Binary depth of one tree: 16. */
export function treeDepth(shape: CommitmentShape): number {
  return childDepth(shape) * shape.moves;
}

/** Leaves of one tree: 65,536. */
export function leafCount({ arity, moves }: CommitmentShape): number {
  return arity ** moves;
}

/** Machine steps from one leaf to the next at a level: 65,536 at level 0, one at the last level. */
export function strideOf(shape: CommitmentShape, level: number): bigint {
  return BigInt(leafCount(shape)) ** BigInt(shape.levels - 1 - level);
}

/** Whether neighbouring leaves of a level are one step apart. */
export function isLastLevel({ levels }: CommitmentShape, level: number): boolean {
  return level === levels - 1;
}
