// Machine words as text, one line per word, for golden files, traces and people. Shows exactly what the
// machine sees: slots, targets as pc, heights. Never used to decide anything.
import { opcodeName, opcodes } from "./opcodes.ts";

const WORD_BYTES = 16;

interface WordFields {
  readonly a: number;
  readonly b: number;
  readonly imm: bigint;
}

/** What each word shows behind its name; words without a row have no operands. */
const operands: Readonly<Record<string, (word: WordFields) => string>> = {
  if: ({ b }) => `else ${b}`,
  else: ({ b }) => `to ${b}`,
  end: ({ a, b, imm }) => `params ${b} results ${a}${imm === 0n ? "" : ` depth ${imm}`}`,
  br: branch,
  br_if: branch,
  return: branch,
  br_table: ({ b, imm }) => `to ${b} … ${BigInt(b) + imm}`,
  call: ({ a, b }) => `to ${b} params ${a}`,
  call_indirect: ({ a, b, imm }) => `type ${b} params ${a} table ${imm}`,
  "local.get": slot,
  "local.set": slot,
  "local.tee": slot,
  "global.get": ({ a }) => `${a}`,
  "global.set": ({ a }) => `${a}`,
  "memory.grow": ({ b }) => `max ${b}`,
  "i32.const": ({ imm }) => `${BigInt.asIntN(32, imm)}`,
  "i64.const": ({ imm }) => `${BigInt.asIntN(64, imm)}`,
  charge: ({ imm }) => `${imm}`,
  charge_check: ({ imm }) => `${imm}`,
  charge_units: ({ a, b, imm }) => `slot ${a} unit ${b} shift ${imm}`,
  depth: ({ b }) => `${b}`,
  locals: ({ b }) => `${b}`,
  function: ({ b }) => `at ${b}`,
  host: ({ a, imm }) => `call ${a} params ${imm & 0xffn} results ${imm >> 8n}`,
};

function branch({ a, b, imm }: WordFields): string {
  return `to ${b} height ${imm}${a === 0 ? "" : ` with ${a}`}`;
}

function slot({ a }: WordFields): string {
  return `slot ${a}`;
}

/** One line: `pc  name operands`. */
export function listWord(words: Uint8Array, pc: number): string {
  const view = new DataView(words.buffer, words.byteOffset + pc * WORD_BYTES, WORD_BYTES);
  const opcode = view.getUint16(0, true);
  const fields = {
    a: view.getUint16(2, true),
    b: view.getUint32(4, true),
    imm: view.getBigUint64(8, true),
  };
  const name = opcodeName(opcode);
  const isAccess = ["load", "store"].includes(opcodes.get(opcode)?.costClass ?? "");
  const text = isAccess ? `offset ${fields.imm}` : (operands[name]?.(fields) ?? "");
  return `${String(pc).padStart(5)}  ${name}${text === "" ? "" : ` ${text}`}`;
}

/** All words, one line each. */
export function listWords(words: Uint8Array): string {
  const lines = Array.from({ length: words.length / WORD_BYTES }, (_, pc) => listWord(words, pc));
  return `${lines.join("\n")}\n`;
}
