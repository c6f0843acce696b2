// Sorting of trie paths: most differ in their first 32 bits, so they are sorted as numbers, natively, and
// the few that do not are set right by comparing the rest. Shared by witnesses and mergers.

import { assert } from "../errors.ts";

/** Up to so many paths are sorted by 32 bits, more by 24: with the index they fit in a double. */
const FEW = 2 ** 21;
const MANY = 2 ** 29;

/** First 32 bits of the path at `offset`, as a number. */
export function pathPrefix(paths: Uint8Array, offset: number): number {
  const low = (paths[offset + 1]! << 16) | (paths[offset + 2]! << 8) | paths[offset + 3]!;
  return paths[offset]! * 0x1000000 + low;
}

function comparePaths(paths: Uint8Array, a: number, b: number): number {
  for (let i = 0; i < 32; i++) {
    const difference = paths[32 * a + i]! - paths[32 * b + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The numbers of `count` paths, 32 bytes each, in ascending order of the paths. */
export function pathOrder(
  paths: Uint8Array,
  count: number,
  prefixBits: 32 | 24 = count <= FEW ? 32 : 24,
): Int32Array {
  const span = prefixBits === 32 ? FEW : MANY;
  assert(count <= span, "memory ends long before 2^29 paths");
  const shift = 32 - prefixBits;
  const order = new Float64Array(count);
  for (let i = 0; i < count; i++) order[i] = (pathPrefix(paths, 32 * i) >>> shift) * span + i;
  order.sort();
  const sorted = new Int32Array(count);
  for (let k = 0; k < count; k++) {
    const index = order[k]! % span;
    // Equal prefixes are rare; an insertion step sorts them by the rest of the path.
    let at = k;
    while (at > 0 && comparePaths(paths, sorted[at - 1]!, index) > 0) {
      sorted[at] = sorted[at - 1]!;
      at--;
    }
    sorted[at] = index;
  }
  return sorted;
}
