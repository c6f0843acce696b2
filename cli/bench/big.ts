// `plasma bench big`: blocks of large work, each executed and committed with its bundle, replayed from the witness
// alone, and disputed: a false claim about it is refuted on this computer, both players paid for.

import { decodeBundle } from "../../host/chain/bundle.ts";
import { addressOf, deriveKey, keySigner } from "../../host/chain/key.ts";
import { joinDeployInput, signTransaction } from "../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import { type DisputeReport, playBlockDispute } from "../../host/environment/disputes.ts";
import {
  createEnvironment,
  type Environment,
  memoryStore,
} from "../../host/environment/environment.ts";
import { replayBundle } from "../../host/environment/replay.ts";
import { assert } from "../../host/errors.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { Progress } from "../progress.ts";
import { type BigWork, bigShapes, bigWorks } from "./big-works.ts";
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
const NOBODY = new Uint8Array(20);

interface Measured {
  readonly work: BigWork;
  readonly executeMs: number[];
  readonly replayMs: number[];
  /** Of the last round. */
  bundle: Uint8Array;
  gas: bigint;
  dispute: DisputeReport | undefined;
}

/** One environment with the contract, and the account that calls it. */
class BigEnvironment {
  readonly #environment: Environment;
  readonly #signer = keySigner(deriveKey(SEED, "caller"));
  #contract: Uint8Array = NOBODY;
  #nonce = 0n;
  #time = 1n;

  private constructor(environment: Environment) {
    this.#environment = environment;
  }

  static async open(wasm: Uint8Array): Promise<BigEnvironment> {
    const { publicKey } = keySigner(deriveKey(SEED, "caller"));
    const genesis = [{ address: toHex(addressOf(publicKey)), balance: 10n ** 18n }];
    const rules = presetRules(RULES);
    const opened = new BigEnvironment(
      await createEnvironment({ rules, store: memoryStore(), genesis }),
    );
    const input = joinDeployInput(wasm, new Uint8Array(0));
    const { entries } = await opened.#block([opened.#signed("deploy", input, 1)]);
    assert(entries[0]?.contract !== undefined, "a deployment gives an address");
    opened.#contract = fromHex(entries[0].contract, 20);
    return opened;
  }

  /** Executes a block of calls; what it gives, and how long that took. */
  async execute(inputs: readonly Uint8Array[]) {
    const transactions = inputs.map((input) => this.#signed("call", input, inputs.length));
    const start = performance.now();
    const block = await this.#block(transactions);
    return { millis: performance.now() - start, block };
  }

  async close(): Promise<void> {
    await this.#environment.close();
  }

  /** One of `count` calls that share the gas of a block. */
  #signed(kind: "call" | "deploy", input: Uint8Array, count: number): Uint8Array {
    const { rules, id } = this.#environment;
    const fields = { kind, input, to: this.#contract, value: 0n, price: rules.fees.priceMin };
    const gasLimit = Math.floor(Number(rules.gas.perTransaction) / count);
    const environmentId = fromHex(id, 32);
    return signTransaction(
      { ...fields, nonce: this.#nonce++, gasLimit, environmentId },
      this.#signer,
    );
  }

  async #block(transactions: readonly Uint8Array[]) {
    const time = this.#time++;
    const block = await this.#environment.executeBlock({
      ...{ time, producer: PRODUCER, transactions, bundle: true },
    });
    for (const { outcome, code } of block.entries) {
      assert(outcome === 0, `big work ends with outcome ${outcome}, code ${code}`);
    }
    return block;
  }
}

async function runRound(
  environment: BigEnvironment,
  measured: readonly Measured[],
  inputsOf: (work: BigWork) => Uint8Array[],
  isKept: boolean,
): Promise<void> {
  for (const one of measured) {
    const { millis, block } = await environment.execute(inputsOf(one.work));
    one.bundle = block.bundle!;
    one.gas = block.gasUsed;
    const start = performance.now();
    const { verdict } = await replayBundle(one.bundle, { expect: block.blockHash });
    assert(verdict === "valid", `${one.work.name} replays`);
    if (!isKept) continue;
    one.executeMs.push(millis);
    one.replayMs.push(performance.now() - start);
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
  const environment = await BigEnvironment.open(wasm);
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
