// `plasma bench --write`: runs every suite, one after the other, and writes their page with its charts. What
// stands at their places and was not written by this command stays: that, and whether charts can be drawn,
// is found out before anything is measured, since measuring takes minutes.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { EngineError } from "../../host/errors.ts";
import { versions } from "../../host/versions.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { readText, writeWhole } from "../files.ts";
import { benchmarksPage, type MeasuredSuite, PAGE_TITLE } from "./benchmarks-page.ts";
import { CHART_MARK, loadDrawChart } from "./chart-drawing.ts";
import { KeptReports } from "./kept-reports.ts";
import { chartFiles, drawCharts } from "./page-charts.ts";
import { readPeersReport } from "./peers-report.ts";
import { machineText, reportDocument } from "./report-document.ts";
import type { BenchCounts, BenchSize, BenchSuite } from "./suite.ts";
import { benchSuites } from "./suites.ts";

/** Where the page goes when no file is named. */
export const PAGE_FILE = "BENCHMARKS.md";

export interface WriteRequest {
  readonly file: string;
  readonly size: BenchSize;
  readonly repetitions: number | undefined;
  /** What single suites are given instead of their own numbers. */
  readonly counts: BenchCounts;
  /** Whether charts are drawn; none beside a page on stdout. */
  readonly charts: boolean;
  /** A report of `npm run peers`; the checkout's own where absent. */
  readonly peers: string | undefined;
  /** Folder where the report of each suite is kept, and found again by the next try. */
  readonly resume: string | undefined;
}

/** Those of the counts that a suite takes. */
function takenBy({ takes }: BenchSuite, counts: BenchCounts): BenchCounts {
  const taken = Object.entries(counts).filter(([name]) => takes?.some((known) => known === name));
  return Object.fromEntries(taken);
}

/**
 * Measures all suites and writes the page and its charts.
 * @throws FILE_EXISTS when a file is there that this command did not write
 * @throws CHARTS_MISSING without echarts; PEERS_REPORT_INVALID
 */
export async function writePage(
  context: CommandContext,
  request: WriteRequest,
): Promise<CommandResult> {
  const { file, size, repetitions } = request;
  refuseForeign(file, PAGE_TITLE);
  const drawing = await openDrawing(request);
  const date = new Date().toISOString().slice(0, 10);
  const kept = new KeptReports(request.resume);
  const measured: MeasuredSuite[] = [];
  for (const [i, suite] of benchSuites.entries()) {
    const counts = takenBy(suite, request.counts);
    const occasion = { suite: suite.name, size, repetitions, counts };
    const known = kept.read(occasion);
    const how = known === undefined ? "" : " (measured before)";
    context.note(`${i + 1} of ${benchSuites.length}: ${suite.name}, ${suite.measures}${how}`);
    const report = known ?? (await suite.run({ context, size, repetitions, ...counts }));
    if (known === undefined) kept.write(occasion, report);
    measured.push({ suite, report, document: reportDocument(suite.name, size, report) });
  }
  const charts = drawing === undefined ? [] : drawCharts(drawing.draw, measured, drawing.peers);
  const page = benchmarksPage(
    {
      date,
      machine: machineText(),
      node: process.versions.node,
      v8: process.versions.v8,
      version: versions.package,
      semantics: versions.semantics,
      size,
    },
    measured,
    charts,
  );
  writeWhole(file, page);
  for (const chart of charts) {
    writeWhole(join(dirname(file), chart.file), chart.svg);
  }
  const names = measured.map(({ suite }) => suite.name).join(", ");
  return {
    document: {
      file,
      date,
      size,
      charts: charts.map((chart) => chart.file),
      reports: measured.map(({ document }) => ({ v: 1, ...document })),
    },
    text: file === "-" ? "" : `wrote ${context.colors.bold(file)}: ${names}`,
  };
}

/** What it takes to draw charts, or undefined where none are wanted. */
async function openDrawing({ file, charts, peers }: WriteRequest) {
  if (!charts || file === "-") return undefined;
  for (const chart of chartFiles) refuseForeign(join(dirname(file), chart), CHART_MARK);
  return { draw: await loadDrawChart(), peers: readPeersReport(peers) };
}

function refuseForeign(file: string, firstLine: string): void {
  if (file === "-" || !existsSync(file)) return;
  if (readText(file).startsWith(`${firstLine}\n`)) return;
  throw new EngineError({
    code: "FILE_EXISTS",
    message: `${file} was not written by plasma bench --write; it would be lost`,
    where: { file, field: "--write" },
    hint: "give another name after --write, or remove the file",
  });
}
