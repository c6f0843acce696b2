// What one step of a host call is given, and the check of memory ranges that nearly all of them begin with.
import { TrapCode } from "../outcome.ts";
import { inMemory, type StepAccess, trap } from "./judge-access.ts";

/** A running host call: its arguments, and what ends it. */
export interface HostCall {
  readonly access: StepAccess;
  readonly args: readonly number[];
  /** Pushes the result, if the call has one, and goes on behind the word. */
  readonly finish: (result?: number) => void;
}

/** Bytes of memory from `at`. */
export type Range = readonly [at: number, length: number];

/** Whether all ranges lie in memory; traps where one does not. */
export function rangesHold({ access }: HostCall, ...ranges: readonly Range[]): boolean {
  if (ranges.every(([at, length]) => inMemory(access, at, length))) return true;
  trap(access, TrapCode.memory_bounds);
  return false;
}
