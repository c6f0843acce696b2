// Measures the same signed and durable transfers on two stores that take turns block by block: one with
// the load's accounts only, all in memory, and one that holds many more and is opened again before anything
// is timed, so that they are on disk only. Used in the bench thread only.
import { parseAbi } from "../../host/abi/parse-abi.ts";
import { type Hex, toHex } from "../../host/codec/hex.ts";
import { nativeStateHasher } from "../../host/environment/native.ts";
import { StateChanges } from "../../host/state/state-changes.ts";
import { ACCOUNT_KEY, STATE_KEY_BYTES, StateClass } from "../../host/state/state-key.ts";
import type { StateStore } from "../../host/state/state-store.ts";
import type { BenchProgress } from "./bench-methods.ts";
import { benchStore, TransferEnvironment } from "./transfer-environment.ts";
import { TransferLoad } from "./transfer-load.ts";

export interface DiskParams {
  readonly seed: string;
  readonly tokenWasm: Uint8Array;
  readonly tokenAbiJson: string;
  /** Accounts that send and receive. */
  readonly accounts: number;
  /** Accounts of the large store: those and others that hold a balance and tokens. */
  readonly diskAccounts: number;
  readonly blockSize: number;
  readonly samples: number;
  readonly blocksPerSample: number;
  /** A new folder for both stores. */
  readonly storePath: string;
}

export interface DiskResult {
  /** Transfers per second of each sample. */
  readonly few: readonly number[];
  readonly many: readonly number[];
  readonly openSeconds: number;
  /** Of the large store, blocks merged into its tables while they ran, transfers per second. */
  readonly merged: number;
  readonly stateRoot: Hex;
}

const ACCOUNT_BYTES = 64;
const TOKEN_BYTES = 16;
const TOKEN = new Uint8Array(20).fill(0xbb);

/** What nobody touches of account `n`: its balance and its tokens. */
function bystander(n: number): StateChanges {
  const changes = new StateChanges(2);
  const address = new Uint8Array(20);
  const slot = new Uint8Array(32);
  for (const bytes of [address, slot]) {
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < 20; at += 4) view.setUint32(at, Math.imul(n + 1, 0x9e3779b1 + 2 * at));
  }
  const account = new Uint8Array(ACCOUNT_BYTES);
  new DataView(account.buffer).setUint32(20, n);
  changes.add(StateClass.account, address, ACCOUNT_KEY, account);
  changes.add(StateClass.storage, TOKEN, slot, new Uint8Array(TOKEN_BYTES).fill(1));
  return changes;
}

/**
 * Values of the bystanders in `parts` parts by path: a merger then writes each bucket once, as when a state
 * is restored. In the order of accounts it would write most buckets again for every part.
 */
class Bystanders {
  readonly #count: number;
  readonly #parts: number;
  /** First byte of the path of each value, two of an account. */
  readonly #firstBytes: Uint8Array;

  /** `progress` counts accounts whose paths are known. */
  constructor(count: number, parts: number, progress: BenchProgress) {
    this.#count = count;
    this.#parts = parts;
    const hasher = nativeStateHasher();
    this.#firstBytes = new Uint8Array(2 * count);
    for (let n = 0; n < count; n++) {
      if (n % 50_000 === 0) progress(n);
      const { keys } = bystander(n);
      for (let i = 0; i < 2; i++) {
        const key = keys.subarray(STATE_KEY_BYTES * i, STATE_KEY_BYTES * (i + 1));
        this.#firstBytes[2 * n + i] = hasher.sha256(key)[0]!;
      }
    }
  }

  part(number: number): StateChanges {
    const first = Math.ceil((256 * number) / this.#parts);
    const end = Math.ceil((256 * (number + 1)) / this.#parts);
    const changes = new StateChanges(Math.ceil((2 * this.#count) / this.#parts));
    for (let at = 0; at < 2 * this.#count; at++) {
      if (this.#firstBytes[at]! < first || this.#firstBytes[at]! >= end) continue;
      const { keys, values } = bystander(at >>> 1);
      changes.addPacked(keys, STATE_KEY_BYTES * (at & 1), values[at & 1]);
    }
    return changes;
  }
}

/** Lets `next` add changes of its own to each block that a store takes. */
function withBystanders(store: StateStore, next: () => StateChanges | undefined): StateStore {
  const stage = store.stage.bind(store);
  store.stage = (changes) => {
    const more = next();
    if (more !== undefined) stage(more);
    stage(changes);
  };
  return store;
}

/** Fills both stores and measures. `progress` counts accounts twice: prepared, and filled in. */
export async function measureDisk(
  params: DiskParams,
  progress: BenchProgress,
): Promise<DiskResult> {
  const load = new TransferLoad({ ...params, tokenAbi: parseAbi(JSON.parse(params.tokenAbiJson)) });
  const paths = { few: `${params.storePath}-few`, many: `${params.storePath}-many` };
  const { few, time } = await fill(load, params, paths, progress);
  const start = performance.now();
  const manyStore = await benchStore(paths.many);
  const openSeconds = (performance.now() - start) / 1_000;
  const environments = { few, many: await TransferEnvironment.open(load, manyStore, time) };
  const rates = { few: [] as number[], many: [] as number[] };
  try {
    for (const one of Object.values(environments)) one.signatures.checking = true;
    let manySeconds = 0;
    const turns = load.turns(params.samples + 1, params.blocksPerSample);
    // The first sample warms up V8.
    for (const [sample, bodies] of turns.entries()) {
      for (const which of ["few", "many"] as const) {
        const started = performance.now();
        await environments[which].executeAll(bodies);
        const seconds = (performance.now() - started) / 1_000;
        if (sample > 0) rates[which].push((params.blocksPerSample * params.blockSize) / seconds);
        if (which === "many") manySeconds += seconds;
      }
    }
    const started = performance.now();
    await manyStore.finalise(manyStore.head().height);
    manySeconds += (performance.now() - started) / 1_000;
    const transfers = (params.samples + 1) * params.blocksPerSample * params.blockSize;
    return {
      ...rates,
      openSeconds,
      merged: transfers / manySeconds,
      stateRoot: toHex(manyStore.root()),
    };
  } finally {
    for (const one of Object.values(environments)) await one.close();
  }
}

/** Funds the accounts of the load in both stores, and the others of the large one beside them. */
async function fill(
  load: TransferLoad,
  params: DiskParams,
  paths: { readonly few: string; readonly many: string },
  progress: BenchProgress,
): Promise<{ readonly few: TransferEnvironment; readonly time: bigint }> {
  const others = Math.max(0, params.diskAccounts - params.accounts);
  const parts = Math.ceil(params.accounts / params.blockSize);
  const bystanders = new Bystanders(others, parts, progress);
  const few = await benchStore(paths.few);
  const many = await benchStore(paths.many);
  const first = await TransferEnvironment.open(load, few);
  load.environmentId = first.id.slice();
  const second = await TransferEnvironment.open(load, many);
  let part = 0;
  withBystanders(many, () => (part < parts ? bystanders.part(part++) : undefined));
  for (const body of load.fundingBodies()) {
    await first.execute(body);
    await second.execute(body);
    // Before the next part: what the disk does not have stays in memory.
    await many.finalise(many.head().height);
    progress(Math.round(params.diskAccounts * (1 + part / parts)));
  }
  await few.finalise(few.head().height);
  await second.close();
  return { few: first, time: second.time };
}
