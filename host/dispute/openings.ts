// What a command shows of a commitment (docs/dispute.md section 1): the children of a node, a leaf with its path, and
// the halted machine behind a last leaf. Nothing here knows of matches or clocks. What does not hash to what it must
// hash to throws; there is no other way to be wrong.
import { isSameResult } from "../chain/result.ts";
import { equalBytes } from "../codec/hex.ts";
import { keccak256, keccak256Pair } from "../codec/keccak.ts";
import { listRoot, verifyListProof } from "../codec/trees.ts";
import { assert, type EngineError } from "../errors.ts";
import { type HaltedEnd, refusal } from "./command.ts";
import { type CommitmentShape, childDepth, leafCount, treeDepth } from "./commitment-shape.ts";
import { decodeHeader, isWellFormed, REGION_DEPTHS, Region, Status } from "./judge-header.ts";
import { foldTree, keccakTree, type TreeKind } from "./judge-openings.ts";
import { resultOfRun } from "./judge-run.ts";

/** Leaves of the host record that hold a result (docs/machine.md section 2). */
const RESULT_LEAVES = [0, 9] as const;
const RECORD_LEAVES = 16;
const LEAF_BYTES = 128;
/** The tree of regions, hashed by the codec: the judge's own hash is written for reading. */
const recordTree: TreeKind = { ...keccakTree, leaf: keccak256, pair: keccak256Pair };

/** Bytes [size] number `index` of joined ones. */
function partOf(joined: Uint8Array, index: number, size: number): Uint8Array {
  return joined.subarray(size * index, size * index + size);
}

/** Child [32] of joined children. */
export function childAt(children: Uint8Array, index: number): Uint8Array {
  return partOf(children, index, 32);
}

/** @throws DISPUTE_CHILDREN unless the joined children hash to `node` */
export function checkChildren(
  shape: CommitmentShape,
  children: Uint8Array,
  node: Uint8Array,
  field: string,
): void {
  const nodes = Array.from({ length: shape.arity }, (_, i) => childAt(children, i));
  if (equalBytes(listRoot(childDepth(shape), nodes), node)) return;
  throw refusal("DISPUTE_CHILDREN", field, `the ${shape.arity} hashes do not lead to the node`);
}

/** Index of the first child in which two nodes differ. There is one, since the nodes differ. */
export function firstDifference(shape: CommitmentShape, a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < shape.arity; i++) {
    if (!equalBytes(childAt(a, i), childAt(b, i))) return i;
  }
  assert(false, "nodes that differ have a child that differs");
}

/** @throws `code` unless `leaf` is leaf `index` below `root` */
export function checkLeaf(
  shape: CommitmentShape,
  opening: {
    readonly root: Uint8Array;
    readonly index: number;
    readonly leaf: Uint8Array;
    readonly path: Uint8Array;
  },
  code: EngineError["code"],
  field: string,
): void {
  const { root, index, leaf, path } = opening;
  if (verifyListProof(treeDepth(shape), root, index, leaf, path)) return;
  throw refusal(code, field, `the path does not lead from leaf ${index} to the claimed root`);
}

/**
 * Checks how a claim of level A ends and gives its last leaf.
 * @throws DISPUTE_LAST_LEAF, DISPUTE_NOT_HALTED, DISPUTE_RESULT
 */
export function checkHaltedEnd(
  shape: CommitmentShape,
  root: Uint8Array,
  end: HaltedEnd,
): Uint8Array {
  const leaf = keccak256(end.header);
  const index = leafCount(shape) - 1;
  checkLeaf(shape, { root, index, leaf, path: end.path }, "DISPUTE_LAST_LEAF", "end.path");
  const header = decodeHeader(end.header);
  if (header.status !== Status.halted || !isWellFormed(header)) {
    throw refusal("DISPUTE_NOT_HALTED", "end.header", `got status ${header.status}, expected 2`);
  }
  const leaves = RESULT_LEAVES.map((_, i) => partOf(end.recordLeaves, i, LEAF_BYTES));
  const siblings = Array.from({ length: end.recordSiblings.length / 32 }, (_, i) =>
    childAt(end.recordSiblings, i),
  );
  const nodes = leaves.map(recordTree.leaf);
  const depth = REGION_DEPTHS[Region.record];
  const recordRoot = foldTree(recordTree, depth, RESULT_LEAVES, nodes, siblings);
  if (!equalBytes(recordRoot, header.roots[Region.record]!)) {
    const message = "the leaves do not lead to the header's host record root";
    throw refusal("DISPUTE_LAST_LEAF", "end.recordLeaves", message);
  }
  const record: Uint8Array[] = Array.from(
    { length: RECORD_LEAVES },
    () => new Uint8Array(LEAF_BYTES),
  );
  RESULT_LEAVES.forEach((place, i) => {
    record[place] = leaves[i]!;
  });
  const held = resultOfRun({ header, record })!;
  if (!isSameResult(held, end.result)) {
    throw refusal("DISPUTE_RESULT", "end.result", "the halted machine holds another result");
  }
  return leaf;
}
