// The definitions of docs/formats.md section 1, word for word and slow, on @noble/hashes: what the
// crypto module is compared with.
import { keccak_256 } from "@noble/hashes/sha3.js";

/** Printed by fast-check on failure; fixed so that a failure can be run again. */
export const seed = 20_240_601;

export const keccak = (...parts: Uint8Array[]): Uint8Array => keccak_256(join(...parts));

export function join(...parts: Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** Bytes that differ at every place of a long input. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 167 + (i >>> 8) * 59 + 13) & 0xff);
}

function treeRoot(leaves: Uint8Array[]): Uint8Array {
  let level = leaves;
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, i) =>
      keccak(level[2 * i]!, level[2 * i + 1]!),
    );
  }
  return level[0]!;
}

export function naiveBytesRoot(bytes: Uint8Array): Uint8Array {
  let count = 1;
  while (128 * count < bytes.length) count *= 2;
  return treeRoot(
    Array.from({ length: count }, (_, i) => {
      const leaf = new Uint8Array(128);
      leaf.set(bytes.subarray(128 * i, 128 * i + 128));
      return keccak(leaf);
    }),
  );
}

/** For small depths only: it builds every leaf. */
export function naiveListRoot(depth: number, leaves: readonly Uint8Array[]): Uint8Array {
  return treeRoot(Array.from({ length: 2 ** depth }, (_, i) => leaves[i] ?? new Uint8Array(32)));
}
