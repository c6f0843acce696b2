// Names for messages about a refused module: functions from the name section, imports by index. The
// module may be malformed or hostile, so every reader here is lenient and total: a name that cannot be
// read is no name. Nothing here decides anything.
interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

const CUSTOM = 0;
const IMPORT = 2;
const FUNCTION_NAMES = 1;
/** More than a module of the largest size that any preset allows can have: bounds the work on others. */
const SECTIONS_MAX = 100_000;
const utf8 = new TextDecoder();

/** NaN past the end, which makes every comparison below fail. */
function u32(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) return Number.NaN;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  return Number.NaN;
}

function text(cursor: Cursor): string | undefined {
  const length = u32(cursor);
  if (!(cursor.at + length <= cursor.bytes.length)) return undefined;
  const name = utf8.decode(cursor.bytes.subarray(cursor.at, cursor.at + length));
  cursor.at += length;
  return name;
}

function* sections(wasm: Uint8Array): Generator<{ id: number; content: Cursor }> {
  const cursor: Cursor = { bytes: wasm, at: 8 };
  for (let left = SECTIONS_MAX; left > 0 && cursor.at < wasm.length; left--) {
    const id = wasm[cursor.at++] ?? CUSTOM;
    const size = u32(cursor);
    const end = cursor.at + size;
    if (!(end <= wasm.length)) return;
    yield { id, content: { bytes: wasm.subarray(0, end), at: cursor.at } };
    cursor.at = end;
  }
}

/** The name of a function in the name section, if the module has one that can be read. */
export function functionName(wasm: Uint8Array, index: number): string | undefined {
  for (const { id, content } of sections(wasm)) {
    if (id !== CUSTOM || text(content) !== "name") continue;
    while (content.at < content.bytes.length) {
      const kind = content.bytes[content.at++];
      const size = u32(content);
      if (kind !== FUNCTION_NAMES) {
        if (!(size >= 0)) return undefined;
        content.at += size;
        continue;
      }
      for (let left = u32(content); left > 0; left--) {
        const found = u32(content);
        const name = text(content);
        if (found === index || name === undefined) return name;
      }
      return undefined;
    }
  }
  return undefined;
}

/** Content of the first custom section with this name, as a view. */
export function customSection(wasm: Uint8Array, name: string): Uint8Array | undefined {
  for (const { id, content } of sections(wasm)) {
    if (id === CUSTOM && text(content) === name) return content.bytes.subarray(content.at);
  }
  return undefined;
}

/** Module and name of every function import, up to the first that cannot be read. */
export function importNames(wasm: Uint8Array): string[] {
  const names: string[] = [];
  for (const { id, content } of sections(wasm)) {
    if (id !== IMPORT) continue;
    for (let left = u32(content); left > 0; left--) {
      const module = text(content);
      const name = text(content);
      if (module === undefined || name === undefined) return names;
      names.push(`${module}.${name}`);
      if (content.bytes[content.at++] !== 0) return names;
      u32(content);
    }
  }
  return names;
}
