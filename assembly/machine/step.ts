// What steps of host calls and phases share: the arguments of the host word at pc, its result, traps, and how
// a step changes the header beyond registers. Such a step runs in proof mode wherever it runs, in the prover
// too: it is rare, and what it touches must be known.
import { memoryAt, Proof, slot } from "./access";
import {
  GAS,
  FP,
  memoryBase,
  PAGES,
  PC,
  PHASE,
  RESUME,
  SP,
  stackBase,
  STATUS,
  STATUS_PHASE,
} from "./registers";

export const TRAP_MEMORY_BOUNDS: u32 = 4;
export const TRAP_DATA_BOUNDS: u32 = 5;
export const TRAP_DATA_TOO_LONG: u32 = 6;
export const TRAP_READ_ONLY: u32 = 7;
export const TRAP_EVENTS_FULL: u32 = 8;
export const TRAP_OUTBOX_FULL: u32 = 9;
export const TRAP_TOO_MANY_TOPICS: u32 = 10;
export const TRAP_BAD_ARGUMENT: u32 = 11;
export const TRAP_CODE_FULL: u32 = 12;

/** How a frame was left, in resume of phase 11. */
export const LEFT_SUCCESS: u32 = 0;
export const LEFT_REVERT: u32 = 1;
export const LEFT_REFUSED: u32 = 3;
export const LEFT_TRAP: u32 = 0x100;

export const PHASE_NEXT: u32 = 1;
export const PHASE_SIGNATURE: u32 = 2;
export const PHASE_SENDER: u32 = 3;
export const PHASE_RULES: u32 = 4;
export const PHASE_ENTERED: u32 = 5;
export const PHASE_DEBIT: u32 = 6;
export const PHASE_TARGET: u32 = 7;
export const PHASE_LOCK: u32 = 8;
export const PHASE_CODE: u32 = 9;
export const PHASE_SUCCESS: u32 = 10;
export const PHASE_LEAVE: u32 = 11;
export const PHASE_RECORD_ACCOUNT: u32 = 12;
export const PHASE_RECORD: u32 = 13;
export const PHASE_REFUND: u32 = 14;
export const PHASE_PRODUCER: u32 = 15;
export const PHASE_RECEIPT: u32 = 16;

/** What a step does to the header beside registers and the leaves that it touches. */
export const ACTION_NONE: u32 = 0;
/** The frame is suspended: CALLER becomes the parent hash, the region roots become zero. */
export const ACTION_SUSPEND: u32 = 1;
/** A frame starts: ROOTS are its code, memory, globals and table. */
export const ACTION_START: u32 = 2;
/** The region roots become zero. */
export const ACTION_CLEAR: u32 = 3;
/** CALLER takes the place of the header. */
export const ACTION_RETURN: u32 = 4;
export const ACTION_STUCK: u32 = 5;
export let action: u32 = 0;

export const ROOTS: usize = memory.data(128, 8);
/** The header of the suspended caller, written by the step that suspends it or returns to it. */
export const CALLER: usize = memory.data(256, 8);
/** The header before the step. In the prover only its parent hash is looked at. */
export const HEADER_BEFORE: usize = memory.data(256, 8);

export function setAction(kind: u32): void {
  action = kind;
}

/** Whether no caller is suspended. */
export function isTop(): bool {
  for (let i: usize = 192; i < 224; i += 8) if (load<u64>(HEADER_BEFORE + i) != 0) return false;
  return true;
}

export function goTo(phase: u32): void {
  store<u32>(STATUS, STATUS_PHASE);
  store<u32>(PHASE, phase);
  store<u32>(RESUME, 0);
}

export function leave(how: u32): void {
  goTo(PHASE_LEAVE);
  store<u32>(RESUME, how);
}

export function trapHost(code: u32): void {
  store<u64>(GAS, 0);
  leave(LEFT_TRAP + code);
}

/** Argument `i` of the host word. */
export function argument(i: u32): u32 {
  return load<u32>(argumentAt(i));
}

/** Its slot, for calls that shrink their arguments. */
export function argumentAt(i: u32): usize {
  return slot<Proof>(stackBase + ((<usize>(load<u32>(FP) + i)) << 3));
}

/** The slot above the operands, where a result goes; each step of a call with a result touches it. */
export function resultAt(): usize {
  return slot<Proof>(stackBase + ((<usize>load<u32>(SP)) << 3));
}

/** Ends a host word without result. */
export function finish(): void {
  store<u32>(PHASE, 0);
  store<u32>(RESUME, 0);
  store<u32>(PC, load<u32>(PC) + 1);
}

/** Ends a host word with a result. */
export function finishWith(value: u32): void {
  store<u64>(resultAt(), <u64>value);
  store<u32>(SP, load<u32>(SP) + 1);
  finish();
}

export function secondStage(): void {
  store<u32>(PHASE, 1);
  store<u32>(RESUME, 0);
}

/** Whether [at, at + length) lies in memory; traps if not. */
export function holds(at: u32, length: u32): bool {
  if (<u64>at + <u64>length <= (<u64>load<u32>(PAGES)) << 16) return true;
  trapHost(TRAP_MEMORY_BOUNDS);
  return false;
}

/** Address of a range, which need not hold: the step is then stuck. An empty one touches nothing. */
export function guest(at: u64, length: u32): usize {
  if (length == 0) return memoryBase;
  return memoryAt<Proof>(memoryBase, at, length);
}
