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
import { prepareZeros, ZEROS } from "./regions";
import { END_STUCK, END_KIND, REGISTERS } from "./registers";
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
