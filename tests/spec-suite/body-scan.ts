// Why a function of the core suite cannot be in a contract: the first thing in its body that the profile
// refuses, by walking every instruction. The reasons are those of docs/program.md and prepare's refusals; that
// prepare takes what is left is its own verdict (cut-module.ts asks it), so nothing is excused here twice.
import { WasmReader } from "../../host/program/wasm-reader.ts";
import type { SuiteType } from "./read-module.ts";

/** Why something is cut; what the report counts. */
export type CutReason =
  | "float"
  | "SIMD"
  | "reference types"
  | "multi-value"
  | "more than one table"
  | "table instructions"
  | "passive segments"
  | "threads"
  | "tail calls"
  | "calls a cut function"
  | "state of another module"
  | "state after a cut action"
  | "limits of the profile"
  | "not linked";

/** What a body may refer to, with what is cut of it. */
export interface ScanContext {
  readonly types: readonly SuiteType[];
  /** By type index. */
  readonly typeReasons: readonly (CutReason | undefined)[];
  /** Type index by function index. */
  readonly functionTypes: readonly number[];
  /** By global index. */
  readonly globalReasons: readonly (CutReason | undefined)[];
}

const valueReasons: Readonly<Record<number, CutReason>> = {
  125: "float",
  124: "float",
  123: "SIMD",
  112: "reference types",
  111: "reference types",
};

/** Why a value type is cut. */
export const valueTypeReason = (type: number): CutReason | undefined => valueReasons[type];

/** Why a function type is cut. */
export function typeReason({ params, results }: SuiteType): CutReason | undefined {
  for (const type of [...params, ...results]) {
    const reason = valueTypeReason(type);
    if (reason !== undefined) return reason;
  }
  return results.length > 1 ? "multi-value" : undefined;
}

/** Locals, then instructions to the end: the first reason to cut, or undefined. */
export function bodyReason(body: Uint8Array, context: ScanContext): CutReason | undefined {
  const reader = new WasmReader(body);
  for (let groups = reader.u32(); groups > 0; groups--) {
    reader.u32();
    const reason = valueTypeReason(reader.byte());
    if (reason !== undefined) return reason;
  }
  while (reader.offset < body.length) {
    const reason = instructionReason(reader, context);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

const isFloatOpcode = (op: number): boolean =>
  op === 0x2a ||
  op === 0x2b ||
  op === 0x38 ||
  op === 0x39 ||
  op === 0x43 ||
  op === 0x44 ||
  (op >= 0x5b && op <= 0x66) ||
  (op >= 0x8b && op <= 0xa6) ||
  (op >= 0xa8 && op <= 0xab) ||
  (op >= 0xae && op <= 0xbf);

const isReferenceOpcode = (op: number): boolean =>
  op === 0x1c || op === 0x25 || op === 0x26 || (op >= 0xd0 && op <= 0xd2);

function instructionReason(reader: WasmReader, context: ScanContext): CutReason | undefined {
  const op = reader.byte();
  if (isFloatOpcode(op)) return "float";
  if (isReferenceOpcode(op)) return "reference types";
  switch (op) {
    case 0x02:
    case 0x03:
    case 0x04:
      return blockReason(reader, context);
    case 0x10:
      return context.typeReasons[context.functionTypes[reader.u32()]!];
    case 0x11: {
      const type = reader.u32();
      const table = reader.u32();
      return context.typeReasons[type] ?? (table === 0 ? undefined : "more than one table");
    }
    case 0x12:
    case 0x13:
      return "tail calls";
    case 0x23:
    case 0x24:
      return context.globalReasons[reader.u32()];
    case 0xfc:
      return prefixedReason(reader);
    case 0xfd:
      return "SIMD";
    case 0xfe:
      return "threads";
    default:
      reader.skipImmediates(op);
      return undefined;
  }
}

/** Parameters and several results of a block are lowered (lower-blocks.ts), so only value types count. */
function blockReason(reader: WasmReader, { types }: ScanContext): CutReason | undefined {
  const at = reader.offset;
  const byte = reader.byte();
  if (byte === 0x40 || byte === 0x7f || byte === 0x7e) return undefined;
  const reason = valueTypeReason(byte);
  if (reason !== undefined) return reason;
  reader.offset = at;
  const { params, results } = types[reader.u32()]!;
  return typeReason({ params: new Uint8Array([...params, ...results]), results: new Uint8Array() });
}

function prefixedReason(reader: WasmReader): CutReason | undefined {
  const op = reader.u32();
  if (op <= 7) return "float";
  if (op === 8 || op === 9) return "passive segments";
  if (op >= 12) return "table instructions";
  reader.skipInteger();
  if (op === 10) reader.skipInteger();
  return undefined;
}

/** What a body does with what is around it. */
export interface BodyUse {
  /** No call, global, table or memory. */
  readonly isClosed: boolean;
  /** Stores, grows, or changes a global, table or segment. */
  readonly writes: boolean;
  readonly calls: readonly number[];
  readonly callsIndirectly: boolean;
}

/** Reads any body, cut or not. */
export function useOf(body: Uint8Array): BodyUse {
  const reader = new WasmReader(body);
  const calls: number[] = [];
  let isClosed = true;
  let writes = false;
  let callsIndirectly = false;
  for (let groups = reader.u32(); groups > 0; groups--) {
    reader.u32();
    reader.byte();
  }
  while (reader.offset < body.length) {
    const at = reader.offset;
    const op = reader.byte();
    const second = op === 0xfc ? reader.u32() : 0;
    isClosed &&= !usesModule(op, second);
    writes ||= writesState(op, second);
    callsIndirectly ||= op === 0x11;
    if (op === 0x10) {
      calls.push(reader.u32());
      continue;
    }
    reader.offset = at;
    skipInstruction(reader);
  }
  return { isClosed, writes, calls, callsIndirectly };
}

const usesModule = (op: number, second: number): boolean =>
  op === 0x10 ||
  op === 0x11 ||
  (op >= 0x23 && op <= 0x26) ||
  (op >= 0x28 && op <= 0x40) ||
  (op === 0xfc && second >= 8) ||
  op === 0xd2;

const writesState = (op: number, second: number): boolean =>
  op === 0x24 ||
  op === 0x26 ||
  (op >= 0x36 && op <= 0x3e) ||
  op === 0x40 ||
  (op === 0xfc && second >= 8 && second !== 16);

/** Steps over an instruction of any kind that the suite has. */
export function skipInstruction(reader: WasmReader): void {
  const op = reader.byte();
  if (op === 0x43) reader.offset += 4;
  else if (op === 0x44) reader.offset += 8;
  else if (op === 0x1c) reader.sized();
  else if (op === 0x2a || op === 0x2b || op === 0x38 || op === 0x39) {
    reader.skipInteger();
    reader.skipInteger();
  } else if (op === 0x25 || op === 0x26 || op === 0xd0 || op === 0xd2) {
    reader.skipInteger();
  } else if (op === 0xfc) {
    const second = reader.u32();
    const immediates = second <= 7 ? 0 : [8, 10, 12, 14].includes(second) ? 2 : 1;
    for (let i = 0; i < immediates; i++) reader.skipInteger();
  } else reader.skipImmediates(op);
}
