// The life of a test world on the execution thread: an environment on a scratch store, which can be taken
// back to a mark, given balances, and started from the state of another: a store on disk, or what the witness
// of a bundle shows. Blocks execute by the same core as everywhere.

import { decodeBundle } from "../chain/bundle.ts";
import { checkEntry } from "../chain/check-entry.ts";
import { checkConsistency } from "../chain/replay-bundle.ts";
import { ReplayExecution, readBodyOf } from "../chain/replay-execution.ts";
import { equalBytes, fromHex, type Hex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { bytesHash } from "../codec/trees.ts";
import { EngineError } from "../errors.ts";
import { decodeCodeRecord } from "../program/code-record.ts";
import { prepareModule as prepareWasm } from "../program/prepare-module.ts";
import { decodeRules } from "../rules/encode-rules.ts";
import { CODE_KEY, decodeAccount, encodeAccount } from "../sandbox/account.ts";
import { openStore } from "../state/lmdb-store.ts";
import { packedText, ScratchStore } from "../state/scratch-store.ts";
import { StateChanges } from "../state/state-changes.ts";
import type { StateHasher } from "../state/state-hasher.ts";
import { ACCOUNT_KEY, STATE_KEY_BYTES, StateClass } from "../state/state-key.ts";
import type { StateStore } from "../state/state-store.ts";
import { checkStoreThere } from "../state/store-files.ts";
import { WitnessState } from "../state/witness-state.ts";
import { EnvironmentCore, type EnvironmentGround, type Head } from "./environment-core.ts";
import { type Standing, storedStanding } from "./standing.ts";
import { keepRules } from "./stored-rules.ts";

export interface AccountBalance {
  readonly address: Hex;
  readonly balance: bigint;
}

/** Where a world begins. */
export type ScratchStart =
  | {
      readonly kind: "genesis";
      readonly rules: Uint8Array;
      readonly accounts: readonly AccountBalance[];
    }
  /** The folder of a store. */
  | { readonly kind: "store"; readonly path: string }
  /** The state before the block of a bundle, as far as its witness shows it. */
  | { readonly kind: "bundle"; readonly bytes: Uint8Array };

interface Mark {
  readonly step: number;
  readonly standing: Standing;
}

export class ScratchCore {
  readonly #store: ScratchStore;
  readonly #ground: EnvironmentGround;
  readonly #marks = new Map<number, Mark>();
  #core: EnvironmentCore;

  private constructor(store: ScratchStore, ground: EnvironmentGround, core: EnvironmentCore) {
    this.#store = store;
    this.#ground = ground;
    this.#core = core;
  }

  /**
   * @throws GENESIS_BALANCES; STATE_… for a folder that holds no store; BUNDLE_…, WITNESS_… and the other
   * codes of an unusable bundle
   */
  static async open(
    start: ScratchStart,
    ground: EnvironmentGround,
    hasher: StateHasher,
  ): Promise<ScratchCore> {
    const store = new ScratchStore(hasher);
    const core =
      start.kind === "genesis"
        ? await EnvironmentCore.open(
            store,
            { rules: decodeRules(start.rules), accounts: start.accounts },
            ground,
          )
        : start.kind === "store"
          ? await fromFolder(start.path, store, ground, hasher)
          : await fromBundle(start.bytes, store, ground, hasher);
    return new ScratchCore(store, ground, core);
  }

  get core(): EnvironmentCore {
    return this.#core;
  }

  mark(number: number): undefined {
    const standing = this.#core.standing();
    this.#marks.set(number, { step: this.#store.mark(), standing });
  }

  /** Back to a mark; those made after it are gone. @throws TEST_SNAPSHOT_GONE */
  rewind(number: number): Head {
    const mark = this.#marks.get(number);
    if (mark === undefined) {
      throw new EngineError({
        code: "TEST_SNAPSHOT_GONE",
        message: "the world was restored to an earlier snapshot, which took this one back",
      });
    }
    for (const later of this.#marks.keys()) if (later > number) this.#marks.delete(later);
    // What is not committed yet is a step, too.
    this.#core.standing();
    this.#store.rewind(mark.step);
    this.#resume(mark.standing);
    return this.#core.head();
  }

  /** Gives accounts these balances, without a block: the parent of the next block is another state. */
  setBalances(balances: readonly AccountBalance[]): Head {
    const standing = this.#core.standing();
    const changes = new StateChanges(balances.length);
    for (const { address, balance } of balances) {
      const bytes = fromHex(address, 20);
      const value = this.#ownSource().get(bytes);
      const account = value === undefined ? NOBODY : decodeAccount(value);
      changes.add(StateClass.account, bytes, ACCOUNT_KEY, encodeAccount({ ...account, balance }));
    }
    const stateRoot = this.#store.edit(changes);
    const { head } = standing;
    this.#resume({ ...standing, head: { ...head, result: { ...head.result, stateRoot } } });
    return this.#core.head();
  }

  /** Accounts as far as they are at hand: what a bundle does not show counts as new. */
  #ownSource(): { get(address: Uint8Array): Uint8Array | undefined } {
    const source = this.#store.source();
    return {
      get: (address) => {
        try {
          return source.get(StateClass.account, address, ACCOUNT_KEY)?.slice();
        } catch (error) {
          if (error instanceof EngineError && error.code === "FORK_KEY_UNKNOWN") return undefined;
          throw error;
        }
      },
    };
  }

  #resume(standing: Standing): void {
    this.#core = EnvironmentCore.resume(this.#store, this.#ground, this.#core.id, standing);
  }
}

const NOBODY = { nonce: 0n, balance: 0n, codeHash: undefined };

/** A copy of what a store on disk holds at its head. The store is closed again. */
async function fromFolder(
  path: string,
  scratch: ScratchStore,
  ground: EnvironmentGround,
  hasher: StateHasher,
): Promise<EnvironmentCore> {
  checkStoreThere(path, "give the folder of plasma run -o, the state folder in it, or a bundle");
  const store = await openStore(path, { hasher });
  try {
    const identity = store.identity();
    const { height } = store.head();
    const changes = new StateChanges();
    for (const { key, value } of store.entries()) changes.addPacked(key, 0, value);
    copyCode(store, scratch, changes);
    scratch.apply(changes);
    await scratch.initialise(identity!);
    scratch.startAt(height);
    const genesisRules = decodeRules(identity!.genesis.subarray(32));
    keepRules(scratch, genesisRules);
    const standing = storedStanding(store, genesisRules);
    return EnvironmentCore.resume(scratch, ground, identity!.environment, standing);
  } finally {
    await store.close();
  }
}

/** The Wasm and the prepare rules of every code record among `changes`. */
function copyCode(from: StateStore, to: ScratchStore, changes: StateChanges): void {
  for (let i = 0; i < changes.count; i++) {
    const key = changes.keys.subarray(i * STATE_KEY_BYTES, (i + 1) * STATE_KEY_BYTES);
    const value = changes.values[i];
    const isRecord = key[0] === StateClass.system && equalBytes(key.subarray(21), CODE_KEY);
    if (!isRecord || value === undefined) continue;
    const { wasmHash, rulesHash } = decodeCodeRecord(value);
    for (const hash of [wasmHash, rulesHash]) {
      const bytes = from.blob(hash);
      if (bytes !== undefined) to.putBlob(hash, bytes);
    }
  }
}

/** The state before the block, as far as its execution touched it. */
async function fromBundle(
  bytes: Uint8Array,
  scratch: ScratchStore,
  ground: EnvironmentGround,
  hasher: StateHasher,
): Promise<EnvironmentCore> {
  const bundle = decodeBundle(bytes);
  const replayGround = { ...ground, hasher };
  const body = checkConsistency(bundle, () => readBodyOf(bundle, replayGround));
  const { order, parentResult } = bundle;
  const execution = new ReplayExecution(bundle, replayGround, checkEntry, body);
  for (const _ of execution.entries());
  const keys = execution.touchedKeys();
  const witness = WitnessState.decode(bundle.witness, parentResult.stateRoot, hasher);
  const known: string[] = [];
  const changes = new StateChanges();
  for (let at = 0; at < keys.length; at += STATE_KEY_BYTES) {
    const value = shownValue(witness, keys.subarray(at, at + STATE_KEY_BYTES));
    if (value === "partly") continue;
    known.push(packedText(keys, at));
    if (value !== undefined) changes.addPacked(keys, at, value);
  }
  const rules = decodeRules(bundle.rules);
  for (const wasm of [...bundle.code, prepareWasm]) scratch.putBlob(bytesHash(wasm), wasm);
  for (const blob of bundle.prepareRules) scratch.putBlob(keccak256(blob), blob);
  const stateRoot = scratch.apply(changes);
  await scratch.initialise({ environment: order.environmentId, genesis: new Uint8Array(0) });
  const height = order.height - 1n;
  scratch.startAt(height);
  scratch.limitTo(known);
  const head = { height, orderHash: order.parentOrder, result: { ...parentResult, stateRoot } };
  return EnvironmentCore.resume(scratch, ground, order.environmentId, {
    head: { ...head, time: order.time, inboxNext: order.inboxFirst },
    blockHash: new Uint8Array(32),
    rules,
  });
}

/** A value before the block; undefined where nothing was there. */
function shownValue(witness: WitnessState, packed: Uint8Array): Uint8Array | undefined | "partly" {
  try {
    const [cls, address] = [packed[0] as StateClass, packed.subarray(1, 21)];
    return witness.get(cls, address, packed.subarray(21))?.slice();
  } catch (error) {
    if (error instanceof EngineError && error.code === "WITNESS_MISSING") return "partly";
    throw error;
  }
}
