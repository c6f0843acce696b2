// Modules written byte by byte, for tests that need an exact offset or a malformed module. Integers are
// the shortest LEB128; everything else is what the test says.
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

type Bytes = readonly number[];

/** Unsigned LEB128. */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** Length-prefixed ASCII. */
export const name = (text: string): number[] => [
  ...leb(text.length),
  ...[...text].map((c) => c.charCodeAt(0)),
];

export const vector = (items: readonly Bytes[]): number[] => [
  ...leb(items.length),
  ...items.flat(),
];

export const section = (id: number, content: Bytes): number[] => [
  id,
  ...leb(content.length),
  ...content,
];

export const functionType = (params: Bytes, results: Bytes): number[] => [
  0x60,
  ...leb(params.length),
  ...params,
  ...leb(results.length),
  ...results,
];

/** An entry of the code section: locals as (count, type) groups, instructions without the last end. */
export function body(instructions: Bytes, locals: readonly Bytes[] = []): number[] {
  const content = [...vector(locals), ...instructions, 0x0b];
  return [...leb(content.length), ...content];
}

export const moduleOf = (...sections: readonly Bytes[]): Uint8Array =>
  Uint8Array.from([...HEADER, ...sections.flat()]);

export const I32 = 0x7f;
export const I64 = 0x7e;
export const MAIN = [...name("main"), 0x00];

export interface Parts {
  readonly types?: readonly Bytes[];
  readonly imports?: readonly Bytes[];
  /** Type index of each defined function. */
  readonly functions?: readonly number[];
  readonly tables?: readonly Bytes[];
  readonly memories?: readonly Bytes[];
  readonly globals?: readonly Bytes[];
  readonly exports?: readonly Bytes[];
  readonly elements?: readonly Bytes[];
  readonly bodies?: readonly Bytes[];
  readonly data?: readonly Bytes[];
}

/** A module of these parts; absent parts have no section. */
export function moduleWith(parts: Parts): Uint8Array {
  const sections: number[][] = [];
  const add = (id: number, items: readonly Bytes[] | undefined) => {
    if (items !== undefined) sections.push(section(id, vector(items)));
  };
  add(1, parts.types);
  add(2, parts.imports);
  add(
    3,
    parts.functions?.map((type) => leb(type)),
  );
  add(4, parts.tables);
  add(5, parts.memories);
  add(6, parts.globals);
  add(7, parts.exports);
  add(9, parts.elements);
  add(10, parts.bodies);
  add(11, parts.data);
  return moduleOf(...sections);
}

/** A module with one function of type [] -> [] exported as main. */
export function mainModule(instructions: Bytes, more: Parts = {}, locals: readonly Bytes[] = []) {
  return moduleWith({
    types: [functionType([], [])],
    functions: [0],
    exports: [[...MAIN, 0]],
    bodies: [body(instructions, locals)],
    ...more,
  });
}

/** Byte offset of the content of section `id`, whose size has one byte. */
export function contentAt(wasm: Uint8Array, id: number): number {
  for (let at = 8; at < wasm.length; at += 2 + (wasm[at + 1] ?? 0)) {
    if (wasm[at] === id) return at + 2;
  }
  throw new RangeError(`the module has no section ${id}`);
}

/** Byte offset of the first instruction of the first body, which declares no locals. */
export const instructionsAt = (wasm: Uint8Array): number => contentAt(wasm, 10) + 3;
