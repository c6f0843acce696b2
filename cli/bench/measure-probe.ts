// Times one probe: blocks with few rounds and blocks with many take turns, and what they differ by, in time and
// in gas, is the body's alone; entry, checks and commit vanish. Where rounds touch state, so is the replay of the
// same blocks, and the slower counts. Used in the bench thread only.
import { assert } from "../../host/errors.ts";
import { breathe } from "./kernel-ground.ts";
import { probeWasm } from "./probe-module.ts";
import { type ProbeWorld, probeInput } from "./probe-world.ts";
import type { Probe } from "./probes.ts";
import { type Quartiles, quartiles } from "./samples.ts";

export interface ProbeEffort {
  readonly rounds: number;
  /** What a block with many rounds takes at least, where its limits let it. */
  readonly blockMillis: number;
  /** Time before anything counts, so that V8 has optimised the contract. */
  readonly warmMillis: number;
  /** What the first long run may use. */
  readonly firstGas: number;
  /** Values that a probe's state has at most. */
  readonly valuesMax: number;
  /** Modules that are deployed have so many functions, or bytes, fewer. */
  readonly modulesDividedBy: number;
}

export interface ProbeResult {
  readonly name: string;
  readonly price: string;
  /** Of one body, its share of the loop included. */
  readonly nanos: Quartiles;
  readonly gas: number;
  /** How often a body pays its price. */
  readonly units: number;
  readonly nanosPerGas: Quartiles;
  /** The same of the first block that had many rounds: code that V8 has not optimised. */
  readonly firstNanosPerGas: number;
  /** Rounds of a block with many. */
  readonly loops: number;
  /** Gas and output of a run of fixed length. */
  readonly gasFixed: number;
  readonly output: Uint8Array;
}

const FIXED_ROUNDS = 3;
const LOOPS_MAX = 2 ** 22;

interface Sample {
  readonly millis: number;
  readonly gas: number;
}

/** What can be run with few rounds and with many. */
export interface Rounds {
  run(loops: number): Promise<RoundsRun>;
}

interface RoundsRun extends Sample {
  readonly output: Uint8Array;
}

/** A deployed probe. */
class ProbeRun implements Rounds {
  readonly #world: ProbeWorld;
  readonly #probe: Probe;
  readonly #address: Uint8Array;
  readonly #rest: Uint8Array;
  #start = 0;

  private constructor(world: ProbeWorld, probe: Probe, address: Uint8Array, rest: Uint8Array) {
    this.#world = world;
    this.#probe = probe;
    this.#address = address;
    this.#rest = rest;
  }

  static async deploy(world: ProbeWorld, probe: Probe, valuesMax: number): Promise<ProbeRun> {
    const addresses: Uint8Array[] = [];
    for (const target of probe.targets ?? []) addresses.push(await world.deploy(probeWasm(target)));
    const rest = Buffer.concat([...addresses, probe.input ?? new Uint8Array(0)]);
    const address = await world.deploy(probeWasm(probe.source), rest);
    if (probe.values !== undefined) {
      const count = Math.min(probe.values.count, valuesMax);
      world.fill(address, count, new Uint8Array(probe.values.bytes).fill(7));
    }
    return new ProbeRun(world, probe, address, rest);
  }

  /** A block of one transaction with so many rounds. */
  async run(loops: number): Promise<RoundsRun> {
    const input = probeInput(loops, this.#start, this.#rest);
    const touches = this.#probe.touches === true;
    if (touches) this.#start += loops;
    const body = [this.#world.call({ to: this.#address, input })];
    // With a bundle the witness is made too, which a producer does when asked; replay pays for reading it.
    const { millis, gasUsed, committed } = await this.#world.execute(body, touches);
    const replayMillis = touches ? this.#world.replay(committed.bundle!) : 0;
    const { output } = committed.entries[0]!;
    return { millis: Math.max(millis, replayMillis), gas: gasUsed, output };
  }
}

/** Times one probe. */
export async function measureProbe(
  world: ProbeWorld,
  probe: Probe,
  effort: ProbeEffort,
): Promise<ProbeResult> {
  const run = await ProbeRun.deploy(world, probe, effort.valuesMax);
  const gasMax = Number(world.rules.gas.perTransaction);
  return measureRounds(run, { ...probe, unroll: probe.source.unroll ?? 1, gasMax }, effort);
}

interface RoundsFacts {
  readonly name: string;
  readonly price: string;
  readonly units?: number;
  /** Bodies in a round. */
  readonly unroll: number;
  /** What a run may use. */
  readonly gasMax: number;
  readonly roundsMax?: number;
}

/** Times what rounds add. */
export async function measureRounds(
  run: Rounds,
  probe: RoundsFacts,
  effort: ProbeEffort,
): Promise<ProbeResult> {
  const { unroll } = probe;
  const one = await run.run(1);
  const fixed = await run.run(FIXED_ROUNDS);
  const most = (gasPerLoop: number): number =>
    Math.min(
      probe.roundsMax ?? LOOPS_MAX,
      LOOPS_MAX,
      Math.floor((0.7 * (probe.gasMax - one.gas)) / gasPerLoop),
    );
  const guess = (fixed.gas - one.gas) / (FIXED_ROUNDS - 1);
  const firstLoops = Math.max(2, Math.min(most(guess), Math.ceil(effort.firstGas / guess)));
  const first = await run.run(firstLoops);
  // Rounds of one probe may differ in gas where it branches on what it computes: the longer run knows better.
  const gasPerLoop = (first.gas - one.gas) / (firstLoops - 1);
  const loops = await settle(run, firstLoops, most(gasPerLoop), effort);
  const few = Math.max(1, loops >> 3);
  const nanos: number[] = [];
  for (let round = 0; round < effort.rounds; round++) {
    const [a, b] = round % 2 === 0 ? [loops, few] : [few, loops];
    const [x, y] = [await run.run(a), await run.run(b)];
    nanos.push(((x.millis - y.millis) * 1e6) / (a - b));
    await breathe();
  }
  assert(loops > few, `probe ${probe.name} has rounds to compare`);
  return {
    name: probe.name,
    price: probe.price,
    nanos: scaled(quartiles(nanos), unroll),
    gas: gasPerLoop / unroll,
    units: probe.units ?? 1,
    nanosPerGas: scaled(quartiles(nanos), gasPerLoop),
    firstNanosPerGas: (first.millis * 1e6) / first.gas,
    loops,
    gasFixed: fixed.gas,
    output: fixed.output,
  };
}

/** Runs warm, and the rounds that take as long as asked for. */
async function settle(
  run: Rounds,
  from: number,
  max: number,
  effort: ProbeEffort,
): Promise<number> {
  const started = performance.now();
  let loops = from;
  for (;;) {
    const { millis } = await run.run(loops);
    await breathe();
    const warm = performance.now() - started >= effort.warmMillis;
    const part = millis / effort.blockMillis;
    if (warm && (loops === max || part >= 1 || part === 0)) return loops;
    if (part < 1) loops = Math.min(max, Math.ceil(loops * Math.min(4, 1.3 / Math.max(part, 0.01))));
    else if (part > 3) loops = Math.max(2, Math.ceil(loops / 2));
  }
}

const scaled = ({ q1, median, q3 }: Quartiles, by: number): Quartiles => ({
  q1: q1 / by,
  median: median / by,
  q3: q3 / by,
});
