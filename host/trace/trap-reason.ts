// Which condition of docs/machine.md section 3 made a frame trap: receipts say `wasm`, the machine still has
// the word and its operands. The conditions are tried in the order of the table, as the machine does.

import { PAGE_BYTES } from "../limits.ts";
import type { MachineFrame } from "../machine/machine.ts";
import type { TrapCondition } from "../machine/opcode-table.ts";
import { TrapCode } from "../outcome.ts";
import { opcodeName } from "../program/opcodes.ts";
import { WORD_BYTES, WordOp } from "../program/stub-words.ts";
import type { FrameEnd } from "../sandbox/frame.ts";
import type { TrapReason } from "./trace.ts";

/** What a host call refuses, by trap code. */
const refusals: Readonly<Partial<Record<number, string>>> = {
  [TrapCode.memory_bounds]: "was given a range outside of the contract's memory",
  [TrapCode.data_bounds]: "was asked for bytes beyond the end of what it reads",
  [TrapCode.data_too_long]: "was given more bytes than it takes",
  [TrapCode.read_only]: "changes state, and the frame is read-only",
  [TrapCode.events_full]: "has no room: the transaction has 65,536 events",
  [TrapCode.outbox_full]: "has no room: the block has 65,536 messages",
  [TrapCode.too_many_topics]: "was given more than four topics",
  [TrapCode.bad_argument]: "was given an argument outside of its domain",
};

/** Of a call of a transaction that entered nothing: the block had no room for the code. */
export const CODE_FULL: TrapReason = {
  code: "code_full",
  condition: "code_full",
  instruction: null,
  message: "the block has entered as much distinct code as its rules allow",
};

const nameOfCode = (code: number): string =>
  Object.entries(TrapCode).find(([, value]) => value === code)?.[0] ?? `trap ${code}`;

/** The word at pc with what it finds on the stack. */
interface Stopped {
  readonly op: number;
  readonly name: string;
  readonly a: number;
  readonly b: number;
  readonly imm: bigint;
  /** Slot `depth` below the top; 0 is the top. */
  operand(depth: number): bigint;
  readonly guest: MachineFrame;
}

/** `hostCall` is the one that refused, where the frame stopped in one. */
export function trapReason(
  guest: MachineFrame,
  end: FrameEnd,
  hostCall: string | undefined,
): TrapReason {
  const code = nameOfCode(end.trap);
  const refusal = refusals[end.trap];
  if (refusal !== undefined) {
    const message = `${hostCall ?? "a host call"} ${refusal}`;
    return { code, condition: code, instruction: null, message };
  }
  const { words } = guest.program;
  const view = new DataView(words.buffer, words.byteOffset + guest.pc * WORD_BYTES, WORD_BYTES);
  const op = view.getUint16(0, true);
  const stopped: Stopped = {
    op,
    name: opcodeName(op),
    a: view.getUint16(2, true),
    b: view.getUint32(4, true),
    imm: view.getBigUint64(8, true),
    operand: (depth) => guest.slot(guest.sp - 1 - depth),
    guest,
  };
  const [condition, message] = reasonOf(end.trap, stopped);
  return { code, condition, instruction: stopped.name, message };
}

function reasonOf(code: number, stopped: Stopped): [condition: TrapCondition, message: string] {
  const { op, name, imm, b, a, guest } = stopped;
  if (code === TrapCode.out_of_gas) {
    if (op !== WordOp.chargeUnits)
      return ["out_of_gas", `a charge of ${imm} gas is more than was left`];
    const units = guest.slot(guest.fp + a) & 0xffff_ffffn;
    const count = (units + (1n << imm) - 1n) >> imm;
    return [
      "out_of_gas",
      `a charge of ${count * BigInt(b)} gas, for ${units}, is more than was left`,
    ];
  }
  if (code === TrapCode.depth) {
    return ["depth", `the function takes ${b} of the stack budget, ${guest.depth} are left`];
  }
  if (name === "call_indirect") return indirectReason(stopped);
  if (/\.(div|rem)_[su]$/.test(name)) return divisionReason(stopped);
  if (name === "unreachable")
    return ["unreachable", "the code ran into what it says is never reached"];
  return accessReason(stopped);
}

function divisionReason({ name, operand }: Stopped): [TrapCondition, string] {
  const bits = name.startsWith("i64") ? 64 : 32;
  const signed = name.endsWith("_s");
  const value = (slot: bigint) => (signed ? BigInt.asIntN(bits, slot) : BigInt.asUintN(bits, slot));
  const divisor = value(operand(0));
  const text = `${value(operand(1))} / ${divisor}`;
  if (divisor === 0n) return ["divide by zero", `${text} in ${name}`];
  return ["integer overflow", `${text} in ${name} does not fit ${bits} bits`];
}

function indirectReason({ operand, imm, b, guest }: Stopped): [TrapCondition, string] {
  const index = operand(0) & 0xffff_ffffn;
  const size = imm & 0xffff_ffffn;
  if (index >= size) return ["undefined element", `table index ${index}, the table has ${size}`];
  const { table } = guest.program.initial;
  const view = new DataView(table.buffer, table.byteOffset + 8 * Number(index), 8);
  if (view.getBigUint64(0, true) === 2n ** 64n - 1n) {
    return ["uninitialized element", `table index ${index} holds no function`];
  }
  const found = view.getUint32(4, true);
  const funcidx = view.getUint32(0, true);
  const message = `table index ${index} holds function ${funcidx} of type ${found}, called as type ${b}`;
  return ["indirect call type mismatch", message];
}

function accessReason({ name, operand, imm, guest }: Stopped): [TrapCondition, string] {
  const memory = guest.pages * PAGE_BYTES;
  const low = (depth: number) => operand(depth) & 0xffff_ffffn;
  const beyond = (length: bigint | number, at: bigint, what = name): [TrapCondition, string] => [
    "out of bounds memory access",
    `${what} of ${length} bytes at ${at}, the memory has ${memory}`,
  ];
  if (name === "memory.fill") return beyond(low(0), low(2));
  if (name === "memory.copy") {
    const from = low(1) + low(0) > memory;
    return beyond(low(0), from ? low(1) : low(2), `${name} ${from ? "from" : "to"} a range`);
  }
  const isStore = name.includes("store");
  const bits = Number(
    /\d+/.exec(name.replace(/^i(32|64)\.(load|store)/, ""))?.[0] ?? name.slice(1, 3),
  );
  return beyond(bits / 8, low(isStore ? 1 : 0) + imm);
}
