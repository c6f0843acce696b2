// Bits of paths: which side of a branch a path takes, and where two paths part.

import { PATH_BYTES } from "./state-key.ts";

/** Bits of a path. */
export const DEPTH_MAX = 256;

/** Bit `depth` of the path at `offset`, most significant first. */
export function bitAt(paths: Uint8Array, offset: number, depth: number): number {
  return (paths[offset + (depth >>> 3)]! >>> (7 - (depth & 7))) & 1;
}

/** First bit from `from` on in which two paths differ, or 256. */
export function differingBit(
  a: Uint8Array,
  aOffset: number,
  b: Uint8Array,
  bOffset: number,
  from: number,
): number {
  for (let i = from >>> 3; i < PATH_BYTES; i++) {
    const difference = a[aOffset + i]! ^ b[bOffset + i]!;
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24;
  }
  return DEPTH_MAX;
}
