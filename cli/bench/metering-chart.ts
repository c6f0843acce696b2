// The chart of metering: on the left what gas costs each kernel, metered time over plain time on V8; on the
// right the geometric mean beside other engines with gas. Those figures were measured once, elsewhere, on
// four kernels: they are ratios to plain V8 on that machine, and the chart says so.
import type { CustomSeriesRenderItemReturn, EChartsOption } from "echarts";
import type { BenchDocument } from "./baseline.ts";
import { type Chart, ink, type ShapeApi, stroke, textAt } from "./chart-drawing.ts";
import type { Quartiles } from "./samples.ts";
import { targets } from "./targets.ts";

/** Geometric means over fib, sieve, sha and matmul, metered, over plain V8 (AMD EPYC, Node 20.20.2). */
export const meteredElsewhere: readonly { readonly name: string; readonly ratio: number }[] = [
  { name: "wasmtime 49, fuel", ratio: 1.39 },
  { name: "op-vm 1.0.0, gas", ratio: 3.53 },
  { name: "WasmEdge 0.14.1 AOT, gas", ratio: 7.45 },
  { name: "wasm-metering 0.2.1 on V8", ratio: 19.4 },
];

interface KernelBar {
  readonly name: string;
  readonly ratio: number;
  readonly spread: Quartiles;
}

const WIDTH = 980;
const HEIGHT = 460;
/** Where the right half begins. */
const MIDDLE = 575;

/** From the report of the suite metering. */
export function meteringChart(document: BenchDocument): Chart {
  const quartiles = document.quartiles as Readonly<Record<string, Quartiles>>;
  const kernels = (document.kernels as readonly { name: string; ratio: number }[]).map(
    ({ name, ratio }): KernelBar => ({ name, ratio, spread: quartiles[name]! }),
  );
  const ours = Number(document.ratioGeomean);
  const engines = [{ name: "Plasma, gas", ratio: ours }, ...meteredElsewhere].toReversed();
  const option: EChartsOption = {
    title: [
      heading("Metered over plain V8, by kernel", 20, 14),
      heading("Geometric mean, beside others", MIDDLE, 14),
      note("median and quartiles; 1 is the speed without gas", 20, 40),
      note(
        "over plain V8, logarithmic; others measured once,\non another machine and four kernels",
        MIDDLE,
        40,
      ),
    ],
    grid: [
      { left: 52, top: 84, width: MIDDLE - 52 - 70, height: 300 },
      { left: MIDDLE + 175, top: 96, right: 60, height: 288 },
    ],
    xAxis: [
      {
        gridIndex: 0,
        type: "category",
        data: kernels.map(({ name }) => name),
        axisLabel: { color: ink.text, interval: 0, rotate: 35 },
        axisLine: { lineStyle: { color: ink.faint } },
        axisTick: { show: false },
      },
      {
        gridIndex: 1,
        type: "log",
        min: 0.5,
        max: 50,
        axisLabel: {
          color: ink.faint,
          formatter: "{value}x",
          showMinLabel: false,
          showMaxLabel: false,
        },
        splitLine: { show: false },
        axisLine: { show: false },
      },
    ],
    yAxis: [
      {
        gridIndex: 0,
        type: "value",
        min: 0,
        interval: 0.2,
        max: (range: { max: number }) => Math.max(1.4, Math.ceil(range.max * 5) / 5),
        axisLabel: { color: ink.faint, formatter: (value: number) => `${value.toFixed(1)}x` },
        splitLine: { lineStyle: { color: ink.line } },
      },
      {
        gridIndex: 1,
        type: "category",
        data: engines.map(({ name }) => name),
        axisLabel: { color: ink.text },
        axisLine: { show: false },
        axisTick: { show: false },
      },
    ],
    series: [kernelBars(kernels), kernelSpreads(kernels), engineBars(engines)],
  };
  return { option, width: WIDTH, height: HEIGHT };
}

const heading = (text: string, left: number, top: number) => ({
  text,
  left,
  top,
  textStyle: { fontSize: 16, fontWeight: 600 as const, color: ink.text },
});

const note = (text: string, left: number, top: number) => ({
  text,
  left,
  top,
  textStyle: { fontSize: 12, fontWeight: 400 as const, color: ink.faint, lineHeight: 16 },
});

function kernelBars(kernels: readonly KernelBar[]) {
  const worst = targets.find(({ figure }) => figure === "ratioMax")?.must ?? 0;
  return {
    type: "bar" as const,
    xAxisIndex: 0,
    yAxisIndex: 0,
    barWidth: "62%",
    itemStyle: { color: ink.oursLight },
    data: kernels.map(({ ratio }) => ratio),
    label: {
      show: true,
      position: "insideBottom" as const,
      color: ink.text,
      fontSize: 11,
      formatter: ({ value }: { value: unknown }) => Number(value).toFixed(2),
    },
    markLine: {
      symbol: "none",
      silent: true,
      data: [
        {
          yAxis: 1,
          lineStyle: { color: ink.text, type: "solid" as const, width: 1.2 },
          label: { formatter: "plain V8", color: ink.text, position: "end" as const },
        },
        {
          yAxis: worst,
          lineStyle: { color: ink.mark, type: "dashed" as const, width: 1.2 },
          label: { formatter: `must ${worst}x`, color: ink.mark, position: "end" as const },
        },
      ],
    },
  };
}

/** From the first to the third quartile, over each bar. */
function kernelSpreads(kernels: readonly KernelBar[]) {
  return {
    type: "custom" as const,
    xAxisIndex: 0,
    yAxisIndex: 0,
    silent: true,
    z: 3,
    data: kernels.map(({ spread }, i) => [i, spread.q1, spread.q3]),
    renderItem: (_params: unknown, api: ShapeApi): CustomSeriesRenderItemReturn => {
      const at = Number(api.value(0));
      const [x, low] = api.coord([at, Number(api.value(1))]) as [number, number];
      const [, high] = api.coord([at, Number(api.value(2))]) as [number, number];
      return {
        type: "group",
        children: [
          stroke(x, low, x, high, ink.ours),
          stroke(x - 5, low, x + 5, low, ink.ours),
          stroke(x - 5, high, x + 5, high, ink.ours),
        ],
      };
    },
  };
}

/** A bar from 1 to each ratio: on a logarithmic axis none can begin at 0. */
function engineBars(engines: readonly { readonly name: string; readonly ratio: number }[]) {
  const last = engines.length - 1;
  return {
    type: "custom" as const,
    xAxisIndex: 1,
    yAxisIndex: 1,
    silent: true,
    data: engines.map(({ ratio }, i) => [ratio, i]),
    renderItem: (_params: unknown, api: ShapeApi): CustomSeriesRenderItemReturn => {
      const [ratio, i] = [Number(api.value(0)), Number(api.value(1))];
      const [x, y] = api.coord([ratio, i]) as [number, number];
      const [one] = api.coord([1, i]) as [number];
      const left = Math.min(one, x);
      const width = Math.max(3, Math.abs(x - one));
      return {
        type: "group",
        children: [
          {
            type: "rect",
            shape: { x: left, y: y - 13, width, height: 26 },
            style: { fill: i === last ? ink.ours : ink.peerLight },
          },
          textAt(`${ratio.toFixed(2)}x`, left + width + 6, y),
        ],
      };
    },
    markLine: {
      symbol: "none",
      silent: true,
      data: [{ xAxis: 1, lineStyle: { color: ink.text, type: "solid" as const, width: 1.2 } }],
      label: { formatter: "plain V8", color: ink.text, position: "end" as const, distance: 4 },
    },
  };
}
