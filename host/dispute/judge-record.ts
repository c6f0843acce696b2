// The host record (docs/machine.md section 2): which field lies in which leaf where. Reading or writing a
// field touches its leaf. Which leaves a step touches is part of the format of proofs, so steps whose list is
// longer than what they happen to read call `touchRecord`.

import { type StepAccess, touch } from "./judge-access.ts";
import { isZero, readBig, readNumber, writeBig } from "./judge-bytes.ts";
import { type Header, Region } from "./judge-header.ts";
import { keccakTree } from "./judge-openings.ts";

/** A field: leaf, offset, size. */
export type Field = readonly [leaf: number, at: number, size: number];

export const World = {
  stateRoot: [0, 0, 32],
  eventsHash: [0, 32, 32],
  outboxRoot: [0, 64, 32],
  eventCount: [0, 96, 4],
  outboxCount: [0, 100, 4],
} as const satisfies Record<string, Field>;

export const Frame = {
  self: [1, 0, 20],
  caller: [1, 20, 20],
  value: [1, 40, 16],
  inputRoot: [1, 56, 32],
  inputStart: [1, 88, 4],
  inputLength: [1, 92, 4],
  inputTreeLength: [1, 96, 4],
  callDepth: [1, 100, 4],
  pagesBelow: [1, 104, 4],
  flags: [1, 108, 4],
} as const satisfies Record<string, Field>;

export const Data = {
  outputRoot: [2, 0, 32],
  outputLength: [2, 32, 4],
  returnedRoot: [2, 36, 32],
  returnedLength: [2, 68, 4],
  openedRoot: [2, 72, 32],
  openedLength: [2, 104, 4],
  opened: [2, 108, 4],
} as const satisfies Record<string, Field>;

export const Work = {
  path: [3, 0, 32],
  commitment: [3, 32, 32],
  codeHash: [3, 64, 32],
  request: [3, 0, 44],
  target: [3, 0, 20],
  value: [3, 20, 16],
  gasCap: [3, 36, 8],
  messageRequest: [3, 0, 68],
  messageTarget: [3, 0, 32],
  messageTo: [3, 32, 20],
  messageValue: [3, 52, 16],
  messageLength: [3, 68, 4],
  messageRoot: [3, 72, 32],
} as const satisfies Record<string, Field>;

export const Entry = {
  hash: [7, 0, 32],
  sender: [7, 32, 20],
  recipient: [7, 52, 20],
  value: [7, 72, 16],
  nonce: [7, 88, 8],
  gasLimit: [7, 96, 8],
  price: [7, 104, 8],
  kind: [7, 112, 1],
  stage: [7, 113, 1],
  outcome: [7, 114, 1],
  code: [7, 116, 2],
  inputRoot: [8, 0, 32],
  inputLength: [8, 32, 4],
  wasmLength: [8, 36, 4],
  checkpoint: [8, 40, 32],
  sourceEnvironment: [11, 0, 32],
  outboxCheckpoint: [11, 32, 32],
  outboxCountCheckpoint: [11, 64, 4],
} as const satisfies Record<string, Field>;

export const Block = {
  environment: [9, 0, 32],
  transactionsRoot: [9, 32, 32],
  receiptsRoot: [9, 64, 32],
  count: [9, 96, 4],
  index: [9, 100, 4],
  height: [9, 104, 8],
  time: [9, 112, 8],
  gasUsed: [9, 120, 8],
  producer: [10, 0, 20],
  deployersHash: [10, 32, 32],
  gasPerTransaction: [10, 64, 8],
  gasPerBlock: [10, 72, 8],
  intrinsicTransaction: [10, 80, 4],
  intrinsicLeaf: [10, 84, 4],
  intrinsicDeploy: [10, 88, 4],
  priceMin: [10, 96, 8],
  inboxCount: [10, 104, 4],
  messageBytesMax: [10, 108, 4],
  outboxMax: [10, 112, 4],
  prepareRules: [12, 0, 32],
} as const satisfies Record<string, Field>;

/** The code that the block has entered: as a trie, and what is left of what the rules allow. */
export const Entered = {
  root: [13, 0, 32],
  nextRoot: [13, 32, 32],
  codeHash: [13, 64, 32],
  left: [13, 96, 4],
} as const satisfies Record<string, Field>;

export const Stage = { call: 0, prepare: 1, firstCall: 2 } as const;
export const FrameFlag = { deployment: 1, readOnly: 2 } as const;

/** What is hashed where there are no bytes: the root of an empty `bytesRoot` tree. */
export const EMPTY_ROOT: Uint8Array = keccakTree.zero(0);

/** A leaf of the running record. */
export function recordLeaf(access: StepAccess, leaf: number): Uint8Array {
  return touch(access, Region.record, leaf);
}

export function touchRecord(access: StepAccess, ...leaves: readonly number[]): void {
  for (const leaf of leaves) recordLeaf(access, leaf);
}

/** A copy of a field's bytes. */
export function bytesOf(access: StepAccess, [leaf, at, size]: Field): Uint8Array {
  return recordLeaf(access, leaf).slice(at, at + size);
}

/** A field of at most 6 bytes as a number. */
export function numberOf(access: StepAccess, [leaf, at, size]: Field): number {
  return readNumber(recordLeaf(access, leaf), at, size);
}

export function bigOf(access: StepAccess, [leaf, at, size]: Field): bigint {
  return readBig(recordLeaf(access, leaf), at, size);
}

export function setBytes(access: StepAccess, [leaf, at]: Field, bytes: Uint8Array): void {
  recordLeaf(access, leaf).set(bytes, at);
}

/** Writes a number modulo what the field holds. */
export function setNumber(access: StepAccess, field: Field, value: number | bigint): void {
  const [leaf, at, size] = field;
  writeBig(recordLeaf(access, leaf), at, size, BigInt(value));
}

/** Whether no caller is suspended. */
export function isTop({ parent }: Header): boolean {
  return isZero(parent);
}

/** The data leaf of a frame that has not run yet. */
export function clearData(access: StepAccess): void {
  recordLeaf(access, 2).fill(0);
  setBytes(access, Data.outputRoot, EMPTY_ROOT);
  setBytes(access, Data.returnedRoot, EMPTY_ROOT);
}
