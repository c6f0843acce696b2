// The life of one environment on one thread: opens or creates its store, executes blocks on it, commits
// them before it answers, and makes their bundles. Runs inside the execution worker; everything it
// returns can cross a thread. The rules of execution are in chain/, this file only wires and persists.

import type { BlockContextInput } from "../chain/block-context.ts";
import { blockHash } from "../chain/block-hash.ts";
import { type Bundle, encodeBundle } from "../chain/bundle.ts";
import { environmentIdOf, genesisResult, writeGenesis } from "../chain/genesis.ts";
import type { BlockOrder } from "../chain/order.ts";
import {
  headAfter,
  type OrderHead,
  orderHeadAfter,
  type ProducedBlock,
  produceBlock,
  sealOrder,
  sealResult,
} from "../chain/produce-block.ts";
import { ProgramUse } from "../chain/program-use.ts";
import { bodyReader, type ReadBody } from "../chain/read-body.ts";
import type { HostFaultNote } from "../chain/repeat-in-machine.ts";
import { viewContract } from "../chain/view-contract.ts";
import { fromHex, type Hex, toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { bytesHash } from "../codec/trees.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EngineError } from "../errors.ts";
import { prepareModule as prepareWasm } from "../program/prepare-module.ts";
import { decodeRules, encodeRules } from "../rules/encode-rules.ts";
import { prepareRulesBlob } from "../rules/prepare-rules.ts";
import type { Rules } from "../rules/rules.ts";
import { readAccount } from "../sandbox/account.ts";
import type { ProgramSource } from "../sandbox/program-source.ts";
import { Overlay } from "../state/overlay.ts";
import type { StateStore } from "../state/state-store.ts";
import { packAccounts } from "./account-rows.ts";
import type { EnvironmentGround } from "./environment-ground.ts";
import type { AccountResult, BlockInput, ViewInput, ViewResult } from "./environment-questions.ts";
import { CommittedBlock, type Head } from "./executed-block.ts";
import { type GenesisInput, genesisAccounts, genesisFingerprint } from "./genesis-input.ts";
import { receiptsHere } from "./made-receipts.ts";
import { type PendingBlock, pendingBlock } from "./pending-block.ts";
import { proveState, type StateQuery } from "./prove-state.ts";
import { genesisStanding, headOf, type Standing, storedStanding } from "./standing.ts";
import { decodeStoredBlock, encodeStoredBlock, type StoredBlock } from "./stored-block.ts";
import { storedPrograms } from "./stored-programs.ts";
import { keepRules } from "./stored-rules.ts";

export type { EnvironmentGround } from "./environment-ground.ts";
export type { AccountResult, BlockInput, ViewInput, ViewResult } from "./environment-questions.ts";
export type { ExecutedBlock, ExecutedMessage, Head } from "./executed-block.ts";
export type { ExecutedEntry, ExecutedEvent } from "./executed-entries.ts";
export type { GenesisInput } from "./genesis-input.ts";

/** A HOST_FAULT of a block, with the bundle that reproduces it. Nothing was committed. */
export class HostFault extends EngineError {
  readonly bundle: Uint8Array;

  constructor(error: EngineError, bundle: Uint8Array) {
    const { code, message, where, hint, cause } = error;
    super({ code, message, where, hint, cause });
    this.bundle = bundle;
  }
}

/** What of a bundle the execution of its block gives. */
type SealedParts = Pick<Bundle, "order" | "parentResult" | "result" | "receipts" | "witness">;

const NO_SETTLEMENT = { id: new Uint8Array(32), number: 0n };

/** One open environment. */
export class EnvironmentCore {
  readonly id: Uint8Array;
  readonly #store: StateStore;
  readonly #ground: EnvironmentGround;
  readonly #programs: ProgramSource;
  readonly #overlay: Overlay;
  #standing: Standing;
  /** The block behind `#standing`, until somebody asks where the chain stands. */
  #pending: PendingBlock | undefined;
  /** All commits so far. */
  #kept: Promise<unknown> = Promise.resolve();
  /** Why this environment is of no more use: values are in the state that no committed block put there. */
  #failure: unknown;

  private constructor(
    store: StateStore,
    ground: EnvironmentGround,
    genesisRules: Rules,
    id: Uint8Array,
    standing: Standing,
  ) {
    this.#store = store;
    this.#ground = ground;
    this.id = id;
    this.#standing = standing;
    this.#overlay = new Overlay(store.source());
    this.#programs = storedPrograms(store, genesisRules, ground.programs);
  }

  /**
   * Opens the environment in `store`, or creates it with `genesis` where the store is empty.
   * @throws STATE_OTHER_GENESIS when the store holds an environment with another genesis
   */
  static async open(
    store: StateStore,
    genesis: GenesisInput,
    ground: EnvironmentGround,
  ): Promise<EnvironmentCore> {
    const rulesBytes = encodeRules(genesis.rules);
    const identity = store.identity();
    if (identity === undefined) return EnvironmentCore.#create(store, genesis, rulesBytes, ground);
    const rules = decodeRules(identity.genesis.subarray(32));
    const expected = genesisFingerprint(genesis, rulesBytes);
    if (toHex(identity.genesis.subarray(0, 32)) !== toHex(expected)) {
      throw new EngineError({
        code: "STATE_OTHER_GENESIS",
        message: "the store holds an environment with other rules or genesis accounts",
      });
    }
    const standing = storedStanding(store, rules);
    return new EnvironmentCore(store, ground, rules, identity.environment, standing);
  }

  /** The environment `id` on a store whose chain stands at `standing`. */
  static resume(
    store: StateStore,
    ground: EnvironmentGround,
    id: Uint8Array,
    standing: Standing,
  ): EnvironmentCore {
    return new EnvironmentCore(store, ground, standing.rules, id, standing);
  }

  /** Where the chain stands; its last block may be on its way to the disk yet. */
  standing(): Standing {
    this.#seal();
    this.#assertUsable();
    return this.#standing;
  }

  /** Those of the head's block, which apply until a block brings others. */
  get rules(): Rules {
    return (this.#pending ?? this.#standing).rules;
  }

  static async #create(
    store: StateStore,
    genesis: GenesisInput,
    rulesBytes: Uint8Array,
    ground: EnvironmentGround,
  ): Promise<EnvironmentCore> {
    const overlay = new Overlay(store.source());
    writeGenesis(overlay, genesis.rules, genesisAccounts(genesis));
    const root = store.apply(overlay.changes());
    store.putBlob(bytesHash(prepareWasm), prepareWasm);
    keepRules(store, genesis.rules);
    const { id: settlement, number } = genesis.settlement ?? NO_SETTLEMENT;
    const id = environmentIdOf(settlement, number, keccak256(rulesBytes), root);
    const fingerprint = genesisFingerprint(genesis, rulesBytes);
    const stored = new ByteWriter(32 + rulesBytes.length).raw(fingerprint).raw(rulesBytes).finish();
    await store.initialise({ environment: id, genesis: stored });
    const standing = genesisStanding(root, genesis.rules);
    return new EnvironmentCore(store, ground, genesis.rules, id, standing);
  }

  head(): Head {
    return headOf(this.standing());
  }

  /**
   * Executes and commits the next block. When the promise resolves the block survives a crash. Whoever calls
   * again before that, at the earliest after `onStaged`, has the next block executed while the root of this one
   * is made: blocks are committed in the order of the calls, one after another.
   * @throws BODY_TOO_LARGE, ORDER_TIME; RULES_… for other rules; BUNDLE_INVALID for debug parts of one hash;
   * HOST_FAULT when the engine under us failed: nothing is kept; STATE_WRITE, STATE_THREAD from then on
   */
  async executeBlock(
    input: BlockInput,
    onEntry?: (done: number) => void,
    onStaged?: () => void,
  ): Promise<CommittedBlock> {
    this.#assertUsable();
    const pending = this.#stage(input, onEntry);
    onStaged?.();
    // A bundle that cannot be kept takes its block back: nothing may be executed on it before.
    if (input.bundle === true) this.#seal();
    else {
      setImmediate(() => {
        if (this.#pending === pending) this.#seal();
      });
    }
    return pending.committed;
  }

  #assertUsable(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Executes a block on what was executed before, and stages its changes. */
  #stage(input: BlockInput, onEntry: ((done: number) => void) | undefined): PendingBlock {
    const store = this.#store;
    this.#overlay.reset(store.source());
    const { rules = this.rules } = input;
    if (input.rules !== undefined) keepRules(this.#store, rules);
    const use = new ProgramUse(this.#programs, prepareRulesBlob(rules));
    const head = this.#orderHead();
    const hostFaults: HostFaultNote[] = [];
    const { signatures, readBody = bodyReader(signatures) } = this.#ground;
    const read = readBody(input.transactions);
    const context = this.#context(input, rules, use, read, (fault) => hostFaults.push(fault));
    let block: ProducedBlock;
    try {
      block = produceBlock({ head, context, body: input.transactions, read, onEntry });
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== "HOST_FAULT") throw error;
      this.#seal();
      const order = sealOrder(head, read, context);
      throw new HostFault(error, this.#faultBundle(order, input, rules, use));
    }
    this.#seal();
    this.#assertUsable();
    const witness = input.bundle === true ? store.witness(this.#overlay.touches()) : undefined;
    const { executions, ...rest } = block;
    const made = (this.#ground.makeReceipts ?? receiptsHere)(executions);
    try {
      store.stage(this.#overlay.changes());
      // After the tree, which takes longer: who needs both makes receipts while the other thread is at the tree.
      made.begin();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    this.#pending = pendingBlock({ block: rest, made, input, rules, use, hostFaults, witness });
    return this.#pending;
  }

  /** What the next order follows. */
  #orderHead(): OrderHead {
    return this.#pending === undefined
      ? this.#standing.head
      : orderHeadAfter(this.#pending.block.order);
  }

  /** Gives the pending block its root and commits it. What fails is told to its caller. */
  #seal(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    pending.settle(this.#sealed(pending));
  }

  async #sealed({
    block: produced,
    made,
    input,
    rules,
    use,
    hostFaults,
    witness,
  }: PendingBlock): Promise<CommittedBlock> {
    const { order, messages } = produced;
    const parentResult = this.#standing.head.result;
    const { receipts, result, hash } = this.#orFail(() => {
      const { receipts, root } = made.finish();
      const result = sealResult(produced, root, this.#store.root());
      return { receipts, result, hash: blockHash(order, parentResult, result) };
    });
    const bundle =
      witness &&
      this.#keptBundle({ order, parentResult, result, receipts, witness }, input, rules, use);
    const { transactions } = input;
    const results = { parentResult, result };
    const stored = { order, ...results, blockHash: hash, transactions, receipts, messages };
    const block = this.#orFail(() => encodeStoredBlock(stored));
    // No block is committed before those that it stands on.
    const kept = Promise.all([this.#kept, this.#store.commit({ height: order.height, block })]);
    this.#kept = kept;
    this.#standing = { head: headAfter(order, result), blockHash: hash, rules };
    const head = headOf(this.#standing);
    const { packedEntries } = made;
    const committed = new CommittedBlock({
      head,
      block: produced,
      packedEntries,
      result,
      hostFaults,
      bundle,
    });
    try {
      await kept;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    return committed;
  }

  /** For what follows a staged block: where it fails, the state is ahead of what is known of it. */
  #orFail<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** Runs a contract read-only on the head's state; nothing is kept. */
  view(input: ViewInput): ViewResult {
    const { height, time } = this.standing().head;
    const end = viewContract(
      {
        rules: this.rules,
        environmentId: this.id,
        height,
        time: input.time ?? time,
        producer: new Uint8Array(20),
        state: new Overlay(this.#store.source()),
        programs: this.#programs,
        ...this.#runners(),
        crypto: this.#ground.crypto,
        signatureHolds: () => false,
        onDeploy: () => {},
      },
      {
        to: fromHex(input.to, 20),
        caller: input.caller === undefined ? new Uint8Array(20) : fromHex(input.caller, 20),
        input: input.input,
        gasLimit: Number(input.gasLimit ?? this.rules.gas.perTransaction),
      },
    );
    return { ...end, gasUsed: BigInt(end.gasUsed) };
  }

  /** The state proof file of a key in the head's state. @throws HEX_INVALID */
  proveState(query: StateQuery): Uint8Array {
    this.standing();
    return proveState(this.#store, query);
  }

  account(address: Hex): AccountResult {
    this.standing();
    const account = readAccount(new Overlay(this.#store.source()), fromHex(address, 20));
    return {
      nonce: account.nonce,
      balance: account.balance,
      hasCode: account.codeHash !== undefined,
    };
  }

  /** Nonces and balances at the head (account-rows.ts). */
  accounts(addresses: Uint8Array): Uint8Array {
    this.standing();
    return packAccounts(new Overlay(this.#store.source()), addresses);
  }

  /** The committed block of a height; undefined at 0 and above the head. */
  executed(height: bigint): StoredBlock | undefined {
    const bytes = height > this.standing().head.height ? undefined : this.#store.block(height);
    return bytes === undefined ? undefined : decodeStoredBlock(bytes);
  }

  /** Merges what is final into the store's tables, in slices between which other calls are answered. */
  async finalise(height: bigint): Promise<void> {
    this.standing();
    await this.#store.finalise(height);
  }

  async close(): Promise<void> {
    this.#seal();
    await this.#kept.catch(() => {});
    await this.#store.close();
  }

  /** Before the commit: a bundle without its block is written over, a block without its bundle is a gap. */
  #keptBundle(sealed: SealedParts, input: BlockInput, rules: Rules, use: ProgramUse): Uint8Array {
    try {
      const bundle = this.#bundle(sealed, input, rules, use);
      this.#ground.keepBundle?.(sealed.order.height, bundle);
      return bundle;
    } catch (error) {
      // The changes are applied, and there will be no block that made them.
      this.#store.discard();
      throw error;
    }
  }

  #runners(): Pick<BlockContextInput, "runner" | "machineRunner"> {
    const { runner, machineRunner } = this.#ground;
    return machineRunner === undefined ? { runner } : { runner, machineRunner };
  }

  #context(
    input: BlockInput,
    rules: Rules,
    use: ProgramUse,
    read: ReadBody,
    onHostFault: (fault: HostFaultNote) => void,
  ): Omit<BlockContextInput, "height"> {
    return {
      rules,
      environmentId: this.id,
      time: input.time,
      producer: fromHex(input.producer, 20),
      inboxCount: input.inboxCount ?? 0,
      state: this.#overlay,
      programs: use,
      ...this.#runners(),
      crypto: this.#ground.crypto,
      onHostFault,
      signatureHolds: (transaction, index) => read.signatureHolds(transaction, index),
      onDeploy: (wasm, wasmHash) => {
        use.deployed(wasmHash);
        this.#store.putBlob(wasmHash, wasm);
      },
    };
  }

  /**
   * What it takes to look into a host fault: the block with the witness of all that was touched up to
   * then. Its result is the parent's, since nothing was found out: it is evidence, not a claim.
   */
  #faultBundle(order: BlockOrder, input: BlockInput, rules: Rules, use: ProgramUse): Uint8Array {
    const parent = this.#standing.head.result;
    const result = genesisResult(parent.stateRoot);
    const witness = this.#store.witness(this.#overlay.touches());
    const sealed = { order, parentResult: parent, result, receipts: [], witness };
    return this.#bundle(sealed, input, rules, use);
  }

  #bundle(sealed: SealedParts, input: BlockInput, rules: Rules, use: ProgramUse): Uint8Array {
    return encodeBundle({
      ...sealed,
      rules: encodeRules(rules),
      transactions: input.transactions,
      code: use.needed(),
      prepareRules: use.prepareRules(),
      debug: input.debug ?? [],
    });
  }
}
