// Measures a scenario on fresh environments in memory, a round after the other. Each round executes its
// blocks in three ways: whole, as an execution thread does it; and transaction by transaction with and
// without metering, which take turns block by block, so that whatever else the machine does hits both.
// All come to the state roots that the scenario's own run came to; anything else is our bug.
import type { Hex } from "../../host/codec/hex.ts";
import { EnvironmentCore, type GenesisInput } from "../../host/environment/environment-core.ts";
import { nativeSignatureChecker } from "../../host/environment/native.ts";
import { SharedBodies } from "../../host/environment/shared-bodies.ts";
import { assert } from "../../host/errors.ts";
import { Outcome } from "../../host/outcome.ts";
import { decodeRules } from "../../host/rules/encode-rules.ts";
import type { FrameRunner } from "../../host/sandbox/frame.ts";
import type { BenchProgress } from "./bench-methods.ts";
import { breathe } from "./kernel-ground.ts";
import {
  type BenchBlock,
  type SteppedBlock,
  SteppedEnvironment,
  steppedBlock,
} from "./stepped-environment.ts";
import { benchGround, benchStore } from "./transfer-environment.ts";
import {
  endsUnmetered,
  type FrameEnds,
  RecordingRunner,
  UnmeteredRunner,
} from "./unmetered-runner.ts";

/** A block of the scenario's own run. */
export interface ScenarioBenchBlock extends BenchBlock {
  readonly blockHash: Hex;
  readonly stateRoot: Hex;
}

export interface ScenarioParams {
  readonly rules: Uint8Array;
  readonly accounts: GenesisInput["accounts"];
  readonly producer: Hex;
  readonly blocks: readonly ScenarioBenchBlock[];
  readonly rounds: number;
  /** Least time and rounds before the first round that counts, so that V8 has optimised. */
  readonly warmMillis: number;
  readonly warmRounds: number;
}

export interface ScenarioResult {
  /** Whole blocks, in seconds, by round. */
  readonly blockSeconds: readonly number[];
  /** By round, of every transaction alone, in the order of the blocks. */
  readonly transactionMillis: readonly Float64Array[];
  /** By round, of the transactions compared: with metering, and without. */
  readonly meteredMillis: readonly number[];
  readonly plainMillis: readonly number[];
  /** Transactions that executed and were compared, and those that only gas or depth ended. */
  readonly compared: number;
  readonly leftOut: number;
}

/** What the first metered execution of the scenario found out about each block. */
interface KnownBlock {
  readonly stepped: SteppedBlock;
  readonly stateRoot: Hex;
  /** By transaction. */
  readonly ends: readonly FrameEnds[];
  /** Whether a transaction counts in the comparison. */
  readonly compared: readonly boolean[];
}

class ScenarioRounds {
  readonly #params: ScenarioParams;
  readonly #genesis: GenesisInput;
  readonly #unmetered = new UnmeteredRunner(benchGround.runner);
  #known: readonly KnownBlock[] = [];
  readonly #transactions: number;

  constructor(params: ScenarioParams) {
    this.#params = params;
    this.#genesis = { rules: decodeRules(params.rules), accounts: params.accounts };
    this.#transactions = params.blocks.reduce((sum, block) => sum + block.transactions.length, 0);
  }

  get known(): readonly KnownBlock[] {
    return this.#known;
  }

  /** Executes the scenario once with metering and remembers what the other way needs. */
  async record(): Promise<void> {
    const runner = new RecordingRunner(benchGround.runner);
    const environment = await this.#stepped(runner);
    const known: KnownBlock[] = [];
    for (const block of this.#params.blocks) {
      const stepped = steppedBlock(block);
      const ends: FrameEnds[] = [];
      const compared: boolean[] = [];
      const stateRoot = await environment.execute(stepped, {
        after: (_index, _millis, { outcome }) => {
          const taken = runner.take();
          ends.push(taken);
          compared.push(outcome !== Outcome.skipped && endsUnmetered(taken));
        },
      });
      assert(stateRoot === block.stateRoot, "stepping comes to the state root of the run");
      known.push({ stepped, stateRoot, ends, compared });
    }
    this.#known = known;
  }

  /** Seconds of all blocks, each from its bytes to its commitment. */
  async whole(): Promise<number> {
    const core = await EnvironmentCore.open(await benchStore(undefined), this.#genesis, {
      ...benchGround,
      signatures: nativeSignatureChecker,
      readBody: new SharedBodies().read,
    });
    let millis = 0;
    for (const { time, rules, transactions, blockHash } of this.#params.blocks) {
      const change = rules === undefined ? {} : { rules: decodeRules(rules) };
      const start = performance.now();
      const block = await core.executeBlock({
        time,
        producer: this.#params.producer,
        transactions,
        ...change,
      });
      millis += performance.now() - start;
      assert(block.blockHash === blockHash, "every round comes to the block of the run");
    }
    await core.close();
    return millis / 1_000;
  }

  /** Both ways of stepping; round `number` decides which goes first. */
  async stepped(number: number): Promise<{ each: Float64Array; metered: number; plain: number }> {
    const each = new Float64Array(this.#transactions);
    const sums = { metered: 0, plain: 0 };
    const metered = await this.#stepped(benchGround.runner);
    const plain = await this.#stepped(this.#unmetered);
    let first = 0;
    for (const [height, block] of this.#known.entries()) {
      const runMetered = async () => {
        const root = await metered.execute(block.stepped, {
          after: (index, millis) => {
            each[first + index] = millis;
            if (block.compared[index]) sums.metered += millis;
          },
        });
        assert(root === block.stateRoot, "metered stepping comes to the same state root");
      };
      const runPlain = async () => {
        const root = await plain.execute(block.stepped, {
          before: (index) => this.#unmetered.follow(block.ends[index]!),
          after: (index, millis) => {
            if (block.compared[index]) sums.plain += millis;
          },
        });
        assert(root === block.stateRoot, "stepping without metering comes to the same state root");
      };
      const order = (number + height) % 2 === 0 ? [runPlain, runMetered] : [runMetered, runPlain];
      for (const run of order) await run();
      first += block.compared.length;
    }
    return { each, ...sums };
  }

  #stepped(runner: FrameRunner): Promise<SteppedEnvironment> {
    const { programs } = benchGround;
    return SteppedEnvironment.open(this.#genesis, {
      runner,
      programs,
      producer: this.#params.producer,
    });
  }
}

/** Measures every round. */
export async function measureScenario(
  params: ScenarioParams,
  progress: BenchProgress,
): Promise<ScenarioResult> {
  const rounds = new ScenarioRounds(params);
  await rounds.record();
  const started = performance.now();
  for (let n = 0; n < params.warmRounds || performance.now() - started < params.warmMillis; n++) {
    await rounds.whole();
    await rounds.stepped(n);
    await breathe();
  }
  const result = {
    blockSeconds: [] as number[],
    transactionMillis: [] as Float64Array[],
    meteredMillis: [] as number[],
    plainMillis: [] as number[],
  };
  for (let round = 0; round < params.rounds; round++) {
    result.blockSeconds.push(await rounds.whole());
    const { each, metered, plain } = await rounds.stepped(round);
    result.transactionMillis.push(each);
    result.meteredMillis.push(metered);
    result.plainMillis.push(plain);
    progress(round + 1);
    await breathe();
  }
  const entries = rounds.known.flatMap(({ ends, compared }) =>
    compared.map((isCompared, i) => ({ isCompared, ends: ends[i]! })),
  );
  return {
    ...result,
    compared: entries.filter(({ isCompared }) => isCompared).length,
    leftOut: entries.filter(({ ends }) => !endsUnmetered(ends)).length,
  };
}
