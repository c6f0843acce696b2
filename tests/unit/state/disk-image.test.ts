// A state that is mostly on disk: whatever is in memory, reads, roots, witnesses and entries are those of a
// store in memory; nothing that the disk lacks is forgotten, nothing damaged is read; and the directory of
// buckets and the order of paths beneath it.

import { join } from "node:path";
import fc from "fast-check";
import { open } from "lmdb";
import { describe, expect, it } from "vitest";
import { nativeStateHasher } from "../../../host/environment/native.ts";
import { EngineError } from "../../../host/errors.ts";
import { bucketName, parseBucketName } from "../../../host/state/bucket.ts";
import { BucketDirectory } from "../../../host/state/bucket-directory.ts";
import { openStore } from "../../../host/state/lmdb-store.ts";
import { memoryStore } from "../../../host/state/memory-store.ts";
import { Overlay } from "../../../host/state/overlay.ts";
import { pathOrder } from "../../../host/state/path-order.ts";
import { StateChanges } from "../../../host/state/state-changes.ts";
import type { StateStore } from "../../../host/state/state-store.ts";
import { STORE_FILE } from "../../../host/state/store-files.ts";
import { changesArbitrary, hex, seed, sha256, testKey, toChanges } from "./reference.ts";
import { directory, get } from "./stored.ts";

const identity = { environment: new Uint8Array(32), genesis: new Uint8Array(0) };
const sortedEntries = (store: StateStore) =>
  [...store.entries()].map(({ key, value }) => `${hex(key)} ${hex(value)}`).sort();

/** Witness of some keys, every second of them opened, every third deleted. */
function witnessOf(store: StateStore, keys: readonly number[]): string {
  const overlay = new Overlay(store.source());
  keys.forEach((n, i) => {
    const { cls, address, key } = testKey(n);
    if (i % 2 === 0) overlay.get(cls, address, key);
    if (i % 3 === 0) overlay.delete(cls, address, key);
    else if (i % 2 === 1) overlay.set(cls, address, key, new Uint8Array(1));
  });
  return hex(store.witness(overlay.touches()));
}

describe("a store with little of its state in memory", () => {
  const KEYS = 150;
  const block = fc.record({
    changes: changesArbitrary(KEYS, 60),
    taken: fc.boolean(),
    touched: fc.uniqueArray(fc.nat(KEYS - 1), { maxLength: 12 }),
    next: fc.constantFrom("nothing", "finalise", "finalise later", "reopen"),
  });

  it("gives the values, roots, witnesses and entries of one in memory", async () => {
    const blocks = fc.array(block, { minLength: 2, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(blocks, fc.constantFrom(0, 10_000, 30_000), async (list, cacheBytes) => {
        const path = directory();
        const options = { cacheBytes, mergeAfterBytes: 1e9 };
        const twin = memoryStore();
        let store = await openStore(path, options);
        for (const one of [twin, store]) {
          one.apply(toChanges(Array.from({ length: KEYS }, (_, n) => ({ n, value: sha256() }))));
          await one.initialise(identity);
        }
        await store.finalise(0n);
        let height = 0n;
        for (const { changes, taken, touched, next } of list) {
          expect(witnessOf(store, touched)).toBe(witnessOf(twin, touched));
          expect(store.apply(toChanges(changes))).toEqual(twin.apply(toChanges(changes)));
          if (!taken) {
            for (const one of [twin, store]) one.discard();
            expect(store.root()).toEqual(twin.root());
            continue;
          }
          height += 1n;
          const commit = { height, block: new Uint8Array(1) };
          await Promise.all([twin.commit(commit), store.commit(commit)]);
          for (const n of touched) expect(get(store, n)).toEqual(get(twin, n));
          if (next === "finalise") await store.finalise(height);
          // The blocks that follow come while it merges.
          if (next === "finalise later") void store.finalise(height);
          if (next !== "reopen") continue;
          await store.close();
          store = await openStore(path, options);
          expect(store.head()).toEqual(twin.head());
        }
        expect(sortedEntries(store)).toEqual(sortedEntries(twin));
        await store.close();
        store = await openStore(path, options);
        for (let n = 0; n < KEYS; n++) expect(get(store, n)).toEqual(get(twin, n));
        await store.close();
      }),
      { seed, numRuns: 25 },
    );
  });

  it("keeps values over the size of a bucket apart and finds keys that are not there absent", async () => {
    const path = directory();
    let store = await openStore(path, { cacheBytes: 0 });
    const value = (n: number) => new Uint8Array(n % 2 === 0 ? 20_000 : 10).fill(n);
    store.apply(toChanges(Array.from({ length: 40 }, (_, n) => ({ n, value: value(n) }))));
    await store.initialise(identity);
    await store.finalise(0n);
    await store.close();
    store = await openStore(path, { cacheBytes: 0 });
    for (let n = 0; n < 40; n++) expect(get(store, n)).toEqual(value(n));
    for (let n = 40; n < 80; n++) expect(get(store, n)).toBeUndefined();
    await store.close();
  });

  const hasher = nativeStateHasher();
  const lastByte = (record: Uint8Array): number => record.length - 1;
  /** A store of more than what is hashed at open, with one byte of each bucket flipped: the last of its last value. */
  async function withDamage(flipped = lastByte, mask = 1): Promise<string> {
    const path = directory();
    const store = await openStore(path, { hasher });
    const value = new Uint8Array(1_200).fill(1);
    store.apply(toChanges(Array.from({ length: 4_000 }, (_, n) => ({ n, value }))));
    await store.initialise(identity);
    await store.finalise(0n);
    await store.close();
    const settings = { encoding: "binary", keyEncoding: "binary" } as const;
    const file = join(path, STORE_FILE);
    const db = open({ ...settings, path: file, noSubdir: true, maxDbs: 8 });
    const table = db.openDB<Uint8Array, Uint8Array>({ ...settings, name: "buckets" });
    for (const { key, value: record } of [...table.getRange()]) {
      const changed = new Uint8Array(record);
      changed[flipped(changed)]! ^= mask;
      table.putSync(key, changed);
    }
    await db.close();
    return path;
  }
  const damaged = expect.objectContaining({ code: "STATE_DAMAGED" });

  it("refuses a damaged bucket when it is read, changed, proven or listed, and at open when asked", async () => {
    const path = await withDamage();
    await expect(openStore(path, { hasher, check: true })).rejects.toThrow(damaged);
    const uses: ((store: StateStore) => unknown)[] = [
      (store) => Array.from({ length: 40 }, (_, n) => get(store, n)),
      (store) =>
        store.apply(
          toChanges(Array.from({ length: 40 }, (_, n) => ({ n, value: new Uint8Array(1) }))),
        ),
      (store) => [...store.entries()],
      (store) => {
        const overlay = new Overlay(store.source());
        for (let n = 0; n < 40; n++) {
          const { cls, address, key } = testKey(n);
          overlay.set(cls, address, key, new Uint8Array(1));
        }
        return store.witness(overlay.touches());
      },
    ];
    for (const use of uses) {
      const store = await openStore(path, { hasher });
      expect(() => use(store)).toThrow(damaged);
      await store.close();
    }
  });

  const valuesAt = (record: Uint8Array): number => 36 + 64 * record[35]!;
  it.each([
    ["hash", () => 5],
    ["number of values", () => 35],
    ["first path", () => 36 + 31],
    ["last path", (record: Uint8Array) => valuesAt(record) - 33],
    ["first commitment", () => 36 + 63],
    ["last commitment", (record: Uint8Array) => valuesAt(record) - 1],
    ["length of the first value", (record: Uint8Array) => valuesAt(record) + 56],
    ["first value", (record: Uint8Array) => valuesAt(record) + 57],
  ])(
    "refuses buckets in which the %s is wrong before it gives anything else",
    async (_, flipped) => {
      const path = await withDamage(flipped);
      await expect(openStore(path, { hasher, check: true })).rejects.toThrow(damaged);
      const read = async () => {
        const store = await openStore(path, { hasher });
        try {
          for (let n = 0; n < 40; n++) expect(get(store, n)).toEqual(new Uint8Array(1_200).fill(1));
        } finally {
          await store.close();
        }
      };
      await expect(read()).rejects.toThrow(damaged);
    },
  );

  it("refuses a branch that is said to be a single leaf before a block can move it", async () => {
    // Three values become one; of other records the last byte changes, which opening does not read.
    const path = await withDamage((record) => (record[35] === 3 ? 35 : lastByte(record)), 2);
    await expect(openStore(path, { hasher })).rejects.toThrow(damaged);
  });

  it("reads what it is asked for past a wrong key, and refuses to list it", async () => {
    const path = await withDamage(valuesAt);
    await expect(openStore(path, { hasher, check: true })).rejects.toThrow(damaged);
    for (const reads of [0, 40]) {
      const store = await openStore(path, { hasher });
      for (let n = 0; n < reads; n++) expect(get(store, n)).toEqual(new Uint8Array(1_200).fill(1));
      expect(() => [...store.entries()]).toThrow(damaged);
      await store.close();
    }
  });

  it("is of no more use once a bucket was found damaged", async () => {
    const store = await openStore(await withDamage(), { hasher });
    expect(() => Array.from({ length: 40 }, (_, n) => get(store, n))).toThrow(damaged);
    expect(() => store.apply(new StateChanges())).toThrow(damaged);
    expect(() => store.head()).toThrow(EngineError);
    await store.close();
  });
});

describe("the directory of buckets", () => {
  it("finds for each path the bucket with its prefix, and its depth", () => {
    const directory = new BucketDirectory();
    const path = (byte: number) => new Uint8Array(32).fill(byte);
    expect([directory.find(path(0)), directory.depth]).toEqual([0, 0]);
    const low = directory.add(path(0x00), 1);
    const high = directory.add(path(0xff), 3);
    expect([directory.find(path(0x7f)), directory.depth]).toEqual([low, 1]);
    expect([directory.find(path(0xe0)), directory.depth]).toEqual([high, 3]);
    expect([directory.find(path(0xc0)), directory.depth]).toEqual([0, 3]);
    expect([directory.find(path(0x80)), directory.depth]).toEqual([0, 2]);
    directory.remove(path(0xff));
    expect(directory.find(path(0xff))).toBe(0);
    const again = directory.add(path(0xff), 200);
    expect([directory.find(path(0xff)), directory.depth]).toEqual([again, 200]);
  });

  it("has a name for each prefix that tells it again", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(255), (path, depth) => {
        const parsed = parseBucketName(bucketName(path, depth));
        expect(parsed.depth).toBe(depth);
        const bits = (bytes: Uint8Array) => [...bytes].map((b) => b.toString(2).padStart(8, "0"));
        const expected = bits(path).join("").slice(0, depth).padEnd(256, "0");
        expect(bits(parsed.path).join("")).toBe(expected);
      }),
      { seed, numRuns: 100 },
    );
  });
});

describe("the order of paths", () => {
  it("is that of their bytes, also where the first words are equal", () => {
    const path = fc
      .tuple(fc.nat(2), fc.uint8Array({ minLength: 2, maxLength: 2 }))
      .map(([first, last]) =>
        new Uint8Array(32)
          .fill(first, 0, 4)
          .fill(9, 4, 30)
          .map((b, i) => last[i - 30] ?? b),
      );
    fc.assert(
      fc.property(fc.array(path, { maxLength: 40 }), (list) => {
        const joined = new Uint8Array(list.flatMap((one) => [...one]));
        for (const prefixBits of [32, 24] as const) {
          const order = [...pathOrder(joined, list.length, prefixBits)].map((i) => hex(list[i]!));
          expect(order).toEqual(list.map(hex).sort());
        }
      }),
      { seed, numRuns: 200 },
    );
  });
});
