// Environments in processes of their own as `plasma bench environments` works them: one that is sent token transfers,
// and one whose blocks are full of the slowest programs that its gas buys. Every block goes the way it goes in a node:
// into the mempool, into a body, executed, committed with its bundle.
import { join } from "node:path";
import { encodeCall } from "../../host/abi/encode-call.ts";
import { deriveKey } from "../../host/chain/key.ts";
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
import { buildFixture } from "./fixtures.ts";
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

/** What each transaction of an attacker runs until its gas is gone: memory without caches, copies, indirect calls. */
const SLOW_PROGRAMS = ["scatter", "bulk", "table"] as const;
const FOREVER = String(2 ** 32 - 1);
const DEPLOY_GAS = 20_000_000;

interface SlowProgram {
  readonly wasm: Uint8Array;
  readonly input: Uint8Array;
  /** [20] */
  readonly address: Uint8Array;
}

/** An environment that takes as much of the computer as its gas buys. */
export class AttackerProcess {
  readonly #blocks: Blocks;
  readonly #signer = nativeSigner(deriveKey("plasma bench environments", "attacker"));
  readonly #programs: SlowProgram[] = [];
  #nonce = 0n;
  #isStopping = false;
  #running: Promise<void> = Promise.resolve();
  /** Blocks that it executed. */
  count = 0;

  private constructor(environment: EnvironmentProcess) {
    this.#blocks = new Blocks(environment);
  }

  static async open(place: PlaceOfProcess): Promise<AttackerProcess> {
    const { address } = nativeSigner(deriveKey("plasma bench environments", "attacker"));
    const rules = presetRules("general");
    const accounts = [{ address: toHex(address), balance: 10n ** 24n }];
    const attacker = new AttackerProcess(await openAt(place, { rules, genesis: accounts }));
    for (const name of SLOW_PROGRAMS) await attacker.#deploy(name);
    return attacker;
  }

  /** Executes one block after another until `stop`. */
  start(): void {
    this.#isStopping = false;
    this.#running = this.#run();
    // `stop` tells what went wrong.
    this.#running.catch(() => {});
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
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
      await this.#blocks.run(body);
      this.count++;
    }
  }

  /** Code that nobody has seen yet: it is prepared and compiled anew. */
  #newModule(): Uint8Array {
    const { wasm } = this.#programs[0]!;
    const name = new TextEncoder().encode(`n${String(this.#nonce).padStart(12, "0")}`);
    const custom = Uint8Array.of(0, name.length + 1, name.length, ...name);
    const input = joinDeployInput(Uint8Array.of(...wasm, ...custom), new Uint8Array(0));
    return this.#sign({ kind: "deploy", gasLimit: DEPLOY_GAS, input });
  }

  async #deploy(name: string): Promise<void> {
    const { wasm, abi } = await buildFixture(`kernels/${name}`);
    const id = fromHex(this.#blocks.environment.id, 32);
    const address = contractAddress(id, this.#signer.address, this.#nonce);
    this.#programs.push({ wasm, input: encodeCall(abi, "run", [FOREVER]), address });
    const input = joinDeployInput(wasm, new Uint8Array(0));
    await this.#blocks.run([this.#sign({ kind: "deploy", gasLimit: DEPLOY_GAS, input })]);
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
