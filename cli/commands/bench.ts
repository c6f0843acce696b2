// `plasma bench [SUITE]`: measures the engine on this machine. Bare it lists the suites. Every
// report carries the machine, a seed and a hash of what was computed; --baseline compares with a
// report that --save wrote and exits 2 when a figure got worse by more than --max-regression.
import { cpus } from "node:os";
import { EngineError } from "../../host/errors.ts";
import {
  type BenchDocument,
  compareReports,
  type MetricChange,
  parsePercent,
  readBaseline,
} from "../bench/baseline.ts";
import { type BenchSize, type BenchSuite, benchSizes } from "../bench/suite.ts";
import { benchSuites, suiteFor } from "../bench/suites.ts";
import type { CliCommand, CommandContext, CommandOptions, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { writeWhole } from "../files.ts";
import { documentText, tableText } from "../output.ts";

const REPETITIONS_MAX = 10_000;

function listSuites(): CommandResult {
  const suites = benchSuites.map(({ name, measures }) => ({ name, measures }));
  const rows = suites.map(({ name, measures }) => [name, measures]);
  return { document: { suites }, text: tableText(["suite", "measures"], rows) };
}

/** @throws CLI_ARGUMENT_INVALID */
function repetitionsOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const count = /^\d{1,6}$/.test(String(value)) ? Number(value) : 0;
  if (count >= 1 && count <= REPETITIONS_MAX) return count;
  throw new EngineError({
    code: "CLI_ARGUMENT_INVALID",
    message: `--repetitions: got ${JSON.stringify(String(value).slice(0, 40))}, expected 1 to ${REPETITIONS_MAX}`,
    where: { field: "--repetitions" },
  });
}

/** @throws CLI_ARGUMENT_INVALID */
function sizeOf(value: unknown): BenchSize {
  const size = benchSizes.find((known) => known === value);
  if (size !== undefined) return size;
  throw new EngineError({
    code: "CLI_ARGUMENT_INVALID",
    message: `--size: got ${JSON.stringify(String(value).slice(0, 40))}, expected small or large`,
    where: { field: "--size" },
  });
}

async function runSuite(
  context: CommandContext,
  suite: BenchSuite,
  options: CommandOptions,
): Promise<CommandResult> {
  const size = sizeOf(options.size);
  const repetitions = repetitionsOf(options.repetitions);
  const allowed = parsePercent(String(options.maxRegression));
  const baseline =
    options.baseline === undefined
      ? undefined
      : readBaseline(String(options.baseline), suite.name, size);
  const report = await suite.run({ context, size, repetitions });
  const document: BenchDocument = {
    suite: suite.name,
    size,
    node: process.versions.node,
    cpu: cpuText(),
    seed: report.seed,
    resultHash: report.resultHash,
    repetitions: report.repetitions,
    quartiles: report.quartiles,
    ...report.figures,
  };
  if (options.save !== undefined) writeWhole(String(options.save), documentText(document));
  const machine = `node ${process.versions.node}, ${cpuText()}, ${report.repetitions} repetitions`;
  const text = `${report.text}\n${machine}`;
  if (baseline === undefined) return { document, text };
  const changes = compareReports(report.metrics, baseline, document);
  const regressed = changes.filter(({ worse }) => worse > allowed);
  return {
    document: { ...document, baseline: { changes, allowed, regressed: regressed.length > 0 } },
    text: `${text}\n\n${changesText(changes, allowed)}`,
    exitCode: regressed.length > 0 ? ExitCode.notAsWished : ExitCode.ok,
  };
}

function cpuText(): string {
  const all = cpus();
  return `${all.length} x ${all[0]?.model.trim() ?? "unknown"}`;
}

function changesText(changes: readonly MetricChange[], allowed: number): string {
  const percent = (part: number) => `${part >= 0 ? "+" : ""}${(part * 100).toFixed(1)} %`;
  const rows = changes.map(({ name, before, now, worse }) => [
    name,
    String(before),
    String(now),
    worse > 0 ? `${percent(worse)} worse` : `${percent(-worse)} better`,
    worse > allowed ? "regressed" : "",
  ]);
  return tableText(["figure", "baseline", "now", "change", ""], rows);
}

export const benchCommand: CliCommand = {
  name: "bench",
  group: "measure",
  summary: "measure the engine on this machine; bare, list what can be measured",
  examples: ["plasma bench", "plasma bench replay --size small"],
  configure: (command) =>
    command
      .argument("[suite]", "a suite; bare lists them")
      .option("--size <size>", "small (seconds) or large (for figures to quote)", "large")
      .option("--repetitions <count>", "samples to take; the suite's own number where absent")
      .option("--save <file>", "write the report as JSON")
      .option("--baseline <file>", "compare with a saved report; exit 2 on a regression")
      .option("--max-regression <percent>", "how much worse a figure may be", "10%"),
  run: (context, [name], options) =>
    name === undefined ? listSuites() : runSuite(context, suiteFor(name), options),
};
