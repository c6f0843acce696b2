// `plasma bench transfers`: token transfers per second of one environment, the figure that the engine is
// judged by. A transfer is everything a block does for it: checks, nonce, fee, the token through its
// dispatcher, event, receipt, its share of one state root per block.
import { join } from "node:path";
import { inScratchFolder } from "../files.ts";
import { measure } from "./bench-thread.ts";
import { buildFixture } from "./fixtures.ts";
import { transferModes } from "./measure-transfers.ts";
import { quartiles, significant, significantQuartiles } from "./samples.ts";
import type { BenchInput, BenchReport, BenchSuite } from "./suite.ts";

const SEED = "plasma bench transfers";
const SHAPES = {
  small: { accounts: 2_000, blockSize: 250, blocksPerSample: 2, samples: 2 },
  large: { accounts: 100_000, blockSize: 1_000, blocksPerSample: 16, samples: 15 },
} as const;

async function run({ context, size, repetitions }: BenchInput): Promise<BenchReport> {
  const shape = SHAPES[size];
  const samples = repetitions ?? shape.samples;
  const { wasm, abiJson } = await buildFixture("token");
  const total = shape.accounts + (samples + 1) * shape.blocksPerSample * shape.blockSize;
  const progress = context.progress("transfers", total);
  const params = { ...shape, samples, seed: SEED, tokenWasm: wasm, tokenAbiJson: abiJson };
  const { rates, stateRoot, blockHash, keysPerTransfer, gasPerTransfer } = await inScratchFolder(
    (folder) =>
      measure("transfers", { ...params, storePath: join(folder, "store") }, (done) =>
        progress.update(done),
      ),
  ).finally(() => progress.stop());
  const byMode = transferModes.map((mode) => ({ mode, rate: quartiles(rates[mode]) }));
  const rateOf = (mode: (typeof transferModes)[number]): number =>
    Math.round(quartiles(rates[mode]).median);
  return {
    seed: SEED,
    repetitions: samples,
    resultHash: blockHash,
    quartiles: Object.fromEntries(
      byMode.map(({ mode, rate }) => [`${mode}PerSecond`, significantQuartiles(rate)]),
    ),
    figures: {
      accounts: shape.accounts,
      blockSize: shape.blockSize,
      unsignedPerSecond: rateOf("unsigned"),
      signedPerSecond: rateOf("signed"),
      durablePerSecond: rateOf("durable"),
      stateRoot,
      keysPerTransfer: significant(keysPerTransfer),
      gasPerTransfer: Math.round(gasPerTransfer),
    },
    metrics: [
      { name: "unsignedPerSecond", better: "higher" },
      { name: "signedPerSecond", better: "higher" },
      { name: "durablePerSecond", better: "higher" },
    ],
    tables: [
      {
        head: ["mode", "transfers/s", "quartiles"],
        rows: byMode.map(({ mode, rate }) => [
          mode,
          String(Math.round(rate.median)),
          `${Math.round(rate.q1)}-${Math.round(rate.q3)}`,
        ]),
      },
    ],
    notes: [
      `${shape.accounts} accounts, blocks of ${shape.blockSize}, one state root each, the next one asked for before one is committed; ${keysPerTransfer.toFixed(2)} state keys and ${Math.round(gasPerTransfer)} gas per transfer`,
      `state root ${stateRoot}, equal in all modes and in replay`,
    ],
  };
}

export const transfersSuite: BenchSuite = {
  name: "transfers",
  measures:
    "token transfers per second: without signature checks, with them, and flushed to the store",
  run,
};
