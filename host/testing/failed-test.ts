// What a red test leaves: the bundle of the transaction that it is about, its calls as a tree, and the line that
// traces it. Files are written only when the test that is running fails: most failures in tests are expected
// ones. Knows vitest only where it is there; without it nothing is left. How much is shown comes from
// PLASMA_VERBOSITY, since workers of vitest see the environment and not the command line.
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { decodeBundle, encodeBundle } from "../chain/bundle.ts";
import { encodeDebug } from "../environment/environment.ts";
import { Outcome } from "../outcome.ts";
import type { TreeDetail } from "./call-tree.ts";
import type { TransactionReport } from "./transaction-report.ts";

/** Where bundles of red tests go, from the working folder. */
export const FAILURES_FOLDER = ".plasma/failures";
/** Transactions of one test that are kept in mind: the last ones. */
const KEPT_MAX = 8;

/** Names the verbosity, 0 to 3, for the workers of vitest. */
export const VERBOSITY_VARIABLE = "PLASMA_VERBOSITY";

/** Names the file that messages of red tests are appended to as JSON lines; absent: nothing is written. */
export const FAILURE_LOG_VARIABLE = "PLASMA_FAILURE_LOG";

/** Transactions by the test that sent them. */
const kept = new WeakMap<object, TransactionReport[]>();

/** 0: only of what failed · 1: of every transaction · 2: storage and events · 3: source lines. */
export function verbosity(): number {
  const text = process.env[VERBOSITY_VARIABLE] ?? "0";
  return /^\d$/.test(text) ? Math.min(3, Number(text)) : 0;
}

/** The bundle as a file with names for its contracts; the path from the working folder. */
export function writeReportBundle(report: TransactionReport, name = report.call): string {
  const words = name.replace(/[^\w.-]+/g, "-").slice(0, 80);
  const file = `${FAILURES_FOLDER}/${words}-${report.blockHash.slice(2, 10)}.bundle`;
  const bundle = decodeBundle(report.bundle);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, encodeBundle({ ...bundle, debug: report.debug.map(encodeDebug) }));
  return file;
}

/** The line that shows a written bundle. */
export const traceLine = (file: string): string => `plasma trace ${file} --tx 0`;

/**
 * Sees to it that the running test, if it fails, tells about this transaction. Does nothing outside of a test
 * of vitest.
 */
export async function rememberTransaction(report: TransactionReport): Promise<void> {
  try {
    const { TestRunner, onTestFailed } = await import("vitest");
    const test = TestRunner.getCurrentTest();
    if (test === undefined) return;
    const known = kept.get(test);
    if (known !== undefined) {
      known.push(report);
      if (known.length > KEPT_MAX) known.shift();
      return;
    }
    kept.set(test, [report]);
    onTestFailed(async ({ task }) => {
      const error = task.result?.errors?.[0];
      const reports = kept.get(test) ?? [];
      if (error === undefined || reports.length === 0) return;
      const text = await failedTestText(reports, error.message);
      if (text !== "") error.message += `\n${text}`;
      noteFailure(task.file.filepath, task.name, error.message);
    });
  } catch {
    // No vitest, or none that tells which test is running.
  }
}

/** For `plasma test --json`: vitest's own report has the stack of an error in place of its message. */
function noteFailure(file: string, test: string, message: string): void {
  const log = process.env[FAILURE_LOG_VARIABLE];
  if (log !== undefined) appendFileSync(log, `${JSON.stringify({ file, test, message })}\n`);
}

/** What is said below the error of a test that sent these transactions. */
export async function failedTestText(
  reports: readonly TransactionReport[],
  message: string,
): Promise<string> {
  const level = verbosity();
  // An expectation or a counterexample has told it all, with its own line.
  const isTold = message.includes("plasma trace ");
  if (isTold && level === 0) return "";
  const subject = subjectOf(reports, message);
  const shown = level === 0 ? [subject] : reports;
  const texts = await Promise.all(shown.map((report) => reportText(report, level)));
  const file = isTold ? undefined : writeReportBundle(subject);
  return [...texts, ...(file === undefined ? [] : [`  ${traceLine(file)}`])].join("\n");
}

/** The failed transaction that the error speaks of, else the last that failed, else the last. */
function subjectOf(reports: readonly TransactionReport[], message: string): TransactionReport {
  const failed = reports.filter(({ outcome }) => outcome !== Outcome.success);
  return (
    failed.findLast(({ call }) => message.includes(`${call} failed`)) ??
    failed.at(-1) ??
    (reports.at(-1) as TransactionReport)
  );
}

const details: readonly TreeDetail[] = ["calls", "calls", "storage", "sources"];

async function reportText(report: TransactionReport, level: number): Promise<string> {
  const tree = await report.tree(details[level]);
  return tree
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}
