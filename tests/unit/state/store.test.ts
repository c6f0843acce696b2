// Both stores: order of calls, discard, reopening after any mix of merges, and every refusal of the
// LMDB store with its STATE_ code. kill -9 is in tests/state/kill.test.ts.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type Database, open } from "lmdb";
import { describe, expect, it } from "vitest";
import { EngineError } from "../../../host/errors.ts";
import { openStore, STORE_FORMAT } from "../../../host/state/lmdb-store.ts";
import { memoryStore } from "../../../host/state/memory-store.ts";
import { Overlay } from "../../../host/state/overlay.ts";
import { decodeStateChanges, StateChanges } from "../../../host/state/state-changes.ts";
import { pureStateHasher } from "../../../host/state/state-hasher.ts";
import type { StateStore } from "../../../host/state/state-store.ts";
import { STORE_FILE } from "../../../host/state/store-files.ts";
import { WitnessState } from "../../../host/state/witness-state.ts";
import { changesArbitrary, hex, seed, type TestChange, testKey, toChanges } from "./reference.ts";
import { directory, get } from "./stored.ts";

type RawTable = Database<Uint8Array, Uint8Array>;

async function codeOf(run: () => unknown): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  }
}

const identity = { environment: new Uint8Array(32).fill(1), genesis: new Uint8Array([1, 2, 3]) };
const bytes = (...values: number[]) => new Uint8Array(values);
const change = (n: number, ...values: number[]): TestChange => ({ n, value: bytes(...values) });
async function addBlock(store: StateStore, height: number, list: readonly TestChange[]) {
  store.apply(toChanges(list));
  await store.commit({ height: BigInt(height), block: bytes(height) });
}

const stores = [
  ["memory", async () => memoryStore()],
  ["LMDB", async () => openStore(directory())],
] as const;

describe.each(stores)("a %s store", (_name, make) => {
  it("has no head and no identity before it is initialised", async () => {
    const store = await make();
    expect(store.identity()).toBeUndefined();
    expect(await codeOf(() => store.head())).toBe("STATE_EMPTY");
    expect(await codeOf(() => store.commit({ height: 1n, block: bytes() }))).toBe("STATE_EMPTY");
    expect(store.root()).toEqual(new Uint8Array(32));
    await store.close();
  });

  it("keeps genesis, blocks, blobs and values", async () => {
    const store = await make();
    store.apply(toChanges([change(1, 1), change(2, 2)]));
    store.putBlob(bytes(9), bytes(9, 9));
    expect(store.blob(bytes(9))).toEqual(bytes(9, 9));
    await store.initialise(identity);
    expect(store.identity()).toEqual(identity);
    expect(store.head().height).toBe(0n);
    const root = store.apply(toChanges([change(2, 7), { n: 1, value: undefined }]));
    await store.commit({
      height: 1n,
      block: bytes(5),
      blobs: [{ hash: bytes(8), bytes: bytes(4) }],
    });
    expect(store.head()).toEqual({ height: 1n, root });
    expect(get(store, 1)).toBeUndefined();
    expect(get(store, 2)).toEqual(bytes(7));
    expect(store.block(1n)).toEqual(bytes(5));
    expect(store.block(0n)).toBeUndefined();
    expect(store.block(2n)).toBeUndefined();
    expect(store.blob(bytes(8))).toEqual(bytes(4));
    expect(store.blob(bytes(9))).toEqual(bytes(9, 9));
    expect(store.blob(bytes(7))).toBeUndefined();
    await store.finalise(1n);
    expect(get(store, 2)).toEqual(bytes(7));
    await store.close();
  });

  it("takes back applied changes on discard", async () => {
    const store = await make();
    store.apply(toChanges([change(1, 1), change(4, 4)]));
    await store.initialise(identity);
    const root = store.root();
    store.apply(toChanges([change(1, 2), { n: 4, value: undefined }, change(5, 5)]));
    store.apply(toChanges([change(1, 3), change(4, 1)]));
    expect(store.root()).not.toEqual(root);
    store.discard();
    expect(store.root()).toEqual(root);
    expect(get(store, 1)).toEqual(bytes(1));
    expect(get(store, 5)).toBeUndefined();
    await addBlock(store, 1, [change(1, 9)]);
    expect(store.head().height).toBe(1n);
    await store.close();
  });

  it("refuses heights out of order, a second genesis and a witness after apply", async () => {
    const store = await make();
    store.apply(toChanges([change(1, 1)]));
    await store.initialise(identity);
    expect(await codeOf(() => store.initialise(identity))).toBe("STATE_NOT_EMPTY");
    expect(await codeOf(() => store.commit({ height: 0n, block: bytes() }))).toBe("STATE_ORDER");
    expect(await codeOf(() => store.commit({ height: 2n, block: bytes() }))).toBe("STATE_ORDER");
    const touches = new Overlay(store.source()).touches();
    store.apply(new StateChanges());
    expect(await codeOf(() => store.witness(touches))).toBe("STATE_ORDER");
    await store.close();
  });

  it("makes witnesses of the state before the block", async () => {
    const store = await make();
    store.apply(toChanges([change(1, 1), change(2, 2), change(3, 3)]));
    await store.initialise(identity);
    const overlay = new Overlay(store.source());
    const { cls, address, key } = testKey(1);
    expect(overlay.get(cls, address, key)).toEqual(bytes(1));
    overlay.delete(cls, address, key);
    const witness = store.witness(overlay.touches());
    const state = WitnessState.decode(witness, store.root(), pureStateHasher);
    const replayed = new Overlay(state);
    expect(replayed.get(cls, address, key)).toEqual(bytes(1));
    replayed.delete(cls, address, key);
    expect(state.rootAfter(replayed)).toEqual(store.apply(overlay.changes()));
    state.checkAllUsed(replayed);
    await store.close();
  });
});

describe("an LMDB store opened again", () => {
  it("has the same head, root, values and blocks, whatever was merged", async () => {
    const blocks = fc.array(changesArbitrary(30, 20), { minLength: 1, maxLength: 5 });
    const merges = fc.array(fc.nat(5), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(blocks, merges, fc.constantFrom(1, 300, 1e9), async (list, at, limit) => {
        const path = directory();
        const twin = memoryStore();
        let store = await openStore(path, { mergeAfterBytes: limit });
        for (const [height, changes] of list.entries()) {
          twin.apply(toChanges(changes));
          store.apply(toChanges(changes));
          if (height === 0) {
            await Promise.all([twin.initialise(identity), store.initialise(identity)]);
          } else {
            const commit = { height: BigInt(height), block: bytes(height) };
            await Promise.all([twin.commit(commit), store.commit(commit)]);
          }
          if (at.includes(height)) await store.finalise(BigInt(height));
          if (height % 2 === 1) {
            await store.close();
            store = await openStore(path, { mergeAfterBytes: limit });
          }
        }
        await store.close();
        store = await openStore(path);
        expect(store.head()).toEqual(twin.head());
        expect(store.identity()).toEqual(identity);
        for (let n = 0; n < 30; n++) expect(get(store, n)).toEqual(get(twin, n));
        for (let h = 0n; h < list.length; h++) expect(store.block(h)).toEqual(twin.block(h));
        await store.close();
      }),
      { seed, numRuns: 25 },
    );
  });

  it("was not initialised if its process ended before", async () => {
    const path = directory();
    const store = await openStore(path);
    store.apply(toChanges([change(1, 1)]));
    await store.close();
    const again = await openStore(path);
    expect(again.identity()).toBeUndefined();
    expect(again.root()).toEqual(new Uint8Array(32));
    await again.close();
  });
});

describe("opening a store", () => {
  async function made(path = directory()): Promise<string> {
    const store = await openStore(path);
    store.apply(toChanges([change(1, 1), change(2, 2)]));
    await store.initialise(identity);
    await addBlock(store, 1, [change(3, 3)]);
    await store.close();
    return path;
  }
  /** Does something to a table of a store behind its back. */
  async function behind<T>(path: string, table: string, act: (db: RawTable) => T): Promise<T> {
    const settings = { encoding: "binary", keyEncoding: "binary" } as const;
    const db = open({ ...settings, path: join(path, STORE_FILE), noSubdir: true, maxDbs: 8 });
    const result = act(db.openDB<Uint8Array, Uint8Array>({ ...settings, name: table }));
    await db.close();
    return result;
  }
  function forge(path: string, table: string, key: Uint8Array, value?: Uint8Array) {
    return behind(path, table, (target) => {
      if (value === undefined) target.removeSync(key);
      else target.putSync(key, value);
    });
  }
  function stored(path: string, table: string, key: Uint8Array): Promise<Uint8Array> {
    return behind(path, table, (target) => new Uint8Array(target.get(key) as Uint8Array));
  }
  const text = new TextEncoder();

  it("makes missing directories and accepts its own environment", async () => {
    const path = await made(join(directory(), "a", "b.c"));
    const store = await openStore(path, { environment: identity.environment });
    expect(store.head().height).toBe(1n);
    await store.close();
  });

  it("refuses another environment's with STATE_OTHER_ENVIRONMENT", async () => {
    const path = await made();
    const environment = new Uint8Array(32).fill(2);
    expect(await codeOf(() => openStore(path, { environment }))).toBe("STATE_OTHER_ENVIRONMENT");
    await (await openStore(path)).close();
  });

  it("refuses another format with STATE_FORMAT_UNKNOWN and leaves it alone", async () => {
    const path = await made();
    for (const format of [STORE_FORMAT + 1, STORE_FORMAT - 1]) {
      await forge(path, "meta", text.encode("format"), bytes(format));
      expect(await codeOf(() => openStore(path))).toBe("STATE_FORMAT_UNKNOWN");
    }
    await forge(path, "meta", text.encode("format"), bytes(STORE_FORMAT));
    await (await openStore(path)).close();
  });

  it("refuses garbage, other files and other LMDB files with STATE_NOT_A_STORE", async () => {
    const garbage = [bytes(), text.encode("hello"), new Uint8Array(100_000).fill(7)];
    for (const content of garbage) {
      const path = directory();
      writeFileSync(join(path, STORE_FILE), content);
      expect(await codeOf(() => openStore(path))).toBe("STATE_NOT_A_STORE");
    }
    const other = directory();
    writeFileSync(join(other, "notes.txt"), "mine");
    expect(await codeOf(() => openStore(other))).toBe("STATE_NOT_A_STORE");
    const foreign = directory();
    const db = open({ path: join(foreign, STORE_FILE), noSubdir: true, maxDbs: 2 });
    db.openDB({ name: "books" }).putSync("a", "b");
    await db.close();
    expect(await codeOf(() => openStore(foreign))).toBe("STATE_NOT_A_STORE");
  });

  it("refuses a file cut short with STATE_NOT_A_STORE", async () => {
    const path = await made();
    truncateSync(join(path, STORE_FILE), 8192);
    expect(await codeOf(() => openStore(path))).toBe("STATE_NOT_A_STORE");
  });

  it("refuses meta pages that are zeroed, or of which a field is not what LMDB writes", async () => {
    const path = await made();
    const file = join(path, STORE_FILE);
    const whole = readFileSync(file);
    // Bytes of page number, page flags, magic, version, address, page size; flags, depth, pages and root of
    // the first tree and of the second; last page, transaction (store-files.ts).
    const fields = [1, 18, 24, 29, 34, 48, 53, 54, 65, 90, 101, 102, 105, 113, 138, 148, 152];
    for (const at of fields) {
      for (const pages of [[0], [1], [0, 1]]) {
        const changed = Buffer.from(whole);
        for (const page of pages) {
          const byte = page * whole.readUInt32LE(48) + at;
          changed[byte] = (changed[byte] as number) ^ 0x25;
        }
        writeFileSync(file, changed);
        expect([at, pages, await codeOf(() => openStore(path))]).toEqual([
          at,
          pages,
          "STATE_NOT_A_STORE",
        ]);
      }
    }
    writeFileSync(file, Buffer.concat([Buffer.alloc(2 * 4096), whole.subarray(2 * 4096)]));
    expect(await codeOf(() => openStore(path))).toBe("STATE_NOT_A_STORE");
    writeFileSync(file, whole);
    await (await openStore(path)).close();
  });

  it("refuses a path that is no directory with STATE_PATH", async () => {
    const path = join(directory(), "file");
    writeFileSync(path, "");
    expect(await codeOf(() => openStore(path))).toBe("STATE_PATH");
    expect(await codeOf(() => openStore(join(path, "below")))).toBe("STATE_PATH");
    const inside = directory();
    mkdirSync(join(inside, STORE_FILE));
    expect(await codeOf(() => openStore(inside))).toBe("STATE_NOT_A_STORE");
  });

  it("refuses changed, missing and forged content with STATE_DAMAGED", async () => {
    const height = (h: number) => bytes(0, 0, 0, 0, 0, 0, 0, h);
    const forgeries: [string, Uint8Array, Uint8Array | undefined][] = [
      ["tail", height(0), undefined],
      ["tail", height(3), new Uint8Array(40)],
      ["tail", height(1), new Uint8Array(10)],
      ["tail", height(1), new Uint8Array(36)],
      ["tail", height(1), bytes(...new Uint8Array(35), 1, 0, 0, 0, 90, 1)],
      ["tail", height(1), bytes(...new Uint8Array(35), 1, 0, 0, 0, 6, 0, 0, 0, 9, 1, 1)],
      ["meta", text.encode("genesis"), undefined],
      ["meta", text.encode("flat"), bytes(1)],
      ["meta", text.encode("owner"), text.encode("{")],
    ];
    for (const [table, at, value] of forgeries) {
      const path = await made();
      await forge(path, table, at, value);
      expect(await codeOf(() => openStore(path)), `${table} ${at}`).toBe("STATE_DAMAGED");
    }
  });

  it("refuses buckets that are changed, missing, cut or overlapping with STATE_DAMAGED", async () => {
    const name = bytes(0);
    const shorter = (record: Uint8Array) => record.subarray(0, record.length - 1);
    const longer = (record: Uint8Array) => bytes(...record, 0);
    const emptied = () => new Uint8Array(36);
    const doubled = (record: Uint8Array) => {
      const first = record.subarray(36, 36 + 53 + 4 + record[92]!);
      return bytes(...record.subarray(0, 35), record[35]! + 1, ...first, ...record.subarray(36));
    };
    const forgeries: [Uint8Array, ((record: Uint8Array) => Uint8Array) | undefined][] = [
      [name, undefined],
      [name, shorter],
      [name, longer],
      [name, emptied],
      [name, doubled],
      [name, (record) => record.subarray(0, 20)],
      [name, () => new Uint8Array(40).fill(255)],
      [bytes(1), () => bytes(...new Uint8Array(35), 2)],
      [bytes(0, 1), () => bytes(...new Uint8Array(35), 2)],
    ];
    // Every byte of the hash, of a key, of a length and of a value.
    for (const at of [0, 31, 32, 35, 36, 60, 88, 92, 93]) {
      const flip = (record: Uint8Array) => record.map((byte, i) => (i === at ? byte ^ 1 : byte));
      forgeries.push([name, flip]);
    }
    for (const [forged, of] of forgeries) {
      const path = await made();
      const store = await openStore(path);
      await store.finalise(1n);
      await store.close();
      const record = await stored(path, "buckets", name);
      await forge(path, "buckets", forged, of?.(record));
      expect(await codeOf(() => openStore(path)), `${forged} ${of}`).toBe("STATE_DAMAGED");
    }
  });

  it("refuses a store that is open here with STATE_LOCKED", async () => {
    const path = directory();
    const store = await openStore(path);
    expect(await codeOf(() => openStore(path))).toBe("STATE_LOCKED");
    await store.close();
    await (await openStore(path)).close();
  });

  it("refuses a store that another live process owns, and takes one over from a dead one", async () => {
    const path = await made();
    const owner = (pid: number, started: string) =>
      text.encode(JSON.stringify({ pid, started, token: "x" }));
    await forge(path, "meta", text.encode("owner"), owner(process.ppid, ""));
    expect(await codeOf(() => openStore(path))).toBe("STATE_LOCKED");
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    await forge(path, "meta", text.encode("owner"), owner(dead, ""));
    await (await openStore(path)).close();
    // The pid lives, but started at another time: it was used again.
    await forge(path, "meta", text.encode("owner"), owner(process.ppid, "1"));
    const store = await openStore(path);
    expect(store.head().height).toBe(1n);
    await store.close();
  });

  it("stops a handle whose store was taken over, before it writes", async () => {
    const path = await made();
    const store = await openStore(path);
    await forge(path, "meta", text.encode("owner"), text.encode('{"pid":1,"token":"other"}'));
    expect(await codeOf(() => addBlock(store, 2, [change(1, 9)]))).toBe("STATE_LOCKED");
    expect(await codeOf(() => store.apply(new StateChanges()))).toBe("STATE_LOCKED");
    await store.close();
    expect(readFileSync(join(path, STORE_FILE)).length).toBeGreaterThan(8192);
  });

  it("says STATE_ORDER to calls after close, and STATE_WRITE when the disk refuses", async () => {
    const closed = await openStore(directory());
    await closed.close();
    expect(await codeOf(() => closed.apply(new StateChanges()))).toBe("STATE_ORDER");
    const store = await openStore(await made());
    store.apply(new StateChanges());
    // An LMDB key has at most 1,978 bytes: the whole block must fail with it.
    const blobs = [{ hash: new Uint8Array(5000), bytes: bytes(1) }];
    expect(await codeOf(() => store.commit({ height: 2n, block: bytes(1), blobs }))).toBe(
      "STATE_WRITE",
    );
    expect(await codeOf(() => store.apply(new StateChanges()))).toBe("STATE_WRITE");
    expect(await codeOf(() => store.head())).toBe("STATE_WRITE");
    await store.close();
  });
});

describe("a state difference", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(changesArbitrary(50, 40), (list) => {
        const changes = toChanges(list);
        const read = decodeStateChanges(changes.encode());
        expect(read.count).toBe(changes.count);
        expect(read.values.map((v) => v && hex(v))).toEqual(changes.values.map((v) => v && hex(v)));
        const length = changes.count * 53;
        expect(hex(read.keys.subarray(0, length))).toBe(hex(changes.keys.subarray(0, length)));
      }),
      { seed, numRuns: 100 },
    );
  });
});
