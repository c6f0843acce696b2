// `plasma bench [SUITE|SCENARIO]`: measures the engine on this machine. Bare it lists the suites. Every
// report carries the machine, a seed and a hash of what was computed; --baseline compares with a
// report that --save wrote and exits 2 when a figure got worse by more than --max-regression. With
// --write it runs every suite and writes a page.
import { EngineError } from "../../host/errors.ts";
import {
  compareReports,
  type MetricChange,
  parsePercent,
  readBaseline,
} from "../bench/baseline.ts";
import { SCHEDULE_FILE } from "../bench/gas.ts";
import { reportDocument, reportText } from "../bench/report-document.ts";
import {
  type BenchCount,
  type BenchCounts,
  type BenchInput,
  type BenchSize,
  type BenchSuite,
  benchCounts,
  benchSizes,
} from "../bench/suite.ts";
import { benchSuites, suiteFor } from "../bench/suites.ts";
import { PAGE_FILE, writePage } from "../bench/write-page.ts";
import type { CliCommand, CommandContext, CommandOptions, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { writeWhole } from "../files.ts";
import { invalidArgument } from "../invalid-argument.ts";
import { documentText, tableText } from "../output.ts";

const REPETITIONS_MAX = 10_000;
const COUNT_MAX = 50_000_000;

function listSuites(): CommandResult {
  const suites = benchSuites.map(({ name, measures }) => ({ name, measures }));
  const rows = suites.map(({ name, measures }) => [name, measures]);
  rows.push([
    "SCENARIO.json",
    "your own transactions: rates, time and gas by method, witness bytes",
  ]);
  return { document: { suites }, text: tableText(["suite", "measures"], rows) };
}

const shown = (value: unknown): string => JSON.stringify(String(value).slice(0, 40));

/** @throws CLI_ARGUMENT_INVALID */
function countOf(flag: string, value: unknown, most: number): number {
  const count = /^\d{1,8}$/.test(String(value)) ? Number(value) : 0;
  if (count >= 1 && count <= most) return count;
  throw invalidArgument(flag, `got ${shown(value)}, expected 1 to ${most}`);
}

/** @throws CLI_ARGUMENT_INVALID */
function sizeOf(value: unknown): BenchSize {
  const size = benchSizes.find((known) => known === value);
  if (size !== undefined) return size;
  throw invalidArgument("--size", `got ${shown(value)}, expected small or large`);
}

/**
 * What only some suites take from the command line.
 * @throws CLI_ARGUMENT_INVALID for what is no number, or what the suite has no use for
 */
function ownOptions(options: CommandOptions, suite: BenchSuite): Partial<BenchInput> {
  const { writeSchedule } = options;
  if (writeSchedule !== undefined) checkTakes(suite, "schedule", "--write-schedule");
  const counts = countsOf(options);
  for (const name of benchCounts) {
    if (counts[name] !== undefined) checkTakes(suite, name, `--${name}`);
  }
  if (writeSchedule === undefined) return counts;
  return { ...counts, schedule: writeSchedule === true ? SCHEDULE_FILE : String(writeSchedule) };
}

/** @throws CLI_ARGUMENT_INVALID */
function countsOf(options: CommandOptions): BenchCounts {
  const given = benchCounts.filter((name) => options[name] !== undefined);
  const counts = given.map((name) => [name, countOf(`--${name}`, options[name], COUNT_MAX)]);
  return Object.fromEntries(counts);
}

/** @throws CLI_ARGUMENT_INVALID */
function checkTakes(suite: BenchSuite, name: BenchCount | "schedule", flag: string): void {
  if (suite.takes?.includes(name) === true) return;
  const others = benchSuites.filter(({ takes }) => takes?.includes(name)).map((one) => one.name);
  throw invalidArgument(flag, `got suite ${suite.name}, expected ${others.join(" or ")}`);
}

/** What the flags ask for, read before anything is loaded or measured. */
interface BenchRequest {
  readonly size: BenchSize;
  readonly repetitions: number | undefined;
  readonly allowed: number;
}

/** @throws CLI_ARGUMENT_INVALID */
function requestOf(options: CommandOptions): BenchRequest {
  return {
    size: sizeOf(options.size),
    repetitions:
      options.repetitions === undefined
        ? undefined
        : countOf("--repetitions", options.repetitions, REPETITIONS_MAX),
    allowed: parsePercent(String(options.maxRegression)),
  };
}

async function runSuite(
  context: CommandContext,
  name: string,
  options: CommandOptions,
): Promise<CommandResult> {
  const { size, repetitions, allowed } = requestOf(options);
  const suite = await suiteFor(name);
  const own = ownOptions(options, suite);
  const baseline =
    options.baseline === undefined
      ? undefined
      : readBaseline(String(options.baseline), suite.name, size, suite.scenarioHash);
  const report = await suite.run({ context, size, repetitions, ...own });
  const document = reportDocument(suite.name, size, report);
  if (options.save !== undefined) writeWhole(String(options.save), documentText(document));
  const text = reportText(report);
  const isMissed = report.missed === true;
  if (baseline === undefined) {
    return { document, text, exitCode: isMissed ? ExitCode.notAsWished : ExitCode.ok };
  }
  const changes = compareReports(report.metrics, baseline, document);
  const regressed = changes.some(({ worse }) => worse > allowed);
  return {
    document: { ...document, baseline: { changes, allowed, regressed } },
    text: `${text}\n\n${changesText(changes, allowed)}`,
    exitCode: regressed || isMissed ? ExitCode.notAsWished : ExitCode.ok,
  };
}

/** @throws CLI_ARGUMENT_INVALID for what makes no sense beside --write, or is no file */
async function runAll(
  context: CommandContext,
  name: string | undefined,
  options: CommandOptions,
): Promise<CommandResult> {
  const { size, repetitions } = requestOf(options);
  const file = options.write === true ? PAGE_FILE : String(options.write);
  const refuse = (message: string): EngineError => invalidArgument("--write", message);
  const suite = name ?? benchSuites.find((known) => known.name === file)?.name;
  if (suite !== undefined) {
    throw refuse(`got ${JSON.stringify(suite.slice(0, 64))}, but it runs every suite`);
  }
  if (options.save !== undefined || options.baseline !== undefined) {
    throw refuse("--save and --baseline are for one suite");
  }
  if (file === "-" && context.json) throw refuse("stdout is the JSON document; name a file");
  const peers = options.peers === undefined ? undefined : String(options.peers);
  const resume = options.resume === undefined ? undefined : String(options.resume);
  const charts = options.charts !== false;
  const counts = countsOf(options);
  return writePage(context, { file, size, repetitions, counts, charts, peers, resume });
}

/** @throws CLI_ARGUMENT_INVALID for flags that are about the page, where none is written */
function refusePageFlags({ peers, resume, charts }: CommandOptions): void {
  const flags = {
    "--peers": peers,
    "--resume": resume,
    "--no-charts": charts === false || undefined,
  };
  const given = Object.entries(flags).find(([, value]) => value !== undefined);
  if (given === undefined) return;
  throw new EngineError({
    code: "CLI_ARGUMENT_INVALID",
    message: `${given[0]} is about the page of --write`,
    where: { field: given[0] },
  });
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
  examples: ["plasma bench scenario.json --size small", "plasma bench replay --size small"],
  configure: (command) =>
    command
      .argument("[suite]", "a suite, or a scenario file (.json); bare lists the suites")
      .option("--size <size>", "small (seconds) or large (for figures to quote)", "large")
      .option("--repetitions <count>", "samples to take; the suite's own number where absent")
      .option("--blocks <count>", "state: blocks committed in a row")
      .option("--keys <count>", "state: leave out sizes over so many keys")
      .option("--accounts <count>", "disk: accounts in the store")
      .option("--save <file>", "write the report as JSON")
      .option("--baseline <file>", "compare with a saved report; exit 2 on a regression")
      .option("--max-regression <percent>", "how much worse a figure may be", "10%")
      .option("--write-schedule [file]", `gas: write measured prices (${SCHEDULE_FILE})`)
      .option("--search <count>", "gas: try so many random programs for slow ones")
      .option("--write [file]", `run every suite and write a page with charts (${PAGE_FILE})`)
      .option("--peers <file>", "with --write: figures of other engines, from npm run peers")
      .option("--resume <folder>", "with --write: keep reports there, measure what is missing")
      .option("--no-charts", "with --write: a page without charts"),
  run: (context, [name], options) => {
    if (options.write !== undefined) return runAll(context, name, options);
    refusePageFlags(options);
    return name === undefined ? listSuites() : runSuite(context, name, options);
  },
};
