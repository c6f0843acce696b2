// The sections of a module that prepare has accepted, as far as emit-wasm.ts rewrites them. Nothing
// here judges: a shape that prepare refuses never arrives. Views point into the original bytes.
import { Section, WasmReader } from "./wasm-reader.ts";

/** A function type: value types of its parameters, and of its result if it has one. */
export interface FunctionType {
  readonly params: Uint8Array;
  readonly results: Uint8Array;
}

export interface SourceGlobal {
  readonly type: number;
  readonly mutable: boolean;
  /** The constant expression with its `end`. */
  readonly init: Uint8Array;
}

export interface SourceExport {
  readonly name: Uint8Array;
  /** 0 function, 1 table, 2 memory, 3 global. */
  readonly kind: number;
  readonly index: number;
}

export interface SourceElements {
  /** The offset expression with its `end`. */
  readonly at: Uint8Array;
  readonly functions: readonly number[];
}

export interface SourceData {
  /** The offset expression with its `end`. */
  readonly at: Uint8Array;
  readonly content: Uint8Array;
}

export interface SourceModule {
  readonly types: readonly FunctionType[];
  /** Type index of each import; all are functions. */
  readonly importTypes: readonly number[];
  readonly functionTypes: readonly number[];
  readonly globals: readonly SourceGlobal[];
  readonly exports: readonly SourceExport[];
  readonly elements: readonly SourceElements[];
  readonly data: readonly SourceData[];
  readonly hasMemory: boolean;
  /** Whole content of sections that are copied as they are; undefined where there is none. */
  readonly importSection: Uint8Array | undefined;
  readonly tableSection: Uint8Array | undefined;
}

/** Content of each non-custom section by id. */
function sectionsOf(wasm: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const reader = new WasmReader(wasm, 8);
  const sections = new Map<number, Uint8Array>();
  while (reader.offset < wasm.length) {
    const id = reader.byte();
    const content = reader.sized();
    if (id !== 0) sections.set(id, content);
  }
  return sections;
}

/** Reads everything but code. */
export function readSourceModule(wasm: Uint8Array): SourceModule {
  const sections = sectionsOf(wasm);
  const vector = <T>(id: number, read: (reader: WasmReader) => T): T[] => {
    const content = sections.get(id);
    if (content === undefined) return [];
    const reader = new WasmReader(content);
    return Array.from({ length: reader.u32() }, () => read(reader));
  };
  return {
    types: vector(Section.type, readType),
    importTypes: vector(Section.import, readImportType),
    functionTypes: vector(Section.function, (reader) => reader.u32()),
    globals: vector(Section.global, readGlobal),
    exports: vector(Section.export, readExport),
    elements: vector(Section.element, readElements),
    data: vector(Section.data, readData),
    hasMemory: (sections.get(Section.memory)?.[0] ?? 0) > 0,
    importSection: sections.get(Section.import),
    tableSection: sections.get(Section.table),
  };
}

function readType(reader: WasmReader): FunctionType {
  reader.byte();
  return { params: reader.sized(), results: reader.sized() };
}

function readImportType(reader: WasmReader): number {
  reader.sized();
  reader.sized();
  reader.byte();
  return reader.u32();
}

function readGlobal(reader: WasmReader): SourceGlobal {
  const type = reader.byte();
  const mutable = reader.byte() === 1;
  return { type, mutable, init: reader.constantExpression() };
}

function readExport(reader: WasmReader): SourceExport {
  return { name: reader.sized(), kind: reader.byte(), index: reader.u32() };
}

function readElements(reader: WasmReader): SourceElements {
  reader.u32();
  const at = reader.constantExpression();
  return { at, functions: Array.from({ length: reader.u32() }, () => reader.u32()) };
}

function readData(reader: WasmReader): SourceData {
  if (reader.u32() === 2) reader.u32();
  return { at: reader.constantExpression(), content: reader.sized() };
}
