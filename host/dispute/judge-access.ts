// How a step reaches its state, so that one description of the step serves the judge, which has a proof, and
// the reference machine of the tests, which has everything. Below it: slots, memory and the word at pc, which
// lie in 128-byte leaves. An index outside its region is STUCK; what is not opened is the access's to refuse.
import { TrapCode } from "../outcome.ts";
import { type Header, Region, Status } from "./judge-header.ts";
import type { ProofReader } from "./judge-reader.ts";
import { STUCK } from "./judge-rejection.ts";

/** What a step asks for beside leaves of its regions (docs/machine.md section 8). */
export type PieceRequest =
  | { readonly kind: "entry"; readonly index: number }
  | { readonly kind: "head" }
  | { readonly kind: "deployers" }
  | { readonly kind: "output" }
  | { readonly kind: "receipt path"; readonly index: number }
  | { readonly kind: "outbox path" }
  | {
      readonly kind: "state path";
      readonly path: Uint8Array;
      readonly reads: StateReads;
      /** Of the trie: the state, or the code that the block has entered. */
      readonly root: Uint8Array;
    }
  | {
      /** Leaves of a `bytesRoot` tree, or chunks of a state value. */
      readonly kind: "leaves" | "chunks";
      readonly root: Uint8Array;
      readonly length: number;
      readonly indices: readonly number[];
    }
  | { readonly kind: "suspended"; readonly recordLeaves: readonly number[] };

/** What a state path shows of the leaf it leads to. */
export type StateReads = "account" | "code" | "storage" | "commitment";

export interface StepAccess {
  /** The registers; a step writes to them. Replaced as a whole when a suspended caller comes back. */
  header: Header;
  /** Touches a leaf [128] that is in its region; what is written to it is kept. */
  leaf(region: Region, index: number): Uint8Array;
  /** Where the pieces for a request are read from, one request after the other. */
  pieces(request: PieceRequest): ProofReader;
  /**
   * Told of each value that is put at a path of the trie with this root, or taken out; for an access that holds
   * the whole state.
   */
  stateWritten?(root: Uint8Array, path: Uint8Array, written: StateWrite | undefined): void;
}

/** A value put into state: its commitment, and the value where the step knows it. */
export interface StateWrite {
  readonly commitment: Uint8Array;
  readonly value?: Uint8Array;
}

const LEAVES = [2 ** 16, 2 ** 19, 2 ** 12, 2 ** 4, 2 ** 7, 2 ** 4] as const;

/** A leaf by region and index. */
export function touch(access: StepAccess, region: Region, index: number): Uint8Array {
  if (index < 0 || index >= LEAVES[region]) throw STUCK;
  return access.leaf(region, index);
}

/** 8-byte cell `index` of a region of such, and where in its leaf it lies. */
export function cell(access: StepAccess, region: Region, index: number): DataView {
  const leaf = touch(access, region, Math.floor(index / 16));
  return new DataView(leaf.buffer, leaf.byteOffset + 8 * (index & 15), 8);
}

export function readSlot(access: StepAccess, index: number): bigint {
  return cell(access, Region.stack, index).getBigUint64(0, true);
}

/** The low half of a slot: an i32 operand. */
export function readI32(access: StepAccess, index: number): number {
  return cell(access, Region.stack, index).getUint32(0, true);
}

export function writeSlot(access: StepAccess, index: number, value: bigint) {
  cell(access, Region.stack, index).setBigUint64(0, value, true);
}

const LEAF_BYTES = 128;

/** Calls `each` for the part of [at, at + length) in each leaf: the leaf, where in it, where in the range. */
function eachPart(
  access: StepAccess,
  at: number,
  length: number,
  each: (leaf: Uint8Array, from: number, to: number, done: number) => void,
) {
  for (let done = 0; done < length; ) {
    const from = (at + done) % LEAF_BYTES;
    const to = Math.min(LEAF_BYTES, from + length - done);
    each(touch(access, Region.memory, Math.floor((at + done) / LEAF_BYTES)), from, to, done);
    done += to - from;
  }
}

/** A copy of memory [at, at + length). */
export function readMemory(access: StepAccess, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  eachPart(access, at, length, (leaf, from, to, done) => {
    bytes.set(leaf.subarray(from, to), done);
  });
  return bytes;
}

export function writeMemory(access: StepAccess, at: number, bytes: Uint8Array) {
  eachPart(access, at, bytes.length, (leaf, from, to, done) => {
    leaf.set(bytes.subarray(done, done + to - from), from);
  });
}

const PAGE_BYTES = 65_536;

/** Whether [at, at + length) lies in the frame's memory. */
export function inMemory({ header }: StepAccess, at: number, length: number): boolean {
  return at + length <= header.pages * PAGE_BYTES;
}

/** One machine word. */
export interface Word {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  /** Unsigned. */
  readonly imm: bigint;
}

/** The word at pc. */
export function readWord(access: StepAccess): Word {
  const { pc } = access.header;
  const leaf = touch(access, Region.code, pc >> 3);
  const view = new DataView(leaf.buffer, leaf.byteOffset + 16 * (pc & 7), 16);
  return {
    op: view.getUint16(0, true),
    a: view.getUint16(2, true),
    b: view.getUint32(4, true),
    imm: view.getBigUint64(8, true),
  };
}

export const Phase = {
  next: 1,
  signature: 2,
  sender: 3,
  rules: 4,
  entered: 5,
  debit: 6,
  target: 7,
  lock: 8,
  code: 9,
  success: 10,
  leave: 11,
  recordAccount: 12,
  record: 13,
  refund: 14,
  producer: 15,
  receipt: 16,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** How a frame ended, in `resume` of phase 11; a trap is TRAP + its code. */
export const FrameEnd = { success: 0, revert: 1, refused: 3, TRAP: 0x100 } as const;

export function goTo({ header }: StepAccess, phase: Phase) {
  header.status = Status.phase;
  header.phase = phase;
  header.resume = 0;
}

/** Phase 11 with how the frame ended. */
export function leave(access: StepAccess, end: number) {
  goTo(access, Phase.leave);
  access.header.resume = end;
}

/** Ends the frame with a trap: its gas is gone, nothing else changes. */
export function trap(access: StepAccess, code: TrapCode) {
  access.header.gas = 0n;
  leave(access, FrameEnd.TRAP + code);
}

export const trapWasm = (access: StepAccess): void => trap(access, TrapCode.wasm);
