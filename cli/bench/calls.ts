// `plasma bench calls`: what a contract waits for when it asks its host: each host call at usual sizes, on paths
// of state that the block knows and on new ones, and calls of other contracts.
import { measure } from "./bench-thread.ts";
import { probeCount } from "./measure-probes.ts";
import { PROBE_EFFORTS, PROBE_SEED } from "./probe-effort.ts";
import { type Quartiles, significant, significantQuartiles } from "./samples.ts";
import type { BenchInput, BenchReport, BenchSuite } from "./suite.ts";

async function run({ context, size, repetitions }: BenchInput): Promise<BenchReport> {
  const effort = PROBE_EFFORTS[size];
  const rounds = repetitions ?? effort.rounds;
  const progress = context.progress("calls", probeCount("calls"));
  const { probes, resultHash } = await measure(
    "probes",
    { set: "calls", effort: { ...effort, rounds }, search: 0 },
    (done) => progress.update(done),
  ).finally(() => progress.stop());
  const byName = <T>(of: (nanos: Quartiles) => T): Record<string, T> =>
    Object.fromEntries(probes.map(({ name, nanos }) => [name, of(nanos)]));
  return {
    seed: PROBE_SEED,
    repetitions: rounds,
    resultHash,
    quartiles: byName((nanos) => significantQuartiles(nanos)),
    figures: { nanos: byName(({ median }) => significant(median)) },
    metrics: [],
    tables: [
      {
        head: ["host call", "ns", "quartiles", "gas"],
        rows: probes.map(({ name, nanos, gas }) => [
          name,
          whole(nanos.median),
          `${whole(nanos.q1)}-${whole(nanos.q3)}`,
          String(Math.round(gas)),
        ]),
      },
    ],
    notes: [
      "processor time of what one more call adds to a block, the few instructions around it included",
      "`new path`: the block touches it for the first time, with its share of root and witness, or of the replay of both, whichever is slower; the contract has 131,072 values",
    ],
  };
}

const whole = (nanos: number): string => String(Math.round(nanos));

export const callsSuite: BenchSuite = {
  name: "calls",
  measures: "nanoseconds of each host call and of calls between contracts",
  run,
};
