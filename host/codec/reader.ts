// The reading half of the canonical codec (docs/formats.md). Every length is checked against what is
// left before anything is allocated, and `end` refuses trailing bytes. Byte strings come out as views
// of the input: copy what must outlive it. Mirrors writer.ts.
import { EngineError, type ErrorCode, type ErrorWhere } from "../errors.ts";

/** Reads fields one after another. Every failure is an EngineError BYTES_* with the byte offset. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #where: ErrorWhere;
  #at = 0;

  /** @param where what is being read; the byte offset of a failure is added to it. */
  constructor(bytes: Uint8Array, where: ErrorWhere = {}) {
    this.#bytes = bytes;
    this.#where = where;
  }

  /** Offset of the next byte. */
  get offset(): number {
    return this.#at;
  }

  /** Bytes left. */
  remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** An error of `code` at `byteOffset` (default: the next byte) in the usual words. */
  error(
    code: ErrorCode,
    what: string,
    got: string | number,
    expected: string | number,
    byteOffset: number = this.#at,
  ): EngineError {
    return new EngineError({
      code,
      message: `${what}: got ${got}, expected ${expected}`,
      where: { ...this.#where, byteOffset },
      details: { got, expected },
    });
  }

  #take(size: number): number {
    const at = this.#at;
    if (size > this.#bytes.length - at) {
      throw this.error(
        "BYTES_TRUNCATED",
        "the bytes end too early",
        `${this.remaining()} bytes left`,
        `${size}`,
      );
    }
    this.#at = at + size;
    return at;
  }

  /** @throws BYTES_TRUNCATED like every read. */
  u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  u16(): number {
    const at = this.#take(2);
    return this.#bytes[at]! * 256 + this.#bytes[at + 1]!;
  }

  u32(): number {
    return readU32(this.#bytes, this.#take(4));
  }

  /** Six bytes: gas limits. */
  u48(): number {
    return readU48(this.#bytes, this.#take(6));
  }

  u64(): bigint {
    return readU64(this.#bytes, this.#take(8));
  }

  u128(): bigint {
    return readU128(this.#bytes, this.#take(16));
  }

  /** A view of the next `size` bytes. */
  fixed(size: number): Uint8Array {
    const at = this.#take(size);
    return this.#bytes.subarray(at, at + size);
  }

  /**
   * A view of u32 length ‖ content with at most `max` bytes of content.
   * @throws BYTES_TOO_LONG when the declared length is over `max`.
   */
  bytes(max: number): Uint8Array {
    const at = this.#at;
    const length = this.u32();
    if (length > max) {
      throw this.error("BYTES_TOO_LONG", "a declared length", length, `at most ${max}`, at);
    }
    return this.fixed(length);
  }

  /**
   * A u32 count of items of at least `itemBytes` (>= 1) bytes each, so that nobody allocates for items
   * that cannot be there.
   * @throws BYTES_TOO_LONG over `max` · BYTES_TRUNCATED when the rest cannot hold them
   */
  count(max: number, itemBytes: number): number {
    const at = this.#at;
    const count = this.u32();
    if (count > max) {
      throw this.error("BYTES_TOO_LONG", "a declared count", count, `at most ${max}`, at);
    }
    if (count * itemBytes > this.remaining()) {
      throw this.error(
        "BYTES_TRUNCATED",
        `${count} items of at least ${itemBytes} bytes`,
        `${this.remaining()} bytes left`,
        `${count * itemBytes}`,
        at,
      );
    }
    return count;
  }

  /** @throws BYTES_TRAILING when bytes are left. */
  end(): void {
    if (this.remaining() !== 0) {
      throw this.error("BYTES_TRAILING", "after the end", `${this.remaining()} bytes`, 0);
    }
  }
}

/** Big-endian u32 at `at`, which must lie inside `bytes`. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}

/** Big-endian six bytes at `at`: below 2^53, so exact as a number. */
export function readU48(bytes: Uint8Array, at: number): number {
  return (bytes[at]! * 256 + bytes[at + 1]!) * 2 ** 32 + readU32(bytes, at + 2);
}

/** Big-endian u64 at `at`. */
export function readU64(bytes: Uint8Array, at: number): bigint {
  const high = readU32(bytes, at);
  const low = readU32(bytes, at + 4);
  // Real nonces, prices and heights are small: one exact conversion instead of BigInt arithmetic.
  if (high < 2 ** 21) return BigInt(high * 2 ** 32 + low);
  return (BigInt(high) << 32n) | BigInt(low);
}

/** Big-endian u128 at `at`. */
export function readU128(bytes: Uint8Array, at: number): bigint {
  const low = readU64(bytes, at + 8);
  if (readU32(bytes, at) === 0 && readU32(bytes, at + 4) === 0) return low;
  return (readU64(bytes, at) << 64n) | low;
}
