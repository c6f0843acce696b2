// Openings of binary trees (docs/machine.md section 7): leaves, and the siblings that lead from them to the
// root, level by level from the leaves up. The same siblings give the root before and, with changed leaves,
// after. Siblings that are the zero subtree of their level are a 0 in the bitmap and never given.

import { RejectionCode } from "../outcome.ts";
import { equal } from "./judge-bytes.ts";
import { keccak256, sha256 } from "./judge-hash.ts";
import type { ProofReader } from "./judge-reader.ts";
import { demand, STUCK } from "./judge-rejection.ts";

/** How a kind of tree hashes. */
export interface TreeKind {
  /** Node of a leaf. */
  readonly leaf: (leaf: Uint8Array) => Uint8Array;
  readonly pair: (left: Uint8Array, right: Uint8Array) => Uint8Array;
  /** Root of 2^level zero leaves. */
  readonly zero: (level: number) => Uint8Array;
}

function treeKind(
  hash: (...parts: Uint8Array[]) => Uint8Array,
  leaf: TreeKind["leaf"],
  leafBytes: number,
): TreeKind {
  const zeros = [leaf(new Uint8Array(leafBytes))];
  const zero = (level: number): Uint8Array => {
    while (zeros.length <= level) zeros.push(hash(zeros.at(-1)!, zeros.at(-1)!));
    return zeros[level]!;
  };
  return { leaf, pair: (left, right) => hash(left, right), zero };
}

/** Regions of the machine and `bytesRoot`: keccak over 128-byte leaves. */
export const keccakTree: TreeKind = treeKind(keccak256, (leaf) => keccak256(leaf), 128);
/** Lists of transactions and receipts: keccak over 32-byte leaves as they are. */
export const listTree: TreeKind = treeKind(keccak256, (leaf) => leaf, 32);
/** State values: sha256 over 32-byte chunks as they are. */
export const chunkTree: TreeKind = treeKind(sha256, (leaf) => leaf, 32);

/** Least d with 2^d >= count; 0 for none. */
export function leastDepth(count: number): number {
  let depth = 0;
  while (2 ** depth < count) depth++;
  return depth;
}

/** The levels of the siblings that an opening of these leaves needs, in their order. */
export function siblingLevels(depth: number, indices: readonly number[]): number[] {
  const levels: number[] = [];
  let nodes = indices;
  for (let level = 0; level < depth; level++) {
    const atHand = new Set(nodes);
    for (const node of nodes) if (!atHand.has(node ^ 1)) levels.push(level);
    nodes = [...new Set(nodes.map((node) => node >>> 1))];
  }
  return levels;
}

/** @throws Rejection SIBLING for an unused bit or a given zero subtree · TRUNCATED */
export function readSiblings(
  reader: ProofReader,
  tree: TreeKind,
  levels: readonly number[],
): Uint8Array[] {
  const given = readBitmap(reader, levels.length);
  return levels.map((level, i) => {
    if (!given[i]) return tree.zero(level);
    const sibling = reader.take(32);
    demand(!equal(sibling, tree.zero(level)), RejectionCode.SIBLING);
    return sibling;
  });
}

/** `count` bits, most significant first. @throws Rejection SIBLING for an unused bit · TRUNCATED */
export function readBitmap(reader: ProofReader, count: number): boolean[] {
  const size = Math.ceil(count / 8);
  const bytes = reader.take(size);
  const bits = Array.from(
    { length: 8 * size },
    (_, i) => ((bytes[i >> 3]! >> (7 - (i & 7))) & 1) === 1,
  );
  demand(!bits.slice(count).includes(true), RejectionCode.SIBLING);
  return bits.slice(0, count);
}

/** The root of a tree of `depth` from the nodes of leaves `indices`, ascending, and their siblings. */
export function foldTree(
  tree: TreeKind,
  depth: number,
  indices: readonly number[],
  leafNodes: readonly Uint8Array[],
  siblings: readonly Uint8Array[],
): Uint8Array {
  let nodes = new Map(indices.map((index, i) => [index, leafNodes[i]!]));
  let used = 0;
  for (let level = 0; level < depth; level++) {
    const above = new Map<number, Uint8Array>();
    for (const [index, node] of nodes) {
      if (above.has(index >>> 1)) continue;
      const other = nodes.get(index ^ 1) ?? siblings[used++]!;
      above.set(index >>> 1, index & 1 ? tree.pair(other, node) : tree.pair(node, other));
    }
    nodes = above;
  }
  return nodes.get(0)!;
}

/** Leaves of a tree that the step knows the place of: no count, no indices. */
export function readKnownLeaves(
  reader: ProofReader,
  tree: TreeKind,
  input: {
    readonly depth: number;
    readonly indices: readonly number[];
    readonly leafBytes: number;
  },
): { readonly leaves: Uint8Array[]; readonly root: Uint8Array; readonly siblings: Uint8Array[] } {
  const { depth, indices, leafBytes } = input;
  if (indices.some((index) => index >= 2 ** depth)) throw STUCK;
  const leaves = indices.map(() => reader.take(leafBytes));
  const siblings = readSiblings(reader, tree, siblingLevels(depth, indices));
  const root = foldTree(tree, depth, indices, leaves.map(tree.leaf), siblings);
  return { leaves, root, siblings };
}

/** Depth of the lists of transactions and receipts, and of that of messages. */
export const LIST_DEPTH = 20;
export const OUTBOX_DEPTH = 16;

/** The siblings of a path in a list, deepest first. @throws Rejection SIBLING · TRUNCATED */
export function readListPath(reader: ProofReader, depth = LIST_DEPTH): Uint8Array[] {
  return readSiblings(reader, listTree, siblingLevels(depth, [0]));
}

/** Root of a list whose leaf `index` is `leaf`; its depth is that of the path. */
export function listRootOf(
  index: number,
  leaf: Uint8Array,
  siblings: readonly Uint8Array[],
): Uint8Array {
  const depth = siblings.length;
  if (index >= 2 ** depth) throw STUCK;
  return foldTree(listTree, depth, [index], [leaf], siblings);
}
