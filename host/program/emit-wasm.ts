// The V8 back end: from the original Wasm and what prepare left about it to the metered module that
// the sandbox instantiates (docs/program.md section 6), with a table of byte offsets back to the
// original. Bodies are rewritten by body-rewriter.ts, functions that are only ours are written by
// plasma-functions.ts. Equal input gives equal bytes on every machine; it must never decide what
// something costs or whether a module is allowed.
import { type Points, type ResultType, rewriteBody } from "./body-rewriter.ts";
import { type ModuleIndices, remapFunction } from "./gas-code.ts";
import type { ProgramLayout } from "./layout.ts";
import { type OffsetTable, OffsetTableBuilder } from "./offset-table.ts";
import { enterBody, growBody, resetBody, wrapperBody } from "./plasma-functions.ts";
import { type EntryStub, type ImportStub, readEntryStub, readImportStub } from "./stub-words.ts";
import { Section, sectionOffsets, WasmReader } from "./wasm-reader.ts";
import { EMPTY_BLOCK, ValueType, WasmWriter } from "./wasm-writer.ts";

/** What emitWasm reads of a prepared module. */
export interface EmitInput {
  /** The original module, accepted by prepare. */
  readonly wasm: Uint8Array;
  /** The machine words of the same program, 16 bytes each. */
  readonly words: Uint8Array;
  readonly layout: ProgramLayout;
}

export interface EmittedModule {
  readonly bytes: Uint8Array;
  readonly offsets: OffsetTable;
}

/** Names that the emitted module exports beside the contract's own functions and memory. */
export const PLASMA_PREFIX = "plasma:";

const EXPORT_FUNCTION = 0;
const EXPORT_MEMORY = 2;
const EXPORT_GLOBAL = 3;
const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Emits the metered module of a prepared program. */
export function emitWasm(prepared: EmitInput): EmittedModule {
  return new ModuleEmitter(prepared).emit();
}

interface GlobalInit {
  readonly type: number;
  readonly mutable: boolean;
  /** The constant expression with its `end`. */
  readonly init: Uint8Array;
}

class ModuleEmitter {
  private readonly wasm: Uint8Array;
  private readonly layout: ProgramLayout;
  private readonly sections: ReadonlyMap<number, number>;
  private readonly out = new WasmWriter();
  private readonly indices: ModuleIndices;
  private readonly entry: EntryStub | undefined;
  private readonly importStubs: readonly ImportStub[];
  private readonly types: readonly Uint8Array[];
  private readonly importTypes: readonly number[];
  private readonly functionTypes: readonly number[];
  private readonly globals: readonly GlobalInit[];
  /** Offset and bytes of each data segment. */
  private readonly segments: readonly { at: Uint8Array; content: Uint8Array }[];

  constructor(prepared: EmitInput) {
    const { layout, words } = prepared;
    this.wasm = prepared.wasm;
    this.layout = layout;
    this.sections = sectionOffsets(prepared.wasm);
    this.importStubs = layout.imports.map((_import, funcidx) => readImportStub(words, funcidx));
    this.entry = layout.mainFunction === undefined ? undefined : readEntryStub(words, layout);
    const importCount = layout.imports.length;
    const firstWrapper = importCount + layout.functions.length;
    this.indices = {
      importCount,
      firstWrapper,
      growFunction: firstWrapper + importCount,
      gasGlobal: layout.globalCount,
      depthGlobal: layout.globalCount + 1,
      trapGlobal: layout.globalCount + 2,
    };
    this.types = this.vector(Section.type, readFunctionType);
    this.importTypes = this.vector(Section.import, readImportType);
    this.functionTypes = this.vector(Section.function, (reader) => reader.u32());
    this.globals = this.vector(Section.global, readGlobal);
    this.segments = this.vector(Section.data, readSegment);
  }

  private vector<T>(section: number, read: (reader: WasmReader) => T): T[] {
    const offset = this.sections.get(section);
    if (offset === undefined) return [];
    const reader = new WasmReader(this.wasm, offset);
    return Array.from({ length: reader.u32() }, () => read(reader));
  }

  private get hasMemory(): boolean {
    return this.sections.has(Section.memory);
  }

  emit(): EmittedModule {
    this.out.bytes(...MAGIC_AND_VERSION);
    this.typeSection();
    this.copySection(Section.import);
    this.functionSection();
    this.copySection(Section.table);
    if (this.hasMemory) this.memorySection();
    this.globalSection();
    this.exportSection();
    this.elementSection();
    if (this.segments.length > 0) {
      this.out.section(Section.dataCount, new WasmWriter().u32(this.segments.length));
    }
    const offsets = this.codeSection();
    if (this.segments.length > 0) this.dataSection();
    return { bytes: this.out.finish(), offsets };
  }

  /** The source's types, then `[] -> []` and `[i32] -> [i32]`. */
  private typeSection(): void {
    const content = new WasmWriter().u32(this.types.length + 2);
    for (const type of this.types) content.raw(type);
    content.bytes(0x60, 0, 0, 0x60, 1, ValueType.i32, 1, ValueType.i32);
    this.out.section(Section.type, content);
  }

  private copySection(id: number): void {
    const offset = this.sections.get(id);
    if (offset === undefined) return;
    const size = sectionSize(this.wasm, id);
    this.out.byte(id).sized(this.wasm.subarray(offset, offset + size));
  }

  /** Source functions, wrappers, growth (with a memory), reset, enter (with a `main`). */
  private functionSection(): void {
    const nullary = this.types.length;
    const own = [...this.importTypes, ...(this.hasMemory ? [nullary + 1] : []), nullary];
    if (this.entry) own.push(nullary);
    const all = [...this.functionTypes, ...own];
    const content = new WasmWriter().u32(all.length);
    for (const type of all) content.u32(type);
    this.out.section(Section.function, content);
  }

  private get resetFunction(): number {
    return this.indices.growFunction + (this.hasMemory ? 1 : 0);
  }

  private memorySection(): void {
    const { pagesInitial, pagesMax } = this.layout;
    const content = new WasmWriter().u32(1).byte(1).u32(pagesInitial).u32(pagesMax);
    this.out.section(Section.memory, content);
  }

  private globalSection(): void {
    const content = new WasmWriter().u32(this.globals.length + 3);
    for (const global of this.globals) {
      content.bytes(global.type, global.mutable ? 1 : 0).raw(global.init);
    }
    content.bytes(ValueType.i64, 1, 0x42, 0, 0x0b);
    content.bytes(ValueType.i32, 1, 0x41, 0, 0x0b);
    content.bytes(ValueType.i32, 1, 0x41, 0, 0x0b);
    this.out.section(Section.global, content);
  }

  /** Functions and memory under their own names; ours under names that no contract can take. */
  private exportSection(): void {
    const kept = this.vector(Section.export, readExport).filter(
      ({ name, kind }) =>
        (kind === EXPORT_FUNCTION || kind === EXPORT_MEMORY) && !startsWithPrefix(name),
    );
    const own: [string, number, number][] = [
      ["gas", EXPORT_GLOBAL, this.indices.gasGlobal],
      ["depth", EXPORT_GLOBAL, this.indices.depthGlobal],
      ["trap", EXPORT_GLOBAL, this.indices.trapGlobal],
      ["reset", EXPORT_FUNCTION, this.resetFunction],
    ];
    if (this.entry) own.push(["enter", EXPORT_FUNCTION, this.resetFunction + 1]);
    if (this.hasMemory) own.push(["memory", EXPORT_MEMORY, 0]);
    const content = new WasmWriter().u32(kept.length + own.length);
    for (const { name, kind, index } of kept) {
      const mapped = kind === EXPORT_FUNCTION ? remapFunction(this.indices, index) : index;
      content.sized(name).byte(kind).u32(mapped);
    }
    for (const [name, kind, index] of own) {
      content
        .name(PLASMA_PREFIX + name)
        .byte(kind)
        .u32(index);
    }
    this.out.section(Section.export, content);
  }

  private elementSection(): void {
    const segments = this.vector(Section.element, readElements);
    if (segments.length === 0) return;
    const content = new WasmWriter().u32(segments.length);
    for (const { at, functions } of segments) {
      content.byte(0).raw(at).u32(functions.length);
      for (const funcidx of functions) content.u32(remapFunction(this.indices, funcidx));
    }
    this.out.section(Section.element, content);
  }

  private codeSection(): OffsetTable {
    const { layout, indices } = this;
    const own: Uint8Array[] = this.importStubs.map((stub, funcidx) =>
      wrapperBody(stub, funcidx, layout.imports[funcidx]?.params ?? 0, indices),
    );
    if (this.hasMemory) own.push(growBody(layout.pagesMax, indices));
    own.push(resetBody(this.globals, this.segments, this.hasMemory));
    if (this.entry) own.push(enterBody(this.entry, indices));

    const content = new WasmWriter().u32(layout.functions.length + own.length);
    const offsets = new OffsetTableBuilder();
    for (let index = 0; index < layout.functions.length; index += 1) {
      const fn = layout.functions[index]!;
      const result = this.resultType(this.functionTypes[index] ?? 0);
      const body = rewriteBody(this.wasm, fn, this.pointsOf(index), result, indices);
      content.u32(body.bytes.length);
      offsets.append(body.offsets, content.length);
      content.raw(body.bytes);
    }
    const end = content.length;
    for (const body of own) content.sized(body);
    this.out.byte(Section.code).u32(content.length);
    const base = this.out.length;
    this.out.raw(content.view());
    return offsets.build(base, base + end);
  }

  private pointsOf(index: number): Points {
    const { functions, points } = this.layout;
    const first = functions[index]?.firstPoint ?? 0;
    const next = functions[index + 1]?.firstPoint ?? points.length / 3;
    return points.subarray(first * 3, next * 3);
  }

  private resultType(typeidx: number): ResultType {
    const type = this.types[typeidx];
    return type?.at(-2) === 1 ? (type.at(-1) ?? EMPTY_BLOCK) : EMPTY_BLOCK;
  }

  /** Passive segments: plasma:reset copies them. */
  private dataSection(): void {
    const content = new WasmWriter().u32(this.segments.length);
    for (const segment of this.segments) content.byte(1).sized(segment.content);
    this.out.section(Section.data, content);
  }
}

function sectionSize(wasm: Uint8Array, id: number): number {
  const reader = new WasmReader(wasm, 8);
  while (reader.offset < wasm.length) {
    const found = reader.byte();
    const size = reader.u32();
    if (found === id) return size;
    reader.offset += size;
  }
  return 0;
}

function readFunctionType(reader: WasmReader): Uint8Array {
  const start = reader.offset;
  reader.byte();
  reader.sized();
  reader.sized();
  return reader.bytes.subarray(start, reader.offset);
}

function readImportType(reader: WasmReader): number {
  reader.sized();
  reader.sized();
  reader.byte();
  return reader.u32();
}

function readGlobal(reader: WasmReader): GlobalInit {
  const type = reader.byte();
  const mutable = reader.byte() === 1;
  return { type, mutable, init: reader.constantExpression() };
}

function readExport(reader: WasmReader): { name: Uint8Array; kind: number; index: number } {
  return { name: reader.sized(), kind: reader.byte(), index: reader.u32() };
}

function readElements(reader: WasmReader): { at: Uint8Array; functions: number[] } {
  reader.u32();
  const at = reader.constantExpression();
  return { at, functions: Array.from({ length: reader.u32() }, () => reader.u32()) };
}

function readSegment(reader: WasmReader): { at: Uint8Array; content: Uint8Array } {
  if (reader.u32() === 2) reader.u32();
  return { at: reader.constantExpression(), content: reader.sized() };
}

function startsWithPrefix(name: Uint8Array): boolean {
  return [...PLASMA_PREFIX].every((character, i) => name[i] === character.charCodeAt(0));
}
