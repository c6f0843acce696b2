// `plasma bench machine`: how fast the proof machine runs the kernels of `plasma bench metering`, and how many
// state hashes a second it makes where every step is committed to.
import { prepareRulesBlob } from "../../host/rules/prepare-rules.ts";
import { presetRules } from "../../host/rules/presets.ts";
import { measure } from "./bench-thread.ts";
import { buildKernels, kernels } from "./kernels.ts";
import type { MachineKernelResult } from "./measure-machine.ts";
import { geometricMean, type Quartiles, significant, significantQuartiles } from "./samples.ts";
import type { BenchInput, BenchReport, BenchSuite } from "./suite.ts";

const ROUNDS = { small: 2, large: 9 } as const;
const COMMITMENTS = { small: 500, large: 20_000 } as const;
const MILLION = 1e6;

async function run({ context, size, repetitions }: BenchInput): Promise<BenchReport> {
  const rounds = repetitions ?? ROUNDS[size];
  const inputs = await buildKernels(size);
  const progress = context.progress("kernels", inputs.length);
  const measured = await measure(
    "machine",
    {
      kernels: inputs,
      rounds,
      commitments: COMMITMENTS[size],
      prepareRules: prepareRulesBlob(presetRules("general")),
    },
    (done) => progress.update(done),
  ).finally(() => progress.stop());
  const steps = meanOf(measured.kernels, "stepsPerSecond");
  const states = meanOf(measured.kernels, "statesPerSecond");
  return {
    seed: "none: the kernels' arguments are fixed",
    repetitions: rounds,
    resultHash: measured.resultHash,
    quartiles: {
      ...Object.fromEntries(
        measured.kernels.map(({ name, stepsPerSecond }) => [
          name,
          significantQuartiles(stepsPerSecond),
        ]),
      ),
      stepsPerSecondGeomean: significantQuartiles(steps),
      statesPerSecond: significantQuartiles(states),
    },
    figures: {
      kernels: measured.kernels.map(({ name, steps, stepsPerSecond, statesPerSecond }) => ({
        name,
        steps,
        stepsPerSecond: significant(stepsPerSecond.median),
        statesPerSecond: significant(statesPerSecond.median),
      })),
      stepsPerSecondGeomean: significant(steps.median),
      statesPerSecond: significant(states.median),
    },
    metrics: [
      { name: "stepsPerSecondGeomean", better: "higher" },
      { name: "statesPerSecond", better: "higher" },
    ],
    tables: [
      {
        head: ["kernel", "steps", "million steps/s", "quartiles", "states/s"],
        rows: measured.kernels.map(({ name, steps, stepsPerSecond, statesPerSecond }) => [
          name,
          String(steps),
          millions(stepsPerSecond.median),
          `${millions(stepsPerSecond.q1)}-${millions(stepsPerSecond.q3)}`,
          String(Math.round(statesPerSecond.median)),
        ]),
      },
    ],
    notes: [
      `geometric means: ${millions(steps.median)} million steps/s; ${Math.round(states.median)} states/s with a hash after every step`,
    ],
  };
}

const millions = (value: number): string => (value / MILLION).toFixed(1);

/** Geometric mean over the kernels, of each quartile. */
function meanOf(
  measured: readonly MachineKernelResult[],
  figure: "stepsPerSecond" | "statesPerSecond",
): Quartiles {
  const mean = (of: keyof Quartiles): number =>
    geometricMean(measured.map((kernel) => kernel[figure][of]));
  return { q1: mean("q1"), median: mean("median"), q3: mean("q3") };
}

export const machineSuite: BenchSuite = {
  name: "machine",
  measures: `steps of ${kernels.length} compute kernels in the proof machine, and commitments to every state`,
  run,
};
