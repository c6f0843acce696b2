// The charts of the page: what they are drawn from, that equal figures are equal bytes, and what is said where
// they cannot be drawn.
import { describe, expect, it, vi } from "vitest";
import { type DrawChart, loadDrawChart } from "../../../cli/bench/chart-drawing.ts";
import { meteredElsewhere, meteringChart } from "../../../cli/bench/metering-chart.ts";
import { parsePeersReport } from "../../../cli/bench/peers-report.ts";
import { transfersChart } from "../../../cli/bench/transfers-chart.ts";

const spread = (median: number) => ({ q1: median * 0.9, median, q3: median * 1.1 });

const metering = {
  kernels: [
    { name: "fib", ratio: 1.01 },
    { name: "sieve", ratio: 1.15 },
  ],
  quartiles: { fib: spread(1.01), sieve: spread(1.15) },
  ratioGeomean: 1.08,
};
const transfers = {
  cpu: "2 x Processor",
  node: "20.0.0",
  quartiles: {
    unsignedPerSecond: spread(14_204),
    signedPerSecond: spread(9_002),
    durablePerSecond: spread(8_352),
  },
};

const engine = (name: string, all: number, one: number) => ({
  name,
  version: "1.2.3",
  units: { unsigned: `a unit of ${name}` },
  figures: {
    allCpus: { unsigned: { perSecond: spread(all) } },
    oneCpu: { unsigned: { perSecond: spread(one) } },
  },
});
const peers = {
  v: 1,
  suite: "peers",
  date: "2030-01-02T03:04:05.000Z",
  size: "large",
  rounds: 7,
  machine: { cpu: "8 x Other", node: "22.0.0" },
  engines: [engine("plasma", 12_345, 11_111), engine("edr", 1_400, 1_777)],
};

/** What a reader sees written in a chart. */
const textsOf = (svg: string): string =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text).join("|");

describe("a chart", () => {
  const drawn = async (chart: Parameters<DrawChart>[0]): Promise<string> =>
    (await loadDrawChart())(chart);

  it("is the same bytes for the same figures, however many were drawn before, and others for others", async () => {
    const first = await drawn(meteringChart(metering));
    await drawn(transfersChart(transfers, undefined));
    expect(await drawn(meteringChart(metering))).toBe(first);
    const slower = { ...metering, ratioGeomean: 1.09 };
    expect(await drawn(meteringChart(slower))).not.toBe(first);
  });

  it("of metering has every kernel, ours, and what was measured elsewhere", async () => {
    const texts = textsOf(await drawn(meteringChart(metering)));
    for (const text of ["fib", "sieve", "1.15", "Plasma, gas", "1.08x", "plain V8", "must 1.3x"]) {
      expect(texts).toContain(text);
    }
    for (const { name, ratio } of meteredElsewhere) {
      expect(texts).toContain(name);
      expect(texts).toContain(`${ratio.toFixed(2)}x`);
    }
  });

  it("of transfers without peers has our modes and says what is missing", async () => {
    const texts = textsOf(await drawn(transfersChart(transfers, undefined)));
    for (const text of ["14,204", "9,002", "8,352", "npm run peers"]) expect(texts).toContain(text);
  });

  it("of transfers beside peers takes all figures from their run, each engine in its faster form", async () => {
    const report = parsePeersReport(JSON.stringify(peers), "peers.json");
    const texts = textsOf(await drawn(transfersChart(transfers, report)));
    for (const text of [
      "12,345",
      "1,777",
      "edr 1.2.3",
      "a unit of edr",
      "2030-01-02",
      "8 x Other",
    ]) {
      expect(texts).toContain(text);
    }
    for (const text of ["14,204", "11,111", "1,400"]) expect(texts).not.toContain(text);
  });

  it("cannot be drawn without the library, and the error says how to get it", async () => {
    vi.doMock("echarts", () => {
      throw new TypeError("Cannot find package 'echarts'");
    });
    try {
      await expect(loadDrawChart()).rejects.toMatchObject({
        code: "CHARTS_MISSING",
        hint: expect.stringContaining("npm install echarts"),
      });
    } finally {
      vi.doUnmock("echarts");
    }
  });
});

describe("a report of peers", () => {
  it.each([
    ["not JSON", "{", "the file"],
    ["no document", "[]", "the document"],
    ["of something else", JSON.stringify({ ...peers, suite: "transfers" }), "suite"],
    ["of nothing", "{}", "suite"],
    ["without a machine", JSON.stringify({ ...peers, machine: undefined }), "machine"],
    ["without its date", JSON.stringify({ ...peers, date: 7 }), "date"],
    ["without engines", JSON.stringify({ ...peers, engines: {} }), "engines"],
    [
      "with a rate that is none",
      JSON.stringify({ ...peers, engines: [engine("edr", -1, 1)] }),
      "engines[0].figures.allCpus.unsigned.perSecond.q1",
    ],
    [
      "without any form",
      JSON.stringify({ ...peers, engines: [{ ...engine("edr", 1, 1), figures: {} }] }),
      "engines[0].figures",
    ],
  ])("%s is refused with the place", (_, text, field) => {
    expect(() => parsePeersReport(text, "peers.json")).toThrow(
      expect.objectContaining({
        code: "PEERS_REPORT_INVALID",
        where: expect.objectContaining({ file: "peers.json", field }),
      }),
    );
  });
});
