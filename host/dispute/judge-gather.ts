// Gathers (docs/machine.md section 4): host calls that take bytes from memory hash them one unit of 128 bytes
// a step. `resume` counts the units done; the roots of finished subtrees wait in the frontier of the record,
// one per level, until their neighbour comes. The result is the root that hashing all bytes at once gives.
import { readMemory, type StepAccess } from "./judge-access.ts";
import { concat } from "./judge-bytes.ts";
import { chunkTree, foldTree, keccakTree, leastDepth, type TreeKind } from "./judge-openings.ts";
import { bytesOf, type Field, setBytes } from "./judge-record.ts";
import { STUCK } from "./judge-rejection.ts";

const UNIT_BYTES = 128;
const FRONTIER_LEAF = 4;
const FRONTIER_NODES = 9;

/** How the units of a gather are hashed and joined. */
interface GatherKind {
  /** Node of one unit's bytes; `isOnly` where there is no other. */
  readonly unit: (bytes: Uint8Array, isOnly: boolean) => Uint8Array;
  readonly pair: TreeKind["pair"];
  /** Root of 2^level units of zeros. */
  readonly zero: TreeKind["zero"];
}

const padded = (bytes: Uint8Array, length: number): Uint8Array =>
  concat(bytes, new Uint8Array(length - bytes.length));

/** Outputs, events, inputs of sub-calls: a `bytesRoot` tree. */
export const bytesGather: GatherKind = {
  unit: (bytes) => keccakTree.leaf(padded(bytes, UNIT_BYTES)),
  pair: keccakTree.pair,
  zero: keccakTree.zero,
};

/** Root of the first 2^depth chunks of a unit. */
function chunksOfUnit(bytes: Uint8Array, depth: number): Uint8Array {
  const indices = Array.from({ length: 2 ** depth }, (_, i) => i);
  const all = padded(bytes, UNIT_BYTES);
  const chunks = indices.map((i) => all.slice(32 * i, 32 * i + 32));
  return foldTree(chunkTree, depth, indices, chunks, []);
}

/** State values: a unit is four chunks, two levels of the value's tree. */
export const valueGather: GatherKind = {
  unit: (bytes, isOnly) =>
    chunksOfUnit(bytes, isOnly ? leastDepth(Math.ceil(bytes.length / 32)) : 2),
  pair: chunkTree.pair,
  zero: (level) => chunkTree.zero(level + 2),
};

function frontier(level: number): Field {
  if (level >= FRONTIER_NODES) throw STUCK;
  return [FRONTIER_LEAF + Math.floor(level / 4), 32 * (level % 4), 32];
}

/** Takes the next unit of memory [at, at + length); the root where it was the last, else undefined. */
export function gatherUnit(
  access: StepAccess,
  kind: GatherKind,
  at: number,
  length: number,
): Uint8Array | undefined {
  const { header } = access;
  const count = Math.max(1, Math.ceil(length / UNIT_BYTES));
  const unit = header.resume;
  if (unit >= count) throw STUCK;
  const start = unit * UNIT_BYTES;
  const bytes = readMemory(access, at + start, Math.min(UNIT_BYTES, length - start));
  let node = kind.unit(bytes, count === 1);
  let level = 0;
  const isDone = (k: number): boolean => (Math.floor(unit / 2 ** k) & 1) === 1;
  if (unit < count - 1) {
    for (; isDone(level); level++) node = kind.pair(bytesOf(access, frontier(level)), node);
    setBytes(access, frontier(level), node);
    header.resume += 1;
    return undefined;
  }
  for (; level < leastDepth(count); level++) {
    node = isDone(level)
      ? kind.pair(bytesOf(access, frontier(level)), node)
      : kind.pair(node, kind.zero(level));
  }
  header.resume = 0;
  return node;
}
