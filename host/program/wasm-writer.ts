// Growing byte buffer with the encodings that a Wasm binary needs: LEB128 integers, byte ranges,
// opcodes. Stands under emit-wasm.ts and body-rewriter.ts. Integers get their shortest encoding,
// so equal input gives equal bytes on every machine; it never validates what it is given.

const INITIAL_BYTES = 256;
const SHORT_BYTES = 24;

/** Block type of a block without result. */
export const EMPTY_BLOCK = 0x40;

/** Value types of integer Wasm. */
export const ValueType = { i32: 0x7f, i64: 0x7e } as const;

/** Appends bytes; positions are byte offsets from the start of this writer. */
export class WasmWriter {
  private buffer = new Uint8Array(INITIAL_BYTES);
  private used = 0;

  /** Bytes written so far, which is the offset of the next one. */
  get length(): number {
    return this.used;
  }

  private reserve(count: number): void {
    const needed = this.used + count;
    if (needed <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2));
    grown.set(this.buffer.subarray(0, this.used));
    this.buffer = grown;
  }

  byte(value: number): this {
    this.reserve(1);
    this.buffer[this.used++] = value;
    return this;
  }

  /** Opcodes and other single bytes in order. */
  bytes(...values: readonly number[]): this {
    for (const value of values) this.byte(value);
    return this;
  }

  /** The bytes of `source` from `start` to `end`; short ranges, which most are, by hand. */
  range(source: Uint8Array, start: number, end: number): this {
    if (end - start > SHORT_BYTES) return this.raw(source.subarray(start, end));
    this.reserve(end - start);
    for (let i = start; i < end; i += 1) this.buffer[this.used++] = source[i]!;
    return this;
  }

  raw(source: Uint8Array): this {
    this.reserve(source.length);
    this.buffer.set(source, this.used);
    this.used += source.length;
    return this;
  }

  /** Unsigned 32-bit LEB128. */
  u32(value: number): this {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.byte(rest);
  }

  /** Signed LEB128 of a 32-bit value, as `i32.const` carries it. */
  s32(value: number): this {
    let rest = value | 0;
    while (rest < -0x40 || rest > 0x3f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    return this.byte(rest & 0x7f);
  }

  /** Signed LEB128 of an integer below 2^53 in magnitude, as `i64.const` carries it. */
  s64(value: number): this {
    let rest = value;
    while (rest < -0x40 || rest > 0x3f) {
      const low = ((rest % 0x80) + 0x80) % 0x80;
      this.byte(low | 0x80);
      rest = (rest - low) / 0x80;
    }
    return this.byte(rest & 0x7f);
  }

  /** A `name`: length in bytes, then UTF-8. Only ASCII names are written by us. */
  name(text: string): this {
    return this.sized(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  }

  /** u32 length, then the bytes. */
  sized(content: Uint8Array): this {
    return this.u32(content.length).raw(content);
  }

  /** A section: id, size, content. */
  section(id: number, content: WasmWriter): this {
    return this.byte(id).sized(content.view());
  }

  /** What was written, without a copy; valid until the next write. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.used);
  }

  /** What was written, as bytes of their own. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.used);
  }
}
