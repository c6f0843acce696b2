// Gives many leaves of a trie the hashes of new values. Sorted and in groups, because the time of a block's
// root is the time of reaching what lies scattered in memory (docs/decisions/0035, 0036).

import { readU32 } from "../codec/reader.ts";
import { type LeafRun, PREFIX_BITS } from "./leaf-run.ts";
import type { StateHasher } from "./state-hasher.ts";
import { PATH_BYTES } from "./state-key.ts";
import type { Trie } from "./trie.ts";
import { leafHashes, valueCommitments } from "./value-commitment.ts";

/** So many at once where there are more. A prefix with a number below it fits into a double. */
const BATCH = 65_536;
/**
 * About as many neighbours are put and then hashed up to where their part of the trie begins, before the
 * next ones are touched: their branches are still in the caches of a core.
 */
const GROUP = 512;

/**
 * Puts leaves, whose paths are set and differ, with the hashes of their values. Some branches are hashed
 * on the way: `rehash` the trie afterwards. `group` changes speed only.
 * @throws WITNESS_MISSING when a place is not opened
 */
export function putLeaves(
  trie: Trie,
  hasher: StateHasher,
  leaves: readonly number[],
  values: readonly Uint8Array[],
  group = GROUP,
): void {
  for (let from = 0; from < leaves.length; from += BATCH) {
    const part = leaves.slice(from, from + BATCH);
    const commitments = valueCommitments(hasher, values.slice(from, from + BATCH));
    const hashes = leafHashes(hasher, trie.paths, part, commitments);
    putGroups(trie, sortedRun(trie.paths, part, hashes), group);
  }
}

function sortedRun(paths: Uint8Array, leaves: readonly number[], hashes: Uint8Array): LeafRun {
  const count = leaves.length;
  const order = new Float64Array(count);
  for (let i = 0; i < count; i++) order[i] = readU32(paths, leaves[i]! * PATH_BYTES) * BATCH + i;
  order.sort();
  const sorted = new Int32Array(count);
  const prefixes = new Uint32Array(count);
  const numbers = new Int32Array(count);
  for (let k = 0; k < count; k++) {
    const i = order[k]! % BATCH;
    sorted[k] = leaves[i]!;
    prefixes[k] = Math.floor(order[k]! / BATCH);
    numbers[k] = i;
  }
  return { leaves: sorted, prefixes, numbers, hashes };
}

/** A group is a part of the trie: all paths with the same first bits. */
function putGroups(trie: Trie, run: LeafRun, group: number): void {
  const { prefixes } = run;
  const bits = Math.floor(Math.log2(Math.max(1, prefixes.length / group)));
  const size = 2 ** (PREFIX_BITS - bits);
  let from = 0;
  for (let k = 1; k <= prefixes.length; k++) {
    const isLast = k === prefixes.length;
    if (!isLast && Math.floor(prefixes[k]! / size) === Math.floor(prefixes[from]! / size)) continue;
    trie.putSorted(run, from, k);
    if (!isLast) trie.rehash(bits);
    from = k;
  }
}
