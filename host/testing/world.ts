// The test kit of contract authors: a chain in memory with funded accounts, on the production Wasm and the
// production engine. Every transaction is a block of its own, and every block is replayed from its bundle
// alone before the test goes on: a test that passes has been proven replayable.

import type { ContractAbi } from "../abi/abi.ts";
import { decodeResult } from "../abi/decode-result.ts";
import type { DecodedRevert } from "../abi/decode-revert.ts";
import { encodeCall, encodeInit } from "../abi/encode-call.ts";
import { joinDeployInput, signTransaction } from "../chain/transaction.ts";
import { fromHex, type Hex } from "../codec/hex.ts";
import type { ExecutedBlock, ExecutedEntry } from "../environment/environment-core.ts";
import { replayBundle } from "../environment/replay.ts";
import { ScratchEnvironment, type ScratchStart } from "../environment/scratch-environment.ts";
import { EngineError } from "../errors.ts";
import { Outcome } from "../outcome.ts";
import { encodeRules } from "../rules/encode-rules.ts";
import { presetRules } from "../rules/presets.ts";
import type { Rules } from "../rules/rules.ts";
import { Accounts, addressed, type TestAccount } from "./accounts.ts";
import { callSite, withSite } from "./call-site.ts";
import { ContractFailure } from "./contract-failure.ts";
import type { AddressLike, ContractReference, ContractTypes } from "./contract-types.ts";
import { rememberTransaction } from "./failed-test.ts";
import { forkStart } from "./fork-source.ts";
import { noteGas } from "./gas-log.ts";
import { KnownContracts } from "./known-contracts.ts";
import type { LoadedContract } from "./load-contract.ts";
import {
  type CallEnd,
  type SendOptions,
  type TestContract,
  testContract,
} from "./test-contract.ts";
import { TransactionReport } from "./transaction-report.ts";

export interface WorldOptions {
  /** Default: preset `general`. */
  readonly rules?: Rules;
  /** Names of the accounts. Default: alice, bob, carol, dave. */
  readonly accounts?: readonly string[];
  /** Balance of each. Default: 10^24. */
  readonly balance?: bigint;
}

export interface ForkOptions {
  /** Names of accounts. Default: alice, bob, carol, dave. */
  readonly accounts?: readonly string[];
  /** Balance to give to each of them; without it they have what the state says. */
  readonly balance?: bigint;
  /** Seed of the scenario whose accounts these are, so that the world can sign for them. */
  readonly seed?: string;
}

export interface DeployOptions extends SendOptions {
  /** Default: the first account. */
  readonly from?: TestAccount;
}

/** A place in the life of a world to come back to. */
export interface WorldSnapshot {
  readonly number: number;
  readonly time: bigint;
  readonly last: TransactionReport | undefined;
}

/** What a contract is deployed from: its type, or a path of its source (.ts) or Wasm. */
export type ContractSource<T extends ContractTypes> = ContractReference<T> | string;

const DEFAULT_ACCOUNTS = ["alice", "bob", "carol", "dave"];
const DEFAULT_BALANCE = 10n ** 24n;
const KEY_SEED = "plasmavm/testing";
const FIRST_TIME = 1_700_000_000n;
/** 256 of them stay below the 2^128 that all balances together must not reach. */
const BALANCE_MAX = 2n ** 120n;

/** A chain for one test file. Close it when done. */
export class World {
  readonly environment: ScratchEnvironment;
  readonly #accounts: Accounts;
  readonly #contracts = new KnownContracts();
  /** Balances and snapshots that were asked for, in order; everything else waits for them. */
  #asked: Promise<unknown> = Promise.resolve();
  #time: bigint;
  #timeMin: bigint;
  #last: TransactionReport | undefined;
  #snapshots = 0;

  private constructor(environment: ScratchEnvironment, accounts: Accounts, time: bigint) {
    this.environment = environment;
    this.#accounts = accounts;
    this.#time = time;
    this.#timeMin = time;
  }

  /** Used by createWorld. */
  static async open(options: WorldOptions): Promise<World> {
    const accounts = new Accounts(KEY_SEED, options.accounts ?? DEFAULT_ACCOUNTS);
    const balance = options.balance ?? DEFAULT_BALANCE;
    const start: ScratchStart = {
      kind: "genesis",
      rules: encodeRules(options.rules ?? presetRules("general")),
      accounts: accounts.list().map(({ address }) => ({ address, balance })),
    };
    return new World(await ScratchEnvironment.start(start), accounts, FIRST_TIME);
  }

  /**
   * A world that goes on from the state of another environment: the folder of `plasma run -o` (or the store
   * in it), or a bundle, which shows the state before its block only as far as the block touched it; reading
   * anything else throws FORK_KEY_UNKNOWN. Nothing of the source is changed.
   * @throws STATE_… for a folder without a store; BUNDLE_…, WITNESS_… for an unusable bundle
   */
  static async fork(source: string | Uint8Array, options: ForkOptions = {}): Promise<World> {
    const { accounts: names = DEFAULT_ACCOUNTS, balance, seed = KEY_SEED } = options;
    const accounts = new Accounts(seed, names);
    const environment = await ScratchEnvironment.start(forkStart(source));
    const world = new World(environment, accounts, environment.openedAt + 1n);
    if (balance !== undefined) for (const name of names) world.account(name, { balance });
    return world;
  }

  /** All accounts by name. */
  get accounts(): Readonly<Record<string, TestAccount>> {
    return Object.fromEntries(this.#accounts.list().map((account) => [account.name, account]));
  }

  /** What became of the last transaction. @throws TEST_NO_TRANSACTION */
  get last(): TransactionReport {
    if (this.#last !== undefined) return this.#last;
    throw new EngineError({
      code: "TEST_NO_TRANSACTION",
      message: "no transaction was sent in this world yet",
    });
  }

  /** As `last`, or undefined before the first. */
  get lastOrNone(): TransactionReport | undefined {
    return this.#last;
  }

  /** Names of accounts and contracts by address. */
  get names(): ReadonlyMap<string, string> {
    return this.#accounts.names;
  }

  /** Unix seconds of the next block, and of views. Each transaction takes one second. */
  get time(): bigint {
    return this.#time;
  }

  /** @throws TEST_TIME where a block with a later time is there already */
  set time(seconds: bigint) {
    if (seconds < this.#timeMin) {
      throw new EngineError({
        code: "TEST_TIME",
        message: `got time ${seconds}, expected at least ${this.#timeMin}`,
      });
    }
    this.#time = seconds;
  }

  /** Lets time pass before the next block. @throws TEST_TIME for less than none */
  advance(seconds: number | bigint): void {
    this.time = this.#time + BigInt(seconds);
  }

  /**
   * The account of that name. With options it is made where there is none, and given the balance, without a
   * transaction.
   * @throws TEST_ACCOUNT_UNKNOWN for an unknown name without options · TEST_BALANCE
   */
  account(name: string, options?: { readonly balance?: bigint }): TestAccount {
    const known = this.#accounts.find(name);
    if (known === undefined && options === undefined) {
      const names = this.#accounts.list().map((account) => account.name);
      throw new EngineError({
        code: "TEST_ACCOUNT_UNKNOWN",
        message: `the world has no account "${name}", only ${names.join(", ")}`,
        hint: `name it in createWorld({ accounts: [...] }), or make it: world.account("${name}", { balance: 0n })`,
      });
    }
    const account = known ?? this.#accounts.add(name);
    const balance = options?.balance;
    if (balance !== undefined) this.#ask(() => this.#setBalance(account.address, balance));
    return account;
  }

  /** Balance of an account or contract. */
  async balance(of: AddressLike): Promise<bigint> {
    await this.#asked;
    return (await this.environment.account(addressOf(of))).balance;
  }

  /**
   * Deploys a contract: one of `plasma build`'s types, or a path of AssemblyScript source
   * (`assembly/token.ts`) or of Wasm (`build/token.wasm`), relative to the working folder.
   * @throws BUILD_… for a source that does not compile · ABI_… for wrong arguments
   * @throws ContractFailure when the deployment fails · TEST_REPLAY_FAILED
   */
  async deploy<T extends ContractTypes>(
    source: ContractReference<T>,
    args?: T["init"],
    options?: DeployOptions,
  ): Promise<TestContract<T>>;
  async deploy(
    source: string,
    args?: readonly unknown[],
    options?: DeployOptions,
  ): Promise<TestContract>;
  async deploy(
    source: ContractSource<ContractTypes>,
    args: readonly unknown[] = [],
    options: DeployOptions = {},
  ): Promise<TestContract> {
    const site = callSite(this.deploy);
    const contract = await this.#contracts.load(source);
    const { wasm, abi } = contract;
    const from = options.from ?? (this.#accounts.list()[0] as TestAccount);
    const input = joinDeployInput(wasm, encodeInit(abi, args.map(addressed)));
    const end = await this.#send(
      `deploy ${abi.contract}`,
      from,
      undefined,
      input,
      options,
      contract,
    ).catch((error) => {
      throw withSite(error, site);
    });
    return this.#known(end.entry.contract as Hex, abi);
  }

  /** A contract that is there already, in a fork say. @throws BUILD_… */
  async at<T extends ContractTypes>(
    source: ContractReference<T>,
    address: Hex,
  ): Promise<TestContract<T>>;
  async at(source: string, address: Hex): Promise<TestContract>;
  async at(source: ContractSource<ContractTypes>, address: Hex): Promise<TestContract> {
    const { abi } = await this.#contracts.load(source);
    return this.#known(address, abi);
  }

  /** Sends value from one account to another account or contract. */
  async transfer(from: TestAccount, to: AddressLike, value: bigint): Promise<void> {
    const input = new Uint8Array(0);
    await this.#send(`transfer of ${value}`, from, addressOf(to), input, { value });
  }

  /** Remembers state and time as they are now. */
  snapshot(): WorldSnapshot {
    this.#snapshots += 1;
    const number = this.#snapshots;
    this.#ask(() => this.environment.mark(number));
    return { number, time: this.#time, last: this.#last };
  }

  /**
   * Goes back to a snapshot, as often as you like; snapshots made after it are gone.
   * @throws TEST_SNAPSHOT_GONE
   */
  async restore(snapshot: WorldSnapshot): Promise<void> {
    await this.#asked;
    await this.environment.rewind(snapshot.number);
    this.#time = snapshot.time;
    this.#timeMin = snapshot.time;
    this.#last = snapshot.last;
  }

  async close(): Promise<void> {
    await this.environment.close();
  }

  /** Puts work in line; what fails is thrown by whatever waits for the line. */
  #ask(work: () => Promise<unknown>): void {
    this.#asked = this.#asked.then(work);
    this.#asked.catch(() => undefined);
  }

  async #setBalance(address: Hex, balance: bigint): Promise<void> {
    if (balance < 0n || balance > BALANCE_MAX) {
      throw new EngineError({
        code: "TEST_BALANCE",
        message: `got balance ${balance}, expected 0 to 2^120`,
      });
    }
    await this.environment.setBalances([{ address, balance }]);
  }

  #known(address: Hex, abi: ContractAbi): TestContract {
    this.#contracts.add(address, abi);
    this.#accounts.nameContract(address, abi.contract);
    return testContract(this, address, abi, {
      send: async (account, method, args, options) => {
        const input = encodeCall(abi, method, args);
        const call = `${abi.contract}.${method}`;
        const { entry, report } = await this.#send(call, account, address, input, options);
        return { value: decodeResult(abi, method, entry.output), report };
      },
      read: (caller, method, args, options) =>
        this.#read(address, abi, caller, encodeCall(abi, method, args), method, options),
    });
  }

  async #read(
    to: Hex,
    abi: ContractAbi,
    caller: TestAccount | undefined,
    input: Uint8Array,
    method: string,
    { gasLimit }: SendOptions,
  ): Promise<CallEnd> {
    await this.#asked;
    const result = await this.environment.view({
      ...{ to, input, time: this.#time },
      ...(caller === undefined ? {} : { caller: caller.address }),
      ...(gasLimit === undefined ? {} : { gasLimit }),
    });
    const call = `${abi.contract}.${method}`;
    if (result.outcome !== Outcome.success) {
      const revert = this.#contracts.revert(result, to, undefined);
      const { outcome, code: outcomeCode } = result as { outcome: Outcome; code: number };
      throw new ContractFailure({ call, outcome, outcomeCode, revert, names: this.names });
    }
    noteGas(call, result.gasUsed);
    return { value: decodeResult(abi, method, result.output) };
  }

  async #send(
    call: string,
    from: TestAccount,
    to: Hex | undefined,
    input: Uint8Array,
    options: SendOptions,
    deployed?: LoadedContract,
  ): Promise<{ readonly entry: ExecutedEntry; readonly report: TransactionReport }> {
    await this.#asked;
    const signer = this.#accounts.signer(from);
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
    // Before the events: those of its constructor are the new contract's.
    if (entry.contract !== undefined && deployed !== undefined)
      this.#known(entry.contract, deployed.abi);
    const report = this.#report(call, entry, block, this.#contracts.revert(entry, to, deployed));
    this.#last = report;
    await rememberTransaction(report);
    if (entry.outcome === Outcome.success) {
      noteGas(call, entry.gasUsed);
      return { entry, report };
    }
    throw new ContractFailure({ ...report, names: this.names, report });
  }

  #report(
    call: string,
    entry: ExecutedEntry,
    { bundle, blockHash }: ExecutedBlock,
    revert: DecodedRevert | undefined,
  ): TransactionReport {
    return new TransactionReport({
      call,
      outcome: entry.outcome as Outcome,
      outcomeCode: entry.code,
      gasUsed: entry.gasUsed,
      events: entry.events.flatMap((event) => this.#contracts.event(event) ?? []),
      revert,
      bundle: bundle as Uint8Array,
      blockHash,
      debug: this.#contracts.debug(),
      names: this.#accounts.names,
    });
  }

  /** One block with one transaction, replayed before it is believed. @throws TEST_REPLAY_FAILED */
  async #block(call: string, transaction: Uint8Array): Promise<ExecutedBlock> {
    const parent = this.environment.head.resultHash;
    const time = this.#time;
    const block = await this.environment.executeBlock({
      time,
      producer: this.#accounts.list()[0]?.address as Hex,
      transactions: [transaction],
      bundle: true,
    });
    this.#timeMin = time;
    this.#time = time + 1n;
    const bundle = block.bundle as Uint8Array;
    const replay = await replayBundle(bundle, { expect: block.blockHash, expectParent: parent });
    if (replay.verdict === "valid") return block;
    throw new EngineError({
      code: "TEST_REPLAY_FAILED",
      message: `${call} does not replay: ${replay.finding.code}: ${replay.finding.message}`,
    });
  }
}

const addressOf = (of: AddressLike): Hex => (typeof of === "string" ? of : of.address);

/** Opens a world with funded accounts. */
export function createWorld(options: WorldOptions = {}): Promise<World> {
  return World.open(options);
}
