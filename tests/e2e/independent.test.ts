// The implementation in tests/independent, written in Python from the documents alone, says of every vector
// and of every bundle of transfers what this one says.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
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

const FOLDER = "tests/independent";
/** Someone reads it in an afternoon, or it has failed. */
const LINES_MAX = 1_200;

describe("the implementation in Python, as text", () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".py"));
  const lines = files.flatMap((file) => readFileSync(`${FOLDER}/${file}`, "utf8").split("\n"));

  it("stays small", () => {
    expect(lines.length - files.length).toBeGreaterThan(0);
    expect(lines.length - files.length).toBeLessThanOrEqual(LINES_MAX);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(110);
  });

  it("imports nothing but itself and the standard library", () => {
    const own = files.map((file) => file.replace(".py", ""));
    const imported = lines.flatMap((line) => /^(?:import|from) (\w+)/.exec(line)?.slice(1) ?? []);
    const standard = ["collections", "functools", "hashlib", "json", "pathlib", "re", "struct"];
    for (const name of imported) expect([...own, ...standard, "sys", "time"]).toContain(name);
  });
});

describe.skipIf(!isThere)("the implementation in Python", () => {
  it("agrees with every vector and every bundle of transfers", () => {
    const run = spawnSync("python3", ["-B", "tests/independent/main.py"], {
      encoding: "utf8",
    });
    expect(run.stderr).toBe("");
    const suites = run.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Suite);
    expect(suites.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(Object.fromEntries(suites.map(({ suite, run }) => [suite, run > 0]))).toEqual({
      ...{ hashes: true, signatures: true, transactions: true, blocks: true },
      ...{ step_proofs: true, bundles: true, hostile_bundles: true },
    });
    expect(run.status).toBe(0);
  }, 300_000);
});
