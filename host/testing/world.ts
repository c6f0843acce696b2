// The test kit of contract authors: a chain in memory with funded accounts, on the production Wasm and the
// production engine. Every transaction is a block of its own, and every block is replayed from its bundle
// alone before the test goes on: a test that passes has been proven replayable.

import type { ContractAbi } from "../abi/abi.ts";
import { type DecodedEvent, decodeEvent } from "../abi/decode-event.ts";
import { decodeResult } from "../abi/decode-result.ts";
import { decodeRevert } from "../abi/decode-revert.ts";
import type { AbiValue } from "../abi/decode-value.ts";
import { encodeCall, encodeInit, methodOf } from "../abi/encode-call.ts";
import { deriveKey, type TransactionSigner } from "../chain/key.ts";
import { joinDeployInput, signTransaction } from "../chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../codec/hex.ts";
import { bytesHash } from "../codec/trees.ts";
import {
  createEnvironment,
  type DebugInfo,
  type Environment,
  memoryStore,
} from "../environment/environment.ts";
import type { ExecutedBlock, ExecutedEntry } from "../environment/environment-core.ts";
import { nativeSigner } from "../environment/native.ts";
import { replayBundle } from "../environment/replay.ts";
import { EngineError } from "../errors.ts";
import { Outcome } from "../outcome.ts";
import { presetRules } from "../rules/presets.ts";
import type { Rules } from "../rules/rules.ts";
import { ContractFailure } from "./contract-failure.ts";
import { keepFailedBundle } from "./failed-bundle.ts";
import { loadContract } from "./load-contract.ts";

/** A funded account of the world; wherever an address is asked for, it stands for its own. */
export interface TestAccount {
  readonly name: string;
  readonly address: Hex;
}

export interface WorldOptions {
  /** Default: preset `general`. */
  readonly rules?: Rules;
  /** Names of the accounts. Default: alice, bob, carol, dave. */
  readonly accounts?: readonly string[];
  /** Balance of each. Default: 10^24. */
  readonly balance?: bigint;
}

/** Options of one transaction. */
export interface SendOptions {
  readonly value?: bigint;
  /** Default: the rules' limit per transaction. */
  readonly gasLimit?: bigint;
}

/** What became of the last transaction. */
export interface TransactionSummary {
  readonly outcome: Outcome;
  readonly gasUsed: bigint;
  readonly events: readonly DecodedEvent[];
}

/** A contract's methods by name. */
export type Methods = Readonly<
  Record<string, (...args: unknown[]) => Promise<AbiValue | undefined>>
>;

/** A deployed contract: its views are methods of its own, everything else is called `as` an account. */
export interface TestContract {
  readonly address: Hex;
  readonly abi: ContractAbi;
  /** Methods that send transactions from `account`; they resolve to the decoded result. */
  as(account: TestAccount, options?: SendOptions): Methods;
  /** Methods that read; also for methods that are not views: nothing is kept. */
  readonly view: Methods;
}

const DEFAULT_ACCOUNTS = ["alice", "bob", "carol", "dave"];
const DEFAULT_BALANCE = 10n ** 24n;
const KEY_SEED = "plasmavm/testing";
const FIRST_TIME = 1_700_000_000n;

/** A chain for one test file. Close it when done. */
export class World {
  readonly environment: Environment;
  readonly accounts: Readonly<Record<string, TestAccount>>;
  readonly #signers: ReadonlyMap<Hex, TransactionSigner>;
  readonly #abis: ContractAbi[] = [];
  /** Of the contracts deployed so far, by Wasm hash. */
  readonly #debug = new Map<Hex, DebugInfo>();
  #time = FIRST_TIME;
  #last: TransactionSummary | undefined;

  private constructor(
    environment: Environment,
    accounts: Readonly<Record<string, TestAccount>>,
    signers: ReadonlyMap<Hex, TransactionSigner>,
  ) {
    this.environment = environment;
    this.accounts = accounts;
    this.#signers = signers;
  }

  /** Used by createWorld. */
  static async open(options: WorldOptions): Promise<World> {
    const signers = new Map<Hex, TransactionSigner>();
    const accounts: Record<string, TestAccount> = {};
    for (const name of options.accounts ?? DEFAULT_ACCOUNTS) {
      const signer = nativeSigner(deriveKey(KEY_SEED, name));
      const address = toHex(signer.address);
      signers.set(address, signer);
      accounts[name] = { name, address };
    }
    const balance = options.balance ?? DEFAULT_BALANCE;
    const environment = await createEnvironment({
      rules: options.rules ?? presetRules("general"),
      store: memoryStore(),
      genesis: [...signers.keys()].map((address) => ({ address, balance })),
    });
    return new World(environment, accounts, signers);
  }

  /** What became of the last transaction. */
  get last(): TransactionSummary {
    if (this.#last !== undefined) return this.#last;
    throw new EngineError({
      code: "TEST_NO_TRANSACTION",
      message: "no transaction was sent in this world yet",
    });
  }

  /** @throws TEST_ACCOUNT_UNKNOWN */
  account(name: string): TestAccount {
    const account = this.accounts[name];
    if (account !== undefined) return account;
    throw new EngineError({
      code: "TEST_ACCOUNT_UNKNOWN",
      message: `the world has no account "${name}", only ${Object.keys(this.accounts).join(", ")}`,
    });
  }

  /** Balance of an account or contract. */
  async balance(of: TestAccount | TestContract): Promise<bigint> {
    return (await this.environment.account(of.address)).balance;
  }

  /**
   * Deploys a contract from AssemblyScript source (`assembly/token.ts`) or from Wasm (`build/token.wasm`),
   * relative to the working folder.
   * @throws BUILD_… for a source that does not compile · ABI_… for wrong arguments
   * @throws ContractFailure when the deployment fails · TEST_REPLAY_FAILED
   */
  async deploy(
    path: string,
    args: readonly unknown[] = [],
    options: SendOptions & { readonly from?: TestAccount } = {},
  ): Promise<TestContract> {
    const { wasm, abi, abiJson, sourceMap } = await loadContract(path);
    this.#abis.push(abi);
    const wasmHash = toHex(bytesHash(wasm));
    this.#debug.set(wasmHash, { wasmHash, abiJson, sourceMap });
    const from = options.from ?? (Object.values(this.accounts)[0] as TestAccount);
    const input = joinDeployInput(wasm, encodeInit(abi, args.map(addressed)));
    const entry = await this.#send(`deploy ${abi.contract}`, from, undefined, input, options);
    return this.#contract(entry.contract as Hex, abi);
  }

  /** Sends value from one account to another account or contract. */
  async transfer(from: TestAccount, to: TestAccount | TestContract, value: bigint): Promise<void> {
    const input = new Uint8Array(0);
    await this.#send(`transfer of ${value}`, from, to.address, input, { value });
  }

  async close(): Promise<void> {
    await this.environment.close();
  }

  #contract(address: Hex, abi: ContractAbi): TestContract {
    const methods = (run: Run) => methodsOf(abi, run);
    return {
      address,
      abi,
      view: methods((method, args) => this.#view(address, abi, method, args)),
      as: (account, options = {}) =>
        methods(async (method, args) => {
          const call = `${abi.contract}.${method}`;
          const input = encodeCall(abi, method, args);
          const entry = await this.#send(call, account, address, input, options);
          return decodeResult(abi, method, entry.output);
        }),
    };
  }

  async #view(
    address: Hex,
    abi: ContractAbi,
    method: string,
    args: unknown[],
  ): Promise<AbiValue | undefined> {
    const input = encodeCall(abi, method, args);
    const result = await this.environment.view({ to: address, input });
    if (result.outcome === Outcome.success) return decodeResult(abi, method, result.output);
    throw this.#failure(`${abi.contract}.${method}`, result);
  }

  async #send(
    call: string,
    from: TestAccount,
    to: Hex | undefined,
    input: Uint8Array,
    options: SendOptions,
  ): Promise<ExecutedEntry> {
    const signer = this.#signers.get(from.address);
    if (signer === undefined) {
      throw new EngineError({
        code: "TEST_ACCOUNT_UNKNOWN",
        message: `the world has no key for ${from.address}`,
      });
    }
    const { rules, id } = this.environment;
    const { nonce } = await this.environment.account(from.address);
    const transaction = signTransaction(
      {
        kind: to === undefined ? "deploy" : "call",
        environmentId: fromHex(id, 32),
        ...(to === undefined ? {} : { to: fromHex(to, 20) }),
        value: options.value ?? 0n,
        nonce,
        gasLimit: Number(options.gasLimit ?? rules.gas.perTransaction),
        price: rules.fees.priceMin,
        input,
      },
      signer,
    );
    const block = await this.#block(call, transaction);
    const entry = block.entries[0] as ExecutedEntry;
    this.#last = {
      outcome: entry.outcome as Outcome,
      gasUsed: entry.gasUsed,
      events: entry.events.flatMap((event) => this.#decodeEvent(event) ?? []),
    };
    if (entry.outcome === Outcome.success) return entry;
    const { bundle, blockHash } = block;
    const debug = [...this.#debug.values()];
    await keepFailedBundle(call, bundle as Uint8Array, blockHash, debug);
    throw this.#failure(call, entry);
  }

  /** One block with one transaction, replayed before it is believed. @throws TEST_REPLAY_FAILED */
  async #block(call: string, transaction: Uint8Array): Promise<ExecutedBlock> {
    const parent = this.environment.head.resultHash;
    const time = this.#time;
    this.#time += 1n;
    const block = await this.environment.executeBlock({
      time,
      producer: Object.values(this.accounts)[0]?.address as Hex,
      transactions: [transaction],
      bundle: true,
    });
    const bundle = block.bundle as Uint8Array;
    const replay = await replayBundle(bundle, { expect: block.blockHash, expectParent: parent });
    if (replay.verdict === "valid") return block;
    throw new EngineError({
      code: "TEST_REPLAY_FAILED",
      message: `${call} does not replay: ${replay.finding.code}: ${replay.finding.message}`,
    });
  }

  #decodeEvent(event: ExecutedEntry["events"][number]): DecodedEvent | undefined {
    const topics = event.topics.map((topic) => fromHex(topic, 32));
    for (const abi of this.#abis) {
      const decoded = decodeEvent(abi, topics, event.data);
      if (decoded !== undefined) return decoded;
    }
    return undefined;
  }

  #failure(
    call: string,
    end: { readonly outcome: number; readonly code: number; readonly output: Uint8Array },
  ): ContractFailure {
    const revert =
      end.outcome === Outcome.revert ? decodeRevert(this.#abis, end.output) : undefined;
    return new ContractFailure(call, end.outcome as Outcome, end.code, revert);
  }
}

type Run = (method: string, args: unknown[]) => Promise<AbiValue | undefined>;

/** The methods of an ABI as an object; a name it does not have throws ABI_NAME_UNKNOWN with a guess. */
function methodsOf(abi: ContractAbi, run: Run): Methods {
  return new Proxy<Methods>(Object.freeze({}), {
    get(_, name) {
      // A promise would otherwise be looked for in what `await` is given.
      if (typeof name === "symbol" || name === "then") return undefined;
      const method = methodOf(abi, name).name;
      return (...args: unknown[]) => run(method, args.map(addressed));
    },
  });
}

/** Opens a world with funded accounts. */
export function createWorld(options: WorldOptions = {}): Promise<World> {
  return World.open(options);
}

/** Accounts and contracts stand for their addresses in arguments. */
function addressed(argument: unknown): unknown {
  if (typeof argument !== "object" || argument === null) return argument;
  if (Array.isArray(argument)) return argument.map(addressed);
  return "address" in argument ? argument.address : argument;
}
