// Stores of format 1 kept values in a table by packed key. Their values become buckets once, at open. Part
// of the LMDB store; it must never take what is not a key of state.

import { bucketName, HashedRun } from "./bucket.ts";
import { type BucketTable, sortByPath } from "./bucket-merger.ts";
import type { StateHasher } from "./state-hasher.ts";
import { STATE_KEY_BYTES } from "./state-key.ts";
import { damaged } from "./store-tail.ts";

/** Writes the values of a flat table as buckets. @throws STATE_DAMAGED */
export function bucketsOfFlat(
  flat: Iterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>,
  buckets: BucketTable,
  hasher: StateHasher,
): void {
  const keys: Uint8Array[] = [];
  const values: Uint8Array[] = [];
  for (const { key, value } of flat) {
    if (key.length !== STATE_KEY_BYTES) throw damaged("a stored key is cut");
    // Copies: the table may use its buffers again.
    keys.push(new Uint8Array(key));
    values.push(new Uint8Array(value));
  }
  const run = sortByPath(keys, values, (key) => hasher.sha256(key));
  for (const { depth, path, record } of new HashedRun(hasher, run).cut(0, keys.length, 0)) {
    buckets.put(bucketName(path, depth), record);
  }
}
