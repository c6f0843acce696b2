// `plasma bench big`: blocks of large work, each executed and committed with its bundle, replayed from the witness
// alone, and disputed: a false claim about it is refuted on this computer, both players paid for.

import { decodeBundle } from "../../host/chain/bundle.ts";
import { deriveKey } from "../../host/chain/key.ts";
import { type Hex, toHex } from "../../host/codec/hex.ts";
import { type DisputeReport, playBlockDispute } from "../../host/environment/disputes.ts";
import { replayBundle } from "../../host/environment/replay.ts";
import { assert } from "../../host/errors.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { Progress } from "../progress.ts";
import { type BigWork, bigShapes, bigWorks } from "./big-works.ts";
import { ContractEnvironment } from "./contract-environment.ts";
import { buildFixture } from "./fixtures.ts";
import {
  grouped,
  type Quartiles,
  quartiles,
  significant,
  significantQuartiles,
} from "./samples.ts";
import type { BenchInput, BenchReport, BenchSuite } from "./suite.ts";

const SEED = "plasma bench big";
const ROUNDS = { small: 1, large: 5 } as const;
const RULES = "data-heavy";
const PRODUCER: Hex = "0x00000000000000000000000000000000000000fc";

interface Measured {
  readonly work: BigWork;
  readonly executeMs: number[];
  readonly replayMs: number[];
  /** Of the last round. */
  bundle: Uint8Array;
  gas: bigint;
  dispute: DisputeReport | undefined;
}

async function runRound(
  environment: ContractEnvironment,
  measured: readonly Measured[],
  inputsOf: (work: BigWork) => Uint8Array[],
  isKept: boolean,
): Promise<void> {
  for (const one of measured) {
    const calls = environment.calls(inputsOf(one.work));
    const startExecute = performance.now();
    const block = await environment.execute(calls);
    const millis = performance.now() - startExecute;
    one.bundle = block.bundle!;
    one.gas = block.gasUsed;
    const startReplay = performance.now();
    const { verdict } = await replayBundle(one.bundle, { expect: block.blockHash });
    const replayMillis = performance.now() - startReplay;
    assert(verdict === "valid", `${one.work.name} replays`);
    if (!isKept) continue;
    one.executeMs.push(millis);
    one.replayMs.push(replayMillis);
  }
}

async function run({ context, size, repetitions }: BenchInput): Promise<BenchReport> {
  const rounds = repetitions ?? ROUNDS[size];
  const { wasm, abi } = await buildFixture("big");
  const works = bigWorks(bigShapes[size]);
  const measured = works.map(
    (work): Measured => ({
      ...{ work, executeMs: [], replayMs: [], gas: 0n },
      ...{ bundle: new Uint8Array(0), dispute: undefined },
    }),
  );
  const progress = context.progress("big work", works.length * (rounds + 2));
  const environment = await ContractEnvironment.open({
    ...{ rules: presetRules(RULES), producer: PRODUCER, key: deriveKey(SEED, "caller"), wasm },
  });
  let stateRoot: Hex;
  try {
    // The first round is for V8 to compile.
    for (let round = 0; round <= rounds; round++) {
      await runRound(environment, measured, (work) => work.calls(abi, round), round > 0);
      progress.update(works.length * (round + 1));
    }
    stateRoot = toHex(decodeBundle(measured.at(-1)!.bundle).result.stateRoot);
    await disputeAll(measured, progress, works.length * (rounds + 1));
  } finally {
    progress.stop();
    await environment.close();
  }
  return report(measured, rounds, stateRoot);
}

async function disputeAll(
  measured: readonly Measured[],
  progress: Progress,
  done: number,
): Promise<void> {
  for (const [i, one] of measured.entries()) {
    if (!one.work.isDisputed) continue;
    const dispute = await playBlockDispute(one.bundle, { lie: one.work.lie });
    const isRefuted = dispute.claim === "stands" && dispute.fall?.reason === "step";
    assert(isRefuted, `the lie about ${one.work.name} is refuted by a step`);
    one.dispute = dispute;
    progress.update(done + i + 1);
  }
}

const worst = (spreads: readonly Quartiles[]): Quartiles =>
  spreads.toSorted((a, b) => b.median - a.median)[0]!;

function disputeFigures({ steps, moves, seconds, proof }: DisputeReport) {
  const proofBytes = proof!.length;
  return { steps: Number(steps), moves, seconds: significant(seconds), proofBytes };
}

function report(measured: readonly Measured[], rounds: number, stateRoot: Hex): BenchReport {
  const rows = measured.map(({ work, executeMs, replayMs, bundle, gas, dispute }) => {
    return {
      work,
      execute: quartiles(executeMs),
      replay: quartiles(replayMs),
      gas,
      bundleBytes: bundle.length,
      witnessBytes: decodeBundle(bundle).witness.length,
      dispute: dispute === undefined ? undefined : disputeFigures(dispute),
    };
  });
  const disputed = rows.flatMap(({ work, dispute }) =>
    dispute === undefined ? [] : [{ work, dispute }],
  );
  const slowest = {
    executeMsMax: significantQuartiles(worst(rows.map(({ execute }) => execute))),
    replayMsMax: significantQuartiles(worst(rows.map(({ replay }) => replay))),
  };
  const ms = ({ q1, median, q3 }: Quartiles): string =>
    `${median.toFixed(1)} (${q1.toFixed(1)}-${q3.toFixed(1)})`;
  return {
    seed: SEED,
    repetitions: rounds,
    resultHash: stateRoot,
    quartiles: {
      ...slowest,
      ...Object.fromEntries(
        rows.flatMap(({ work, execute, replay }) => [
          [`${work.name} executeMs`, significantQuartiles(execute)],
          [`${work.name} replayMs`, significantQuartiles(replay)],
        ]),
      ),
    },
    figures: {
      works: rows.map(({ work, execute, replay, gas, bundleBytes, witnessBytes, dispute }) => ({
        ...{ name: work.name, bytes: work.bytes, gas: Number(gas) },
        executeMs: significant(execute.median),
        replayMs: significant(replay.median),
        ...{ bundleBytes, witnessBytes },
        ...(dispute === undefined ? {} : { dispute }),
      })),
      executeMsMax: slowest.executeMsMax.median,
      replayMsMax: slowest.replayMsMax.median,
      disputeSecondsMax: Math.max(...disputed.map(({ dispute }) => dispute.seconds)),
      proofBytesMax: Math.max(...disputed.map(({ dispute }) => dispute.proofBytes)),
    },
    metrics: [
      { name: "executeMsMax", better: "lower" },
      { name: "replayMsMax", better: "lower" },
      { name: "disputeSecondsMax", better: "lower" },
    ],
    tables: [
      {
        head: ["block", "gas", "execute ms", "replay ms", "bundle bytes", "witness bytes"],
        rows: rows.map(({ work, gas, execute, replay, bundleBytes, witnessBytes }) => [
          work.name,
          grouped(Number(gas)),
          ms(execute),
          ms(replay),
          grouped(bundleBytes),
          grouped(witnessBytes),
        ]),
      },
      {
        head: ["disputed block", "lie", "steps", "moves", "seconds", "proof bytes"],
        rows: disputed.map(({ work, dispute }) => [
          work.name,
          work.lie,
          grouped(dispute.steps),
          String(dispute.moves),
          dispute.seconds.toFixed(2),
          grouped(dispute.proofBytes),
        ]),
      },
    ],
    notes: [
      ...rows.map(({ work }) => `${work.name} ${work.does}`),
      "execute: block with its bundle, committed in memory; replay: from the bundle alone, signatures checked; both with messages between threads",
      "each dispute at full shape, from the bundle to the verdict, both players on this computer",
    ],
  };
}

export const bigSuite: BenchSuite = {
  name: "big",
  measures: "blocks of large work: memory, 64 KiB values, documents; replayed and disputed",
  run,
};
