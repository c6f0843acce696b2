// The functions that were running when a frame stopped, from the links on the machine's stack, innermost
// first. Each link holds the pc behind its call and the caller's frame (docs/program.md section 1).

import type { MachineFrame } from "../machine/machine.ts";
import type { FunctionLayout } from "../program/layout.ts";
import { functionName, importNames } from "../program/names.ts";
import type { Prepared } from "../program/prepare.ts";
import { Opcode, WasmReader } from "../program/wasm-reader.ts";
import type { ContractNames, ModuleNames } from "./contract-names.ts";
import type { SourceLines } from "./source-lines.ts";
import { STACK_LISTED, type StackFrame } from "./trace.ts";

export interface NativeStack {
  readonly stack: readonly StackFrame[];
  readonly stackOmitted: number;
}

/** What a function is called, by names or source; undefined where nothing tells it. */
export function nameOfFunction(
  { wasm, layout }: Prepared,
  { lines }: ModuleNames,
  funcidx: number,
): string | undefined {
  if (funcidx < layout.imports.length) return importName(wasm, funcidx);
  const known = funcidx === layout.mainFunction ? "main" : functionName(wasm, funcidx);
  const fn = layout.functions[funcidx - layout.imports.length];
  if (known !== undefined || lines === undefined || fn === undefined) return known;
  return functionAround(wasm, fn, lines);
}

/** Of a frame that did not fail. */
export const NO_STACK: NativeStack = { stack: [], stackOmitted: 0 };

export function nativeStack(guest: MachineFrame, names: ContractNames): NativeStack {
  const { prepared } = guest.program;
  const places = names.places(prepared);
  const module = names.module(prepared.wasm, prepared.codeRecord.wasmHash);
  const pcs: number[] = [];
  let { pc, fp } = guest;
  for (;;) {
    pcs.push(pc);
    const link = guest.slot(fp + places.owner(pc).params);
    const returnPc = Number(link & 0xffff_ffffn);
    if (returnPc === 0) break;
    pc = returnPc - 1;
    fp = Number(link >> 32n);
  }
  const omitted = Math.max(0, pcs.length - STACK_LISTED);
  const half = STACK_LISTED / 2;
  const listed = omitted === 0 ? pcs : [...pcs.slice(0, half), ...pcs.slice(-half)];
  const frames = listed.map((at): StackFrame => {
    const owner = places.owner(at);
    const byteOffset = places.byteOffset(at) ?? null;
    if (owner.kind === "entry") return { function: null, name: "entry", byteOffset, ...NO_SOURCE };
    const { funcidx } = owner;
    if (funcidx < prepared.layout.imports.length) {
      return {
        function: funcidx,
        name: importName(prepared.wasm, funcidx),
        byteOffset,
        ...NO_SOURCE,
      };
    }
    return { ...placed(prepared, module, funcidx, byteOffset), byteOffset };
  });
  return { stack: frames, stackOmitted: omitted };
}

function importName(wasm: Uint8Array, funcidx: number): string {
  return `host call ${importNames(wasm)[funcidx]?.replace(/^env\./, "") ?? funcidx}`;
}

const NO_SOURCE = { source: null, inlinedIn: null, near: null };

function placed(
  { wasm, layout }: Prepared,
  { lines }: ModuleNames,
  funcidx: number,
  byteOffset: number | null,
): Omit<StackFrame, "byteOffset"> {
  const known = funcidx === layout.mainFunction ? "main" : functionName(wasm, funcidx);
  const place = byteOffset === null ? undefined : lines?.place(byteOffset);
  if (lines === undefined || byteOffset === null || place === undefined) {
    return { function: funcidx, name: known ?? null, ...NO_SOURCE };
  }
  const fn = layout.functions[funcidx - layout.imports.length] as FunctionLayout;
  const around = known ?? functionAround(wasm, fn, lines);
  const { source, functionName: name = around ?? null } = place;
  return {
    function: funcidx,
    name,
    source,
    inlinedIn: around === undefined || around === name ? null : around,
    near: isLibrary(source) ? placeBefore(wasm, fn, byteOffset, lines) : null,
  };
}

const isLibrary = (source: string): boolean => source.startsWith("~");

/** The name of a function without one: that of the first code in it which is the project's. */
function functionAround(
  wasm: Uint8Array,
  fn: FunctionLayout,
  lines: SourceLines,
): string | undefined {
  const reader = new WasmReader(wasm, fn.firstInstruction);
  while (reader.offset < fn.end) {
    const place = lines.place(reader.offset);
    if (place !== undefined && !isLibrary(place.source) && place.functionName !== undefined) {
      return place.functionName;
    }
    reader.skipImmediates(reader.byte());
  }
  return undefined;
}

/** Instructions behind which other code may have run before what follows. */
const ENDS_STRAIGHT_CODE: ReadonlySet<number> = new Set([
  Opcode.loop,
  Opcode.else,
  Opcode.end,
  Opcode.br,
  Opcode.br_table,
  Opcode.return,
  Opcode.unreachable,
]);

function placeBefore(
  wasm: Uint8Array,
  fn: FunctionLayout,
  byteOffset: number,
  lines: SourceLines,
): string | null {
  const reader = new WasmReader(wasm, fn.firstInstruction);
  let near: string | null = null;
  while (reader.offset < byteOffset) {
    const place = lines.place(reader.offset);
    if (place !== undefined && !isLibrary(place.source)) near = place.source;
    const opcode = reader.byte();
    reader.skipImmediates(opcode);
    if (ENDS_STRAIGHT_CODE.has(opcode)) near = null;
  }
  return near;
}
