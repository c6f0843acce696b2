// `plasma bench dispute`: whole disputes on this computer about a block of 50 million steps, from the bundles to the
// verdict, honest player and liar both paid for. Typical is a block that computes; adversarial one that stores at
// random all over 16 MiB, so that every commitment has the most to hash. The liar's machine has one flipped byte.
import { encodeCall } from "../../host/abi/encode-call.ts";
import { deriveKey } from "../../host/chain/key.ts";
import { type Hex, toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import {
  type DisputeReport,
  playBlockDispute,
  threadCount,
} from "../../host/environment/disputes.ts";
import { RunThreads } from "../../host/environment/parallel-states.ts";
import { assert } from "../../host/errors.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { Progress } from "../progress.ts";
import { ContractEnvironment } from "./contract-environment.ts";
import { buildFixture } from "./fixtures.ts";
import { type Quartiles, quartiles, significant, significantQuartiles } from "./samples.ts";
import type { BenchInput, BenchReport, BenchSize, BenchSuite } from "./suite.ts";

const SEED = "plasma bench dispute";
const REPETITIONS = { small: 1, large: 3 } as const;
const RULES = "data-heavy";
const PRODUCER: Hex = "0x00000000000000000000000000000000000000fd";

interface Kind {
  readonly name: "typical" | "adversarial";
  /** File in fixtures/contracts/kernels without its ending. */
  readonly kernel: string;
  /** Argument of `run`: 50 million steps at size large. */
  readonly n: Readonly<Record<BenchSize, number>>;
}

const kinds: readonly Kind[] = [
  { name: "typical", kernel: "matrix", n: { small: 10, large: 92 } },
  { name: "adversarial", kernel: "scatter", n: { small: 4_000, large: 2_720_000 } },
];

/** The bundle of a block with one call of a kernel. */
async function makeBlock({ kernel, n }: Kind, size: BenchSize): Promise<Uint8Array> {
  const { wasm, abi } = await buildFixture(`kernels/${kernel}`);
  const environment = await ContractEnvironment.open({
    ...{ rules: presetRules(RULES), producer: PRODUCER, key: deriveKey(SEED, kernel), wasm },
  });
  try {
    const calls = environment.calls([encodeCall(abi, "run", [String(n[size])])]);
    const { bundle } = await environment.execute(calls);
    return bundle!;
  } finally {
    await environment.close();
  }
}

/** States of a level B. */
const STATES = 65_536;

/** State hashes a second that all threads make of a stride in the middle of the block, from a run that is at hand. */
async function measureStates(bundle: Uint8Array, rounds: number): Promise<number[]> {
  const threads = new RunThreads(threadCount());
  try {
    const run = await threads.open(bundle);
    const { steps } = await run.end();
    const samples: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const from = (steps * BigInt(round + 1)) / BigInt(rounds + 2);
      await run.commit(from, 1n, 1);
      const start = performance.now();
      await run.commit(from, 1n, STATES);
      // The first one is for V8 to compile.
      if (round > 0) samples.push(STATES / ((performance.now() - start) / 1_000));
    }
    return samples;
  } finally {
    await threads.close();
  }
}

interface Measured {
  readonly name: Kind["name"];
  readonly report: DisputeReport;
  readonly seconds: Quartiles;
  readonly secondsPerMoveMax: Quartiles;
  readonly statesPerSecond: Quartiles;
}

async function run({ context, size, repetitions }: BenchInput): Promise<BenchReport> {
  const rounds = repetitions ?? REPETITIONS[size];
  const progress = context.progress("disputes", kinds.length * rounds);
  const measured: Measured[] = [];
  try {
    for (const kind of kinds) measured.push(await measureKind(kind, size, rounds, progress));
  } finally {
    progress.stop();
  }
  const [typical, adversarial] = measured;
  const figure = ({ name, report, seconds, secondsPerMoveMax }: Measured) => [
    name,
    {
      steps: Number(report.steps),
      moves: report.moves,
      seconds: significant(seconds.median),
      secondsPerMoveMax: significant(secondsPerMoveMax.median),
      proofBytes: report.proof!.length,
    },
  ];
  return {
    seed: SEED,
    repetitions: rounds,
    resultHash: toHex(keccak256(Buffer.concat(measured.map(({ report }) => report.log)))),
    quartiles: {
      statesPerSecond: significantQuartiles(typical!.statesPerSecond),
      ...Object.fromEntries(
        measured.flatMap(({ name, seconds, secondsPerMoveMax }) => [
          [`${name}Seconds`, significantQuartiles(seconds)],
          [`${name}SecondsPerMoveMax`, significantQuartiles(secondsPerMoveMax)],
        ]),
      ),
    },
    figures: {
      ...Object.fromEntries(measured.map(figure)),
      ...Object.fromEntries(
        measured.map(({ name, seconds }) => [`${name}Seconds`, significant(seconds.median)]),
      ),
      movesMax: Math.max(...measured.map(({ report }) => report.moves)),
      statesPerSecond: Math.round(typical!.statesPerSecond.median),
      threads: threadCount(),
    },
    metrics: [
      ...kinds.map(({ name }) => ({ name: `${name}Seconds`, better: "lower" }) as const),
      { name: "statesPerSecond", better: "higher" },
    ],
    tables: [
      {
        head: ["block", "steps", "moves", "seconds", "quartiles", "longest move", "proof bytes"],
        rows: measured.map(({ name, report, seconds, secondsPerMoveMax }) => [
          name,
          String(report.steps),
          String(report.moves),
          seconds.median.toFixed(2),
          `${seconds.q1.toFixed(2)}-${seconds.q3.toFixed(2)}`,
          secondsPerMoveMax.median.toFixed(2),
          String(report.proof!.length),
        ]),
      },
    ],
    notes: [
      "one dispute of two claims at full shape, from both bundles to the verdict; both players on this computer",
      `moves: those of both levels, one to open the second, one step; threads: ${threadCount()}`,
      `state hashes/s by all threads, in the middle of the typical block: ${Math.round(typical!.statesPerSecond.median)}, of the adversarial one: ${Math.round(adversarial!.statesPerSecond.median)}`,
    ],
  };
}

async function measureKind(
  kind: Kind,
  size: BenchSize,
  rounds: number,
  progress: Progress,
): Promise<Measured> {
  const bundle = await makeBlock(kind, size);
  const reports: DisputeReport[] = [];
  for (let round = 0; round < rounds; round++) {
    const report = await playBlockDispute(bundle, { lie: "flipped-memory" });
    assert(report.claim === "stands" && report.fall?.reason === "step", "the lie is refuted");
    reports.push(report);
    progress.update(kinds.indexOf(kind) * rounds + round + 1);
  }
  return {
    name: kind.name,
    report: reports[0]!,
    seconds: quartiles(reports.map(({ seconds }) => seconds)),
    secondsPerMoveMax: quartiles(reports.map(({ secondsPerMoveMax }) => secondsPerMoveMax)),
    statesPerSecond: quartiles(await measureStates(bundle, rounds)),
  };
}

export const disputeSuite: BenchSuite = {
  name: "dispute",
  measures: "whole disputes about blocks of 50 million steps, played on this computer",
  run,
};
