// Damaged store files: what LMDB would not survive is refused with a code before LMDB maps the file. In a
// process of its own, because a mistake here ends the process. What lies deeper can
// still crash LMDB (docs/start/environment.md).
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStore } from "../../host/state/lmdb-store.ts";
import { StateChanges } from "../../host/state/state-changes.ts";

const child = join(import.meta.dirname, "damage-child.mjs");
let store: string;
let scratch: string;
beforeAll(async () => {
  store = mkdtempSync(join(tmpdir(), "plasma-damage-"));
  scratch = mkdtempSync(join(tmpdir(), "plasma-damaged-"));
  const opened = await openStore(store);
  const identity = { environment: new Uint8Array(32).fill(1), genesis: Uint8Array.of(1) };
  await opened.initialise(identity);
  for (let height = 1; height < 4; height++) {
    const changes = new StateChanges();
    for (let n = 0; n < 200; n++) {
      const address = new Uint8Array(20).fill(height);
      changes.add(1, address, new Uint8Array(32).fill(n), new Uint8Array(40).fill(n));
    }
    opened.apply(changes);
    await opened.commit({ height: BigInt(height), block: Uint8Array.of(height) });
  }
  await opened.close();
});
afterAll(() => {
  for (const path of [store, scratch]) rmSync(path, { recursive: true, force: true });
});

describe("a damaged store file", () => {
  it.each([
    ["a flipped bit of a meta page", "meta", 200],
    ["the same wrong byte in both meta pages", "both", 200],
    ["a page of zeros", "zero", 30],
  ])("with %s opens, or is refused with a code, and never ends the process", (_, kind, count) => {
    const run = spawnSync(process.execPath, [child, store, scratch, kind, String(count)], {
      encoding: "utf8",
    });
    expect([run.signal, run.status]).toEqual([null, 0]);
    const ends: Record<string, number> = JSON.parse(run.stdout);
    // Locked: LMDB went back to the transaction before the one that gave the store up.
    const refusals = ["STATE_NOT_A_STORE", "STATE_DAMAGED", "STATE_PATH", "STATE_LOCKED"];
    const known = ["opened", ...refusals];
    expect(Object.keys(ends).filter((end) => !known.includes(end))).toEqual([]);
    expect(Object.values(ends).reduce((a, b) => a + b, 0)).toBe(count);
    expect(ends.STATE_NOT_A_STORE ?? 0).toBeGreaterThan(0);
  });
});
