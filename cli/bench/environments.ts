// `plasma bench environments`: what two environments on one computer do to each other. First how much more two do than
// one, each kept on a core of its own; then how much slower one gets beside one that is full of the slowest programs,
// both on the same cores.
import { availableParallelism } from "node:os";
import { parseAbi } from "../../host/abi/parse-abi.ts";
import { toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { canConfine } from "../../host/environment/confinement.ts";
import { presetRules } from "../../host/rules/presets.ts";
import { inScratchFolder } from "../files.ts";
import { buildFixture } from "./fixtures.ts";
import { AttackerProcess, TransferProcess } from "./process-load.ts";
import {
  type Quartiles,
  quantile,
  quartiles,
  significant,
  significantQuartiles,
} from "./samples.ts";
import type { BenchInput, BenchReport, BenchSuite } from "./suite.ts";

const SEED = "plasma bench environments";
const SHAPES = {
  small: { accounts: 100, blockSize: 50, blocksPerSample: 1, samples: 2 },
  large: { accounts: 10_000, blockSize: 1_000, blocksPerSample: 4, samples: 15 },
} as const;
type Shape = (typeof SHAPES)[keyof typeof SHAPES];

/** Samples of one run, by figure. */
interface Measured {
  readonly one: number[];
  readonly two: number[];
  readonly scaling: number[];
  readonly slowdown: number[];
  readonly victimMs: number[];
}

async function run({ context, size, repetitions }: BenchInput): Promise<BenchReport> {
  const shape = SHAPES[size];
  const samples = repetitions ?? shape.samples;
  const progress = context.progress("samples", 2 * (samples + 1));
  const seen = await inScratchFolder((folder) =>
    measureAll(shape, samples, folder, (done) => progress.update(done)),
  ).finally(() => progress.stop());
  const { measured, attackerBlocks, resultHash } = seen;
  const { intervalSeconds } = presetRules("payments").block;
  const one = quartiles(measured.one);
  const two = quartiles(measured.two);
  const scaling = quartiles(measured.scaling);
  const slowdown = quartiles(measured.slowdown);
  const p99 = significant(quantile(measured.victimMs, 0.99));
  const confined = canConfine() && availableParallelism() > 1;
  return {
    seed: SEED,
    repetitions: samples,
    resultHash,
    quartiles: {
      perSecondOne: significantQuartiles(one),
      perSecondTwo: significantQuartiles(two),
      scaling: significantQuartiles(scaling),
      victimSlowdown: significantQuartiles(slowdown),
    },
    figures: {
      perSecondOne: significant(one.median),
      perSecondTwo: significant(two.median),
      scaling: significant(scaling.median),
      victimSlowdown: significant(slowdown.median),
      victimBlockMsP99: p99,
      victimIntervalMs: intervalSeconds * 1_000,
      attackerBlocks,
      blockSize: shape.blockSize,
      confined,
    },
    metrics: [
      { name: "perSecondOne", better: "higher" },
      { name: "scaling", better: "higher" },
      { name: "victimSlowdown", better: "lower" },
    ],
    ...shown({ one, two, scaling, slowdown }, [
      `signed token transfers in blocks of ${shape.blockSize} through mempool, execution and commit with bundle; one thread executes and checks signatures in each environment`,
      `99 of 100 blocks beside the attacker within ${p99} ms; the victim's rules give it ${intervalSeconds * 1_000} ms; the attacker executed ${attackerBlocks} blocks full of the slowest programs for their gas (random stores, loads and copies over 16 MiB, pages grown and dropped, entries of 256 pages), each block with a new module; a sample lasts for a whole one`,
      confined
        ? "cores are given with taskset; the two share the cores as the system does it for sessions of one user"
        : "not confined to cores: this needs taskset and two cores, so scaling and slowdown here say nothing",
    ]),
  };
}

type Figure = "one" | "two" | "scaling" | "slowdown";

/** What people see. */
function shown(
  { one, two, scaling, slowdown }: Readonly<Record<Figure, Quartiles>>,
  notes: readonly string[],
): Pick<BenchReport, "tables" | "notes"> {
  const rows = [
    row("transfers/s of one environment on one core", one, 0),
    row("transfers/s of two on a core each", two, 0),
    row("two over one", scaling, 2),
    row("time beside an attacker over time alone, same two cores", slowdown, 2),
  ];
  return { tables: [{ head: ["figure", "median", "quartiles"], rows }], notes };
}

const row = (what: string, { q1, median: middle, q3 }: Quartiles, digits: number): string[] => [
  what,
  middle.toFixed(digits),
  `${q1.toFixed(digits)}-${q3.toFixed(digits)}`,
];

interface MeasuredAll {
  readonly measured: Measured;
  readonly attackerBlocks: number;
  readonly resultHash: BenchReport["resultHash"];
}

async function measureAll(
  shape: Shape,
  samples: number,
  folder: string,
  progress: (done: number) => void,
): Promise<MeasuredAll> {
  const { wasm, abiJson } = await buildFixture("token");
  const load = { ...shape, tokenWasm: wasm, tokenAbi: parseAbi(JSON.parse(abiJson)) };
  const open = (number: number, cores: readonly number[]): Promise<TransferProcess> =>
    TransferProcess.open({ ...load, seed: `${SEED} ${number}` }, { folder, number, cores });
  const measured: Measured = { one: [], two: [], scaling: [], slowdown: [], victimMs: [] };
  const heads: string[] = [];
  const pair = [await open(0, [0]), await open(1, [1])] as const;
  try {
    // The first sample of both parts only warms up.
    for (let sample = 0; sample <= samples; sample++) {
      await samplePair(pair, shape, sample > 0 ? measured : undefined);
      progress(sample + 1);
    }
    heads.push(...pair.map(({ head }) => head));
  } finally {
    for (const process of pair) await process.close();
  }
  const victim = await open(2, [0, 1]);
  // How many blocks it makes beside the attacker is a matter of time.
  heads.push(victim.head);
  const attacker = await AttackerProcess.open({ folder, number: 3, cores: [0, 1] });
  try {
    for (let sample = 0; sample <= samples; sample++) {
      await sampleVictim(victim, attacker, shape, sample > 0 ? measured : undefined);
      progress(samples + sample + 2);
    }
  } finally {
    await attacker.close();
    await victim.close();
  }
  const resultHash = toHex(keccak256(new TextEncoder().encode(heads.join())));
  return { measured, attackerBlocks: attacker.count, resultHash };
}

type Bodies = readonly (readonly Uint8Array[])[];

const bodiesOf = (process: TransferProcess, { blocksPerSample }: Shape): Bodies =>
  Array.from({ length: blocksPerSample }, () => process.body());

/** Executes bodies one after the other; milliseconds of each. */
async function timed(process: TransferProcess, bodies: Bodies): Promise<number[]> {
  const each: number[] = [];
  for (const body of bodies) {
    const start = performance.now();
    await process.execute(body);
    each.push(performance.now() - start);
  }
  return each;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

async function samplePair(
  pair: readonly [TransferProcess, TransferProcess],
  shape: Shape,
  into: Measured | undefined,
): Promise<void> {
  const bodies = pair.map(
    (process) => [bodiesOf(process, shape), bodiesOf(process, shape)] as const,
  );
  const transfers = shape.blocksPerSample * shape.blockSize;
  const alone: number[] = [];
  // Each alone on its own core: cores of one computer are not always alike.
  for (const [i, process] of pair.entries()) {
    alone.push((1_000 * transfers) / sum(await timed(process, bodies[i]![0])));
  }
  const together = await Promise.all(
    pair.map(async (process, i) => sum(await timed(process, bodies[i]![1]))),
  );
  for (const process of pair) process.check();
  const one = sum(alone) / alone.length;
  const two = sum(together.map((ms) => (1_000 * transfers) / ms));
  into?.one.push(one);
  into?.two.push(two);
  into?.scaling.push(two / one);
}

async function sampleVictim(
  victim: TransferProcess,
  attacker: AttackerProcess,
  shape: Shape,
  into: Measured | undefined,
): Promise<void> {
  const alone = await timed(victim, bodiesOf(victim, shape));
  attacker.start();
  // For as long as a whole block of the attacker takes: its programs are not alike, and one alone may harm least.
  let isWhole = false;
  const whole = attacker.blockDone().finally(() => {
    isWhole = true;
  });
  // Told below.
  whole.catch(() => {});
  const beside: number[] = [];
  while (!isWhole || beside.length < shape.blocksPerSample) {
    beside.push(...(await timed(victim, [victim.body()])));
  }
  await whole;
  await attacker.stop();
  victim.check();
  into?.slowdown.push(sum(beside) / beside.length / (sum(alone) / alone.length));
  into?.victimMs.push(...beside);
}

export const environmentsSuite: BenchSuite = {
  name: "environments",
  measures:
    "two environments in processes of their own: what they do together over one alone, and one beside an attacker",
  run,
};
