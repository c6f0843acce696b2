// The writing half of the canonical codec (docs/formats.md): big-endian fixed-width integers, fixed
// byte strings, length-prefixed bytes. It refuses a value that does not fit its field, so what it
// writes always reads back equal. Mirrors reader.ts.
import { EngineError } from "../errors.ts";

const U32_MAX = 0xffff_ffff;

function outOfRange(got: string, expected: string): EngineError {
  return new EngineError({
    code: "BYTES_OUT_OF_RANGE",
    message: `got ${got}, expected ${expected}`,
    details: { got, expected },
  });
}

/** Appends fields to a growing buffer. One writer makes one byte string. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  /** @param capacity bytes to reserve; the exact size when known saves copies. */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Makes room for `size` more bytes and returns where they go. */
  #reserve(size: number): number {
    const at = this.#length;
    const end = at + size;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#length = end;
    return at;
  }

  #number(value: number, size: number, max: number): this {
    if (!Number.isInteger(value) || value < 0 || value > max) {
      throw outOfRange(String(value), `an integer from 0 to ${max}`);
    }
    let at = this.#reserve(size) + size;
    for (let i = 0; i < size; i++) {
      this.#bytes[--at] = value;
      value = Math.floor(value / 256);
    }
    return this;
  }

  #bigint(value: bigint, size: number): this {
    if (value < 0n || value >> BigInt(8 * size) !== 0n) {
      throw outOfRange(String(value), `an unsigned integer of ${size} bytes`);
    }
    let at = this.#reserve(size) + size;
    while (value > U32_MAX) {
      const low = Number(value & 0xffff_ffffn);
      this.#bytes[--at] = low;
      this.#bytes[--at] = low >>> 8;
      this.#bytes[--at] = low >>> 16;
      this.#bytes[--at] = low >>> 24;
      value >>= 32n;
    }
    for (let rest = Number(value); rest > 0; rest = Math.floor(rest / 256)) {
      this.#bytes[--at] = rest;
    }
    return this;
  }

  /** @throws BYTES_OUT_OF_RANGE like every method here when the value does not fit the field. */
  u8(value: number): this {
    return this.#number(value, 1, 0xff);
  }

  u16(value: number): this {
    return this.#number(value, 2, 0xffff);
  }

  u32(value: number): this {
    return this.#number(value, 4, U32_MAX);
  }

  /** Six bytes: gas limits. */
  u48(value: number): this {
    return this.#number(value, 6, 2 ** 48 - 1);
  }

  u64(value: bigint): this {
    return this.#bigint(value, 8);
  }

  u128(value: bigint): this {
    return this.#bigint(value, 16);
  }

  /** Exactly `size` bytes. */
  fixed(bytes: Uint8Array, size: number): this {
    if (bytes.length !== size) throw outOfRange(`${bytes.length} bytes`, `${size} bytes`);
    return this.raw(bytes);
  }

  /** u32 length ‖ content. */
  bytes(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  /** Content without a length. */
  raw(bytes: Uint8Array): this {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** What was written. The writer is not used after this. */
  finish(): Uint8Array {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length);
  }
}
