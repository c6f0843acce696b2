// Measures state, asserts nothing: node tests/state/measure.mjs [keys] (after npm run build).
// Random keys from a fixed seed; the median of five updates per size, and the root so that nothing is
// optimised away.

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { nativeStateHasher } from "../../dist/host/environment/native.js";
import { openStore } from "../../dist/host/state/lmdb-store.js";
import { Overlay } from "../../dist/host/state/overlay.js";
import { StateChanges } from "../../dist/host/state/state-changes.js";
import { pureStateHasher } from "../../dist/host/state/state-hasher.js";
import { StateImage } from "../../dist/host/state/state-image.js";
import { WitnessState } from "../../dist/host/state/witness-state.js";

const keys = Number(process.argv[2] ?? 100_000);
let random = 12_345;
function below(bound) {
  random = (Math.imul(random, 1_664_525) + 1_013_904_223) | 0;
  return Math.floor(((random >>> 0) / 2 ** 32) * bound);
}
const address = new Uint8Array(20).fill(5);
const key = new Uint8Array(32);
function keyOf(n) {
  const view = new DataView(key.buffer);
  for (let i = 0; i < 8; i++) view.setUint32(4 * i, Math.imul(n + 1, 0x9e3779b1 + 2 * i));
  return key;
}
function changesOf(count, of) {
  const changes = new StateChanges(count);
  const chosen = new Set();
  while (chosen.size < count) chosen.add(of(chosen.size));
  for (const n of chosen) changes.add(1, address, keyOf(n), new Uint8Array(16).fill(below(256)));
  return changes;
}
const hex = (bytes) => Buffer.from(bytes.subarray(0, 4)).toString("hex");
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
/** Milliseconds of processor time, which a busy machine distorts less than the clock. */
function timed(run) {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
const line = (what, value) => console.log(what.padEnd(52), value);
function settledMemory() {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

for (const [name, hasher] of [
  ["native", nativeStateHasher()],
  ["pure", pureStateHasher],
]) {
  const before = settledMemory();
  const image = new StateImage(hasher);
  line(
    `${name}: build ${keys} keys, ms`,
    timed(() => image.apply(changesOf(keys, (i) => i))).toFixed(0),
  );
  line(`${name}: bytes per key`, ((settledMemory() - before) / keys).toFixed(0));
  for (const count of [1000, 10_000]) {
    const times = [];
    for (let i = 0; i < 5; i++) {
      const changes = changesOf(Math.min(count, keys / 2), () => below(keys));
      times.push(timed(() => image.apply(changes)));
    }
    line(`${name}: update ${count} keys, ms`, `${median(times).toFixed(2)} (${hex(image.root())})`);
  }
  const overlay = new Overlay(image);
  const nanos = (run) => ((timed(run) / 20_000) * 1e6).toFixed(0);
  const list = Array.from({ length: 20_000 }, () => new Uint8Array(keyOf(below(keys))));
  const all = () => {
    for (const k of list) overlay.open(1, address, k)?.read(0, 16);
  };
  all();
  overlay.reset(image);
  line(`${name}: first open and read, ns`, nanos(all));
  all();
  line(`${name}: open and read again, ns`, nanos(all));
  line(
    `${name}: set, ns`,
    nanos(() => {
      const value = new Uint8Array(16);
      for (const k of list) overlay.set(1, address, k, value);
    }),
  );
  overlay.reset(image);
  for (const k of list.slice(0, 3000)) overlay.open(1, address, k)?.read(0, 16);
  let witness;
  line(
    `${name}: witness of 3000 keys, ms`,
    timed(() => {
      witness = image.witness(overlay.touches());
    }).toFixed(1),
  );
  let state;
  line(
    `${name}: decode it, ms (${witness.length} bytes)`,
    timed(() => {
      state = WitnessState.decode(witness, image.root(), hasher);
    }).toFixed(1),
  );
  const replayed = new Overlay(state);
  for (const k of list.slice(0, 3000)) replayed.open(1, address, k)?.read(0, 16);
  line(
    `${name}: root after and check of use, ms`,
    timed(() => {
      state.rootAfter(replayed);
      state.checkAllUsed(replayed);
    }).toFixed(1),
  );
}

const path = mkdtempSync(join(tmpdir(), "plasma-measure-"));
const options = { hasher: nativeStateHasher(), mergeAfterBytes: 1e12 };
let store = await openStore(path, options);
store.apply(changesOf(keys, (i) => i));
await store.initialise({ environment: new Uint8Array(32), genesis: new Uint8Array(0) });
const commits = [];
for (let height = 1n; height <= 20n; height++) {
  const start = performance.now();
  store.apply(changesOf(3000, () => below(keys)));
  await store.commit({ height, block: new Uint8Array(400_000) });
  commits.push(performance.now() - start);
}
line("store: apply 3000 keys and commit, ms", median(commits).toFixed(2));
let start = performance.now();
await store.finalise(20n);
line("store: finalise everything, ms", (performance.now() - start).toFixed(0));
await store.close();
start = performance.now();
store = await openStore(path, options);
line("store: open, ms", (performance.now() - start).toFixed(0));
line("store: file, MB", (statSync(join(path, "state.lmdb")).size / 1e6).toFixed(0));
await store.close();
rmSync(path, { recursive: true });
