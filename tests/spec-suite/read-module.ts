// A module of the core suite as data: every section but custom ones, floats, references and all. Reads what
// a valid module may hold and judges nothing; what the profile refuses is for body-scan.ts and cut-module.ts.
import { WasmReader } from "../../host/program/wasm-reader.ts";

export interface SuiteType {
  readonly params: Uint8Array;
  readonly results: Uint8Array;
}

export interface SuiteLimits {
  readonly min: number;
  readonly max: number | undefined;
}

export interface SuiteGlobalType {
  readonly type: number;
  readonly mutable: boolean;
}

export type SuiteImport = { readonly module: string; readonly name: string } & (
  | { readonly kind: 0; readonly type: number }
  | { readonly kind: 1; readonly table: SuiteTable }
  | { readonly kind: 2; readonly memory: SuiteLimits }
  | { readonly kind: 3; readonly global: SuiteGlobalType }
);

export interface SuiteTable extends SuiteLimits {
  readonly type: number;
}

export interface SuiteGlobal extends SuiteGlobalType {
  /** The constant expression with its `end`. */
  readonly init: Uint8Array;
}

export interface SuiteExport {
  readonly name: string;
  readonly kind: number;
  readonly index: number;
}

export interface SuiteElements {
  readonly mode: "active" | "passive" | "declared";
  readonly table: number;
  readonly at: Uint8Array;
  /** Function indices; undefined is null, or a reference that is no function of the module. */
  readonly functions: readonly (number | undefined)[];
}

export interface SuiteData {
  /** Undefined for a passive segment. */
  readonly at: Uint8Array | undefined;
  readonly content: Uint8Array;
}

export interface SuiteModule {
  readonly types: readonly SuiteType[];
  readonly imports: readonly SuiteImport[];
  /** Type index of each defined function. */
  readonly functions: readonly number[];
  readonly tables: readonly SuiteTable[];
  readonly memories: readonly SuiteLimits[];
  readonly globals: readonly SuiteGlobal[];
  readonly exports: readonly SuiteExport[];
  readonly start: number | undefined;
  readonly elements: readonly SuiteElements[];
  /** Entries of the code section without their sizes. */
  readonly bodies: readonly Uint8Array[];
  readonly data: readonly SuiteData[];
}

/** Names as they are: a byte order mark is a character like others. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

const REF_FUNC = 0xd2;
const REF_NULL = 0xd0;
const END = 0x0b;

/** A constant expression with its `end`; instructions of the suite's modules only. */
function expression(reader: WasmReader): Uint8Array {
  const start = reader.offset;
  for (let op = reader.byte(); op !== END; op = reader.byte()) {
    if (op === 0x43) reader.offset += 4;
    else if (op === 0x44) reader.offset += 8;
    else if (op === 0xfd) reader.offset += 17;
    else reader.skipInteger();
  }
  return reader.bytes.subarray(start, reader.offset);
}

function limits(reader: WasmReader): SuiteLimits {
  const flag = reader.byte();
  const min = reader.u32();
  return { min, max: (flag & 1) === 1 ? reader.u32() : undefined };
}

function table(reader: WasmReader): SuiteTable {
  const type = reader.byte();
  return { type, ...limits(reader) };
}

function globalType(reader: WasmReader): SuiteGlobalType {
  return { type: reader.byte(), mutable: reader.byte() === 1 };
}

function importOf(reader: WasmReader): SuiteImport {
  const names = { module: utf8.decode(reader.sized()), name: utf8.decode(reader.sized()) };
  const kind = reader.byte();
  if (kind === 0) return { ...names, kind, type: reader.u32() };
  if (kind === 1) return { ...names, kind, table: table(reader) };
  if (kind === 2) return { ...names, kind, memory: limits(reader) };
  return { ...names, kind: 3, global: globalType(reader) };
}

function vectorOf<T>(reader: WasmReader, read: () => T): T[] {
  return Array.from({ length: reader.u32() }, read);
}

/** The eight forms of an element segment; bits: passive or declared, explicit table, expressions. */
function elementsOf(reader: WasmReader): SuiteElements {
  const form = reader.u32();
  const isActive = (form & 1) === 0;
  const tableIndex = isActive && (form & 2) !== 0 ? reader.u32() : 0;
  const at = isActive ? expression(reader) : new Uint8Array(0);
  if ((form & 3) !== 0) reader.byte();
  const item = (): number | undefined => {
    if ((form & 4) === 0) return reader.u32();
    const bytes = expression(reader);
    return bytes[0] === REF_FUNC ? new WasmReader(bytes, 1).u32() : undefined;
  };
  const mode = isActive ? "active" : (form & 2) !== 0 ? "declared" : "passive";
  return { mode, table: tableIndex, at, functions: vectorOf(reader, item) };
}

function dataOf(reader: WasmReader): SuiteData {
  const form = reader.u32();
  if (form === 2) reader.u32();
  const at = form === 1 ? undefined : expression(reader);
  return { at, content: reader.sized() };
}

/** Whether a constant expression is a null reference. */
export const isNullReference = (init: Uint8Array): boolean => init[0] === REF_NULL;

/** Reads a valid module. */
export function readSuiteModule(wasm: Uint8Array): SuiteModule {
  const sections = new Map<number, Uint8Array>();
  const all = new WasmReader(wasm, 8);
  while (all.offset < wasm.length) {
    const id = all.byte();
    const content = all.sized();
    if (id !== 0) sections.set(id, content);
  }
  const vector = <T>(id: number, read: (reader: WasmReader) => T): T[] => {
    const content = sections.get(id);
    if (content === undefined) return [];
    const reader = new WasmReader(content);
    return vectorOf(reader, () => read(reader));
  };
  const start = sections.get(8);
  return {
    types: vector(1, (reader) => {
      reader.byte();
      return { params: reader.sized(), results: reader.sized() };
    }),
    imports: vector(2, importOf),
    functions: vector(3, (reader) => reader.u32()),
    tables: vector(4, table),
    memories: vector(5, limits),
    globals: vector(6, (reader) => ({ ...globalType(reader), init: expression(reader) })),
    exports: vector(7, (reader) => ({
      name: utf8.decode(reader.sized()),
      kind: reader.byte(),
      index: reader.u32(),
    })),
    start: start === undefined ? undefined : new WasmReader(start).u32(),
    elements: vector(9, elementsOf),
    bodies: vector(10, (reader) => reader.sized()),
    data: vector(11, dataOf),
  };
}
