// The implementation in tests/independent, written in Python from the documents alone, says of every vector
// and of every bundle of transfers what this one says.
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

interface Suite {
  readonly suite: string;
  readonly run: number;
  readonly wrong: readonly string[];
}

const python = spawnSync("python3", ["--version"], { encoding: "utf8" });
const [major, minor] = /(\d+)\.(\d+)/
  .exec(python.stdout ?? "")
  ?.slice(1)
  .map(Number) ?? [0, 0];
const isThere = major === 3 && minor! >= 9;
if (!isThere) process.stdout.write("skipped: no python3 of version 3.9 or later on this machine\n");

describe.skipIf(!isThere)("the implementation in Python", () => {
  it("agrees with every vector and every bundle of transfers", () => {
    const run = spawnSync("python3", ["-B", "tests/independent/main.py", "--json"], {
      encoding: "utf8",
    });
    expect(run.stderr).toBe("");
    const suites = JSON.parse(run.stdout) as Suite[];
    expect(suites.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(Object.fromEntries(suites.map(({ suite, run }) => [suite, run > 0]))).toEqual({
      ...{ hashes: true, signatures: true, transactions: true, blocks: true },
      ...{ step_proofs: true, bundles: true, hostile_bundles: true },
    });
    expect(run.status).toBe(0);
  }, 300_000);
});
