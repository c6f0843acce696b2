// The work that joins and loops give an optimising compiler, which is not linear in the module's bytes:
// at every join it merges each local, at a loop header twice over, and a branch out of nested loops
// passes each local through each of them. Counted here as V8's TurboFan was measured
// (docs/decisions/0013-merges.md), so that a module that prepare accepts compiles in seconds at most.
// Only code that can execute counts: no back end emits the rest.
import { localCount } from "./locals";
import { instructionAt } from "./operands";
import { checkLimit, MERGES } from "./rules";

/** A loop with its header costs as much as so many joins. */
const LOOP_FACTOR: u32 = 8;
/** What a loop costs beside its values, in values. */
const LOOP_VALUES: u32 = 16;

/** Merges of all functions so far. */
export let mergeCount: u32 = 0;
let loopsBefore: u32 = 0;

/** To be called once the locals of the next function are known. */
export function startMerges(): void {
  loopsBefore = 0;
}

// The gas is a local of every function that we emit.
function values(): u32 {
  return localCount + 1;
}

function count(merges: u32): void {
  mergeCount += merges;
  checkLimit(MERGES, mergeCount, instructionAt);
}

/** A transfer of control that leaves so many loops. */
export function countMerge(loopsLeft: u32): void {
  count(values() * (1 + loopsLeft));
}

/** A loop at this height of the operand stack; its check for gas leaves it and the loops around it. */
export function countLoop(loopsOpen: u32, height: u32): void {
  count(LOOP_FACTOR * (LOOP_VALUES + values() + height + loopsBefore) + values() * loopsOpen);
  loopsBefore++;
}
