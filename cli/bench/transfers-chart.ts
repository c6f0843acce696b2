// The chart of token transfers per second beside other engines. Where a report of peers is at hand every bar
// comes from it, ours too, since they were measured in one run; else only ours are drawn, and the chart says
// what is missing. What one unit is differs between engines, so it stands under each name.
import type { CustomSeriesRenderItemReturn, EChartsOption } from "echarts";
import type { BenchDocument } from "./baseline.ts";
import { type Chart, ink, type ShapeApi, stroke, textAt } from "./chart-drawing.ts";
import type { PeerRate, PeersReport } from "./peers-report.ts";
import { grouped, type Quartiles } from "./samples.ts";

/** Name of ours in a report of peers. */
const OURS = "plasma";
const WIDTH = 980;
const ROW_PIXELS = 38;
const TOP = 92;
const LABEL_PIXELS = 375;

const ownUnits = {
  unsigned: "blocks with receipts, root and fee, signatures off",
  signed: "the same, signatures checked",
  durable: "the same, flushed to disk",
} as const;

/** From the report of the suite transfers, and from one of peers. */
export function transfersChart(document: BenchDocument, peers: PeersReport | undefined): Chart {
  const rates = peers?.rates ?? ownRates(document);
  const rows = rates.toReversed();
  const height = TOP + ROW_PIXELS * rows.length + 44;
  const option: EChartsOption = {
    title: {
      text: "Token transfers per second",
      subtext: subtitle(document, peers),
      left: 20,
      top: 14,
      textStyle: { fontSize: 16, fontWeight: 600, color: ink.text },
      subtextStyle: { fontSize: 12, color: ink.faint, lineHeight: 16 },
    },
    grid: { left: LABEL_PIXELS, top: TOP, right: 90, height: ROW_PIXELS * rows.length },
    xAxis: {
      type: "value",
      min: 0,
      axisLabel: { color: ink.faint, formatter: (value: number) => grouped(value) },
      splitLine: { lineStyle: { color: ink.line } },
    },
    yAxis: {
      type: "category",
      data: rows.map(rowLabel),
      axisLabel: {
        fontSize: 12,
        lineHeight: 15,
        rich: {
          name: { color: ink.text, fontWeight: 600, fontSize: 12, align: "right", lineHeight: 15 },
          unit: { color: ink.faint, fontSize: 11, align: "right", lineHeight: 14 },
        },
      },
      axisLine: { lineStyle: { color: ink.faint } },
      axisTick: { show: false },
    },
    series: [bars(rows), spreads(rows)],
  };
  return { option, width: WIDTH, height };
}

function ownRates(document: BenchDocument): PeerRate[] {
  const quartiles = document.quartiles as Readonly<Record<string, Quartiles>>;
  return Object.entries(ownUnits).map(([mode, unit]) => ({
    engine: OURS,
    version: undefined,
    mode,
    unit,
    perSecond: quartiles[`${mode}PerSecond`]!,
  }));
}

function subtitle(document: BenchDocument, peers: PeersReport | undefined): string {
  const what =
    "median and quartiles; each engine in the form that it is fastest in, one processor or all";
  if (peers === undefined) {
    return `median and quartiles; ${document.cpu}, Node ${document.node}\nother engines are not measured here: npm run peers`;
  }
  const { date, cpu, node, rounds, size } = peers;
  return `${what}\none run of all, taking turns, on ${date}: ${rounds} rounds (size ${size}), ${cpu}, Node ${node}`;
}

const rowLabel = ({ engine, version, mode, unit }: PeerRate): string =>
  `{name|${engine === OURS ? "Plasma" : engine}${version === undefined ? "" : ` ${version}`}, ${words(mode)}}\n{unit|${unit}}`;

/** ownKeys as "own keys". */
const words = (mode: string): string =>
  mode.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const colours: Readonly<Record<string, readonly [ours: string, peer: string]>> = {
  unsigned: [ink.oursPale, ink.peerPale],
  signed: [ink.oursLight, ink.peerLight],
  durable: [ink.ours, ink.peer],
};

function bars(rows: readonly PeerRate[]) {
  return {
    type: "bar" as const,
    barWidth: 22,
    data: rows.map(({ engine, mode, perSecond }) => {
      const [ours, peer] = colours[mode] ?? [ink.oursPale, ink.peerPale];
      return { value: perSecond.median, itemStyle: { color: engine === OURS ? ours : peer } };
    }),
  };
}

/** The quartiles over each bar, and its median beside them. */
function spreads(rows: readonly PeerRate[]) {
  return {
    type: "custom" as const,
    silent: true,
    z: 3,
    data: rows.map(({ perSecond: { q1, median, q3 } }, i) => [q1, median, q3, i]),
    renderItem: (_params: unknown, api: ShapeApi): CustomSeriesRenderItemReturn => {
      const [q1, median, q3, row] = [0, 1, 2, 3].map((k) => Number(api.value(k))) as [
        number,
        number,
        number,
        number,
      ];
      const [low, y] = api.coord([q1, row]) as [number, number];
      const [high] = api.coord([q3, row]) as [number];
      const [end] = api.coord([median, row]) as [number];
      return {
        type: "group",
        children: [
          stroke(low, y, high, y, ink.text),
          stroke(low, y - 5, low, y + 5, ink.text),
          stroke(high, y - 5, high, y + 5, ink.text),
          textAt(grouped(Math.round(median)), Math.max(high, end) + 8, y),
        ],
      };
    },
  };
}
