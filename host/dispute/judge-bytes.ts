// Bytes of the judge: big-endian numbers, joining, comparing. The judge has its own so that nothing it
// says rests on the codec that wrote the blocks. Nothing here checks a range: callers read from parts whose
// length they know.

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** An unsigned number of `size` <= 6 bytes at `at`. */
export function readNumber(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = at; i < at + size; i++) value = value * 256 + bytes[i]!;
  return value;
}

/** An unsigned number of `size` bytes at `at`. */
export function readBig(bytes: Uint8Array, at: number, size: number): bigint {
  let value = 0n;
  for (let i = at; i < at + size; i++) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}

/** Writes a number modulo 256^size. */
export function writeBig(bytes: Uint8Array, at: number, size: number, value: bigint): void {
  for (let i = at + size - 1; i >= at; i--) {
    bytes[i] = Number(value & 0xffn);
    value >>= 8n;
  }
}

export function writeNumber(bytes: Uint8Array, at: number, size: number, value: number): void {
  for (let i = at + size - 1; i >= at; i--) {
    bytes[i] = value % 256;
    value = Math.floor(value / 256);
  }
}

/** A number as `size` bytes. */
export function numberBytes(size: number, value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(size);
  writeBig(bytes, 0, size, BigInt(value));
  return bytes;
}
