// Environments in processes of their own as `plasma bench environments` works them: one that is sent token transfers,
// and one whose blocks are full of the slowest programs that its gas buys. Every block goes the way it goes in a node:
// into the mempool, into a body, executed, committed with its bundle.
import { join } from "node:path";
import { deriveKey, type TransactionSigner } from "../../host/chain/key.ts";
import {
  contractAddress,
  joinDeployInput,
  signTransaction,
  type TransactionFields,
} from "../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import {
  EnvironmentProcess,
  type ProcessBlock,
} from "../../host/environment/environment-process.ts";
import { nativeSigner } from "../../host/environment/native.ts";
import { assert } from "../../host/errors.ts";
import { Outcome } from "../../host/outcome.ts";
import { presetRules } from "../../host/rules/presets.ts";
import { probeWasm } from "./probe-module.ts";
import { probeInput } from "./probe-world.ts";
import type { Probe } from "./probes.ts";
import { slowPrograms } from "./slow-programs.ts";
import { type LoadShape, TransferLoad } from "./transfer-load.ts";

const PRODUCER: Hex = "0x00000000000000000000000000000000000000fe";
const FIRST_TIME = 1_700_000_000n;
const NO_SETTLEMENT = new Uint8Array(32);
/** The load gives accounts far more transactions in a row than a mempool takes from strangers. */
const MEMPOOL = { perSenderMax: 65_536, perSenderBytesMax: 64 * 1_048_576 };

export interface PlaceOfProcess {
  readonly folder: string;
  /** Registration number: every environment has an id of its own. */
  readonly number: number;
  readonly cores: readonly number[];
}

/** One block after another on a process. */
class Blocks {
  readonly environment: EnvironmentProcess;
  #time = FIRST_TIME;

  constructor(environment: EnvironmentProcess) {
    this.environment = environment;
  }

  /** Submits `transactions`, takes a body and executes it. */
  async run(transactions: readonly Uint8Array[]): Promise<ProcessBlock> {
    const { environment } = this;
    const answers = await environment.submitAll(transactions);
    for (const answer of answers) {
      if (!answer.admitted) assert(false, `the mempool admits a load: ${answer.message}`);
    }
    const body = await environment.body({ inbox: [] });
    assert(body.length === transactions.length, "the body has what was submitted");
    this.#time += 1n;
    return environment.execute({ time: this.#time, producer: PRODUCER, body, inboxCount: 0 });
  }
}

/** An environment of token transfers. */
export class TransferProcess {
  readonly #blocks: Blocks;
  readonly #load: TransferLoad;
  readonly #unchecked: ProcessBlock[] = [];

  private constructor(blocks: Blocks, load: TransferLoad) {
    this.#blocks = blocks;
    this.#load = load;
  }

  /** Opens it and gives every account its tokens. */
  static async open(shape: LoadShape, place: PlaceOfProcess): Promise<TransferProcess> {
    const load = new TransferLoad(shape);
    const { rules, accounts } = load.genesis();
    const environment = await openAt(place, { rules, genesis: accounts });
    load.environmentId = fromHex(environment.id, 32) as Uint8Array<ArrayBuffer>;
    const process = new TransferProcess(new Blocks(environment), load);
    for (const body of load.signedFundingBodies()) await process.execute(body);
    process.check();
    return process;
  }

  get head(): Hex {
    return this.#blocks.environment.head.blockHash;
  }

  /** Signed transfers for the next block, to be made before anything is timed. */
  body(): Uint8Array[] {
    return this.#load.transferBody();
  }

  async execute(transactions: readonly Uint8Array[]): Promise<void> {
    this.#unchecked.push(await this.#blocks.run(transactions));
  }

  /** Looks at what was executed, which nobody waits for where time is measured. */
  check(): void {
    for (const { outcome, code } of this.#unchecked.splice(0).flatMap(({ entries }) => entries)) {
      assert(outcome === Outcome.success, `a transfer ended with outcome ${outcome}, code ${code}`);
    }
  }

  async close(): Promise<void> {
    await this.#blocks.environment.close();
  }
}

const ROUNDS_MAX = 2 ** 32 - 1;
const NO_ROUNDS = probeInput(0, 0);
const DEPLOY_GAS = 20_000_000;

interface SlowCode {
  readonly wasm: Uint8Array;
  readonly input: Uint8Array;
  /** [20] */
  readonly address: Uint8Array;
}

/**
 * An environment that takes as much of the computer as its gas buys: each transaction runs one of the slowest programs
 * known for their gas (slow-programs.ts, `beyond`) until its gas is gone.
 */
export class AttackerProcess {
  readonly #blocks: Blocks;
  readonly #signer: TransactionSigner;
  readonly #programs: SlowCode[] = [];
  #last: ProcessBlock | undefined;
  /** Called when a block is done. */
  #waiting: (() => void)[] = [];
  #nonce = 0n;
  #isStopping = false;
  #running: Promise<void> = Promise.resolve();
  /** Blocks that it executed. */
  count = 0;

  private constructor(environment: EnvironmentProcess, signer: TransactionSigner) {
    this.#blocks = new Blocks(environment);
    this.#signer = signer;
  }

  static async open(place: PlaceOfProcess): Promise<AttackerProcess> {
    const signer = nativeSigner(deriveKey("plasma bench environments", "attacker"));
    const rules = presetRules("general");
    const accounts = [{ address: toHex(signer.address), balance: 10n ** 24n }];
    const environment = await openAt(place, { rules, genesis: accounts });
    const attacker = new AttackerProcess(environment, signer);
    for (const { group, probe } of slowPrograms) {
      if (group === "beyond") await attacker.#add(probe);
    }
    return attacker;
  }

  /** Executes one block after another until `stop`. */
  start(): void {
    this.#isStopping = false;
    this.#running = this.#run();
    // `stop` tells what went wrong.
    this.#running.catch(() => {});
  }

  /** Resolves when the block under way is executed. */
  async blockDone(): Promise<void> {
    await Promise.race([this.#running, new Promise<void>((done) => this.#waiting.push(done))]);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
    // A program that ends before its gas does takes less than it could.
    const [deployed, ...calls] = (this.#last?.entries ?? []).map(({ outcome }) => outcome);
    const isFull = calls.every((outcome) => outcome === Outcome.trap);
    assert(isFull, "the programs of an attacker run until their gas is gone");
    assert(deployed === Outcome.success, "each block of an attacker deploys a module");
  }

  async close(): Promise<void> {
    await this.#blocks.environment.close();
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const { perTransaction, perBlock } = this.#blocks.environment.rules.gas;
      const body: Uint8Array[] = [this.#newModule()];
      for (let gas = perBlock - BigInt(DEPLOY_GAS); gas > 0n; gas -= perTransaction) {
        const { address: to, input } = this.#programs[body.length % this.#programs.length]!;
        const gasLimit = Number(gas < perTransaction ? gas : perTransaction);
        body.push(this.#sign({ kind: "call", to, gasLimit, input }));
      }
      this.#last = await this.#blocks.run(body);
      this.count++;
      for (const done of this.#waiting.splice(0)) done();
    }
  }

  /** Code that nobody has seen yet: it is prepared and compiled anew. */
  #newModule(): Uint8Array {
    const { wasm } = this.#programs[0]!;
    const name = new TextEncoder().encode(`n${String(this.#nonce).padStart(12, "0")}`);
    const custom = Uint8Array.of(0, name.length + 1, name.length, ...name);
    const input = joinDeployInput(Buffer.concat([wasm, custom]), NO_ROUNDS);
    return this.#sign({ kind: "deploy", gasLimit: DEPLOY_GAS, input });
  }

  async #add({ source, targets = [], input = new Uint8Array(0) }: Probe): Promise<void> {
    const addresses: Uint8Array[] = [];
    for (const target of targets) addresses.push(await this.#deploy(probeWasm(target)));
    const wasm = probeWasm(source);
    const address = await this.#deploy(wasm);
    const rest = Buffer.concat([...addresses, input]);
    this.#programs.push({
      wasm,
      address,
      input: probeInput(ROUNDS_MAX, this.#programs.length, rest),
    });
  }

  /** The address [20] of the code. */
  async #deploy(wasm: Uint8Array): Promise<Uint8Array> {
    const id = fromHex(this.#blocks.environment.id, 32);
    const address = contractAddress(id, this.#signer.address, this.#nonce);
    const input = joinDeployInput(wasm, NO_ROUNDS);
    const { entries } = await this.#blocks.run([
      this.#sign({ kind: "deploy", gasLimit: DEPLOY_GAS, input }),
    ]);
    assert(entries[0]?.outcome === Outcome.success, "the programs of an attacker are deployed");
    return address;
  }

  #sign(fields: Pick<TransactionFields, "kind" | "to" | "gasLimit" | "input">): Uint8Array {
    const environmentId = fromHex(this.#blocks.environment.id, 32);
    const nonce = this.#nonce++;
    return signTransaction({ ...fields, environmentId, value: 0n, nonce, price: 0n }, this.#signer);
  }
}

async function openAt(
  { folder, number, cores }: PlaceOfProcess,
  genesis: Pick<Parameters<typeof EnvironmentProcess.open>[0], "rules" | "genesis">,
): Promise<EnvironmentProcess> {
  return EnvironmentProcess.open({
    ...genesis,
    folder: join(folder, String(number)),
    settlement: { id: NO_SETTLEMENT, number: BigInt(number) },
    mempool: MEMPOOL,
    cores,
  });
}
