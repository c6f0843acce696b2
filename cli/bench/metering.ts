// `plasma bench metering`: what gas costs in time. Kernels of fixtures/contracts run on V8 as the
// compiler made them and as our metered module, in turn; the ratio of the two is the figure.
import { assert } from "../../host/errors.ts";
import { prepareRulesBlob } from "../../host/rules/prepare-rules.ts";
import { presetRules } from "../../host/rules/presets.ts";
import { measure } from "./bench-thread.ts";
import { buildKernels, kernels } from "./kernels.ts";
import type { KernelResult } from "./measure-metering.ts";
import { geometricMean, type Quartiles, significant, significantQuartiles } from "./samples.ts";
import type { BenchInput, BenchReport, BenchSuite } from "./suite.ts";

const ROUNDS = { small: 3, large: 21 } as const;
const WARM_MILLIS = { small: 0, large: 400 } as const;

async function run({ context, size, repetitions }: BenchInput): Promise<BenchReport> {
  const rounds = repetitions ?? ROUNDS[size];
  const inputs = await buildKernels(size);
  const progress = context.progress("kernels", inputs.length);
  const measured = await measure(
    "metering",
    {
      kernels: inputs,
      rounds,
      warmMillis: WARM_MILLIS[size],
      prepareRules: prepareRulesBlob(presetRules("general")),
    },
    (done) => progress.update(done),
  ).finally(() => progress.stop());
  const ratios = measured.kernels.map(({ ratio }) => ratio.median);
  const figures = {
    kernels: measured.kernels.map(({ name, ratio, plainMillis, meteredMillis, gas }) => ({
      name,
      ratio: significant(ratio.median),
      plainMillis: significant(plainMillis),
      nanosPerGas: significant((meteredMillis * 1e6) / gas),
      gas,
    })),
    ratioGeomean: significant(geometricMean(ratios)),
    ratioMax: significant(Math.max(...ratios)),
  };
  return {
    seed: "none: the kernels' arguments are fixed",
    repetitions: rounds,
    resultHash: measured.resultHash,
    quartiles: {
      ...Object.fromEntries(
        measured.kernels.map(({ name, ratio }) => [name, significantQuartiles(ratio)]),
      ),
      ...spreadOf(measured.kernels),
    },
    figures,
    metrics: [
      { name: "ratioGeomean", better: "lower" },
      { name: "ratioMax", better: "lower" },
    ],
    tables: [
      {
        head: ["kernel", "plain ms", "metered / plain", "quartiles", "ns per gas"],
        rows: measured.kernels.map(({ name, ratio, plainMillis, meteredMillis, gas }) => [
          name,
          plainMillis.toFixed(2),
          ratio.median.toFixed(3),
          `${ratio.q1.toFixed(3)}-${ratio.q3.toFixed(3)}`,
          ((meteredMillis * 1e6) / gas).toFixed(2),
        ]),
      },
    ],
    notes: [
      `geometric mean ${figures.ratioGeomean.toFixed(3)}, worst ${figures.ratioMax.toFixed(3)}`,
    ],
  };
}

/** Of the two figures over all kernels: means of the kernels' quartiles, and those of the worst. */
function spreadOf(measured: readonly KernelResult[]): Readonly<Record<string, Quartiles>> {
  const worst = measured.toSorted((a, b) => b.ratio.median - a.ratio.median)[0];
  assert(worst !== undefined, "there are kernels");
  const mean = (of: keyof Quartiles): number =>
    geometricMean(measured.map(({ ratio }) => ratio[of]));
  return {
    ratioGeomean: significantQuartiles({ q1: mean("q1"), median: mean("median"), q3: mean("q3") }),
    ratioMax: significantQuartiles(worst.ratio),
  };
}

export const meteringSuite: BenchSuite = {
  name: "metering",
  measures: `time of ${kernels.length} compute kernels with gas over their time on plain V8`,
  run,
};
