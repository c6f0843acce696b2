// Bad input through every command: each case of fixtures/hostile/expected.json must end with exactly its
// exit and code, in little memory and a few times the work of an honest run at most, and leave nothing
// half-written. All of them run in one process through the functions behind the commands; a choice of each
// kind runs as a user would run it.
// `node scripts/hostile-fixtures.mjs --verify` runs all of them so.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { errorCodes } from "../../host/errors.ts";

const folder = "fixtures/hostile";

interface HostileCase {
  readonly name: string;
  readonly exit: number;
  readonly code: string | null;
}
const cases = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as HostileCase[];

/** At least one of every way in which input is bad, the costly ones above all. */
const throughCommandLine = [
  "wasm/cut-in-body",
  "wasm/float-instruction",
  "wasm/import-prototype",
  "wasm/bomb-nesting",
  "wasm/bomb-ten-br-tables-65k",
  "wasm/bomb-2m-instructions",
  "wasm/bomb-5m-sections",
  "bundles/cut-in-transactions",
  "bundles/forged-transaction-count",
  "bundles/rules-ones-sealed",
  "bundles/receipt-junk-sealed",
  "bundles/witness-long-shape",
  "bundles/huge-debug-part",
  "bundles/100k-empty-transactions",
  "rules/key-proto",
  "rules/nested-value",
  "rules/10-megabytes",
  "config/nested",
  "scenarios/to-nested",
  "scenarios/2m-deep",
  "scenarios/deploy-bomb",
  "abi/type-billion-fields",
  "abi/version-object",
  "flags/command-long",
  "flags/transaction-nan",
];

/** The lines that the script prints for wrong cases, and its last line. */
function runScript(...args: readonly string[]): { wrong: string[]; summary: string } {
  const flags = ["--max-old-space-size=512", "scripts/hostile-fixtures.mjs", ...args];
  const { stdout, stderr } = spawnSync(process.execPath, flags, { encoding: "utf8" });
  const lines = stdout.trimEnd().split("\n");
  const wrong = lines.filter((line) => line.includes("WRONG"));
  return { wrong, summary: `${lines.at(-1) ?? ""}${stderr}` };
}

describe("bad input", () => {
  it("stands in fixtures/hostile as the script makes it, in more than 60 small files", () => {
    expect(
      runScript("--check"),
      "run node scripts/hostile-fixtures.mjs, with --base after a change of semantics",
    ).toEqual({
      wrong: [],
      summary: "",
    });
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((path) => statSync(join(folder, path)))
      .filter((stat) => stat.isFile());
    expect(files.length).toBeGreaterThan(60);
    expect(files.reduce((sum, stat) => sum + stat.size, 0)).toBeLessThan(2 * 1_048_576);
  });

  it("has one case per name and a documented code for each", () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    const codes = cases.flatMap(({ code }) => code ?? []);
    expect(codes.filter((code) => !Object.hasOwn(errorCodes, code))).toEqual([]);
    expect(codes).not.toContain("BUG");
    expect(codes).not.toContain("HOST_FAULT");
  });

  it("is answered with its exit and code by every command, within four times the work of an honest run", () => {
    expect(runScript("--together")).toEqual({
      wrong: [],
      summary: `${cases.length} cases, 0 wrong`,
    });
  }, 300_000);

  it("ends within four times the work of an honest run and 512 MiB in a process of its own", () => {
    expect(runScript("--verify", "--names", throughCommandLine.join())).toEqual({
      wrong: [],
      summary: `${throughCommandLine.length} cases, 0 wrong`,
    });
  }, 300_000);

  it("is told apart: a case that ends in another way than expected is wrong", () => {
    const { wrong, summary } = runScript("--together", "--names", "wasm/empty", "--canary");
    expect(wrong).toEqual([
      expect.stringContaining("got exit 1 WASM_TRUNCATED, expected 1 CANARY"),
    ]);
    expect(summary).toBe("1 cases, 1 wrong");
  });
});
