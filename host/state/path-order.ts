// Sorting of trie paths: most differ in their first 32 bits, so they are sorted as numbers, natively, and
// the few that do not are set right by comparing the rest. Shared by witnesses, images and mergers.

import { readU32 } from "../codec/reader.ts";
import { assert } from "../errors.ts";
import { DEPTH_MAX } from "./path-bits.ts";
import { PATH_BYTES } from "./state-key.ts";

/** Up to so many paths are sorted by 32 bits, more by 24: with the index they fit in a double. */
const FEW = 2 ** 21;
const MANY = 2 ** 29;

/** The order of the paths at `aOffset` of `a` and at `bOffset` of `b`: negative, 0 or positive. */
export function comparePaths(
  a: Uint8Array,
  aOffset: number,
  b: Uint8Array,
  bOffset: number,
): number {
  for (let i = 0; i < PATH_BYTES; i++) {
    const difference = a[aOffset + i]! - b[bOffset + i]!;
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
  for (let i = 0; i < count; i++) order[i] = (readU32(paths, 32 * i) >>> shift) * span + i;
  order.sort();
  const sorted = new Int32Array(count);
  for (let k = 0; k < count; k++) {
    const index = order[k]! % span;
    // Equal prefixes are rare; an insertion step sorts them by the rest of the path.
    let at = k;
    while (at > 0 && comparePaths(paths, 32 * sorted[at - 1]!, paths, 32 * index) > 0) {
      sorted[at] = sorted[at - 1]!;
      at--;
    }
    sorted[at] = index;
  }
  return sorted;
}

/** `count` paths, 32 bytes each, in ascending order, and which of those given each is. */
export function sortPaths(
  unsorted: Uint8Array,
  count: number,
): { readonly paths: Uint8Array; readonly order: Int32Array } {
  const order = pathOrder(unsorted, count);
  const paths = new Uint8Array(PATH_BYTES * count);
  for (let k = 0; k < count; k++) {
    const at = PATH_BYTES * order[k]!;
    for (let i = 0; i < PATH_BYTES; i++) paths[PATH_BYTES * k + i] = unsorted[at + i]!;
  }
  return { paths, order };
}

/** First of the ascending paths [from, to), equal in their first `depth` bits, whose next bit is set. */
export function firstRight(paths: Uint8Array, from: number, to: number, depth: number): number {
  assert(depth < DEPTH_MAX, "two keys have different paths");
  const mask = 0x80 >>> (depth & 7);
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (paths[PATH_BYTES * middle + (depth >>> 3)]! & mask) high = middle;
    else low = middle + 1;
  }
  return low;
}
