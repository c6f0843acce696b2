// `npm run spec-suite [-- SCRIPT…] [--check]`: runs the core suite, prints what ran and what was cut, and writes
// fixtures/spec-suite-report.json, or with --check compares with it. Names run those scripts alone and write
// nothing. Ends with 1 where anything failed, differs, or the suite is absent.
import { readFileSync, writeFileSync } from "node:fs";
import { readSuite, suiteFolder } from "../support/wasm-testsuite.ts";
import {
  LEAST_SHARE,
  REPORT_PATH,
  reportOf,
  type ScriptReport,
  scriptsBelowShare,
  totalOf,
  writeReport,
} from "./report.ts";
import { runScript } from "./run-script.ts";

function describe(name: string, report: ScriptReport): string {
  const { assertions, run, integer, integerRun, steps, proven } = report;
  const cut = Object.entries(report.cut).map(([reason, count]) => `${count} ${reason}`);
  const columns = [
    name.padEnd(24),
    `${run}/${assertions}`.padStart(12),
    `${integerRun}/${integer}`.padStart(12),
    `${steps}`.padStart(10),
    `${proven}`.padStart(9),
  ];
  return `${columns.join(" ")}  ${cut.join(", ")}`;
}

const complain = (line: string): void => void process.stderr.write(`${line}\n`);

function main(): number {
  const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
  const folder = suiteFolder();
  if (folder === undefined) {
    complain(
      "spec-suite: the WebAssembly core test suite is not on this machine. It is no part of the project:\n" +
        "put core-2022-11.tar.gz into ../shared/wasm-testsuite, or name its folder in PLASMA_WASM_TESTSUITE.",
    );
    return 1;
  }
  const suite = readSuite(folder);
  const unknown = names.filter((name) => !suite.scripts.has(name));
  if (unknown.length > 0) {
    complain(`spec-suite: the suite has no script ${unknown.join(", ")}`);
    return 1;
  }
  console.log(
    `${"script".padEnd(24)} ${"run".padStart(12)} ${"integer".padStart(12)} ${"steps".padStart(10)} ${"proven".padStart(9)}  cut`,
  );
  const reports = new Map<string, ScriptReport>();
  const failures: string[] = [];
  for (const name of [...suite.scripts.keys()].sort()) {
    if (names.length > 0 && !names.includes(name)) continue;
    const run = runScript(suite, name);
    reports.set(name, run.report);
    failures.push(...run.failures);
    if (run.report.assertions > 0) console.log(describe(name, run.report));
    for (const failure of run.failures) complain(`FAILED ${failure}`);
  }
  console.log(describe("all", totalOf([...reports.values()])));
  if (failures.length > 0) return 1;
  return names.length > 0 ? 0 : settle(writeReport(reportOf(reports)));
}

/** Writes or compares the report. */
function settle(text: string): number {
  const below = scriptsBelowShare(JSON.parse(text));
  if (below.length > 0) {
    complain(`fewer than ${100 * LEAST_SHARE} % of integer assertions run: ${below.join(", ")}`);
    return 1;
  }
  if (!process.argv.includes("--check")) {
    writeFileSync(REPORT_PATH, text);
    console.log(`wrote ${REPORT_PATH}`);
    return 0;
  }
  const isEqual = readFileSync(REPORT_PATH, "utf8") === text;
  if (!isEqual) complain(`${REPORT_PATH} differs: run npm run spec-suite and look at the change`);
  return isEqual ? 0 : 1;
}

process.exitCode = main();
