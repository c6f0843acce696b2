// The life of one environment on one thread: opens or creates its store, executes blocks on it, commits
// them before it answers, and makes their bundles. Runs inside the execution worker; everything it
// returns can cross a thread. The rules of execution are in chain/, this file only wires and persists.

import type { BlockContextInput } from "../chain/block-context.ts";
import { blockHash } from "../chain/block-hash.ts";
import { type Bundle, type DebugEntry, encodeBundle } from "../chain/bundle.ts";
import { environmentIdOf, genesisResult, writeGenesis } from "../chain/genesis.ts";
import type { BlockOrder } from "../chain/order.ts";
import {
  type ChainHead,
  headAfter,
  type ProducedBlock,
  produceBlock,
  sealOrder,
  sealResult,
} from "../chain/produce-block.ts";
import { ProgramUse } from "../chain/program-use.ts";
import type { HostFaultNote } from "../chain/repeat-in-machine.ts";
import { type BlockResult, resultHash } from "../chain/result.ts";
import { type VerdictSource, verdictsBy } from "../chain/signature-verdicts.ts";
import { readEntry } from "../chain/transaction.ts";
import { viewContract } from "../chain/view-contract.ts";
import { fromHex, type Hex, toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import type { SignatureChecker } from "../codec/signature.ts";
import { bytesHash } from "../codec/trees.ts";
import { EngineError } from "../errors.ts";
import { prepareModule as prepareWasm } from "../program/prepare-module.ts";
import { decodeRules, encodeRules } from "../rules/encode-rules.ts";
import { prepareRulesBlob } from "../rules/prepare-rules.ts";
import type { Rules } from "../rules/rules.ts";
import { readAccount } from "../sandbox/account.ts";
import type { FrameRunner, HostCrypto } from "../sandbox/frame.ts";
import type { ProgramCache, ProgramSource } from "../sandbox/program-source.ts";
import { Overlay } from "../state/overlay.ts";
import type { StateStore } from "../state/state-store.ts";
import { packAccounts } from "./account-rows.ts";
import { CommittedBlock, type Head } from "./executed-block.ts";
import { type GenesisInput, genesisAccounts } from "./genesis-input.ts";
import { proveState, type StateQuery } from "./prove-state.ts";
import { decodeStoredBlock, encodeStoredBlock, type StoredBlock } from "./stored-block.ts";
import { storedPrograms } from "./stored-programs.ts";
import { keepRules, storedRules } from "./stored-rules.ts";

export type { ExecutedBlock, ExecutedMessage, Head } from "./executed-block.ts";
export type { ExecutedEntry, ExecutedEvent } from "./executed-entries.ts";
export type { GenesisInput } from "./genesis-input.ts";

/** What the environment receives from its platform. */
export interface EnvironmentGround {
  readonly runner: FrameRunner;
  /** Runs a transaction on which `runner` meets a host fault; where absent, the fault is thrown. */
  readonly machineRunner?: FrameRunner;
  readonly crypto: HostCrypto;
  readonly signatures: SignatureChecker;
  /** Where verdicts on signatures come from; by `signatures`, when asked, where absent. */
  readonly verdicts?: VerdictSource;
  readonly programs: ProgramCache;
  /**
   * Keeps the bundle of the next block so that it survives a crash. At once: nothing may come between the
   * changes of a block and its commit, merges neither.
   */
  readonly keepBundle?: (height: bigint, bundle: Uint8Array) => void;
}

export interface BlockInput {
  /** Unix seconds, at least the head's. */
  readonly time: bigint;
  readonly producer: Hex;
  readonly transactions: readonly Uint8Array[];
  /** So many of the transactions, at the start, are the next messages of the inbox; none where absent. */
  readonly inboxCount?: number;
  /** The rules of this block and those after it; the head's where absent. */
  readonly rules?: Rules;
  /** Whether to make the bundle; costs the witness. */
  readonly bundle?: boolean;
  /** ABIs and source maps for the bundle's debug part. */
  readonly debug?: readonly DebugEntry[];
}

export interface ViewInput {
  readonly to: Hex;
  readonly input: Uint8Array;
  readonly caller?: Hex;
  readonly gasLimit?: bigint;
  /** Unix seconds that the contract sees; the head's where absent. */
  readonly time?: bigint;
}

export interface ViewResult {
  readonly outcome: number;
  readonly code: number;
  readonly gasUsed: bigint;
  readonly output: Uint8Array;
}

export interface AccountResult {
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly hasCode: boolean;
}

/** A HOST_FAULT of a block, with the bundle that reproduces it. Nothing was committed. */
export class HostFault extends EngineError {
  readonly bundle: Uint8Array;

  constructor(error: EngineError, bundle: Uint8Array) {
    const { code, message, where, hint, cause } = error;
    super({ code, message, where, hint, cause });
    this.bundle = bundle;
  }
}

/** The end of a chain: its head, the hash [32] of the head's block, and the rules that apply there. */
export interface Standing {
  readonly head: ChainHead;
  readonly rules: Rules;
  readonly blockHash: Uint8Array;
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
    const expected = keccak256(encodeGenesis(genesis, rulesBytes));
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

  /** Where the chain stands. */
  standing(): Standing {
    return this.#standing;
  }

  /** Those of the head's block, which apply until a block brings others. */
  get rules(): Rules {
    return this.#standing.rules;
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
    const fingerprint = keccak256(encodeGenesis(genesis, rulesBytes));
    await store.initialise({ environment: id, genesis: concat(fingerprint, rulesBytes) });
    const standing = genesisStanding(root, genesis.rules);
    return new EnvironmentCore(store, ground, genesis.rules, id, standing);
  }

  head(): Head {
    const { head, blockHash } = this.#standing;
    return {
      height: head.height,
      blockHash: toHex(blockHash),
      orderHash: toHex(head.orderHash),
      resultHash: toHex(resultHash(head.result)),
      stateRoot: toHex(head.result.stateRoot),
    };
  }

  /**
   * Executes and commits the next block. When the promise resolves the block survives a crash.
   * @throws BODY_TOO_LARGE, ORDER_TIME; RULES_… for other rules; BUNDLE_INVALID for debug parts of one hash;
   * HOST_FAULT when the engine under us failed: nothing is kept
   */
  async executeBlock(input: BlockInput, onEntry?: (done: number) => void): Promise<CommittedBlock> {
    const store = this.#store;
    this.#overlay.reset(store.source());
    const { rules = this.rules } = input;
    if (input.rules !== undefined) keepRules(this.#store, rules);
    const use = new ProgramUse(this.#programs, prepareRulesBlob(rules));
    const parent = this.#standing.head;
    const hostFaults: HostFaultNote[] = [];
    const context = this.#context(input, rules, use, (fault) => hostFaults.push(fault));
    const body = input.transactions;
    let block: ProducedBlock;
    try {
      block = produceBlock({
        head: parent,
        body,
        context,
        ...(onEntry === undefined ? {} : { onEntry }),
      });
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== "HOST_FAULT") throw error;
      throw new HostFault(
        error,
        this.#faultBundle(sealOrder(parent, body.map(readEntry), context), input, rules, use),
      );
    }
    const witness = input.bundle === true ? store.witness(this.#overlay.touches()) : undefined;
    const result = sealResult(block, store.apply(this.#overlay.changes()));
    const hash = blockHash(block.order, parent.result, result);
    const { order, receipts } = block;
    const bundle =
      witness === undefined
        ? undefined
        : this.#keptBundle(
            { order, parentResult: parent.result, result, receipts, witness },
            input,
            rules,
            use,
          );
    await this.#commit(block, parent.result, result, hash, input.transactions);
    this.#standing = { head: headAfter(order, result), blockHash: hash, rules };
    return new CommittedBlock(this.head(), block, result, hostFaults, bundle);
  }

  /** Runs a contract read-only on the head's state; nothing is kept. */
  view(input: ViewInput): ViewResult {
    const { height, time } = this.#standing.head;
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
    return proveState(this.#store, query);
  }

  account(address: Hex): AccountResult {
    const account = readAccount(new Overlay(this.#store.source()), fromHex(address, 20));
    return {
      nonce: account.nonce,
      balance: account.balance,
      hasCode: account.codeHash !== undefined,
    };
  }

  /** Nonces and balances at the head (account-rows.ts). */
  accounts(addresses: Uint8Array): Uint8Array {
    return packAccounts(new Overlay(this.#store.source()), addresses);
  }

  /** The committed block of a height; undefined at 0 and above the head. */
  executed(height: bigint): StoredBlock | undefined {
    const bytes = height > this.#standing.head.height ? undefined : this.#store.block(height);
    return bytes === undefined ? undefined : decodeStoredBlock(bytes);
  }

  /** Merges what is final into the store's tables, in slices between which other calls are answered. */
  async finalise(height: bigint): Promise<void> {
    await this.#store.finalise(height);
  }

  async close(): Promise<void> {
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
    onHostFault: (fault: HostFaultNote) => void,
  ): Omit<BlockContextInput, "height"> {
    const { crypto, signatures, verdicts = verdictsBy(signatures) } = this.#ground;
    const signaturesOf = verdicts(input.transactions);
    return {
      rules,
      environmentId: this.id,
      time: input.time,
      producer: fromHex(input.producer, 20),
      inboxCount: input.inboxCount ?? 0,
      state: this.#overlay,
      programs: use,
      ...this.#runners(),
      crypto,
      onHostFault,
      signatureHolds: (transaction, index) => signaturesOf.holds(transaction, index),
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

  async #commit(
    block: ProducedBlock,
    parentResult: BlockResult,
    result: BlockResult,
    hash: Uint8Array,
    transactions: readonly Uint8Array[],
  ): Promise<void> {
    const { order, receipts, messages } = block;
    const results = { parentResult, result };
    const stored = { order, ...results, blockHash: hash, transactions, receipts, messages };
    await this.#store.commit({
      height: order.height,
      block: encodeStoredBlock(stored),
    });
  }
}

/** Where the chain of a store stands whose environment began with these rules. */
export function storedStanding(store: StateStore, genesisRules: Rules): Standing {
  const { height } = store.head();
  if (height === 0n) return genesisStanding(store.root(), genesisRules);
  const { order, result, blockHash } = decodeStoredBlock(store.block(height) as Uint8Array);
  const rules = storedRules(store, order.rulesHash, genesisRules);
  return { head: headAfter(order, result), blockHash, rules };
}

function genesisStanding(root: Uint8Array, rules: Rules): Standing {
  const result = genesisResult(root);
  const head = { height: 0n, orderHash: new Uint8Array(32), result, time: 0n, inboxNext: 0n };
  return { head, blockHash: new Uint8Array(32), rules };
}

/** A fingerprint's preimage: rules, then the accounts as given. */
function encodeGenesis(genesis: GenesisInput, rulesBytes: Uint8Array): Uint8Array {
  const accounts = genesis.accounts.map(({ address, balance }) => `${address}:${balance}`);
  const { settlement } = genesis;
  if (settlement !== undefined) accounts.push(`${toHex(settlement.id)}:${settlement.number}`);
  return concat(rulesBytes, new TextEncoder().encode(accounts.join("\n")));
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
