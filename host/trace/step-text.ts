// The step that a running frame takes next, in words: the word at pc with its immediates, how far a word is
// that takes several steps, the arguments of a host call. Only tells; what steps do is docs/machine.md.
import type { MachineFrame } from "../machine/machine.ts";
import { opcodeTable, type ValueType } from "../machine/opcode-table.ts";
import { WORD_BYTES, WordOp } from "../program/stub-words.ts";
import { listWord } from "../program/word-listing.ts";
import { type HostCallName, hostCallNames } from "../rules/host-call-names.ts";

/** Parameters of each host call, as docs/host-calls.md names them. */
export const hostCallParameters: Readonly<Record<HostCallName, readonly string[]>> = {
  input: ["ptr", "offset", "length"],
  output: ["ptr", "length"],
  revert: ["ptr", "length"],
  context: ["ptr"],
  storage_open: ["keyPtr"],
  value_read: ["ptr", "offset", "length"],
  storage_set: ["keyPtr", "ptr", "length"],
  storage_delete: ["keyPtr"],
  account: ["addressPtr", "ptr"],
  emit: ["topicsPtr", "topicCount", "ptr", "length"],
  call: ["requestPtr", "inputPtr", "inputLength"],
  output_read: ["ptr", "offset", "length"],
  enter: ["flags"],
  keccak256: ["ptr", "length", "outPtr"],
  sha256: ["ptr", "length", "outPtr"],
  secp256k1_recover: ["digestPtr", "signaturePtr", "outPtr"],
  log: ["ptr", "length"],
  send_message: [],
  upgrade: [],
};

/** The word at pc. */
export interface WordAt {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly imm: bigint;
  /** Name and immediates. */
  readonly text: string;
  /** Types of the operands that it pops, the top one first. */
  readonly pops: readonly ValueType[];
}

export function wordAt({ program, pc }: MachineFrame): WordAt {
  const { words } = program;
  const view = new DataView(words.buffer, words.byteOffset + pc * WORD_BYTES, WORD_BYTES);
  const op = view.getUint16(0, true);
  return {
    op,
    a: view.getUint16(2, true),
    b: view.getUint32(4, true),
    imm: view.getBigUint64(8, true),
    text: listWord(words, pc)
      .trimStart()
      .replace(/^\d+ +/, ""),
    pops: [...(opcodeTable.find(({ opcode }) => opcode === op)?.pops ?? [])].reverse(),
  };
}

const LEAF_BYTES = 128;
const MEMORY_COPY = 0x10a;
const MEMORY_FILL = 0x10b;

/** What a word does, where its name does not say it; null elsewhere. */
export function wordAbout(frame: MachineFrame, { op, a, b, imm }: WordAt): string | null {
  const low = (slot: number): bigint => frame.slot(slot) & 0xffff_ffffn;
  switch (op) {
    case WordOp.charge:
      return `pays ${imm} gas for the code up to the next charge; checked later`;
    case WordOp.chargeCheck:
      return `pays ${imm} gas for the code up to the next charge`;
    case WordOp.chargeUnits: {
      const units = low(frame.fp + a);
      const count = (units + (1n << imm) - 1n) >> imm;
      return `pays ${count * BigInt(b)} gas for an argument of ${units}`;
    }
    case WordOp.depth:
      return `takes ${b} slots of the ${frame.depth} that are left of the stack budget`;
    case WordOp.locals: {
      const done = frame.resume;
      const step = Math.min(b - done, 16 - (frame.sp % 16));
      return `zeroes ${step} of ${b} declared locals, ${done} done before`;
    }
    case WordOp.function:
      return "leads from the function's index to its code";
    case MEMORY_COPY:
      return `copies within memory, at most ${LEAF_BYTES} of the ${low(frame.sp - 1)} bytes that are left`;
    case MEMORY_FILL:
      return `fills memory, at most ${LEAF_BYTES} of the ${low(frame.sp - 1)} bytes that are left`;
    default:
      return null;
  }
}

/** The host call at pc. */
export interface HostStep {
  readonly name: HostCallName;
  readonly args: readonly number[];
  /** Whether this is its first step. */
  readonly isFirst: boolean;
  readonly about: string;
}

/** Where the length of what is gathered stands among the arguments. */
const gathers: Readonly<Partial<Record<HostCallName, number>>> = {
  output: 1,
  revert: 1,
  storage_set: 2,
  emit: 3,
  call: 2,
};
const copies: readonly HostCallName[] = ["input", "output_read", "value_read"];
/** What the second stage of a call does, where it has one. */
const stages: Readonly<Partial<Record<HostCallName, string>>> = {
  storage_open: "second step: opens the value's path in state",
  storage_set: "last step: puts the value at its path in state",
  storage_delete: "second step: takes the value at its path out of state",
  account: "second step: reads the account's path in state",
};
const firsts: Readonly<Partial<Record<HostCallName, string>>> = {
  storage_open: "first step: the path of the key",
  storage_delete: "first step: the path of the key",
  account: "first step: the path of the address",
  call: "first step: reads the request and checks depth and permission",
};

export function hostStep(frame: MachineFrame, word: WordAt): HostStep {
  const name = hostCallNames[word.a - 1]!;
  const count = Number(word.imm & 0xffn);
  const args = Array.from({ length: count }, (_, i) => Number(frame.slot(frame.fp + i)) >>> 0);
  const { phase, resume } = frame;
  const isFirst = phase === 0 && resume === 0;
  return { name, args, isFirst, about: hostAbout(name, args, phase, resume) };
}

function hostAbout(
  name: HostCallName,
  args: readonly number[],
  stage: number,
  unit: number,
): string {
  const gatheredAt = gathers[name];
  const gathersNow = gatheredAt !== undefined && stage === (name === "call" ? 1 : 0);
  if (gathersNow) {
    const units = Math.max(1, Math.ceil(args[gatheredAt]! / LEAF_BYTES));
    const last = name === "call" ? ", and starts the callee with the last" : "";
    return `hashes piece ${unit + 1} of ${units} of the ${args[gatheredAt]} bytes it is given${last}`;
  }
  if (copies.includes(name)) {
    return args[2] === 0
      ? "nothing is left to copy: comes back"
      : `copies to the next ${LEAF_BYTES}-byte boundary of memory; ${args[2]} bytes are left`;
  }
  return (stage === 0 ? firsts[name] : stages[name]) ?? "does all of it in one step";
}
