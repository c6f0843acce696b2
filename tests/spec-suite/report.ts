// What fixtures/spec-suite-report.json says of a script of the core suite, and how reports are written and
// compared. Numbers only, so that equal runs give equal bytes.
import type { CutReason } from "./body-scan.ts";

export interface ScriptReport {
  /** Commands that act on a module: assert_return, assert_trap, assert_exhaustion, actions, uninstantiable. */
  readonly assertions: number;
  readonly run: number;
  /** Why the others are cut. */
  readonly cut: Readonly<Partial<Record<CutReason, number>>>;
  /** Assertions without floats, in values or in the function that they invoke; how many of them run. */
  readonly integer: number;
  readonly integerRun: number;
  /** assert_invalid and assert_malformed of binaries: tests/unit/program/core-suite.test.ts has them. */
  readonly validation: number;
  /** Malformed text: there is no text format here. */
  readonly text: number;
  /** assert_unlinkable: a contract imports host calls and nothing else. */
  readonly linking: number;
  readonly steps: number;
  readonly proven: number;
}

export interface SuiteReport {
  readonly suite: string;
  readonly totals: ScriptReport;
  readonly scripts: Readonly<Record<string, ScriptReport>>;
}

export const REPORT_PATH = "fixtures/spec-suite-report.json";
const SUITE = "WebAssembly/testsuite 3a04b2c (2022-11), core";

/** Scripts of which at least three quarters of the integer assertions must run (DESIGN N11). */
export const controlScripts: readonly string[] = (
  "address align block br br_if br_table call call_indirect endianness fac forward func func_ptrs " +
  "global i32 i64 if int_exprs int_literals labels left-to-right load local_get local_set local_tee " +
  "loop memory memory_copy memory_fill memory_grow memory_redundancy memory_size memory_trap nop " +
  "return select stack start store switch traps unreachable unreached-valid unwind"
).split(" ");

export const LEAST_SHARE = 0.75;

const sorted = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

export function totalOf(reports: readonly ScriptReport[]): ScriptReport {
  const sum = (read: (report: ScriptReport) => number): number =>
    reports.reduce((total, report) => total + read(report), 0);
  const reasons = new Set(reports.flatMap(({ cut }) => Object.keys(cut) as CutReason[]));
  return {
    assertions: sum(({ assertions }) => assertions),
    run: sum(({ run }) => run),
    cut: sorted(
      Object.fromEntries(
        [...reasons].map((reason) => [reason, sum(({ cut }) => cut[reason] ?? 0)]),
      ),
    ),
    integer: sum(({ integer }) => integer),
    integerRun: sum(({ integerRun }) => integerRun),
    validation: sum(({ validation }) => validation),
    text: sum(({ text }) => text),
    linking: sum(({ linking }) => linking),
    steps: sum(({ steps }) => steps),
    proven: sum(({ proven }) => proven),
  };
}

export function reportOf(scripts: ReadonlyMap<string, ScriptReport>): SuiteReport {
  return {
    suite: SUITE,
    totals: totalOf([...scripts.values()]),
    scripts: sorted(Object.fromEntries(scripts)),
  };
}

/** The bytes of the committed file: one line for each script. */
export function writeReport({ suite, totals, scripts }: SuiteReport): string {
  const lines = Object.entries(scripts).map(
    ([name, report]) => `    ${JSON.stringify(name)}: ${JSON.stringify(report)}`,
  );
  const head = `{\n  "suite": ${JSON.stringify(suite)},\n  "totals": ${JSON.stringify(totals)},\n`;
  return `${head}  "scripts": {\n${lines.join(",\n")}\n  }\n}\n`;
}

/** Scripts of which too few integer assertions run. */
export function scriptsBelowShare({ scripts }: SuiteReport): string[] {
  return controlScripts.filter((name) => {
    const script = scripts[name];
    return script === undefined || script.integerRun < LEAST_SHARE * script.integer;
  });
}
