// The store on disk. A block is appended in one synced transaction before it is acknowledged; the buckets
// that hold all values are written later in larger batches; opening takes up their hashes, replays the
// tail and compares the root. It must never acknowledge what a kill -9 could lose.
//
//   meta    format, environment, genesis, owner, flat = u64 height ‖ root of the buckets
//   buckets name -> record (bucket.ts); between merges they may be ahead of `meta.flat`, never behind
//   tail    u64 height -> root ‖ u32 count ‖ (bytes changes) each; heights after `meta.flat`
//   blocks  u64 height -> block, blobs: hash -> bytes

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Database, open, type RootDatabase } from "lmdb";
import { equalBytes } from "../codec/hex.ts";
import { readU64 } from "../codec/reader.ts";
import { EngineError } from "../errors.ts";
import { BucketMerger, type Recut } from "./bucket-merger.ts";
import { DiskImage } from "./disk-image.ts";
import { ImageStore } from "./image-store.ts";
import type { Touches } from "./overlay.ts";
import type { StateChanges } from "./state-changes.ts";
import type { StateHasher } from "./state-hasher.ts";
import { pureStateHasher } from "./state-hasher.ts";
import type { BlockCommit, StateStore, StoreHead, StoreIdentity } from "./state-store.ts";
import {
  ownerIsAlive,
  prepareDirectory,
  processStart,
  STORE_FILE,
  type StoreOwner,
} from "./store-files.ts";
import { damaged, decodeTail, encodeTail } from "./store-tail.ts";
import type { TreeThread } from "./tree-thread.ts";

/** Version of this layout; any other is refused. From the first release on, older ones are read for ever. */
export const STORE_FORMAT = 3;
/** Bytes of tail after which it is merged without being asked: bounds the replay at open. */
const MERGE_AFTER_BYTES = 64 * 1024 * 1024;
/** Keys per transaction of a merge: commits of new blocks slip in between. */
const MERGE_SLICE = 1024;
/** Keys and values in memory by default: about a million when they are small. */
const CACHE_BYTES = 384 * 1024 * 1024;
/** Stores of at most so many bytes of buckets are hashed whole at open. */
const CHECK_BYTES = 4 * 1024 * 1024;

export interface LmdbStoreOptions {
  /** Default: the pure one. */
  readonly hasher?: StateHasher;
  /** The environment id [32] that the store must hold, if it holds one. */
  readonly environment?: Uint8Array;
  /** Bytes of tail after which it is merged into the buckets without `finalise`. */
  readonly mergeAfterBytes?: number;
  /** Bytes of keys and values that may stay in memory beside those not merged yet. Default: 384 MiB. */
  readonly cacheBytes?: number;
  /** Hashes all values at open, however many; without it the leaves of a bucket and each value are hashed when they are first read. */
  readonly check?: boolean;
  /** Brings the tree up to date beside the caller; for this store alone. */
  readonly treeThread?: TreeThread | undefined;
}

type Table = Database<Uint8Array, Uint8Array>;

/** Real paths open in this thread. */
const openPaths = new Set<string>();

const TABLE = { encoding: "binary", keyEncoding: "binary", cache: false } as const;
const text = new TextEncoder();
const META = {
  format: text.encode("format"),
  environment: text.encode("environment"),
  genesis: text.encode("genesis"),
  flat: text.encode("flat"),
  owner: text.encode("owner"),
} as const;

function heightKey(height: bigint): Uint8Array {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setBigUint64(0, height);
  return key;
}

class LmdbStore extends ImageStore {
  declare protected readonly image: DiskImage;
  readonly #path: string;
  readonly #root: RootDatabase<Uint8Array, Uint8Array>;
  readonly #meta: Table;
  readonly #buckets: Table;
  readonly #tail: Table;
  readonly #blocks: Table;
  readonly #blobs: Table;
  readonly #token = randomBytes(16).toString("hex");
  readonly #mergeAfterBytes: number;
  readonly #check: boolean;
  readonly #hasher: StateHasher;
  /** Encoded changes that are applied and not committed. */
  readonly #staged: Uint8Array[] = [];
  /** Blobs given since the last commit, by hexadecimal hash. */
  readonly #pendingBlobs = new Map<string, Uint8Array>();
  /** Height up to which the buckets are merged; −1 before the first merge. */
  #flatHeight = -1n;
  #tailBytes = 0;
  #merging: Promise<void> = Promise.resolve();
  #failure: EngineError | undefined;

  constructor(path: string, options: LmdbStoreOptions) {
    const hasher = options.hasher ?? pureStateHasher;
    super(
      new DiskImage({
        hasher,
        treeThread: options.treeThread,
        cacheBytes: options.cacheBytes ?? CACHE_BYTES,
        damaged: (what) => damaged(what, path),
        read: (name) => this.#buckets.getBinaryFast(name),
        readAll: () => this.#buckets.getRange(),
      }),
    );
    this.#hasher = hasher;
    this.#check = options.check ?? false;
    this.#path = path;
    this.#mergeAfterBytes = options.mergeAfterBytes ?? MERGE_AFTER_BYTES;
    this.#root = open({ ...TABLE, path: join(path, STORE_FILE), noSubdir: true, maxDbs: 8 });
    const names = [...this.#root.getKeys()].map((key) => Buffer.from(key).toString());
    if (names.length > 0 && !names.some((name) => name.startsWith("meta"))) {
      throw new EngineError({
        code: "STATE_NOT_A_STORE",
        message: `got an LMDB file with a table ${names[0]}, expected a store of plasmavm`,
        where: { file: path },
      });
    }
    const table = (name: string): Table => this.#root.openDB({ ...TABLE, name });
    this.#meta = table("meta");
    this.#buckets = table("buckets");
    this.#tail = table("tail");
    this.#blocks = table("blocks");
    this.#blobs = table("blobs");
  }

  /** Takes ownership, checks what the store is, and loads its state. */
  load(environment: Uint8Array | undefined): void {
    this.#takeOwnership();
    const format = this.#meta.get(META.format)?.[0];
    if (format === undefined) return;
    const [id, genesis] = [this.#meta.get(META.environment), this.#meta.get(META.genesis)];
    if (id === undefined || genesis === undefined) throw damaged("it has no genesis", this.#path);
    this.identityNow = { environment: new Uint8Array(id), genesis: new Uint8Array(genesis) };
    if (environment !== undefined && !equalBytes(environment, id)) {
      throw new EngineError({
        code: "STATE_OTHER_ENVIRONMENT",
        message: `got a store of environment 0x${Buffer.from(id).toString("hex")}, expected 0x${Buffer.from(environment).toString("hex")}`,
        where: { file: this.#path },
      });
    }
    this.#loadState();
  }

  override head(): StoreHead {
    // After a failed write the head in memory was never kept.
    this.#assertUsable();
    return super.head();
  }

  override witness(touches: Touches): Uint8Array {
    this.#assertUsable();
    return super.witness(touches);
  }

  override stage(changes: StateChanges): void {
    this.#assertUsable();
    this.image.height = this.headNow === undefined ? 0 : Number(this.headNow.height) + 1;
    super.stage(changes);
    // As bytes at once: the values can go before the next block is executed.
    this.#staged.push(changes.encode());
  }

  override discard(): void {
    super.discard();
    this.#staged.length = 0;
  }

  async finalise(height: bigint): Promise<void> {
    this.#assertUsable();
    const head = this.head().height;
    const upTo = height < head ? height : head;
    this.#merging = this.#merging.then(() => this.#merge(upTo));
    await this.#merging;
    this.#assertUsable();
  }

  block(height: bigint): Uint8Array | undefined {
    return height < 0n ? undefined : copyOf(this.#blocks.get(heightKey(height)));
  }

  blob(hash: Uint8Array): Uint8Array | undefined {
    const pending = this.#pendingBlobs.get(Buffer.from(hash).toString("hex"));
    return copyOf(pending ?? this.#blobs.get(hash));
  }

  putBlob(hash: Uint8Array, bytes: Uint8Array): void {
    this.#pendingBlobs.set(Buffer.from(hash).toString("hex"), new Uint8Array(bytes));
  }

  async close(): Promise<void> {
    await this.#merging;
    if (this.#ownerNow()?.token === this.#token) this.#meta.removeSync(META.owner);
    this.#failure ??= new EngineError({
      code: "STATE_ORDER",
      message: "got a call on a closed store, expected it to be open",
    });
    openPaths.delete(this.#path);
    this.image.close();
    await this.#root.close();
  }

  protected async keep(commit: BlockCommit, head: StoreHead): Promise<void> {
    const tail = encodeTail(head.root, this.#staged);
    this.#staged.length = 0;
    this.#write(() => {
      const key = heightKey(commit.height);
      if (commit.height === 0n) this.#putGenesis(this.identityNow as StoreIdentity);
      else this.#blocks.put(key, commit.block);
      this.#tail.put(key, tail);
      for (const { hash, bytes } of commit.blobs ?? []) this.#blobs.put(hash, bytes);
      for (const [hash, bytes] of this.#pendingBlobs) {
        this.#blobs.put(Buffer.from(hash, "hex"), bytes);
      }
    });
    this.#pendingBlobs.clear();
    this.#tailBytes += tail.length;
    try {
      await this.#root.flushed;
    } catch (error) {
      this.#failure ??= writeFailed(error, this.#path);
      throw this.#failure;
    }
    if (this.#tailBytes > this.#mergeAfterBytes) {
      this.#tailBytes = 0;
      this.#merging = this.#merging.then(() => this.#merge(commit.height));
    }
  }

  #putGenesis(identity: StoreIdentity): void {
    this.#meta.put(META.format, Uint8Array.of(STORE_FORMAT));
    this.#meta.put(META.environment, identity.environment);
    this.#meta.put(META.genesis, identity.genesis);
  }

  #assertUsable(): void {
    this.#failure ??= this.image.failure;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * One transaction, synced when it returns. After a failure memory is ahead of the disk, so the
   * handle is of no more use.
   */
  #write(action: () => void): void {
    this.#assertUsable();
    try {
      this.#root.transactionSync(() => {
        if (this.#ownerNow()?.token !== this.#token) throw locked(this.#path, "another handle");
        action();
      });
    } catch (cause) {
      this.#failure = cause instanceof EngineError ? cause : writeFailed(cause, this.#path);
      throw this.#failure;
    }
  }

  #ownerNow(): StoreOwner | undefined {
    const bytes = this.#meta.get(META.owner);
    if (bytes === undefined) return undefined;
    try {
      return JSON.parse(Buffer.from(bytes).toString()) as StoreOwner;
    } catch {
      throw damaged("its owner record is no JSON", this.#path);
    }
  }

  #takeOwnership(): void {
    const { pid } = process;
    const mine: StoreOwner = { pid, started: processStart(pid), token: this.#token };
    this.#root.transactionSync(() => {
      // Before anything is written: a newer layout must not be touched.
      const format = this.#meta.get(META.format)?.[0];
      if (format !== undefined && format !== STORE_FORMAT) {
        throw new EngineError({
          code: "STATE_FORMAT_UNKNOWN",
          message: `got a store of format ${format}, expected ${STORE_FORMAT}`,
          where: { file: this.#path },
        });
      }
      const owner = this.#ownerNow();
      if (owner !== undefined && ownerIsAlive(owner)) {
        throw locked(this.#path, `process ${owner.pid}`);
      }
      this.#meta.put(META.owner, text.encode(JSON.stringify(mine)));
    });
  }

  #loadState(): void {
    const flat = this.#meta.get(META.flat);
    let root: Uint8Array = new Uint8Array(32);
    if (flat !== undefined) {
      if (flat.length !== 40) throw damaged("its flat height is cut short", this.#path);
      this.#flatHeight = readU64(flat, 0);
      root = new Uint8Array(flat.subarray(8));
    }
    this.image.mount();
    this.image.merged = Number(this.#flatHeight);
    let height = this.#flatHeight;
    for (const { key, value } of this.#tail.getRange()) {
      if (key.length !== 8 || readU64(key, 0) !== height + 1n) {
        throw damaged(`the block after height ${height} is missing from its tail`, this.#path);
      }
      const entry = decodeTail(value);
      this.image.height = Number(height) + 1;
      for (const changes of entry.changes) this.image.apply(changes);
      root = new Uint8Array(entry.root);
      height++;
      this.#tailBytes += value.length;
    }
    if (height < 0n) throw damaged("it has no state", this.#path);
    if (!equalBytes(this.image.root(), root)) {
      throw damaged(`its values do not give the root of height ${height}`, this.#path);
    }
    const { pageSize, treeLeafPageCount, overflowPages } = this.#buckets.getStats() as PageStats;
    const bytes = pageSize * (treeLeafPageCount + overflowPages);
    if (this.#check || bytes <= CHECK_BYTES) this.image.check();
    this.headNow = { height, root };
  }

  /** Writes the last values of all blocks up to a height into the buckets. */
  async #merge(height: bigint): Promise<void> {
    if (height <= this.#flatHeight || this.#failure !== undefined) return;
    try {
      const { image } = this;
      const merger = new BucketMerger({
        hasher: this.#hasher,
        directory: image.directory,
        table: this.#buckets,
        pathOf: (keys, offset) => image.pathOf(keys, offset),
      });
      // The height and, in the end, its root.
      const flat = new Uint8Array(40);
      flat.set(heightKey(height), 0);
      for (let h = this.#flatHeight + 1n; h <= height; h++) {
        const bytes = copyOf(this.#tail.get(heightKey(h)));
        if (bytes === undefined) throw damaged(`height ${h} is missing from its tail`, this.#path);
        const entry = decodeTail(bytes);
        for (const changes of entry.changes) merger.add(changes);
        flat.set(entry.root, 8);
        await nextTurn();
      }
      merger.sort();
      for (let written: Recut[] = []; !merger.isDone; ) {
        this.#write(() => {
          written = merger.writeSlice(MERGE_SLICE);
        });
        for (const { bucket, path, cuts } of written) this.image.recut(bucket, path, cuts);
        await nextTurn();
      }
      this.#write(() => {
        this.#meta.put(META.flat, flat);
        for (let h = this.#flatHeight + 1n; h <= height; h++) this.#tail.remove(heightKey(h));
      });
      this.#flatHeight = height;
      this.image.merged = Number(height);
    } catch (error) {
      // A failed write is remembered and told by the next call; anything else is told as damage.
      this.#failure ??= error instanceof EngineError ? error : damaged(String(error), this.#path);
    }
  }
}

/** What LMDB tells of a table. */
interface PageStats {
  readonly pageSize: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

/** Never `slice`: LMDB gives Buffers, whose slice is a view. */
function copyOf(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes === undefined ? undefined : new Uint8Array(bytes);
}

function writeFailed(cause: unknown, path: string): EngineError {
  return new EngineError({
    code: "STATE_WRITE",
    message: `the block could not be written: ${(cause as Error).message}`,
    where: { file: path },
    cause,
  });
}

function locked(path: string, by: string): EngineError {
  return new EngineError({
    code: "STATE_LOCKED",
    message: `got a store that ${by} has open, expected to be alone`,
    where: { file: path },
  });
}

/** Errors of LMDB carry its number. */
const isLmdbError = (error: unknown): error is Error =>
  error instanceof Error && typeof (error as { code?: unknown }).code === "number";

/**
 * Opens the store in a directory, or makes one in an empty or new directory. Reads one hash per
 * handful of values, and what is read later is hashed then: damage inside a bucket shows itself as
 * STATE_DAMAGED at the first use, unless the store is small or `check` is set.
 * @throws STATE_PATH, STATE_NOT_A_STORE, STATE_FORMAT_UNKNOWN, STATE_OTHER_ENVIRONMENT,
 *   STATE_LOCKED, STATE_DAMAGED
 */
export async function openStore(path: string, options: LmdbStoreOptions = {}): Promise<StateStore> {
  const real = prepareDirectory(path);
  if (openPaths.has(real)) throw locked(real, "this thread");
  let store: LmdbStore;
  try {
    store = new LmdbStore(real, options);
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError({
      code: "STATE_PATH",
      message: `the store cannot be opened: ${(cause as Error).message}`,
      where: { file: real },
      cause,
    });
  }
  openPaths.add(real);
  try {
    store.load(options.environment);
  } catch (error) {
    // What is damaged may not close either; what was wrong first is what is told.
    await store.close().catch(() => openPaths.delete(real));
    throw isLmdbError(error) ? damaged(`LMDB says ${error.message}`, real) : error;
  }
  return store;
}
