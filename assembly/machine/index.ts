// Entry of the machine module (docs/machine.md). The host places programs and frames in this memory, sets
// registers, and runs; nothing is allocated here, so that whoever holds the memory decides who lives where.
import { clearTouched, Exact, Fast, Proof } from "./access";
import { HEADER } from "./commit";
import { prepareEntry } from "./entry";
import { prepareGather } from "./gather";
import { interpret } from "./interpret";
import { prepareLists } from "./list-path";
import { preparePhases } from "./phases";
import { prepareRecord } from "./record";
import { hostStep } from "./host-step";
import { ACCOUNT } from "./account";
import { phaseStep } from "./phases";
import { NEED, refused, startPieces } from "./proof-reader";
import { RECORD } from "./record";
import { clearWritten, PATH, written } from "./state-path";
import { action, ACTION_NONE, ACTION_STUCK, HEADER_BEFORE, ROOTS, setAction } from "./step";
import { prepareZeros, ZEROS } from "./regions";
import { codeBase, END_STUCK, END_KIND, PC, REGISTERS, STATUS, STATUS_RUN } from "./registers";
import { outside, SAVED, TOUCHED, touchedCount } from "./access";

export { commitSteps, refreshRoots, selectTrees, stateHash } from "./commit";
export { decodeWords } from "./decode";
export { clearTree, refreshTree, regionRoot } from "./regions";
export { verifyStep } from "./verify";
export { selectRegions } from "./registers";

/** Runs at least until the first checked charge after `stepsMax` steps, unless the frame stops before. */
export function runFast(stepsMax: u64): void {
  interpret<Fast>(stepsMax);
}

/** Runs exactly `stepsMax` steps, unless the frame stops before. */
export function runExact(stepsMax: u64): void {
  interpret<Exact>(stepsMax);
}

/** One step that notes which leaves it touches; how many. */
export function runNoting(): u32 {
  clearTouched();
  interpret<Proof>(1);
  if (outside) store<u32>(END_KIND, END_STUCK);
  return touchedCount;
}

export function registersAddress(): usize {
  return REGISTERS;
}

export function headerAddress(): usize {
  return HEADER;
}

export function touchedAddress(): usize {
  return TOUCHED;
}

/** The touched leaves before the step, 128 bytes each. */
export function savedAddress(): usize {
  return SAVED;
}

/** Z(k) for k = 0 … 19, 32 bytes each. */
export function zerosAddress(): usize {
  return ZEROS;
}

/**
 * One step of a host word or a phase outside of a judge, with the pieces that the host has served: 0, or
 * NEEDED with NEED set, and nothing changed. `top` says whether no caller is suspended.
 */
export function specialStep(pieces: usize, length: u32, top: bool): u32 {
  startPieces(pieces, length);
  clearTouched();
  clearWritten();
  setAction(ACTION_NONE);
  memory.fill(HEADER_BEFORE, 0, 256);
  if (!top) store<u8>(HEADER_BEFORE, 1, 192);
  if (load<u32>(STATUS) == STATUS_RUN) {
    const word = codeBase + ((<usize>load<u32>(PC)) << 4);
    hostStep(load<u16>(word, 2));
  } else {
    phaseStep();
  }
  return refused;
}

/** How many leaves the last noted step touched. */
export function notedCount(): u32 {
  return touchedCount;
}

/** What the last special step did to the frames (step.ts). */
export function lastAction(): u32 {
  return outside ? ACTION_STUCK : action;
}

/** What it did to the state path that it opened (state-path.ts). */
export function lastWrite(): u32 {
  return written;
}

/** Addresses of: the record, what is needed, code/memory/globals/table roots, the last path, the last account. */
export function placeOf(what: u32): usize {
  if (what == 0) return RECORD;
  if (what == 1) return NEED;
  if (what == 2) return ROOTS;
  return what == 3 ? PATH : ACCOUNT;
}

/** First address that the host may give away. */
export function heapStart(): usize {
  return (__heap_base + 0xffff) & ~0xffff;
}

prepareZeros();
prepareRecord();
prepareGather();
preparePhases();
prepareEntry();
prepareLists();
