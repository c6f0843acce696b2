// `plasma bench proof`: how long step proofs are, by what a step touches, and how long one verification takes in
// the machine's judge and in the independent one.
import { assert } from "../../host/errors.ts";
import { measure } from "./bench-thread.ts";
import { buildFixture } from "./fixtures.ts";
import { significant, significantQuartiles } from "./samples.ts";
import type { BenchInput, BenchReport, BenchSuite } from "./suite.ts";

const SEED = "plasma bench proof";
const SHAPES = {
  small: { accounts: 10, transfers: 1, stride: 29, verifications: 20, judgements: 2 },
  large: { accounts: 1_000, transfers: 2, stride: 1, verifications: 500, judgements: 20 },
} as const;
const ROUNDS = { small: 2, large: 15 } as const;

/** Figures that have a target, by class. */
const figureOf: Readonly<Record<string, string>> = {
  "one stack leaf": "oneLeafBytes",
  "two stack leaves": "twoLeavesBytes",
  memory: "memoryBytes",
  "memory, split stack": "splitStackBytes",
  "split memory, split stack": "bothSplitBytes",
  "storage path at 2^24 keys": "storagePathBytes",
  "largest seen": "largestBytes",
};

async function run({ context, size, repetitions }: BenchInput): Promise<BenchReport> {
  const rounds = repetitions ?? ROUNDS[size];
  const { wasm, abiJson } = await buildFixture("token");
  const progress = context.progress("proofs", Object.keys(figureOf).length);
  const measured = await measure(
    "proof",
    { ...SHAPES[size], rounds, seed: SEED, tokenWasm: wasm, tokenAbiJson: abiJson },
    (done) => progress.update(done),
  ).finally(() => progress.stop());
  const { classes, steps, proven } = measured;
  const bytes = classes.map(({ name, bytes }): [string, number] => {
    const figure = figureOf[name];
    assert(figure !== undefined, `class ${name} has a figure`);
    return [figure, bytes];
  });
  return {
    seed: SEED,
    repetitions: rounds,
    resultHash: measured.resultHash,
    quartiles: Object.fromEntries(
      classes.map(({ name, verifyMicros }) => [name, significantQuartiles(verifyMicros)]),
    ),
    figures: {
      classes: classes.map(({ name, bytes, verifyMicros, independentMicros }) => ({
        name,
        bytesMax: bytes,
        verifyMicros: significant(verifyMicros.median),
        independentMicros: significant(independentMicros.median),
      })),
      ...Object.fromEntries(bytes),
      steps,
      proven,
    },
    metrics: bytes.map(([name]) => ({ name, better: "lower" })),
    tables: [
      {
        head: ["class", "bytes", "verify us", "quartiles", "independent judge us"],
        rows: classes.map(({ name, bytes, verifyMicros, independentMicros }) => [
          name,
          String(bytes),
          verifyMicros.median.toFixed(0),
          `${verifyMicros.q1.toFixed(0)}-${verifyMicros.q3.toFixed(0)}`,
          independentMicros.median.toFixed(0),
        ]),
      },
    ],
    notes: [
      "all classes but the last with every sibling there, as in a machine whose regions are full",
      `largest seen: of ${proven} proven steps of a block of token transfers that has ${steps}; both judges accept each`,
    ],
  };
}

export const proofSuite: BenchSuite = {
  name: "proof",
  measures: "bytes of step proofs by class, and the time of a verification in both judges",
  run,
};
