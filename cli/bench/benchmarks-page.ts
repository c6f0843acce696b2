// BENCHMARKS.md out of the reports of all suites. The layout is fixed, so that two pages differ only
// where figures do. Pure: date and machine are arguments. A target that is missed is said to be missed.
import type { BenchDocument } from "./baseline.ts";
import { grouped, type Quartiles } from "./samples.ts";
import type { BenchReport, BenchSize, BenchSuite, BenchTable } from "./suite.ts";
import { standing, type Target, targets } from "./targets.ts";

/** First line of every page; what else stands in a file is not ours to replace. */
export const PAGE_TITLE = "# Benchmarks";

export interface PageFacts {
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly v8: string;
  readonly version: string;
  readonly semantics: number;
  readonly size: BenchSize;
}

/** A suite with what it measured. */
export interface MeasuredSuite {
  readonly suite: BenchSuite;
  readonly report: BenchReport;
  readonly document: BenchDocument;
}

/** A chart that stands under the tables of a suite. */
export interface PageChart {
  /** Name of the suite. */
  readonly suite: string;
  /** Relative to the page. */
  readonly file: string;
  /** What it shows, for those who do not see it. */
  readonly shows: string;
}

/** The whole page, as Markdown. */
export function benchmarksPage(
  facts: PageFacts,
  measured: readonly MeasuredSuite[],
  charts: readonly PageChart[] = [],
): string {
  return `${[
    PAGE_TITLE,
    "",
    "Written by `plasma bench --write`; run it again rather than edit it.",
    "",
    ...factsTable(facts),
    "",
    "## Targets",
    "",
    ...targetLines(facts.size, measured),
    "",
    ...measured.flatMap((one) => suiteLines(one, facts.size, charts)),
    "## Repeat",
    "",
    ...repeatLines(facts.size),
  ].join("\n")}\n`;
}

function factsTable(facts: PageFacts): string[] {
  return markdownTable({
    head: ["what", "where and when"],
    rows: [
      ["date", facts.date],
      ["machine", facts.machine],
      ["Node", `${facts.node} (V8 ${facts.v8})`],
      ["Plasma", `${facts.version}, semantics ${facts.semantics}`],
      ["size", facts.size],
    ],
  });
}

function targetLines(size: BenchSize, measured: readonly MeasuredSuite[]): string[] {
  const rows = targets.flatMap((target) => {
    const found = measured.find(({ suite }) => suite.name === target.suite);
    return found === undefined ? [] : [targetRow(target, size, found)];
  });
  const head = ["row", "what", "measured", "quartiles", "must", "next", "goal", "stands"];
  return [
    size === "large"
      ? "Medians beside what was aimed at before anything was measured: `must` first, `next` after it, `goal` in the end."
      : "Size small only shows that everything works: its figures are held against no target.",
    "",
    ...markdownTable({ head, rows }),
  ];
}

function targetRow(target: Target, size: BenchSize, { document, report }: MeasuredSuite): string[] {
  const { row, what, figure, must, next, goal } = target;
  const value = Number(document[figure]);
  const spread: Quartiles | undefined = report.quartiles[figure];
  const text = (number: number | undefined): string =>
    number === undefined
      ? "–"
      : target.unit === "ratio"
        ? `${number.toFixed(2)}x`
        : target.unit === "seconds"
          ? number.toFixed(1)
          : grouped(Math.round(number));
  return [
    row,
    what,
    text(value),
    spread === undefined ? "–" : `${text(spread.q1)} to ${text(spread.q3)}`,
    text(must),
    text(next),
    text(goal),
    size === "large" ? standingText(target, value, document.accounts) : "not compared",
  ];
}

function standingText(target: Target, value: number, accounts: unknown): string {
  return target.accounts === undefined || target.accounts === accounts
    ? standing(target, value)
    : `not compared: with ${grouped(Number(accounts))} accounts`;
}

function suiteLines(
  { suite, report }: MeasuredSuite,
  size: BenchSize,
  charts: readonly PageChart[],
): string[] {
  const { tables, notes, seed, repetitions, resultHash } = report;
  return [
    `## ${suite.name}`,
    "",
    `${sentence(suite.measures)} Alone: \`plasma bench ${suite.name}${sizeFlag(size)}\`.`,
    "",
    ...tables.flatMap((table) => [...markdownTable(table), ""]),
    ...charts
      .filter((chart) => chart.suite === suite.name)
      .flatMap(({ file, shows }) => [`![${shows}](${file})`, ""]),
    ...notes.map((note) => `- ${note}`),
    `- ${repetitions} repetitions; seed: ${seed}`,
    `- result hash \`${resultHash}\``,
    "",
  ];
}

function repeatLines(size: BenchSize): string[] {
  return [
    "On a machine that does nothing else, in a checkout:",
    "",
    "```sh",
    "npm ci && npm run build",
    "npm run peers -- --save bench/peers/report.json   # for the chart of transfers; see bench/peers/README.md",
    `node dist/cli/main.js bench --write${sizeFlag(size)}`,
    "```",
    "",
    "A suite alone, with all its figures: `plasma bench SUITE --json`. Equal result hashes mean that equal work was done; times are those of the machine. Quartiles are over repetitions; ratios are of runs that took turns.",
  ];
}

const sizeFlag = (size: BenchSize): string => (size === "large" ? "" : ` --size ${size}`);

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function markdownTable({ head, rows }: BenchTable): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)];
}
