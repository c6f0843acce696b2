// `plasma bench state`: the authenticated map by itself, at several numbers of keys: updates with one root
// per batch, in memory and flushed; cold reads; witness bytes; and whether a commit takes as long after
// thousands of blocks as at first.
import { join } from "node:path";
import { inScratchFolder } from "../files.ts";
import { measure } from "./bench-thread.ts";
import { rootsHash, rowTails, type StateResult } from "./measure-state.ts";
import { quartiles, significant, significantQuartiles } from "./samples.ts";
import type { BenchInput, BenchReport, BenchSuite } from "./suite.ts";

const SEED = "plasma bench state";
/** `at` is the size that targets speak about and that the row of blocks runs on. */
const SHAPES = {
  small: { sizes: [1_000, 5_000], at: 5_000, batch: 400, samples: 2, reads: 500, blocks: 40 },
  large: {
    sizes: [100_000, 1_000_000, 10_000_000],
    at: 1_000_000,
    batch: 10_000,
    samples: 15,
    reads: 20_000,
    blocks: 3_600,
  },
} as const;
const BLOCK_KEYS = { small: 100, large: 1_000 } as const;

interface MeasuredSize extends StateResult {
  readonly keys: number;
}

async function run({
  context,
  size,
  repetitions,
  blocks,
  keys: most,
}: BenchInput): Promise<BenchReport> {
  const shape = SHAPES[size];
  const samples = repetitions ?? shape.samples;
  const row = blocks ?? shape.blocks;
  const measured: MeasuredSize[] = [];
  const sizes = shape.sizes.filter((keys) => keys <= Math.max(shape.at, most ?? keys));
  for (const keys of sizes) {
    const progress = context.progress(`state, ${keys} keys`, 2 * keys);
    const params = {
      ...{ ...shape, keys, samples, seed: SEED },
      ...{ blockKeys: BLOCK_KEYS[size], blocks: keys === shape.at ? row : 0 },
    };
    const result = await inScratchFolder((folder) =>
      measure("state", { ...params, storePath: join(folder, "store") }, (done) =>
        progress.update(done),
      ),
    ).finally(() => progress.stop());
    measured.push({ keys, ...result });
  }
  return report(measured, shape.at, { ...shape, samples, row, blockKeys: BLOCK_KEYS[size] });
}

function report(
  measured: readonly MeasuredSize[],
  at: number,
  shape: { samples: number; row: number; batch: number; blockKeys: number },
): BenchReport {
  const quoted = measured.find(({ keys }) => keys === at)!;
  const tails = rowTails(quoted.commitMs);
  const rates = (one: MeasuredSize) => ({
    updates: quartiles(one.updates),
    durable: quartiles(one.durable),
  });
  const { updates, durable } = rates(quoted);
  const sizes = measured.map((one) => ({
    keys: one.keys,
    updatesPerSecond: Math.round(rates(one).updates.median),
    durableUpdatesPerSecond: Math.round(rates(one).durable.median),
    mergedUpdatesPerSecond: Math.round(one.merged),
    readMicros: significant(one.readMicros),
    witnessBytesPerKey: significant(one.witnessBytesPerKey),
    openSeconds: significant(one.openSeconds),
  }));
  return {
    seed: SEED,
    repetitions: shape.samples,
    resultHash: rootsHash(measured.map(({ stateRoot }) => stateRoot)),
    quartiles: {
      updatesPerSecond: significantQuartiles(updates),
      durableUpdatesPerSecond: significantQuartiles(durable),
    },
    figures: {
      sizes,
      quotedKeys: at,
      updatesPerSecond: Math.round(updates.median),
      durableUpdatesPerSecond: Math.round(durable.median),
      blocks: shape.row,
      commitMsP99First: significant(tails.first),
      commitMsP99Last: significant(tails.last),
      commitMsP99Ratio: significant(tails.last / tails.first),
    },
    metrics: [
      { name: "updatesPerSecond", better: "higher" },
      { name: "durableUpdatesPerSecond", better: "higher" },
      { name: "commitMsP99Last", better: "lower" },
    ],
    tables: [
      {
        head: [
          "keys",
          "updates/s",
          "durable/s",
          "with merge/s",
          "cold read, µs",
          "witness bytes/key",
          "open, s",
        ],
        rows: sizes.map((one) => Object.values(one).map(String)),
      },
    ],
    notes: [
      `batches of ${shape.batch} random keys with values of 32 bytes, one root each; durable: flushed before the clock stops; with merge: until the tables hold them too`,
      `${shape.row} blocks of ${shape.blockKeys} keys in a row on ${at} keys: p99 of a commit ${tails.first.toFixed(1)} ms in the first tenth, ${tails.last.toFixed(1)} ms in the last`,
    ],
  };
}

export const stateSuite: BenchSuite = {
  name: "state",
  measures:
    "updates per second of the state tree, in memory and on disk, reads, witnesses, commits",
  takes: ["blocks", "keys"],
  run,
};
