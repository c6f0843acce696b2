// The fuzzer (`npm run fuzz`) on the built package: a short run that must find nothing, and a run on inputs
// that fail on purpose, which shows that it would notice.
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

interface FuzzReport {
  readonly inputs: number;
  readonly crashes: number;
  readonly hangs: number;
  readonly uncoded: number;
  readonly findings: readonly { readonly kind: string; readonly index: number }[];
}

function fuzz(...args: readonly string[]): { status: number | null; report: FuzzReport } {
  const flags = ["tests/fuzz/main.mjs", ...args, "--json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, flags, { encoding: "utf8" });
  expect(stderr).toBe("");
  return { status, report: JSON.parse(stdout) as FuzzReport };
}

describe("the fuzzer", () => {
  it("finds no crash, no hang and no error without a code", () => {
    const { status, report } = fuzz("--seconds", "15", "--seed", "1");
    expect(report).toMatchObject({ crashes: 0, hangs: 0, uncoded: 0, findings: [] });
    expect(report.inputs).toBeGreaterThan(100);
    expect(status).toBe(0);
  }, 300_000);

  it("notices an error without a code, a dead process and a hang, and goes on after each", () => {
    const { status, report } = fuzz("--canary", "--seconds", "120", "--inputs", "100");
    expect(report).toMatchObject({ inputs: 100, crashes: 1, hangs: 1, uncoded: 1 });
    const found = report.findings.map(({ kind, index }) => `${kind} ${index}`).sort();
    expect(found).toEqual(["crash 40", "hang 60", "uncoded 20"]);
    expect(status).toBe(1);
  }, 300_000);
});
