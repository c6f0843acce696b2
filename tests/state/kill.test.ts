// kill -9 of a process that commits blocks: what was acknowledged is there when the store is opened
// again, and its root is the one that was announced. The child runs dist/, so `npm run build` first.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { nativeStateHasher } from "../../host/environment/native.ts";
import { openStore } from "../../host/state/lmdb-store.ts";

const child = join(import.meta.dirname, "kill-child.mjs");
const built = join(import.meta.dirname, "../../dist/host/state/lmdb-store.js");
const ROUNDS = 20;

interface Told {
  begun: Map<number, string>;
  acknowledged: number;
}

/** Runs the child until it has said `lines` lines, kills it and returns everything it said. */
function runAndKill(path: string, mergeAfterBytes: number, lines: number, told: Told) {
  return new Promise<void>((resolve, reject) => {
    const run = spawn(process.execPath, [child, path, String(mergeAfterBytes)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let heard = 0;
    createInterface({ input: run.stdout }).on("line", (line) => {
      const [word, height, root] = line.split(" ");
      // A line that the kill cut short has no whole root.
      if (word === "begin" && root?.length === 64) told.begun.set(Number(height), root);
      if (word === "ack") told.acknowledged = Math.max(told.acknowledged, Number(height));
      if (++heard === lines) run.kill("SIGKILL");
    });
    run.on("close", () =>
      heard >= lines ? resolve() : reject(new Error("the child ended before it was killed")),
    );
  });
}

it(`loses nothing acknowledged in ${ROUNDS} rounds of kill -9`, async () => {
  expect(existsSync(built), "run `npm run build` first").toBe(true);
  const path = mkdtempSync(join(tmpdir(), "plasma-kill-"));
  const told: Told = { begun: new Map(), acknowledged: -1 };
  let seen = 1;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      // Odd and even counts of lines: killed inside a commit and between two. Merges in two rounds of
      // three, after every block or after a few.
      const mergeAfterBytes = [1, 20_000, 1e9][round % 3]!;
      await runAndKill(path, mergeAfterBytes, 1 + ((round * 7) % 40), told);
      const store = await openStore(path, { hasher: nativeStateHasher(), mergeAfterBytes: 1e9 });
      if (store.identity() === undefined) {
        expect(told.acknowledged).toBe(-1);
        await store.close();
        continue;
      }
      const { height, root } = store.head();
      expect(Number(height)).toBeGreaterThanOrEqual(told.acknowledged);
      expect(Buffer.from(root).toString("hex")).toBe(told.begun.get(Number(height)));
      // What earlier rounds have seen is looked at again in the last.
      for (let h = round === ROUNDS - 1 ? 1 : Math.max(1, seen); h <= Number(height); h++) {
        expect(store.block(BigInt(h))?.[4999]).toBe(h & 255);
        expect(store.blob(Buffer.from(told.begun.get(h)!, "hex"))?.length).toBe(1000);
      }
      seen = Number(height);
      await store.close();
    }
    expect(told.acknowledged).toBeGreaterThan(ROUNDS);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}, 120_000);
