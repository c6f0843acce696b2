// An environment in memory that executes one transaction at a time between two looks at the clock. What
// runs is chain/'s own executeTransaction on an overlay, as in a block; decoding and signature checks are
// done before, receipts are not made. That it came to the same as a block is for its caller to check, by
// the state root. Used in the bench thread only.
import { blockContext } from "../../host/chain/block-context.ts";
import { type Execution, executeTransaction } from "../../host/chain/execute-transaction.ts";
import { readEntries } from "../../host/chain/read-entries.ts";
import type { Entry } from "../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import { bytesHash } from "../../host/codec/trees.ts";
import { EnvironmentCore, type GenesisInput } from "../../host/environment/environment-core.ts";
import {
  nativeHostCrypto,
  nativeSignatureChecker,
  nativeStateHasher,
} from "../../host/environment/native.ts";
import { storedPrograms } from "../../host/environment/stored-programs.ts";
import { keepRules } from "../../host/environment/stored-rules.ts";
import { decodeRules } from "../../host/rules/encode-rules.ts";
import type { Rules } from "../../host/rules/rules.ts";
import type { FrameRunner } from "../../host/sandbox/frame.ts";
import type { ProgramCache, ProgramSource } from "../../host/sandbox/program-source.ts";
import { memoryStore } from "../../host/state/memory-store.ts";
import { Overlay } from "../../host/state/overlay.ts";
import type { StateStore } from "../../host/state/state-store.ts";

/** A block to execute, as bytes. */
export interface BenchBlock {
  readonly time: bigint;
  /** Canonical rules from this block on; those of the block before where absent. */
  readonly rules?: Uint8Array;
  readonly transactions: readonly Uint8Array[];
}

/** A block whose entries are decoded and whose signatures are judged. */
export interface SteppedBlock {
  readonly time: bigint;
  readonly rules: Rules | undefined;
  readonly entries: readonly Entry[];
  readonly signed: readonly boolean[];
}

/** Decodes a body and checks its signatures, once for any number of executions. */
export function steppedBlock({ time, rules, transactions }: BenchBlock): SteppedBlock {
  const entries = readEntries(transactions);
  const signed = entries.map(({ transaction }) => {
    if (transaction === undefined) return false;
    const { digest, signature, publicKey } = transaction;
    return nativeSignatureChecker.verify(digest, signature, publicKey);
  });
  return { time, rules: rules && decodeRules(rules), entries, signed };
}

export interface SteppedGround {
  readonly runner: FrameRunner;
  readonly programs: ProgramCache;
  readonly producer: Hex;
}

/** What hears of each transaction. */
export interface StepListener {
  /** Right before the clock starts. */
  readonly before?: (index: number) => void;
  /** Right after it stopped. */
  readonly after: (index: number, millis: number, execution: Execution) => void;
}

/** What the store keeps of a block: nobody asks for it. */
const NO_BLOCK = new Uint8Array(0);

/** One environment from its genesis on. */
export class SteppedEnvironment {
  readonly #id: Uint8Array;
  #rules: Rules;
  readonly #store: StateStore;
  readonly #ground: SteppedGround;
  readonly #programs: ProgramSource;
  readonly #overlay: Overlay;
  #height = 0n;

  private constructor(id: Uint8Array, rules: Rules, store: StateStore, ground: SteppedGround) {
    this.#id = id;
    this.#rules = rules;
    this.#store = store;
    this.#ground = ground;
    this.#overlay = new Overlay(store.source());
    this.#programs = storedPrograms(store, rules, ground.programs);
  }

  static async open(genesis: GenesisInput, ground: SteppedGround): Promise<SteppedEnvironment> {
    const store = memoryStore({ hasher: nativeStateHasher() });
    const { id } = await EnvironmentCore.open(store, genesis, {
      ...ground,
      crypto: nativeHostCrypto,
      signatures: nativeSignatureChecker,
    });
    return new SteppedEnvironment(id, genesis.rules, store, ground);
  }

  /** Executes the next block and returns the state root after it. */
  async execute(block: SteppedBlock, listener: StepListener): Promise<Hex> {
    const store = this.#store;
    const state = this.#overlay;
    state.reset(store.source());
    this.#height += 1n;
    if (block.rules !== undefined) {
      this.#rules = block.rules;
      keepRules(store, block.rules);
    }
    const context = blockContext({
      rules: this.#rules,
      environmentId: this.#id,
      height: this.#height,
      time: block.time,
      producer: fromHex(this.#ground.producer, 20),
      state,
      programs: this.#programs,
      runner: this.#ground.runner,
      crypto: nativeHostCrypto,
      signatureHolds: (_transaction, index) => block.signed[index]!,
      onDeploy: (wasm) => store.putBlob(bytesHash(wasm), wasm),
    });
    let gasUsed = 0;
    for (let index = 0; index < block.entries.length; index++) {
      listener.before?.(index);
      const start = performance.now();
      const execution = executeTransaction(context, block.entries[index]!, index, gasUsed);
      const millis = performance.now() - start;
      gasUsed += execution.gasUsed;
      listener.after(index, millis, execution);
    }
    const root = toHex(store.apply(state.changes()));
    await store.commit({ height: this.#height, block: NO_BLOCK });
    return root;
  }
}
