// What one step of a host call is given, and the checks that many of them begin with.
import { TrapCode } from "../outcome.ts";
import { inMemory, type StepAccess, trap } from "./judge-access.ts";
import { Frame, FrameFlag, numberOf } from "./judge-record.ts";

/** A running host call: its arguments, and what ends it. */
export interface HostCall {
  readonly access: StepAccess;
  readonly args: readonly number[];
  /** Pushes the result, if the call has one, and goes on behind the word. */
  readonly finish: (result?: number) => void;
}

/** Whether a call is in the first step of its stage. */
export const isFirst = ({ access: { header } }: HostCall): boolean => header.resume === 0;

export const isReadOnly = (access: StepAccess): boolean =>
  (numberOf(access, Frame.flags) & FrameFlag.readOnly) !== 0;

/** Ends the frame with a trap, for checks that say whether a call goes on. */
export function refuse(access: StepAccess, code: TrapCode): false {
  trap(access, code);
  return false;
}

/** Goes on, at the same word, with the steps that have a path. */
export function goToSecondStage({ access: { header } }: HostCall): void {
  header.phase = 1;
  header.resume = 0;
}

/** Bytes of memory from `at`. */
export type Range = readonly [at: number, length: number];

/** Whether all ranges lie in memory; traps where one does not. */
export function rangesHold({ access }: HostCall, ...ranges: readonly Range[]): boolean {
  if (ranges.every(([at, length]) => inMemory(access, at, length))) return true;
  return refuse(access, TrapCode.memory_bounds);
}
