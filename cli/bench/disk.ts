// `plasma bench disk`: the transfers of `bench transfers` on a store that holds many more accounts than
// fit in memory, beside the same transfers on a store that holds only those that take part.
import { join } from "node:path";
import { inScratchFolder } from "../files.ts";
import { measure } from "./bench-thread.ts";
import { buildFixture } from "./fixtures.ts";
import { quartiles, significant, significantQuartiles } from "./samples.ts";
import type { BenchInput, BenchReport, BenchSuite } from "./suite.ts";

const SEED = "plasma bench disk";
const SHAPES = {
  small: { accounts: 500, diskAccounts: 3_000, blockSize: 100, blocksPerSample: 1, samples: 2 },
  large: {
    accounts: 100_000,
    diskAccounts: 10_000_000,
    blockSize: 1_000,
    blocksPerSample: 2,
    samples: 15,
  },
} as const;

async function run({ context, size, repetitions, accounts }: BenchInput): Promise<BenchReport> {
  const shape = { ...SHAPES[size], ...(accounts === undefined ? {} : { diskAccounts: accounts }) };
  const samples = repetitions ?? shape.samples;
  const { wasm, abiJson } = await buildFixture("token");
  const progress = context.progress("disk", 2 * shape.diskAccounts);
  const params = { ...shape, samples, seed: SEED, tokenWasm: wasm, tokenAbiJson: abiJson };
  const result = await inScratchFolder((folder) =>
    measure("disk", { ...params, storePath: join(folder, "store") }, (done) =>
      progress.update(done),
    ),
  ).finally(() => progress.stop());
  const few = quartiles(result.few);
  const many = quartiles(result.many);
  // Of neighbours in time: what else the machine does hits both.
  const slowdown = quartiles(result.few.map((rate, i) => rate / result.many[i]!));
  const row = (number: number, rate: typeof few): string[] => [
    String(number),
    String(Math.round(rate.median)),
    `${Math.round(rate.q1)}-${Math.round(rate.q3)}`,
  ];
  return {
    seed: SEED,
    repetitions: samples,
    resultHash: result.stateRoot,
    quartiles: {
      durablePerSecond: significantQuartiles(many),
      slowdown: significantQuartiles(slowdown),
    },
    figures: {
      accounts: shape.diskAccounts,
      blockSize: shape.blockSize,
      durablePerSecond: Math.round(many.median),
      durableFewPerSecond: Math.round(few.median),
      slowdown: significant(slowdown.median),
      mergedPerSecond: Math.round(result.merged),
      openSeconds: significant(result.openSeconds),
      stateRoot: result.stateRoot,
    },
    metrics: [
      { name: "durablePerSecond", better: "higher" },
      { name: "slowdown", better: "lower" },
    ],
    tables: [
      {
        head: ["accounts", "durable transfers/s", "quartiles"],
        rows: [row(shape.accounts, few), row(shape.diskAccounts, many)],
      },
    ],
    notes: [
      `signed, flushed before acknowledgement; ${slowdown.median.toFixed(2)}x slower with ${shape.diskAccounts} accounts on disk, each with a balance and tokens; ${shape.accounts} of them take part`,
      `the large store was opened again before, in ${result.openSeconds.toFixed(1)} s; with the merge into its tables ${Math.round(result.merged)} transfers/s`,
    ],
  };
}

export const diskSuite: BenchSuite = {
  name: "disk",
  measures: "the same transfers, durable, where most accounts are on disk only",
  takes: ["accounts"],
  run,
};
