// Commits blocks for ever, saying what it is about to commit and what was acknowledged, until the
// test kills it. Runs the built engine, as a user's process would.
// Arguments: store directory, bytes of tail after which it is merged.

import { writeSync } from "node:fs";
import { nativeStateHasher } from "../../dist/host/environment/native.js";
import { openStore } from "../../dist/host/state/lmdb-store.js";
import { StateChanges } from "../../dist/host/state/state-changes.js";

const [path, mergeAfterBytes] = process.argv.slice(2);

/** Changes of a height: overwrites, inserts and deletes over 400 keys, values of 0 to 99 bytes. */
function changesOf(height) {
  const changes = new StateChanges();
  let state = Math.imul(height + 1, 0x9e3779b1) | 1;
  const next = (bound) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    state ^= state >>> 13;
    return (state >>> 0) % bound;
  };
  const chosen = new Set(Array.from({ length: 1 + next(60) }, () => next(400)));
  for (const n of chosen) {
    const address = new Uint8Array(20).fill(n % 7);
    const key = new Uint8Array(32);
    new DataView(key.buffer).setUint32(0, n);
    const value = next(4) === 0 ? undefined : new Uint8Array(next(100)).fill(height);
    changes.add(1, address, key, value);
  }
  return changes;
}

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const store = await openStore(path, {
  hasher: nativeStateHasher(),
  mergeAfterBytes: Number(mergeAfterBytes),
});
if (store.identity() === undefined) {
  store.apply(changesOf(0));
  writeSync(1, `begin 0 ${hex(store.root())}\n`);
  await store.initialise({ environment: new Uint8Array(32), genesis: new Uint8Array(3) });
  writeSync(1, "ack 0\n");
}
for (let height = Number(store.head().height) + 1; ; height++) {
  const root = store.apply(changesOf(height));
  writeSync(1, `begin ${height} ${hex(root)}\n`);
  const blob = { hash: root, bytes: new Uint8Array(1000).fill(height) };
  await store.commit({
    height: BigInt(height),
    block: new Uint8Array(5000).fill(height),
    blobs: [blob],
  });
  writeSync(1, `ack ${height}\n`);
}
