// The charts of the page of all suites: which suite each belongs to, where it goes, what it says to those who
// do not see it. Drawn from the same documents as the page's tables, so the two cannot disagree.
import type { BenchDocument } from "./baseline.ts";
import type { MeasuredSuite, PageChart } from "./benchmarks-page.ts";
import type { Chart, DrawChart } from "./chart-drawing.ts";
import { meteringChart } from "./metering-chart.ts";
import type { PeersReport } from "./peers-report.ts";
import { transfersChart } from "./transfers-chart.ts";

/** A chart of the page with its SVG. */
export interface DrawnChart extends PageChart {
  readonly svg: string;
}

/** Beside the page. */
const FOLDER = "docs/charts";

interface ChartKind extends Omit<PageChart, "file"> {
  readonly chart: (document: BenchDocument, peers: PeersReport | undefined) => Chart;
}

const kinds: readonly ChartKind[] = [
  {
    suite: "metering",
    shows: "Metered time over plain time by kernel, and the geometric mean beside other engines",
    chart: meteringChart,
  },
  {
    suite: "transfers",
    shows: "Token transfers per second of Plasma and of other engines",
    chart: transfersChart,
  },
];

/** Where the charts of a page go, relative to it. */
export const chartFiles: readonly string[] = kinds.map(({ suite }) => `${FOLDER}/${suite}.svg`);

/** Draws the charts of what was measured. */
export function drawCharts(
  draw: DrawChart,
  measured: readonly MeasuredSuite[],
  peers: PeersReport | undefined,
): DrawnChart[] {
  return kinds.flatMap(({ suite, shows, chart }) => {
    const document = measured.find((one) => one.suite.name === suite)?.document;
    if (document === undefined) return [];
    return [{ suite, shows, file: `${FOLDER}/${suite}.svg`, svg: draw(chart(document, peers)) }];
  });
}
