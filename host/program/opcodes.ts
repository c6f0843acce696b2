// Every word of a program by name and cost class, as data: what docs, listings and traces call an
// instruction. Wasm instructions have the specification's names and their opcode byte; prepare's own
// words stand from 0x200 (docs/program.md section 1). A test compares the classes with what
// prepare charges.

import type { InstructionClass } from "../rules/rules.ts";

export interface OpcodeFacts {
  readonly opcode: number;
  readonly name: string;
  readonly costClass: InstructionClass;
}

type Row = readonly [first: number, costClass: InstructionClass, names: string];

const comparisons = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u";
const of = (type: string, names: string) =>
  names
    .split(" ")
    .map((name) => `${type}.${name}`)
    .join(" ");

/** Runs of consecutive opcodes. */
const rows: readonly Row[] = [
  [0x00, "control", "unreachable"],
  [0x04, "control", "if else"],
  [0x0b, "control", "end br br_if"],
  [0x0e, "br_table", "br_table"],
  [0x0f, "control", "return"],
  [0x10, "call", "call"],
  [0x11, "call_indirect", "call_indirect"],
  [0x1a, "move", "drop select"],
  [0x20, "move", "local.get local.set local.tee"],
  [0x23, "global", "global.get global.set"],
  [0x28, "load", "i32.load i64.load"],
  [0x2c, "load", of("i32", "load8_s load8_u load16_s load16_u")],
  [0x30, "load", of("i64", "load8_s load8_u load16_s load16_u load32_s load32_u")],
  [0x36, "store", "i32.store i64.store"],
  [0x3a, "store", "i32.store8 i32.store16 i64.store8 i64.store16 i64.store32"],
  [0x3f, "memory_size", "memory.size"],
  [0x40, "memory_grow", "memory.grow"],
  [0x41, "move", "i32.const i64.const"],
  [0x45, "alu", `i32.eqz ${of("i32", comparisons)}`],
  [0x50, "alu", `i64.eqz ${of("i64", comparisons)}`],
  [0x67, "alu", of("i32", "clz ctz popcnt add sub")],
  [0x6c, "multiply", "i32.mul"],
  [0x6d, "divide", of("i32", "div_s div_u rem_s rem_u")],
  [0x71, "alu", of("i32", "and or xor shl shr_s shr_u rotl rotr")],
  [0x79, "alu", of("i64", "clz ctz popcnt add sub")],
  [0x7e, "multiply", "i64.mul"],
  [0x7f, "divide", of("i64", "div_s div_u rem_s rem_u")],
  [0x83, "alu", of("i64", "and or xor shl shr_s shr_u rotl rotr")],
  [0xa7, "alu", "i32.wrap_i64"],
  [0xac, "alu", "i64.extend_i32_s i64.extend_i32_u"],
  [0xc0, "alu", "i32.extend8_s i32.extend16_s"],
  [0xc2, "alu", "i64.extend8_s i64.extend16_s i64.extend32_s"],
  [0x10a, "bulk", "memory.copy memory.fill"],
  [0x200, "charge", "charge charge_check charge_units"],
  [0x203, "locals", "depth locals"],
  [0x210, "function", "function"],
  [0x211, "host", "host"],
];

/** All words by opcode. */
export const opcodes: ReadonlyMap<number, OpcodeFacts> = new Map(
  rows.flatMap(([first, costClass, names]) =>
    names.split(" ").map((name, i): [number, OpcodeFacts] => {
      const opcode = first + i;
      return [opcode, { opcode, name, costClass }];
    }),
  ),
);

/** The name of a word's opcode, or `unknown(0x…)`. */
export function opcodeName(opcode: number): string {
  return opcodes.get(opcode)?.name ?? `unknown(0x${opcode.toString(16)})`;
}
