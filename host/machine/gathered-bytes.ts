// Which bytes of memory a host call is about to gather (docs/machine.md section 4): whoever serves a run must
// know them, since later steps ask for pieces of what the root stands for.
import type { MachineFrame } from "./machine.ts";

/** By number of the host call, which argument is the address; the length follows it. */
const GATHERS: Readonly<Record<number, number>> = { 2: 0, 3: 0, 7: 1, 10: 2, 11: 1 };
const LENGTH_MAX = 65_536;

/**
 * A copy of the bytes, before the first unit is taken; undefined where the call gathers none, is at it
 * already, or will trap because they are too many or not in memory.
 */
export function gatheredBytes(frame: MachineFrame, number: number): Uint8Array | undefined {
  const at = GATHERS[number];
  if (at === undefined || frame.resume !== 0) return undefined;
  const ptr = Number(frame.slot(frame.fp + at));
  const length = Number(frame.slot(frame.fp + at + 1));
  const memory = frame.memory();
  if (length > LENGTH_MAX || ptr + length > memory.length) return undefined;
  return memory.slice(ptr, ptr + length);
}
