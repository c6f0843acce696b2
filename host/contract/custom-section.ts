// Custom sections at the end of a Wasm binary: reading, adding, leaving out. The other sections are copied
// as they are, so byte offsets of code stay what the source map says.
import { EngineError } from "../errors.ts";

const HEADER_BYTES = 8;

interface Section {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  /** Only of custom sections. */
  readonly name: string | undefined;
  readonly content: Uint8Array;
}

function truncated(offset: number): EngineError {
  return new EngineError({
    code: "BYTES_TRUNCATED",
    message: "a Wasm section ends beyond the module",
    where: { byteOffset: offset },
  });
}

function readLeb(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++];
    if (byte === undefined) break;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return { value, next: at };
  }
  throw truncated(at);
}

function* sectionsOf(wasm: Uint8Array): Generator<Section> {
  let at = HEADER_BYTES;
  while (at < wasm.length) {
    const start = at;
    const id = wasm[at] ?? 0;
    const size = readLeb(wasm, at + 1);
    const end = size.next + size.value;
    if (end > wasm.length) throw truncated(start);
    let content = wasm.subarray(size.next, end);
    let name: string | undefined;
    if (id === 0) {
      const length = readLeb(content, 0);
      if (length.next + length.value > content.length) throw truncated(start);
      name = new TextDecoder().decode(content.subarray(length.next, length.next + length.value));
      content = content.subarray(length.next + length.value);
    }
    yield { id, start, end, name, content };
    at = end;
  }
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = value & 127;
    value >>>= 7;
    if (value === 0) return [...bytes, low];
    bytes.push(low | 128);
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The content of the custom section `name`, or undefined. @throws BYTES_TRUNCATED */
export function readSection(wasm: Uint8Array, name: string): Uint8Array | undefined {
  for (const section of sectionsOf(wasm)) if (section.name === name) return section.content;
  return undefined;
}

/** `wasm` without custom sections called `name`. @throws BYTES_TRUNCATED */
export function withoutSection(wasm: Uint8Array, name: string): Uint8Array {
  const parts = [wasm.subarray(0, HEADER_BYTES)];
  for (const section of sectionsOf(wasm))
    if (section.name !== name) parts.push(wasm.subarray(section.start, section.end));
  return concat(parts);
}

/** `wasm` with one more custom section at its end. */
export function appendSection(wasm: Uint8Array, name: string, content: Uint8Array): Uint8Array {
  const label = new TextEncoder().encode(name);
  const head = Uint8Array.from([...leb(label.length), ...label]);
  const size = leb(head.length + content.length);
  return concat([wasm, Uint8Array.from([0, ...size]), head, content]);
}
