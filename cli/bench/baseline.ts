// Comparison of a report with an earlier one that --save wrote. Only figures that a suite names as
// metrics count; a metric that got worse by more than the allowed part is a regression. Reports of
// other suites or sizes are refused: they measure something else.
import { EngineError } from "../../host/errors.ts";
import { readText } from "../files.ts";
import { invalidArgument } from "../invalid-argument.ts";
import type { Metric } from "./suite.ts";

export type BenchDocument = Readonly<Record<string, unknown>>;

export interface MetricChange {
  readonly name: string;
  readonly before: number;
  readonly now: number;
  /** Part by which it got worse; negative where it got better. */
  readonly worse: number;
}

/**
 * The part meant by `10%`, `10` or `0.5%`.
 * @throws CLI_ARGUMENT_INVALID
 */
export function parsePercent(text: string): number {
  const match = /^(\d{1,3}(?:\.\d+)?)%?$/.exec(text.trim());
  if (match !== null) return Number(match[1]) / 100;
  const got = JSON.stringify(text);
  throw invalidArgument("--max-regression", `got ${got}, expected a percentage such as 10%`);
}

/**
 * Reads a saved report.
 * @throws BENCH_BASELINE_INVALID when the file is no report of the same suite, size and scenario
 */
export function readBaseline(
  file: string,
  suite: string,
  size: string,
  scenarioHash?: string,
): BenchDocument {
  const refuse = (message: string): EngineError =>
    new EngineError({ code: "BENCH_BASELINE_INVALID", message, where: { file } });
  let document: unknown;
  try {
    document = JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw refuse("the baseline is no JSON document");
  }
  if (typeof document !== "object" || document === null || !("suite" in document)) {
    throw refuse("the baseline is no report of plasma bench");
  }
  const report = document as BenchDocument;
  if (report.suite !== suite || report.size !== size) {
    throw refuse(
      `got a report of ${String(report.suite)}, size ${String(report.size)}; expected ${suite}, size ${size}`,
    );
  }
  if (report.scenarioHash !== scenarioHash) {
    throw refuse(
      `got a report of scenario ${String(report.scenarioHash)}, expected ${String(scenarioHash)}`,
    );
  }
  return report;
}

/** How each metric of `now` stands against `before`; a metric absent on either side is left out. */
export function compareReports(
  metrics: readonly Metric[],
  before: BenchDocument,
  now: BenchDocument,
): MetricChange[] {
  return metrics.flatMap(({ name, better }) => {
    const old = before[name];
    const fresh = now[name];
    if (typeof old !== "number" || typeof fresh !== "number" || old <= 0 || fresh <= 0) return [];
    const worse = better === "lower" ? fresh / old - 1 : old / fresh - 1;
    return [{ name, before: old, now: fresh, worse }];
  });
}
