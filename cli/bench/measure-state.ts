// Measures state alone, without transactions: updates of random keys with one root per batch in memory and
// on the default store, cold reads, witnesses, opening; and how long commits take over many blocks
// in a row. The same changes go to both stores and come to the same root. Used in the bench thread only.

import { type Hex, toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { assert } from "../../host/errors.ts";
import { Overlay } from "../../host/state/overlay.ts";
import { StateChanges } from "../../host/state/state-changes.ts";
import { StateClass } from "../../host/state/state-key.ts";
import type { StateStore } from "../../host/state/state-store.ts";
import type { BenchProgress } from "./bench-methods.ts";
import { SeededRandom } from "./random.ts";
import { quantile } from "./samples.ts";
import { benchStore } from "./transfer-environment.ts";

export interface StateParams {
  readonly seed: string;
  readonly keys: number;
  /** Keys updated per root. */
  readonly batch: number;
  readonly samples: number;
  readonly reads: number;
  /** Blocks committed in a row; 0 leaves that part out. */
  readonly blocks: number;
  readonly blockKeys: number;
  /** A new folder for the store. */
  readonly storePath: string;
}

export interface StateResult {
  /** Updates per second of each sample. */
  readonly updates: readonly number[];
  /** The same, flushed to the store before the clock stops. */
  readonly durable: readonly number[];
  /** Updates per second of all durable samples with their merge into the tables. */
  readonly merged: number;
  readonly readMicros: number;
  readonly witnessBytesPerKey: number;
  readonly openSeconds: number;
  /** Milliseconds of each block of the row. */
  readonly commitMs: readonly number[];
  readonly stateRoot: Hex;
}

const VALUE_BYTES = 32;
const FILL_CHUNK = 50_000;
const WITNESS_KEYS = 1_000;
/** Blocks between two mergers of the row, as finality comes. */
const FINALISE_EVERY = 64;
/** Bytes of a block per key that it updates: transactions, receipts and witness in a block of transfers. */
const BLOCK_BYTES_PER_KEY = 100;

const address = new Uint8Array(20).fill(5);
const identity = { environment: new Uint8Array(32), genesis: new Uint8Array(0) };

/** Writes the key of number `n`: different for different numbers. */
function writeKey(view: DataView, n: number): void {
  for (let word = 0; word < 8; word++)
    view.setUint32(4 * word, Math.imul(n + 1, 0x9e3779b1 + 2 * word));
}

/** Changes that are the same for every store: everything follows from the seed. */
class StateLoad {
  readonly #random: SeededRandom;
  readonly #keys: number;
  readonly #key = new Uint8Array(32);
  readonly #view = new DataView(this.#key.buffer);

  constructor(seed: string, keys: number) {
    this.#random = new SeededRandom(seed);
    this.#keys = keys;
  }

  /** A key of the state, good until the next call. */
  key(n: number = this.#random.below(this.#keys)): Uint8Array {
    writeKey(this.#view, n);
    return this.#key;
  }

  /** Keys [first, end) with their first values. */
  fill(first: number, end: number): StateChanges {
    const changes = new StateChanges(end - first);
    for (let n = first; n < end; n++) {
      changes.add(StateClass.storage, address, this.key(n), this.#value());
    }
    return changes;
  }

  /** New values of random keys. */
  update(count: number): StateChanges {
    const chosen = new Set<number>();
    while (chosen.size < count) chosen.add(this.#random.below(this.#keys));
    const changes = new StateChanges(count);
    for (const n of chosen) changes.add(StateClass.storage, address, this.key(n), this.#value());
    return changes;
  }

  #value(): Uint8Array {
    const value = new Uint8Array(VALUE_BYTES);
    new DataView(value.buffer).setUint32(28, this.#random.below(2 ** 24));
    return value;
  }
}

/** Batches before those that count: the second thread compiles what it runs, too. */
const WARM_UP = 8;

/** Where a store stands: commits count heights. */
class Chain {
  readonly store: StateStore;
  height = 0n;

  constructor(store: StateStore) {
    this.store = store;
  }

  commit(blockBytes: number): Promise<void> {
    this.height += 1n;
    return this.store.commit({ height: this.height, block: new Uint8Array(blockBytes) });
  }

  async fill(load: StateLoad, keys: number, progress: BenchProgress): Promise<void> {
    await this.store.initialise(identity);
    for (let first = 0; first < keys; first += FILL_CHUNK) {
      const end = Math.min(keys, first + FILL_CHUNK);
      this.store.apply(load.fill(first, end));
      await this.commit(0);
      progress(end);
    }
    await this.store.finalise(this.height);
  }

  /** Updates per second of each batch but the first ones, which warm up both threads; a batch is a block. */
  async updates(load: StateLoad, { batch, samples }: StateParams): Promise<number[]> {
    const rates: number[] = [];
    for (let sample = -WARM_UP; sample < samples; sample++) {
      const changes = load.update(batch);
      const start = performance.now();
      this.store.apply(changes);
      await this.commit(batch * BLOCK_BYTES_PER_KEY);
      if (sample >= 0) rates.push(batch / ((performance.now() - start) / 1_000));
    }
    return rates;
  }
}

/** Measures one size. `progress` counts keys filled in, of both stores. */
export async function measureState(
  params: StateParams,
  progress: BenchProgress,
): Promise<StateResult> {
  const { seed, keys } = params;
  const inMemory = await measureInMemory(params, progress);
  const load = new StateLoad(seed, keys);
  const chain = new Chain(await benchStore(params.storePath));
  await chain.fill(load, keys, (done) => progress(keys + done));
  const start = performance.now();
  const durable = await chain.updates(load, params);
  await chain.store.finalise(chain.height);
  const seconds = (performance.now() - start) / 1_000;
  const stateRoot = toHex(chain.store.root());
  assert(stateRoot === inMemory.stateRoot, "both stores come to the same root");
  await chain.store.close();
  const opened = await measureOpened(params);
  const commitMs = await measureRow(params, opened.store, chain.height);
  await opened.store.close();
  return {
    ...inMemory,
    durable,
    merged: (params.batch * (params.samples + WARM_UP)) / seconds,
    ...opened.figures,
    commitMs,
  };
}

async function measureInMemory(
  params: StateParams,
  progress: BenchProgress,
): Promise<Pick<StateResult, "updates" | "witnessBytesPerKey" | "stateRoot">> {
  const load = new StateLoad(params.seed, params.keys);
  const chain = new Chain(await benchStore(undefined));
  await chain.fill(load, params.keys, progress);
  const updates = await chain.updates(load, params);
  const stateRoot = toHex(chain.store.root());
  const overlay = new Overlay(chain.store.source());
  const count = Math.min(WITNESS_KEYS, params.keys >>> 1);
  const { keys: keyBytes } = new StateLoad(`${params.seed} witness`, params.keys).update(count);
  for (let i = 0; i < count; i++) {
    overlay.get(StateClass.storage, address, keyBytes.slice(i * 53 + 21, i * 53 + 53));
  }
  const witness = chain.store.witness(overlay.touches());
  return { updates, witnessBytesPerKey: witness.length / count, stateRoot };
}

/** Opens the store again, cold, and reads from it. */
async function measureOpened({ seed, keys, reads, storePath }: StateParams): Promise<{
  readonly store: StateStore;
  readonly figures: Pick<StateResult, "openSeconds" | "readMicros">;
}> {
  const start = performance.now();
  const store = await benchStore(storePath);
  const openSeconds = (performance.now() - start) / 1_000;
  const load = new StateLoad(`${seed} reads`, keys);
  const source = store.source();
  let bytes = 0;
  const startReads = performance.now();
  for (let i = 0; i < reads; i++) {
    bytes += source.get(StateClass.storage, address, load.key())!.length;
  }
  const readMicros = ((performance.now() - startReads) * 1_000) / reads;
  assert(bytes === reads * VALUE_BYTES, "every key is there");
  return { store, figures: { openSeconds, readMicros } };
}

/** Milliseconds of each of many commits in a row, with merges in between as finality brings them. */
async function measureRow(params: StateParams, store: StateStore, from: bigint): Promise<number[]> {
  const { blocks, blockKeys } = params;
  const load = new StateLoad(`${params.seed} row`, params.keys);
  const chain = new Chain(store);
  chain.height = from;
  const commitMs: number[] = [];
  let merging: Promise<void> = Promise.resolve();
  for (let block = 1; block <= blocks; block++) {
    const changes = load.update(blockKeys);
    const start = performance.now();
    store.apply(changes);
    await chain.commit(blockKeys * BLOCK_BYTES_PER_KEY);
    commitMs.push(performance.now() - start);
    if (block % FINALISE_EVERY !== 0) continue;
    // One merge at a time, beside the blocks that follow.
    await merging;
    merging = store.finalise(chain.height);
  }
  await merging;
  return commitMs;
}

/** p99 of the first and the last tenth of a row. */
export function rowTails(commitMs: readonly number[]): { first: number; last: number } {
  const slice = Math.max(1, Math.floor(commitMs.length / 10));
  return {
    first: quantile(commitMs.slice(0, slice), 0.99),
    last: quantile(commitMs.slice(-slice), 0.99),
  };
}

/** One hash over the roots of all sizes. */
export function rootsHash(roots: readonly Hex[]): Hex {
  return toHex(keccak256(new TextEncoder().encode(roots.join())));
}
