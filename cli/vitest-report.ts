// What vitest's JSON reporter wrote, as far as `plasma test` tells it on: how many tests, which failed and why.
import { existsSync, readFileSync } from "node:fs";

export interface FailedTest {
  /** Relative to the project. */
  readonly file: string;
  readonly test: string;
  readonly message: string;
  /** Bundle of the transaction that the test is about. */
  readonly bundle: string | null;
}

export interface VitestReport {
  readonly files: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly FailedTest[];
}

interface JsonReport {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests?: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

const TRACE_LINE = /plasma trace (\S+\.bundle) --tx 0/;

/** A line of the file that the kit's workers append messages to. */
interface NotedFailure {
  readonly file: string;
  /** Without the names of the suites around it. */
  readonly test: string;
  readonly message: string;
}

/**
 * The report in `file`; undefined where vitest did not come to write one.
 * @param notes the file with the messages of tests that sent transactions
 */
export function readVitestReport(
  file: string,
  notes: string,
  folder: string,
): VitestReport | undefined {
  if (!existsSync(file)) return undefined;
  const noted = existsSync(notes)
    ? readFileSync(notes, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as NotedFailure)
    : [];
  const report = JSON.parse(readFileSync(file, "utf8")) as JsonReport;
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const place = name.startsWith(folder) ? name.slice(folder.length + 1) : name;
    const failed = assertionResults
      .filter((result) => result.status === "failed")
      .map(({ fullName, failureMessages = [] }) => {
        const own = noted.find((one) => one.file === name && fullName.endsWith(one.test));
        return failedTest(place, fullName, own?.message ?? failureMessages[0]);
      });
    // A file that does not even load has no tests.
    return failed.length === 0 && status === "failed" ? [failedTest(place, "", message)] : failed;
  });
  return {
    files: report.testResults.length,
    passed: report.numPassedTests,
    failed: failures.length,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
    failures,
  };
}

function failedTest(file: string, test: string, message = ""): FailedTest {
  return { file, test, message, bundle: TRACE_LINE.exec(message)?.[1] ?? null };
}
