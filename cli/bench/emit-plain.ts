// The module of a contract without metering, for measuring what metering costs: the bodies as the
// compiler made them, with the entry, the reset and the exports that the sandbox expects of every module
// (host/program/emit-wasm.ts), so that an instance of it takes the same road through the same host. It
// counts nothing and bounds nothing but memory; it must never run where its result would be believed.
import { assert } from "../../host/errors.ts";
import { PLASMA_PREFIX } from "../../host/program/emit-wasm.ts";
import { resetBody } from "../../host/program/plasma-functions.ts";
import type { Prepared } from "../../host/program/prepare.ts";
import { readSourceModule, type SourceModule } from "../../host/program/source-module.ts";
import { Opcode, Section } from "../../host/program/wasm-reader.ts";
import { ValueType, WasmWriter } from "../../host/program/wasm-writer.ts";

const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const FUNCTION_FORM = 0x60;
const EXPORT_FUNCTION = 0;
const EXPORT_MEMORY = 2;
const EXPORT_GLOBAL = 3;

/** Bytes of the module of an accepted contract without metering. */
export function emitPlain(prepared: Prepared): Uint8Array {
  const source = readSourceModule(prepared.wasm);
  const { layout } = prepared;
  const out = new WasmWriter().bytes(...MAGIC_AND_VERSION);
  const reset = source.importTypes.length + source.functionTypes.length;
  writeTypes(out, source);
  if (source.importSection) out.byte(Section.import).sized(source.importSection);
  writeFunctions(out, source);
  if (source.tableSection) out.byte(Section.table).sized(source.tableSection);
  if (source.hasMemory) {
    // The bound of the metered module, whose memory.grow fails beyond it too.
    const memory = new WasmWriter().bytes(1, 1).u32(layout.pagesInitial).u32(layout.pagesMax);
    out.section(Section.memory, memory);
  }
  writeGlobals(out, source);
  writeExports(out, source, reset);
  writeElements(out, source);
  if (source.data.length > 0) {
    out.section(Section.dataCount, new WasmWriter().u32(source.data.length));
  }
  writeCode(out, prepared, source);
  writeData(out, source);
  return out.finish();
}

/** The source's types and `[] -> []` behind them. */
function writeTypes(out: WasmWriter, { types }: SourceModule): void {
  const content = new WasmWriter().u32(types.length + 1);
  for (const { params, results } of types) {
    content.byte(FUNCTION_FORM).sized(params).sized(results);
  }
  out.section(Section.type, content.bytes(FUNCTION_FORM, 0, 0));
}

/** The source's functions, then reset and enter. */
function writeFunctions(out: WasmWriter, { types, functionTypes }: SourceModule): void {
  const content = new WasmWriter().u32(functionTypes.length + 2);
  for (const type of functionTypes) content.u32(type);
  out.section(Section.function, content.u32(types.length).u32(types.length));
}

/** The source's globals, then gas, depth and trap, which the host sets and no code here looks at. */
function writeGlobals(out: WasmWriter, { globals }: SourceModule): void {
  const content = new WasmWriter().u32(globals.length + 3);
  for (const { type, mutable, init } of globals) content.bytes(type, mutable ? 1 : 0).raw(init);
  content.bytes(ValueType.i64, 1, Opcode.i64_const, 0, Opcode.end);
  content.bytes(ValueType.i32, 1, Opcode.i32_const, 0, Opcode.end);
  content.bytes(ValueType.i32, 1, Opcode.i32_const, 0, Opcode.end);
  out.section(Section.global, content);
}

function writeExports(out: WasmWriter, source: SourceModule, reset: number): void {
  const globals = source.globals.length;
  const list: (readonly [string, number, number])[] = [
    ["reset", EXPORT_FUNCTION, reset],
    ["enter", EXPORT_FUNCTION, reset + 1],
    ["gas", EXPORT_GLOBAL, globals],
    ["depth", EXPORT_GLOBAL, globals + 1],
    ["trap", EXPORT_GLOBAL, globals + 2],
  ];
  if (source.hasMemory) list.push(["memory", EXPORT_MEMORY, 0]);
  const content = new WasmWriter().u32(list.length);
  for (const [name, kind, index] of list) {
    content
      .name(PLASMA_PREFIX + name)
      .byte(kind)
      .u32(index);
  }
  out.section(Section.export, content);
}

function writeElements(out: WasmWriter, { elements }: SourceModule): void {
  if (elements.length === 0) return;
  const content = new WasmWriter().u32(elements.length);
  for (const { at, functions } of elements) {
    content.byte(0).raw(at).u32(functions.length);
    for (const funcidx of functions) content.u32(funcidx);
  }
  out.section(Section.element, content);
}

function writeCode(out: WasmWriter, { wasm, layout }: Prepared, source: SourceModule): void {
  const content = new WasmWriter().u32(layout.functions.length + 2);
  for (const { bodyOffset, end } of layout.functions) content.range(wasm, bodyOffset, end);
  content.sized(resetBody(source.globals, source.data, source.hasMemory));
  const enter = new WasmWriter().u32(0);
  assert(layout.mainFunction !== undefined, "a contract has a dispatcher");
  if (layout.startFunction !== undefined) enter.byte(Opcode.call).u32(layout.startFunction);
  enter.byte(Opcode.call).u32(layout.mainFunction).byte(Opcode.end);
  out.section(Section.code, content.sized(enter.view()));
}

/** Passive segments: the reset copies them, as in the metered module. */
function writeData(out: WasmWriter, { data }: SourceModule): void {
  if (data.length === 0) return;
  const content = new WasmWriter().u32(data.length);
  for (const { content: bytes } of data) content.byte(1).sized(bytes);
  out.section(Section.data, content);
}
