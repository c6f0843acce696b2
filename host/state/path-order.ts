// Sorting of trie paths: most differ in their first 32 bits, so they are sorted as numbers, natively, and
// the few that do not are set right by comparing the rest. Shared by witnesses and mergers.

import { assert } from "../errors.ts";

/** At most 2^21 paths: 32 bits of the path and 21 of the index fit in a double. */
const INDEX_SPAN = 2 ** 21;

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
export function pathOrder(paths: Uint8Array, count: number): Int32Array {
  assert(count <= INDEX_SPAN, "at most 2^21 paths are sorted at once: gas bounds blocks far below");
  const order = new Float64Array(count);
  for (let i = 0; i < count; i++) order[i] = pathPrefix(paths, 32 * i) * INDEX_SPAN + i;
  order.sort();
  const sorted = new Int32Array(count);
  for (let k = 0; k < count; k++) {
    const index = order[k]! % INDEX_SPAN;
    // Equal first words are rare; an insertion step sorts them by the rest of the path.
    let at = k;
    while (at > 0 && comparePaths(paths, sorted[at - 1]!, index) > 0) {
      sorted[at] = sorted[at - 1]!;
      at--;
    }
    sorted[at] = index;
  }
  return sorted;
}
