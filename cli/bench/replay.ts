// `plasma bench replay`: how fast a verifier replays bundles of signed token transfers that it was
// handed, and how much state each transaction's share of a bundle carries.
import { measure } from "./bench-thread.ts";
import { buildFixture } from "./fixtures.ts";
import { quartiles, significant, significantQuartiles } from "./samples.ts";
import type { BenchInput, BenchReport, BenchSuite } from "./suite.ts";

const SEED = "plasma bench replay";
const SHAPES = {
  small: { accounts: 300, blockSize: 50, bundles: 2, samples: 2 },
  large: { accounts: 100_000, blockSize: 1_000, bundles: 12, samples: 15 },
} as const;

async function run({ context, size, repetitions }: BenchInput): Promise<BenchReport> {
  const shape = SHAPES[size];
  const samples = repetitions ?? shape.samples;
  const { wasm, abiJson } = await buildFixture("token");
  // Made, replayed once to warm up, and then once for each sample.
  const replayed = (samples + 2) * shape.bundles * shape.blockSize;
  const progress = context.progress("replay", shape.accounts + replayed);
  const measured = await measure(
    "replay",
    { ...shape, samples, seed: SEED, tokenWasm: wasm, tokenAbiJson: abiJson },
    (done) => progress.update(done),
  ).finally(() => progress.stop());
  const signed = quartiles(measured.signed);
  const unsigned = quartiles(measured.unsigned);
  const row = (name: string, { q1, median, q3 }: typeof signed) => [
    name,
    String(Math.round(median)),
    `${Math.round(q1)}-${Math.round(q3)}`,
  ];
  return {
    seed: SEED,
    repetitions: samples,
    resultHash: measured.blockHash,
    quartiles: {
      signedPerSecond: significantQuartiles(signed),
      unsignedPerSecond: significantQuartiles(unsigned),
    },
    figures: {
      accounts: shape.accounts,
      blockSize: shape.blockSize,
      signedPerSecond: Math.round(signed.median),
      unsignedPerSecond: Math.round(unsigned.median),
      witnessBytesPerTransaction: significant(measured.witnessBytesPerTransaction),
      bundleBytesPerTransaction: significant(measured.bundleBytesPerTransaction),
      stateRoot: measured.stateRoot,
    },
    metrics: [
      { name: "signedPerSecond", better: "higher" },
      { name: "unsignedPerSecond", better: "higher" },
      { name: "witnessBytesPerTransaction", better: "lower" },
    ],
    tables: [
      {
        head: ["signatures", "transactions/s", "quartiles"],
        rows: [row("checked", signed), row("not checked", unsigned)],
      },
    ],
    notes: [
      `${shape.bundles} bundles in a row, each of ${shape.blockSize} transfers over ${shape.accounts} accounts; per transaction ${Math.round(measured.bundleBytesPerTransaction)} bytes, ${Math.round(measured.witnessBytesPerTransaction)} of them witness`,
      `last state root ${measured.stateRoot}`,
    ],
  };
}

export const replaySuite: BenchSuite = {
  name: "replay",
  measures: "replay of bundles of token transfers, with and without signature checks",
  run,
};
