// Draws charts as SVG text, without a screen, by the optional package echarts (docs/decisions/0030). Loaded
// only when a page with charts is written: nobody else needs it. Equal options give equal bytes, so a chart
// changes only where a figure does.
import type { CustomSeriesRenderItemReturn, EChartsOption } from "echarts";
import { EngineError } from "../../host/errors.ts";

/** What a chart is drawn from, with its size in pixels. */
export interface Chart {
  readonly option: EChartsOption;
  readonly width: number;
  readonly height: number;
}

/** An SVG document of a chart. */
export type DrawChart = (chart: Chart) => string;

/** First line of every chart; a file without it is not ours to replace. */
export const CHART_MARK =
  "<!-- Drawn by plasma bench for its page; draw it again rather than edit it. -->";

/**
 * Colours of all charts. They stand on a light ground of their own, which is opaque: readers of the page may
 * have a dark one.
 */
export const ink = {
  ground: "#fbfbfa",
  text: "#1f2328",
  faint: "#59636e",
  line: "#d1d9e0",
  ours: "#0b6bcb",
  oursLight: "#6ea8e0",
  oursPale: "#b4d2f0",
  peer: "#a8703a",
  peerLight: "#cfa679",
  peerPale: "#e5cfb6",
  mark: "#1a7f37",
} as const;

const SANS = { fontFamily: "Helvetica, Arial, sans-serif" } as const;

/** What a custom series is given to place its shapes. */
export interface ShapeApi {
  value(dimension: number): unknown;
  coord(at: number[]): number[];
}

type Shape = Extract<NonNullable<CustomSeriesRenderItemReturn>, { type: "line" | "text" }>;

export const stroke = (x1: number, y1: number, x2: number, y2: number, colour: string): Shape => ({
  type: "line",
  shape: { x1, y1, x2, y2 },
  style: { stroke: colour, lineWidth: 1.4 },
});

/** Text that begins at a place and is centred on its height. */
export const textAt = (text: string, x: number, y: number): Shape => ({
  type: "text",
  style: { text, x, y, verticalAlign: "middle", fill: ink.text, fontSize: 12, ...SANS },
});

/** @throws CHARTS_MISSING when echarts is not installed or does not load */
export async function loadDrawChart(): Promise<DrawChart> {
  const { init } = await loadLibrary();
  return ({ option, width, height }) => {
    const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
    try {
      const ground = {
        animation: false,
        backgroundColor: ink.ground,
        textStyle: { ...SANS, color: ink.text },
      };
      chart.setOption({ ...ground, ...option });
      return `${CHART_MARK}\n${withoutRunNumbers(chart.renderToSVGString())}\n`;
    } finally {
      chart.dispose();
    }
  };
}

async function loadLibrary() {
  try {
    return await import("echarts");
  } catch (cause) {
    throw new EngineError({ code: "CHARTS_MISSING", message: "echarts does not load", cause });
  }
}

/** The library numbers its names by what the process has drawn so far; alone in its file, a chart begins at 0. */
function withoutRunNumbers(svg: string): string {
  const names = new Map<string, string>();
  return svg.replaceAll(/\bzr\d+-([a-z]+)-?\d+\b/g, (name, kind: string) => {
    const known = names.get(name) ?? `${kind}-${names.size}`;
    names.set(name, known);
    return known;
  });
}
