// A world of random contracts on two chains, one on V8 and one on the machine: each call runs with plenty of gas,
// then under limits around everything that cost something, and must leave the same block, bundle and frames.
// Then the block runs a third time in the machine from its bundle alone, phases and host calls included.
import { intrinsicGas } from "../../host/chain/check-entry.ts";
import { toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import type { Machine } from "../../host/machine/machine.ts";
import { Outcome } from "../../host/outcome.ts";
import {
  type BundledBlock,
  type ChainPlatform,
  ContractChain,
  chainRules,
  deployedAddresses,
} from "./contract-chain.ts";
import { agree } from "./disagreement.ts";
import { type EndingCounts, endingOf } from "./ending-counts.ts";
import { LoggedMachine, LoggedV8 } from "./frame-log.ts";
import { runAndProve } from "./proof-sample.ts";
import { Random } from "./random.ts";
import { randomContract, randomInput } from "./random-contract.ts";

const CONTRACTS = 4;
const CALLS_PER_CONTRACT = 2;
/** Gas of the call that is measured. Loops without end use all of it. */
const PLENTY = 300_000;
/** Host calls around which limits are set. */
const PLACES = 4;

/** Limits for a call that used `used`, ascending; those that are too little change nothing but the fee. */
function limitsAround(
  random: Random,
  intrinsic: number,
  used: number,
  places: readonly number[],
): number[] {
  const between = () => intrinsic + random.below(Math.max(1, used - intrinsic));
  const chosen = Array.from({ length: Math.min(PLACES, places.length) }, () => random.pick(places));
  const limits = new Set([
    ...[intrinsic - 1, intrinsic, between(), between(), used - 1, used, used + 1],
    ...chosen.flatMap((place) => [intrinsic + place - 1, intrinsic + place]),
  ]);
  return [...limits].filter((limit) => limit >= intrinsic - 1).sort((a, b) => a - b);
}

export interface WorldOptions {
  readonly seed: number;
  readonly platform: ChainPlatform;
  readonly counts: EndingCounts;
  /** Runs blocks from their bundles. */
  readonly machine: Machine;
  /** Steps that may be proven of each run. */
  readonly proofsMax: number;
}

/** What a world came to. */
export interface WorldEnd {
  /** Module and gas limit pairs that were compared. */
  readonly pairs: number;
  readonly steps: number;
  readonly proven: number;
}

/** @throws Disagreement where the executors or the judges differ */
export async function runWorld(options: WorldOptions): Promise<WorldEnd> {
  return (await ContractWorld.open(options)).run();
}

/** Wasm of the contracts of a world, for whoever looks into a finding. */
export const contractsOf = (seed: number): Uint8Array[] =>
  Array.from({ length: CONTRACTS }, (_, i) => randomContract(seed + i).wasm);

class ContractWorld {
  readonly #options: WorldOptions;
  readonly #random: Random;
  readonly #v8: LoggedV8;
  readonly #machine: LoggedMachine;
  readonly #native: ContractChain;
  readonly #words: ContractChain;
  #pairs = 0;
  #steps = 0;
  #proven = 0;

  private constructor(
    options: WorldOptions,
    runners: readonly [LoggedV8, LoggedMachine],
    chains: readonly [ContractChain, ContractChain],
  ) {
    this.#options = options;
    this.#random = new Random(options.seed ^ 0x5eed);
    [this.#v8, this.#machine] = runners;
    [this.#native, this.#words] = chains;
  }

  static async open(options: WorldOptions): Promise<ContractWorld> {
    const { platform, counts } = options;
    const v8 = new LoggedV8();
    const machine = new LoggedMachine(counts);
    const native = await ContractChain.open(platform, { runner: v8 });
    const words = await ContractChain.open(platform, { runner: machine });
    return new ContractWorld(options, [v8, machine], [native, words]);
  }

  async run(): Promise<WorldEnd> {
    const wasms = contractsOf(this.#options.seed);
    const deployed = await this.#block(
      "deployments",
      wasms.map((wasm) => this.#native.signDeploy(wasm)),
    );
    const addresses = deployedAddresses(deployed).filter((one) => one !== undefined);
    agree(`seed ${this.#options.seed}, contracts deployed`, addresses.length, CONTRACTS);
    const targets = [...addresses, new Uint8Array(20).fill(0x77)];
    for (const [i, address] of addresses.entries()) {
      for (let k = 0; k < CALLS_PER_CONTRACT; k++) {
        await this.#call(`contract ${i}, call ${k}`, address, randomInput(this.#random, targets));
      }
    }
    return { pairs: this.#pairs, steps: this.#steps, proven: this.#proven };
  }

  /** Twice with plenty, so that the second finds the state that it leaves; then under limits. */
  async #call(name: string, to: Uint8Array, input: Uint8Array): Promise<void> {
    const intrinsic = intrinsicGas(chainRules, { kind: "call", input });
    const sign = (gas: number) => this.#native.signCall(to, input, gas, gas < intrinsic);
    const plenty = intrinsic + PLENTY;
    this.#machine.isExact = true;
    const first = await this.#block(`${name}, with plenty`, [sign(plenty)]);
    this.#machine.hostCallsAt.clear();
    const measured = await this.#block(`${name}, measured`, [sign(plenty)]);
    this.#machine.isExact = false;
    this.#prove(`${name}, measured`, measured);
    const used = Number(measured.entries[0]!.gasUsed);
    const places = [...this.#machine.hostCallsAt].sort((a, b) => a - b);
    const limits = limitsAround(this.#random, intrinsic, used, places);
    const limited = await this.#block(
      `${name}, under limits ${limits.join(" ")}`,
      limits.map(sign),
    );
    this.#prove(`${name}, under limits`, limited);
    for (const { entries } of [first, measured, limited]) this.#count(entries);
  }

  #count(entries: BundledBlock["entries"]): void {
    const { counts } = this.#options;
    for (const { outcome, code } of entries) {
      const isSkipped = outcome === Outcome.skipped;
      counts.add(`transaction ${isSkipped ? "skipped" : endingOf(outcome, code)}`);
    }
    counts.add("transactions", entries.length);
    this.#pairs += entries.length;
  }

  /** Executes on both chains and compares all that they leave. */
  async #block(name: string, transactions: readonly Uint8Array[]): Promise<BundledBlock> {
    this.#v8.log = [];
    this.#machine.log = [];
    const native = await this.#native.block(transactions);
    const words = await this.#words.block(transactions);
    const where = `seed ${this.#options.seed}, ${name}`;
    agree(`${where}, entries of the machine against V8`, words.entries, native.entries);
    agree(`${where}, frames of the machine against V8`, this.#machine.log, this.#v8.log);
    agree(`${where}, state root`, words.stateRoot, native.stateRoot);
    agree(`${where}, block`, words.blockHash, native.blockHash);
    agree(`${where}, bundle`, hashOf(words), hashOf(native));
    return native;
  }

  #prove(name: string, { bundle }: BundledBlock): void {
    const { seed, machine, proofsMax } = this.#options;
    const where = `seed ${seed}, ${name}`;
    const { steps, proven, isFull } = runAndProve(where, bundle, machine, proofsMax);
    this.#steps += steps;
    this.#proven += proven;
    this.#options.counts.add(isFull ? "blocks proven in full" : "blocks proven in part");
  }
}

const hashOf = ({ bundle }: BundledBlock): string => toHex(keccak256(bundle));
