// `plasma bench gas`: whether gas means time. Every priced class of instructions, every host call, entries, pages,
// transactions and deployments, in nanoseconds per gas; and the slowest programs known over the median of those.
import { presetRules } from "../../host/rules/presets.ts";
import { writeWhole } from "../files.ts";
import { measure } from "./bench-thread.ts";
import {
  DIFFERS,
  type MeasuredPrice,
  measuredPrices,
  movedLimits,
  scheduleDocument,
} from "./gas-schedule.ts";
import type { ProbeResult } from "./measure-probe.ts";
import { probeCount } from "./measure-probes.ts";
import { PROBE_EFFORTS, PROBE_SEED } from "./probe-effort.ts";
import { median, significant, significantQuartiles } from "./samples.ts";
import { type SlowGroup, slowPrograms } from "./slow-programs.ts";
import type { BenchInput, BenchReport, BenchSuite, BenchTable } from "./suite.ts";

/** Where the schedule goes when no file is named. */
export const SCHEDULE_FILE = "gas-schedule.json";

interface Program {
  readonly program: string;
  readonly group: SlowGroup;
  readonly nanosPerGas: number;
  /** Over the median of the classes. */
  readonly ratio: number;
}

async function run(input: BenchInput): Promise<BenchReport> {
  const { context, size, repetitions, schedule, search = 0 } = input;
  const effort = PROBE_EFFORTS[size];
  const rounds = repetitions ?? effort.rounds;
  const progress = context.progress("gas", probeCount("gas"));
  const { probes, programs, finds, fullOfCode, resultHash } = await measure(
    "probes",
    { set: "gas", effort: { ...effort, rounds }, search },
    (done) => progress.update(done),
  ).finally(() => progress.stop());
  const middle = middleOf(probes);
  const slow = programsOf(probes, programs, middle);
  const prices = measuredPrices(presetRules("general").gas, probes, middle);
  if (schedule !== undefined)
    writeWhole(schedule, `${JSON.stringify(scheduleDocument(prices), null, 2)}\n`);
  const worst = slow[0]!;
  const intervalMillis = 1_000 * presetRules("payments").block.intervalSeconds;
  const ratioOf = (group: SlowGroup): number =>
    significant(slow.find((one) => one.group === group)!.ratio);
  return {
    seed: PROBE_SEED,
    repetitions: rounds,
    resultHash,
    quartiles: Object.fromEntries(
      probes.map(({ name, nanosPerGas }) => [name, significantQuartiles(nanosPerGas)]),
    ),
    figures: {
      classes: probes.map(({ name, price, nanosPerGas, firstNanosPerGas, nanos, gas }) => ({
        name,
        price,
        nanos: significant(nanos.median),
        gas: significant(gas, 6),
        nanosPerGas: significant(nanosPerGas.median),
        firstNanosPerGas: significant(firstNanosPerGas),
      })),
      median: significant(middle),
      worst: { program: worst.program, ratio: significant(worst.ratio) },
      worstCompute: ratioOf("compute"),
      worstMemory: ratioOf("memory"),
      programs: slow.map((one) => ({
        ...one,
        nanosPerGas: significant(one.nanosPerGas),
        ratio: significant(one.ratio),
      })),
      prices,
      fullOfCode: {
        contracts: fullOfCode!.contracts,
        replayMillis: significant(fullOfCode!.replayMillis),
        intervalMillis,
      },
      ...(search > 0 ? { finds } : {}),
    },
    metrics: [
      { name: "worstCompute", better: "lower" },
      { name: "worstMemory", better: "lower" },
    ],
    tables: [
      classTable(probes),
      programTable(slow),
      priceTable(prices),
      ...(search > 0 ? [findTable(finds)] : []),
    ],
    notes: [
      `median of the prices, each by its slowest probe, ${middle.toFixed(2)} ns per gas; slowest over it: compute ${ratioOf("compute").toFixed(1)}x, up to 1 MiB of memory ${ratioOf("memory").toFixed(1)}x, anything ${worst.ratio.toFixed(1)}x`,
      `a block of payments with as much code as it may enter, ${fullOfCode!.contracts} contracts of 5 KiB that no cache has, replays in ${Math.round(fullOfCode!.replayMillis)} ms of its ${intervalMillis}`,
      "processor time of what one more round adds to a block, or to its replay where that is slower; `first` is the first long run, before V8 has optimised the code",
      ...(schedule === undefined ? [] : [scheduleNote(schedule, prices)]),
    ],
  };
}

function scheduleNote(file: string, prices: readonly MeasuredPrice[]): string {
  const moved = movedLimits(prices).map(([path, limit]) => `${path} ${limit}`);
  const limits = moved.length === 0 ? "" : `, and limits that hold under them: ${moved.join(", ")}`;
  return `wrote ${file}: general with the measured prices${limits}`;
}

/** The median of the classes: of all prices, each by the probe that is slowest for its gas. */
function middleOf(probes: readonly ProbeResult[]): number {
  const slowest = new Map<string, number>();
  for (const { price, nanosPerGas } of probes) {
    slowest.set(price, Math.max(nanosPerGas.median, slowest.get(price) ?? nanosPerGas.median));
  }
  return median([...slowest.values()]);
}

/** The kept programs, slowest first. Deployments, transactions and code that no cache has are beyond both bounds. */
function programsOf(
  probes: readonly ProbeResult[],
  own: readonly ProbeResult[],
  middle: number,
): Program[] {
  const all = new Map([...probes, ...own].map((result) => [result.name, result]));
  const named = slowPrograms.map(({ group, probe }) => ({ group, name: probe.name }));
  const blocks = probes
    .filter(({ price }) => price.startsWith("intrinsic.") || price === "entry.perKiB")
    .map(({ name }) => ({ group: "beyond" as const, name }));
  return [...named, ...blocks]
    .map(({ group, name }) => {
      const nanosPerGas = all.get(name)!.nanosPerGas.median;
      return { program: name, group, nanosPerGas, ratio: nanosPerGas / middle };
    })
    .toSorted((a, b) => b.ratio - a.ratio);
}

const classTable = (probes: readonly ProbeResult[]): BenchTable => ({
  head: ["class", "price", "ns", "gas", "ns per gas", "quartiles", "first"],
  rows: probes.map(({ name, price, nanos, gas, nanosPerGas: perGas, firstNanosPerGas }) => [
    name,
    price,
    nanos.median.toPrecision(3),
    String(significant(gas, 5)),
    perGas.median.toFixed(2),
    `${perGas.q1.toFixed(2)}-${perGas.q3.toFixed(2)}`,
    firstNanosPerGas.toFixed(2),
  ]),
});

const programTable = (programs: readonly Program[]): BenchTable => ({
  head: ["slow program", "held to the bound of", "ns per gas", "over the median"],
  rows: programs.map(({ program, group, nanosPerGas, ratio }) => [
    program,
    { compute: "compute", memory: "1 MiB of memory", beyond: "none" }[group],
    nanosPerGas.toFixed(2),
    `${ratio.toFixed(2)}x`,
  ]),
});

const priceTable = (prices: readonly MeasuredPrice[]): BenchTable => ({
  head: ["price", "now", "by time", "asked for by"],
  rows: prices
    .filter(({ present, measured }) => Math.abs(measured / present - 1) > DIFFERS)
    .map(({ price, present, measured, probe }) => [
      price,
      String(present),
      String(measured),
      probe,
    ]),
});

const findTable = (
  finds: readonly { readonly body: string; readonly pages: number; readonly nanosPerGas: number }[],
): BenchTable => ({
  head: ["ns per gas", "pages", "found body"],
  rows: finds.map(({ nanosPerGas, pages, body }) => [nanosPerGas.toFixed(2), String(pages), body]),
});

export const gasSuite: BenchSuite = {
  name: "gas",
  measures: "nanoseconds per gas of everything that has a price, and of the slowest programs known",
  takes: ["search", "schedule"],
  run,
};
