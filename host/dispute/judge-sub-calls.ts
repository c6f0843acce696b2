// Into a sub-call and out of it (docs/machine.md sections 4 and 5). The caller is suspended as the hash of its
// header, which becomes the parent hash; returning opens that header, its record and the slot of the result.
// So state, events and the caller's data go back by taking its leaves as they were.

import { RejectionCode } from "../outcome.ts";
import { FrameEnd, goTo, Phase, type StepAccess } from "./judge-access.ts";
import { concat, equal, numberBytes } from "./judge-bytes.ts";
import { keccak256 } from "./judge-hash.ts";
import {
  copyHeader,
  decodeHeader,
  HEADER_BYTES,
  type Header,
  isWellFormed,
  REGION_DEPTHS,
  Region,
  Status,
  stateHash,
} from "./judge-header.ts";
import { foldTree, keccakTree, readKnownLeaves } from "./judge-openings.ts";
import type { ProofReader } from "./judge-reader.ts";
import {
  bigOf,
  bytesOf,
  clearData,
  Data,
  EMPTY_ROOT,
  Frame,
  FrameFlag,
  numberOf,
  recordLeaf,
  setBytes,
  setNumber,
  Work,
} from "./judge-record.ts";
import { demand, STUCK } from "./judge-rejection.ts";

const LEAF_BYTES = 128;
const SUSPENDED_PHASE = 2;
const ENTERED_LEAF = 13;

/** No frame: region roots and registers of one are zero. */
export function clearFrame({ header }: StepAccess) {
  for (let region = Region.code; region < Region.record; region++) {
    header.roots[region] = new Uint8Array(32);
  }
  header.pc = header.sp = header.fp = header.pages = header.depth = 0;
}

/** Suspends the frame at its `call` word and starts the phases of the callee. */
export function suspend(access: StepAccess, inputRoot: Uint8Array, inputLength: number) {
  const { header } = access;
  // Rounded down, also below zero.
  const available = header.gas - (header.gas >> 6n);
  const cap = bigOf(access, Work.gasCap);
  const forwarded = cap < available ? cap : available;
  const caller = copyHeader(header);
  caller.gas -= forwarded;
  caller.phase = SUSPENDED_PHASE;
  caller.resume = 0;

  const { pages, depth } = header;
  clearFrame(access);
  header.parent = stateHash(caller);
  header.depth = depth;
  header.gas = forwarded;
  setBytes(access, Frame.caller, bytesOf(access, Frame.self));
  setBytes(access, Frame.self, bytesOf(access, Work.target));
  setBytes(access, Frame.value, bytesOf(access, Work.value));
  setBytes(access, Frame.inputRoot, inputRoot);
  setNumber(access, Frame.inputStart, 0);
  setNumber(access, Frame.inputLength, inputLength);
  setNumber(access, Frame.inputTreeLength, inputLength);
  setNumber(access, Frame.callDepth, numberOf(access, Frame.callDepth) + 1);
  setNumber(access, Frame.pagesBelow, numberOf(access, Frame.pagesBelow) + pages);
  setNumber(access, Frame.flags, numberOf(access, Frame.flags) & FrameFlag.readOnly);
  clearData(access);
  goTo(access, Phase.debit);
}

/** Leaves of a region of the suspended caller: what they are, and the root when they are others. */
interface CallerLeaves {
  readonly leaves: Uint8Array[];
  readonly rootNow: () => Uint8Array;
}

function openCaller(
  reader: ProofReader,
  caller: Header,
  region: Region,
  indices: readonly number[],
): CallerLeaves {
  const depth = REGION_DEPTHS[region];
  const opened = readKnownLeaves(reader, keccakTree, { depth, indices, leafBytes: LEAF_BYTES });
  demand(equal(opened.root, caller.roots[region]!), RejectionCode.SUSPENDED);
  const { leaves, siblings } = opened;
  const rootNow = () => foldTree(keccakTree, depth, indices, leaves.map(keccakTree.leaf), siblings);
  return { leaves, rootNow };
}

function openHeader(reader: ProofReader, parent: Uint8Array): Header {
  const bytes = reader.take(HEADER_BYTES);
  demand(equal(keccak256(bytes), parent), RejectionCode.SUSPENDED);
  const caller = decodeHeader(bytes);
  const isSuspended = caller.status === Status.run && caller.phase === SUSPENDED_PHASE;
  if (!isSuspended || !isWellFormed(caller)) throw STUCK;
  return caller;
}

/** Phase 11 of a sub-call that ended with `end`: the caller goes on behind its `call` word. */
export function returnToCaller(access: StepAccess, end: number) {
  const callee = access.header;
  const isSuccess = end === FrameEnd.success;
  const hasOutput = isSuccess || end === FrameEnd.revert;
  const world = isSuccess ? recordLeaf(access, 0).slice() : undefined;
  const entered = recordLeaf(access, ENTERED_LEAF).slice();
  const returned = hasOutput
    ? concat(bytesOf(access, Data.outputRoot), bytesOf(access, Data.outputLength))
    : concat(EMPTY_ROOT, numberBytes(4, 0));

  const recordLeaves = isSuccess ? [0, 2, ENTERED_LEAF] : [2, ENTERED_LEAF];
  const reader = access.pieces({ kind: "suspended", recordLeaves });
  const caller = openHeader(reader, callee.parent);
  const record = openCaller(reader, caller, Region.record, recordLeaves);
  if (world !== undefined) record.leaves[0]!.set(world);
  const [, returnedAt] = Data.returnedRoot;
  record.leaves.at(-2)!.set(returned, returnedAt);
  // What was entered stays so, however the call ended.
  record.leaves.at(-1)!.set(entered);

  const slot = caller.sp;
  const stackLeaf = Math.floor(slot / 16);
  const stack = openCaller(reader, caller, Region.stack, [stackLeaf]);
  const status = end >= FrameEnd.TRAP ? 2 : end;
  const result = new DataView(stack.leaves[0]!.buffer, 8 * (slot % 16), 8);
  result.setBigUint64(0, BigInt(status), true);

  caller.roots[Region.record] = record.rootNow();
  caller.roots[Region.stack] = stack.rootNow();
  if (end < FrameEnd.TRAP) caller.gas = BigInt.asIntN(64, caller.gas + callee.gas);
  caller.sp += 1;
  caller.pc += 1;
  caller.phase = 0;
  caller.resume = 0;
  access.header = caller;
}
