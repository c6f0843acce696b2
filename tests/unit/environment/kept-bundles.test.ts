// Bundles that are kept until their block is final: before the commit, so that none is missing; and a block whose
// bundle cannot be kept is no block. Beside it what a process asks of the system: its memory, its cores.
import { type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { confinedTo } from "../../../host/environment/confinement.ts";
import { EnvironmentCore } from "../../../host/environment/environment-core.ts";
import { KeptBundles } from "../../../host/environment/kept-bundles.ts";
import { nativeStateHasher } from "../../../host/environment/native.ts";
import { residentBytes, seesResidentMemory } from "../../../host/environment/resident-memory.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import { memoryStore } from "../../../host/state/memory-store.ts";
import { PRODUCER, TestChain } from "../../support/test-chain.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plasma-kept-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("gives back what it keeps, and removes what is final but nothing above the head", async () => {
  const kept = new KeptBundles(join(folder, "bundles"));
  kept.open();
  for (const height of [1n, 2n, 10n, 11n]) kept.write(height, Uint8Array.of(Number(height)));
  kept.write(2n, Uint8Array.of(5));
  expect(await kept.read(2n)).toEqual(Uint8Array.of(5));
  expect(await kept.read(3n)).toBeUndefined();
  await kept.removeUpTo(10n, 2n);
  expect(readdirSync(join(folder, "bundles")).sort()).toEqual(["10.bundle", "11.bundle"]);
  await kept.removeUpTo(10n, 11n);
  expect(readdirSync(join(folder, "bundles"))).toEqual(["11.bundle"]);
});

it("may remove the same from two sides", async () => {
  const kept = new KeptBundles(join(folder, "bundles"));
  kept.open();
  for (let height = 1n; height <= 40n; height++) kept.write(height, new Uint8Array(1));
  await Promise.all([kept.removeUpTo(39n, 40n), kept.removeUpTo(40n, 40n)]);
  expect(readdirSync(join(folder, "bundles"))).toEqual([]);
});

it("says where a bundle could not be written", () => {
  const kept = new KeptBundles(join(folder, "gone"));
  const write = () => kept.write(3n, new Uint8Array(1));
  const where = { height: 3n, file: join(folder, "gone", "3.bundle") };
  expect(write).toThrow(expect.objectContaining({ code: "STATE_WRITE", where }));
});

it("keeps no block whose bundle cannot be kept, and executes it when it can", async () => {
  const chain = await TestChain.open();
  const rules = presetRules("general");
  const store = memoryStore({ hasher: nativeStateHasher() });
  const { accounts, ground } = { accounts: [], ground: chain.ground };
  const tried: bigint[] = [];
  const core = await EnvironmentCore.open(
    store,
    { rules, accounts },
    {
      ...ground,
      keepBundle: (height) => {
        tried.push(height);
        if (tried.length === 1) throw new RangeError("no room");
      },
    },
  );
  const before = core.head();
  const input = { time: 5n, producer: PRODUCER, transactions: [new Uint8Array(3)], bundle: true };
  await expect(core.executeBlock(input)).rejects.toThrow("no room");
  expect([core.head(), core.executed(1n)]).toEqual([before, undefined]);
  const { height } = await core.executeBlock(input);
  expect([height, tried, core.executed(1n)?.transactions]).toEqual([
    ...[1n, [1n, 1n], [new Uint8Array(3)]],
  ]);
});

it("executes no block whose bundle cannot be made, and goes on as if it had not been asked", async () => {
  const chain = await TestChain.open();
  const store = memoryStore({ hasher: nativeStateHasher() });
  const genesis = { rules: presetRules("general"), accounts: [] };
  const core = await EnvironmentCore.open(store, genesis, chain.ground);
  const input = { time: 5n, producer: PRODUCER, transactions: [new Uint8Array(3)], bundle: true };
  const part = {
    wasmHash: new Uint8Array(32),
    abi: new Uint8Array(0),
    sourceMap: new Uint8Array(0),
  };
  const twice = core.executeBlock({ ...input, debug: [part, part] });
  await expect(twice).rejects.toMatchObject({ code: "BUNDLE_INVALID" });
  expect((await core.executeBlock(input)).height).toBe(1n);
});

it("sees the memory of a running process and of no other", async () => {
  expect(residentBytes(2 ** 30)).toBeUndefined();
  if (!seesResidentMemory) return;
  // Another process: this one frees memory of earlier tests when it likes.
  const holds = `let held;
    process.on("message", () => {
      held = new Uint8Array(64 * 1048576).fill(1);
      process.send(held.length);
    });
    process.send("ready");`;
  const stdio: StdioOptions = ["ignore", "ignore", "inherit", "ipc"];
  const child = spawn(process.execPath, ["--eval", holds], { stdio });
  try {
    await once(child, "message");
    const before = residentBytes(child.pid!)!;
    child.send("hold");
    await once(child, "message");
    expect(residentBytes(child.pid!)! - before).toBeGreaterThan(32 * 1_048_576);
  } finally {
    child.kill();
  }
});

it("puts nothing before a command that may run anywhere", () => {
  expect(confinedTo(undefined)).toEqual([]);
  expect([[], ["taskset", "-c", "0,1"]]).toContainEqual(confinedTo([0, 1]));
});
