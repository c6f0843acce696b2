// Which condition of the opcode table made a word trap, told by `plasma trace`'s own reading of the machine
// (host/trace/trap-reason.ts), and what the core suite calls it.
import { assert } from "../../host/errors.ts";
import type { MachineFrame } from "../../host/machine/machine.ts";
import { opcodeTable, type TrapCondition } from "../../host/machine/opcode-table.ts";
import { CallStatus, type TrapCode } from "../../host/outcome.ts";
import { trapReason } from "../../host/trace/trap-reason.ts";

/** Where the suite's text is another than the table's. */
const suiteTexts: Partial<Record<TrapCondition, string>> = {
  "divide by zero": "integer divide by zero",
  depth: "call stack exhausted",
};

export const suiteTextOf = (condition: TrapCondition): string => suiteTexts[condition] ?? condition;

/** The condition at the word where a frame has trapped, which must be one of the word's. */
export function trapCondition(frame: MachineFrame): TrapCondition {
  const trap = frame.detail as TrapCode;
  const end = { status: CallStatus.trap, trap, gasLeft: 0, output: new Uint8Array(0) };
  const { condition, instruction } = trapReason(frame, end, undefined);
  const row = opcodeTable.find(({ name }) => name === instruction);
  const found = row?.traps.find((candidate) => candidate === condition);
  assert(found !== undefined, `${instruction} cannot trap with ${condition}`);
  return found;
}
