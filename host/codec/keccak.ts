// Keccak-256 for everything outside state (docs/formats.md section 1), computed by the crypto module:
// about thirty times the speed of JavaScript, because 64-bit lanes are machine words there.
// Inputs of any length are legal; long ones pass through the fixed buffer in pieces.
import { bufferAt, bufferSize, crypto, memory, outAt, readOut } from "./crypto.ts";

const RATE = 136;

/** Bytes below which a loop is faster than a view and a native copy. */
const SHORT = 128;

/** Leaves the hash of source[start, end) at `outAt`. */
function hashToOut(source: Uint8Array, start: number, end: number): void {
  if (end - start <= SHORT) {
    for (let i = start, at = bufferAt; i < end; i++) memory[at++] = source[i]!;
    crypto.keccak256(bufferAt, end - start, outAt);
    return;
  }
  if (end - start <= bufferSize) {
    memory.set(
      start === 0 && end === source.length ? source : source.subarray(start, end),
      bufferAt,
    );
    crypto.keccak256(bufferAt, end - start, outAt);
    return;
  }
  crypto.keccakStart();
  // bufferSize is a multiple of the rate: only the last piece leaves a rest.
  for (; end - start > bufferSize; start += bufferSize) {
    memory.set(source.subarray(start, start + bufferSize), bufferAt);
    crypto.keccakAbsorb(bufferAt, bufferSize / RATE);
  }
  memory.set(source.subarray(start, end), bufferAt);
  const blocks = Math.floor((end - start) / RATE);
  crypto.keccakAbsorb(bufferAt, blocks);
  crypto.keccakFinish(bufferAt + blocks * RATE, end - start - blocks * RATE, outAt);
}

/** keccak(bytes), 32 bytes. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  hashToOut(bytes, 0, bytes.length);
  return readOut(0);
}

/**
 * keccak of source[start, end) into target[targetStart, targetStart + 32), without allocating the
 * result. Both ranges must lie inside their arrays; they may overlap.
 */
export function keccak256Into(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  targetStart: number,
): void {
  hashToOut(source, start, end);
  for (let i = 0; i < 32; i++) target[targetStart + i] = memory[outAt + i]!;
}

/** keccak(left ‖ right) of two 32-byte nodes. */
export function keccak256Pair(left: Uint8Array, right: Uint8Array): Uint8Array {
  memory.set(left, bufferAt);
  memory.set(right, bufferAt + 32);
  crypto.keccak64(bufferAt, outAt);
  return readOut(0);
}
