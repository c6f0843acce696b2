// What a Wasm binary contains, by its section headers: for `plasma inspect` and the limits of
// `plasma check`. It reads any bytes, hostile ones too, and validates nothing: whether a module may be
// deployed is prepare's word alone (`plasma check`).
import { EngineError } from "../host/errors.ts";

export interface WasmSection {
  readonly name: string;
  readonly byteOffset: number;
  readonly bytes: number;
}

export interface WasmOverview {
  readonly bytes: number;
  readonly sections: readonly WasmSection[];
  /** `module.name` of every import. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly types: number;
  /** Imported functions included. */
  readonly functions: number;
  readonly globals: number;
  readonly tableEntries: number;
  readonly dataSegments: number;
  readonly pagesInitial: number | null;
  readonly pagesMax: number | null;
  /** The largest function body. */
  readonly bodyBytesMax: number;
}

const names = [
  "custom",
  "type",
  "import",
  "function",
  "table",
  "memory",
  "global",
  "export",
  "start",
  "element",
  "code",
  "data",
  "data count",
];
const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const HEADER_BYTES = MAGIC.length;
/** Names listed of imports and exports; more than any module that can be deployed has. */
const NAMES_MAX = 1_000;
/** More than a module of the largest size that can be deployed has: three bytes make a section. */
const SECTIONS_MAX = 100_000;

/** Bytes shown of a name. */
const NAME_BYTES_MAX = 200;
const utf8 = new TextDecoder();

export const isWasm = (bytes: Uint8Array): boolean =>
  MAGIC.slice(0, 4).every((byte, i) => bytes[i] === byte);

class Cursor {
  readonly bytes: Uint8Array;
  readonly end: number;
  offset: number;

  constructor(bytes: Uint8Array, offset: number, end: number) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  truncated(): EngineError {
    return new EngineError({
      code: "BYTES_TRUNCATED",
      message: `the module ends inside a section, at byte ${this.offset}`,
      where: { byteOffset: this.offset },
    });
  }

  byte(): number {
    if (this.offset >= this.end) throw this.truncated();
    return this.bytes[this.offset++]!;
  }

  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw this.truncated();
  }

  skip(count: number): void {
    if (count > this.end - this.offset) throw this.truncated();
    this.offset += count;
  }

  text(): string {
    const length = this.u32();
    const start = this.offset;
    this.skip(length);
    return utf8.decode(this.bytes.subarray(start, Math.min(this.offset, start + NAME_BYTES_MAX)));
  }

  limits(): readonly [min: number, max: number | null] {
    const flags = this.byte();
    const min = this.u32();
    return [min, (flags & 1) === 1 ? this.u32() : null];
  }
}

function readImports(cursor: Cursor, found: { imports: string[]; functions: number }): void {
  for (let count = Math.min(cursor.u32(), NAMES_MAX); count > 0; count--) {
    found.imports.push(`${cursor.text()}.${cursor.text()}`);
    const kind = cursor.byte();
    if (kind === 0) {
      found.functions += 1;
      cursor.u32();
    } else if (kind === 1) {
      cursor.byte();
      cursor.limits();
    } else if (kind === 2) {
      cursor.limits();
    } else {
      cursor.byte();
      cursor.byte();
    }
  }
}

function readExports(cursor: Cursor): string[] {
  const found: string[] = [];
  for (let count = Math.min(cursor.u32(), NAMES_MAX); count > 0; count--) {
    found.push(cursor.text());
    cursor.byte();
    cursor.u32();
  }
  return found;
}

function largestBody(cursor: Cursor): number {
  let largest = 0;
  for (let count = cursor.u32(); count > 0; count--) {
    const size = cursor.u32();
    cursor.skip(size);
    largest = Math.max(largest, size);
  }
  return largest;
}

/** A function body: its bytes are [start, end). */
export interface BodySpan {
  readonly start: number;
  readonly end: number;
}

/** The bodies of a module that `wasmOverview` accepts, in the order of their indices, imports left out. */
export function codeBodies(bytes: Uint8Array): BodySpan[] {
  const section = wasmOverview(bytes).sections.find(({ name }) => name === "code");
  if (section === undefined) return [];
  const cursor = new Cursor(bytes, section.byteOffset + 1, bytes.length);
  cursor.u32();
  const bodies: BodySpan[] = [];
  for (let count = cursor.u32(); count > 0; count--) {
    const size = cursor.u32();
    bodies.push({ start: cursor.offset, end: cursor.offset + size });
    cursor.skip(size);
  }
  return bodies;
}

/**
 * Reads the sections of a module.
 * @throws BYTES_TRUNCATED when a section, or a list inside one, ends too early; BYTES_TOO_LONG for more
 * than 100,000 sections; INSPECT_KIND_UNKNOWN when it does not start like one
 */
export function wasmOverview(bytes: Uint8Array): WasmOverview {
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) {
    throw new EngineError({
      code: "INSPECT_KIND_UNKNOWN",
      message: "the file starts like no Wasm module of version 1",
      where: { byteOffset: 0 },
    });
  }
  const sections: WasmSection[] = [];
  const found = { imports: [] as string[], functions: 0 };
  const overview = {
    exports: [] as string[],
    types: 0,
    globals: 0,
    tableEntries: 0,
    dataSegments: 0,
  };
  let bodyBytesMax = 0;
  let pages: readonly [number | null, number | null] = [null, null];
  const module = new Cursor(bytes, HEADER_BYTES, bytes.length);
  while (module.offset < bytes.length) {
    const byteOffset = module.offset;
    if (sections.length === SECTIONS_MAX) {
      throw new EngineError({
        code: "BYTES_TOO_LONG",
        message: `got more than ${SECTIONS_MAX} sections`,
        where: { byteOffset },
      });
    }
    const id = module.byte();
    const size = module.u32();
    const cursor = new Cursor(bytes, module.offset, module.offset + size);
    module.skip(size);
    const custom = id === 0 ? ` ${cursor.text()}` : "";
    sections.push({ name: `${names[id] ?? `unknown(${id})`}${custom}`, byteOffset, bytes: size });
    if (id === 1) overview.types = cursor.u32();
    if (id === 2) readImports(cursor, found);
    if (id === 3) found.functions += cursor.u32();
    if (id === 4 && cursor.u32() > 0) {
      cursor.byte();
      overview.tableEntries = cursor.limits()[0];
    }
    if (id === 5 && cursor.u32() > 0) pages = cursor.limits();
    if (id === 6) overview.globals = cursor.u32();
    if (id === 7) overview.exports = readExports(cursor);
    if (id === 10) bodyBytesMax = largestBody(cursor);
    if (id === 11) overview.dataSegments = cursor.u32();
  }
  return {
    bytes: bytes.length,
    sections,
    ...found,
    ...overview,
    pagesInitial: pages[0],
    pagesMax: pages[1],
    bodyBytesMax,
  };
}
