// Which condition of the opcode table made a word trap, read from the state that the trap left: a trap changes
// neither pc nor operands. What the core suite expects is a text for each condition.
import { assert } from "../../host/errors.ts";
import type { MachineFrame } from "../../host/machine/machine.ts";
import { opcodeTable, type TrapCondition } from "../../host/machine/opcode-table.ts";

const WORD_BYTES = 16;
const ENTRY_BYTES = 8;
const CALL_INDIRECT = 0x11;
const NULL_ENTRY = 0xffff_ffff;

/** The texts of the core suite. */
const suiteTexts: Partial<Record<TrapCondition, string>> = {
  "divide by zero": "integer divide by zero",
  depth: "call stack exhausted",
};

export const suiteTextOf = (condition: TrapCondition): string => suiteTexts[condition] ?? condition;

/** The condition that holds at the trapped word, which must be one of the word's. */
export function trapCondition(frame: MachineFrame): TrapCondition {
  const { words } = frame.program;
  const word = new DataView(words.buffer, words.byteOffset + WORD_BYTES * frame.pc, WORD_BYTES);
  const op = word.getUint16(0, true);
  const row = opcodeTable.find(({ opcode }) => opcode === op);
  assert(row !== undefined, "a word that traps is in the opcode table");
  const top = frame.slot(frame.sp - 1);
  const { traps } = row;
  let condition = traps[0]!;
  if (op === CALL_INDIRECT) condition = callCondition(frame, top, word.getBigUint64(8, true));
  else if (traps.length === 2 && top !== 0n) condition = "integer overflow";
  assert(traps.includes(condition), `${row.name} cannot trap with ${condition}`);
  return condition;
}

function callCondition({ program }: MachineFrame, index: bigint, size: bigint): TrapCondition {
  if (index >= size) return "undefined element";
  const { table } = program.initial;
  const entry = new DataView(table.buffer, table.byteOffset + ENTRY_BYTES * Number(index));
  const isNull = entry.getUint32(0, true) === NULL_ENTRY;
  return isNull ? "uninitialized element" : "indirect call type mismatch";
}
