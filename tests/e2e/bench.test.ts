// plasma bench at its small sizes: reports, their schemas, reproducible results, baselines. Nothing here
// depends on how fast the machine is.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plasma-bench-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A run compiles a contract and signs thousands of transactions. */
const SLOW = 240_000;

const bench = (...args: string[]) => runCli(["bench", ...args, "--json"], { cwd: folder });

describe("plasma bench", () => {
  it("lists the suites and what each measures when it is given none", async () => {
    const { code, json } = await bench();
    expect(code).toBe(0);
    expect(json.suites.map(({ name }: { name: string }) => name)).toEqual([
      "metering",
      "transfers",
      "replay",
    ]);
  });

  it("refuses a suite, size, count or percentage that it does not know", async () => {
    const { code, json } = await bench("transfer");
    expect({ code, error: json.error.code }).toEqual({ code: 1, error: "BENCH_SUITE_UNKNOWN" });
    expect(json.error.hint).toContain("plasma bench transfers");
    for (const flags of [
      ["--size", "huge"],
      ["--repetitions", "0"],
      ["--max-regression", "some"],
    ]) {
      const refused = await bench("replay", ...flags);
      expect({ code: refused.code, error: refused.json.error.code }).toEqual({
        code: 1,
        error: "CLI_ARGUMENT_INVALID",
      });
    }
  });

  it(
    "comes to one state root in all modes and in replay, the same in every run",
    async () => {
      const first = await bench("transfers", "--size", "small", "--repetitions", "1");
      expect(first.code).toBe(0);
      const second = await bench("transfers", "--size", "small", "--repetitions", "1");
      expect(first.json).toMatchObject({ accounts: 2_000, blockSize: 250, repetitions: 1 });
      expect(second.json.stateRoot).toBe(first.json.stateRoot);
      expect(second.json.resultHash).toBe(first.json.resultHash);
      // Two balances and the sender's account, and a share of what all transfers of a block touch.
      expect(first.json.keysPerTransfer).toBeGreaterThan(2);
      expect(first.json.keysPerTransfer).toBeLessThan(4);
    },
    SLOW,
  );

  it(
    "saves a report, and exits 2 when a figure is worse than a baseline allows",
    async () => {
      const saved = join(folder, "replay.json");
      const measured = await bench("replay", "--size", "small", "--save", saved);
      expect(measured.code).toBe(0);
      const report = JSON.parse(readFileSync(saved, "utf8"));
      expect(report).toMatchObject({ suite: "replay", size: "small" });
      expect(report.stateRoot).toBe(measured.json.stateRoot);

      const faster = join(folder, "faster.json");
      writeFileSync(faster, JSON.stringify({ ...report, signedPerSecond: 1e12 }));
      const regressed = await bench("replay", "--size", "small", "--baseline", faster);
      expect(regressed.code).toBe(2);
      expect(regressed.json.baseline).toMatchObject({ regressed: true, allowed: 0.1 });
    },
    SLOW,
  );

  it("refuses a baseline of another suite before it measures anything", async () => {
    const file = join(folder, "other.json");
    writeFileSync(file, JSON.stringify({ suite: "metering", size: "large" }));
    const { code, json } = await bench("replay", "--baseline", file);
    expect({ code, error: json.error.code }).toEqual({ code: 1, error: "BENCH_BASELINE_INVALID" });
  });
});
