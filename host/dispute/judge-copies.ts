// Host calls that copy into memory: `input`, `output_read`, `value_read` (docs/machine.md section 4). One leaf
// of the destination a step; what is left to do stands in the argument slots, so every step checks anew and
// only the first can trap. The source is a tree of which the proof opens the leaves that hold the bytes.
import { RejectionCode, TrapCode } from "../outcome.ts";
import { type StepAccess, trap, writeMemory, writeSlot } from "./judge-access.ts";
import { concat, equal } from "./judge-bytes.ts";
import { type HostCall, rangesHold } from "./judge-host-call.ts";
import { chunkTree, keccakTree, leastDepth, readKnownLeaves } from "./judge-openings.ts";
import { bytesOf, Data, Frame, numberOf } from "./judge-record.ts";
import { demand } from "./judge-rejection.ts";

interface Source {
  readonly kind: "leaves" | "chunks";
  readonly root: Uint8Array;
  /** Bytes that the tree is over. */
  readonly treeLength: number;
  /** Where in the tree the source starts. */
  readonly start: number;
  readonly length: number;
}

const SHAPES = {
  leaves: { tree: keccakTree, leafBytes: 128 },
  chunks: { tree: chunkTree, leafBytes: 32 },
} as const;

/** Bytes [at, at + count) of the tree of a source, at least one. */
function readSource(access: StepAccess, source: Source, at: number, count: number): Uint8Array {
  const { tree, leafBytes } = SHAPES[source.kind];
  const { kind, root, treeLength: length } = source;
  const first = Math.floor(at / leafBytes);
  const last = Math.floor((at + count - 1) / leafBytes);
  const indices = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const depth = leastDepth(Math.ceil(length / leafBytes));
  const reader = access.pieces({ kind, root, length, indices });
  const opened = readKnownLeaves(reader, tree, { depth, indices, leafBytes });
  demand(equal(opened.root, root), RejectionCode.DATA_ROOT);
  const from = at - first * leafBytes;
  return concat(...opened.leaves).slice(from, from + count);
}

/** One step of a copy; `source` is undefined where there is nothing to copy from. */
function copyFrom(call: HostCall, source: Source | undefined) {
  const { access } = call;
  const [ptr, offset, length] = call.args as [number, number, number];
  if (!rangesHold(call, [ptr, length])) return;
  if (source === undefined || offset + length > source.length) {
    return trap(access, TrapCode.data_bounds);
  }
  const now = Math.min(length, 128 - (ptr % 128));
  if (now > 0) writeMemory(access, ptr, readSource(access, source, source.start + offset, now));
  if (now === length) return call.finish(source.length);
  const { fp } = access.header;
  [ptr + now, offset + now, length - now].forEach((value, i) => {
    writeSlot(access, fp + i, BigInt(value));
  });
}

export function copyInput(call: HostCall) {
  const { access } = call;
  copyFrom(call, {
    kind: "leaves",
    root: bytesOf(access, Frame.inputRoot),
    treeLength: numberOf(access, Frame.inputTreeLength),
    start: numberOf(access, Frame.inputStart),
    length: numberOf(access, Frame.inputLength),
  });
}

export function copyReturned(call: HostCall) {
  const { access } = call;
  const length = numberOf(access, Data.returnedLength);
  const root = bytesOf(access, Data.returnedRoot);
  copyFrom(call, { kind: "leaves", root, treeLength: length, start: 0, length });
}

export function copyValue(call: HostCall) {
  const { access } = call;
  const length = numberOf(access, Data.openedLength);
  const root = bytesOf(access, Data.openedRoot);
  const isOpen = numberOf(access, Data.opened) !== 0;
  copyFrom(
    call,
    isOpen ? { kind: "chunks", root, treeLength: length, start: 0, length } : undefined,
  );
}
