// The core suite (docs/machine.md section 11): the committed report holds what DESIGN N11 asks for, the harness
// finds a wrong expectation, and where the suite is on this machine, scripts drawn by a printed seed run again
// and must come out as reported. `npm run spec-suite -- --check` runs all of them, which takes half an hour.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  REPORT_PATH,
  type SuiteReport,
  scriptsBelowShare,
  totalOf,
  writeReport,
} from "../spec-suite/report.ts";
import { runScript } from "../spec-suite/run-script.ts";
import { Random } from "../support/random.ts";
import { body, functionType, I32, leb, moduleWith, name } from "../support/wasm-bytes.ts";
import {
  readSuite,
  type Suite,
  type SuiteCommand,
  suiteFolder,
} from "../support/wasm-testsuite.ts";

const SEED = Number(process.env.PLASMA_SEED ?? 1_111);
/** Proofs in one run of this test; a script with more is for the full run. */
const PROOFS_MAX = 8_000;
/** DESIGN N11: every step of runs up to 10,000 steps, of longer ones one in 64. */
const PROVEN_STRIDE = 64;

const text = readFileSync(REPORT_PATH, "utf8");
const report = JSON.parse(text) as SuiteReport;
const folder = suiteFolder();

/** Scripts in an order drawn by the seed, as many as fit. */
function drawn(): string[] {
  const random = new Random(SEED);
  const names = Object.keys(report.scripts).filter((script) => report.scripts[script]!.run > 0);
  const chosen: string[] = [];
  for (let left = PROOFS_MAX; names.length > 0; ) {
    const [script] = names.splice(random.below(names.length), 1);
    const { proven } = report.scripts[script!]!;
    if (proven > left) continue;
    left -= proven;
    chosen.push(script!);
  }
  return chosen.sort();
}

describe("the committed report of the core suite", () => {
  it("says that three quarters of every control-flow script's integer assertions run", () => {
    expect(scriptsBelowShare(report)).toEqual([]);
  });

  it("accounts for every assertion and proves at least one step in 64 of every script", () => {
    for (const [script, { assertions, run, cut, steps, proven }] of Object.entries(
      report.scripts,
    )) {
      const left = Object.values(cut).reduce((sum, count) => sum + count, 0);
      expect(run + left, script).toBe(assertions);
      expect(proven, script).toBeGreaterThanOrEqual(steps / PROVEN_STRIDE);
    }
    expect(report.totals).toEqual(totalOf(Object.values(report.scripts)));
    expect(writeReport(report)).toBe(text);
  });
});

/** A suite of one module and these commands on it. */
function suiteOf(wasm: Uint8Array, commands: readonly Omit<SuiteCommand, "line">[]): Suite {
  const all = [{ type: "module", filename: "0.wasm" }, ...commands];
  const script = all.map((command, line) => ({ line, ...command }));
  return { scripts: new Map([["own", script]]), module: () => wasm };
}

const F32 = 0x7d;

/** down(n): counts to 0 in a loop with a parameter; div(a, b); half: a function of floats; callsHalf. */
const ownModule = moduleWith({
  types: [
    functionType([I32], [I32]),
    functionType([I32, I32], [I32]),
    functionType([F32], [F32]),
    functionType([], [I32]),
  ],
  functions: [0, 1, 2, 3],
  exports: ["down", "div", "half", "callsHalf"].map((field, i) => [...name(field), 0, ...leb(i)]),
  bodies: [
    // loop (param i32) (result i32): n − 1, again while it is not 0
    body([0x20, 0, 0x03, 0, 0x41, 1, 0x6b, 0x22, 0, 0x20, 0, 0x0d, 0, 0x0b]),
    body([0x20, 0, 0x20, 1, 0x6d]),
    body([0x20, 0]),
    body([0x43, 0, 0, 0, 0, 0x10, 2, 0x1a, 0x41, 1]),
  ],
});

const i32 = (value: number) => ({ type: "i32", value: String(value) });
const call = (field: string, ...args: number[]) =>
  ({ type: "invoke", field, args: args.map(i32) }) as const;

describe("the harness of the core suite", () => {
  it("runs what the profile allows, lowers blocks with parameters, and cuts the rest with its reason", () => {
    const suite = suiteOf(ownModule, [
      { type: "assert_return", action: call("down", 9), expected: [i32(0)] },
      { type: "assert_return", action: call("div", 7, 2), expected: [i32(3)] },
      { type: "assert_trap", action: call("div", 7, 0), text: "integer divide by zero" },
      { type: "assert_trap", action: call("div", 2 ** 31, 2 ** 32 - 1), text: "integer overflow" },
      { type: "assert_return", action: call("callsHalf"), expected: [i32(1)] },
      {
        type: "assert_return",
        action: { type: "invoke", field: "half", args: [{ type: "f32", value: "0" }] },
        expected: [{ type: "f32", value: "0" }],
      },
    ]);
    const { report: own, failures } = runScript(suite, "own");
    expect(failures).toEqual([]);
    expect(own).toMatchObject({ assertions: 6, run: 4, integer: 4, integerRun: 4 });
    expect(own.cut).toEqual({ float: 2 });
    expect(own.proven).toBe(own.steps);
  });

  it("fails where a value or a trap is another than expected", () => {
    const suite = suiteOf(ownModule, [
      { type: "assert_return", action: call("div", 7, 2), expected: [i32(4)] },
      { type: "assert_trap", action: call("div", 7, 0), text: "integer overflow" },
      { type: "assert_return", action: call("div", 7, 0), expected: [i32(0)] },
      { type: "assert_trap", action: call("div", 7, 2), text: "integer divide by zero" },
    ]);
    const { report: own, failures } = runScript(suite, "own");
    expect(own).toMatchObject({ assertions: 4, run: 0, integerRun: 0 });
    expect(failures).toEqual([
      "own:1: got 3, expected 4",
      "own:2: got integer divide by zero, expected integer overflow",
      "own:3: trapped: divide by zero",
      "own:4: got success, expected integer divide by zero",
    ]);
  });
});

describe.skipIf(folder === undefined)(
  "scripts of the core suite (skipped where it is absent)",
  () => {
    const scripts = drawn();
    const suite = folder === undefined ? undefined : readSuite(folder);
    console.log(`seed ${SEED}: ${scripts.join(" ")}`);

    it.each(scripts)("come out as reported: %s", (script) => {
      const { report: again, failures } = runScript(suite!, script);
      expect(failures).toEqual([]);
      expect(again).toEqual(report.scripts[script]);
    });
  },
);
