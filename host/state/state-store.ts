// What execution and the chain see of state: a source of committed values, a tree that takes changes
// and gives roots, and a store that keeps blocks. Implemented by the state image (full, in memory),
// the witness state (partial, for replay), memory-store.ts and lmdb-store.ts. Nothing here knows what
// is inside a block: bodies and metadata are opaque bytes.

import type { KeyTable } from "./key-table.ts";
import type { Touches } from "./overlay.ts";
import type { StateChanges } from "./state-changes.ts";
import type { StateClass } from "./state-key.ts";

/** A value of which only some pieces are at hand (witness). */
export interface PartialValue {
  readonly length: number;
  /** @throws WITNESS_MISSING when a piece of the range is not opened. */
  read(offset: number, length: number): Uint8Array;
}

export type StateValue = Uint8Array | PartialValue;

/** Committed state before the block. Views it gives are valid until the next change, and read-only. */
export interface StateSource {
  /** The whole value, or undefined when absent. @throws WITNESS_MISSING when it is not at hand. */
  get(cls: StateClass, address: Uint8Array, key: Uint8Array): Uint8Array | undefined;
  /**
   * The value or what is known of it, or undefined when absent, of the key that stands at an index of a table.
   * @throws WITNESS_MISSING
   */
  lookUp(keys: KeyTable, index: number): StateValue | undefined;
  /**
   * The leaf that the last `get` or `lookUp` found, 0 for none, where a source numbers its leaves. A hint for
   * `StateChanges.leaves`, to be read right after that call.
   */
  readonly lastLeaf?: number;
}

/** State as a tree: one root before, changes, one root after. */
export interface StateTree {
  source(): StateSource;
  /** Root [32] with all changes applied so far. */
  root(): Uint8Array;
  /** Applies the changes of a block and returns the root after them. */
  apply(changes: StateChanges): Uint8Array;
}

/** What a store remembers beside state: fixed at genesis. */
export interface StoreIdentity {
  /** Environment id [32]. */
  readonly environment: Uint8Array;
  /** Whatever the chain needs to open again (rules, registration …), opaque. */
  readonly genesis: Uint8Array;
}

export interface StoreHead {
  readonly height: bigint;
  /** State root [32] after the block of this height. */
  readonly root: Uint8Array;
}

export interface BlockCommit {
  /** One more than the head's. */
  readonly height: bigint;
  /** The block in the caller's own encoding: order, result, transactions, receipts. It is the store's from now on. */
  readonly block: Uint8Array;
  /** Blobs to keep by hash [32]: original Wasm by its hash, code, … */
  readonly blobs?: readonly { readonly hash: Uint8Array; readonly bytes: Uint8Array }[];
}

/**
 * The durable home of one environment's state. Life of a block: execute over `source()`, take
 * `witness(touches)`, `apply(changes)` for the root, then `commit`, or `discard` when it is not to be.
 */
export interface StateStore extends StateTree {
  /** Every packed key of the state with its value, in no order. */
  entries(): Iterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>;
  /** Undefined until `initialise`. */
  identity(): StoreIdentity | undefined;
  /** The last committed block. @throws STATE_EMPTY before `initialise`. */
  head(): StoreHead;
  /**
   * Makes applied changes the genesis state (height 0).
   * @throws STATE_NOT_EMPTY when the store has one.
   */
  initialise(identity: StoreIdentity): Promise<void>;
  /** Applies changes as `apply` does; their root may be made beside what the caller does until it asks for it. */
  stage(changes: StateChanges): void;
  /**
   * Multiproof of the state before `apply` for these touches (docs/formats.md section 8).
   * @throws STATE_ORDER when changes are applied already.
   */
  witness(touches: Touches): Uint8Array;
  /** Takes back what `apply` did since the last commit. */
  discard(): void;
  /**
   * Keeps the applied changes and the block. When the promise resolves they survive a crash.
   * @throws STATE_ORDER when the height is not the head's plus one.
   */
  commit(commit: BlockCommit): Promise<void>;
  /** Merges everything up to this height into the tables; undo below it is given up. */
  finalise(height: bigint): Promise<void>;
  /** The bytes committed at a height. */
  block(height: bigint): Uint8Array | undefined;
  /** A blob by its hash [32]. */
  blob(hash: Uint8Array): Uint8Array | undefined;
  /** Stores a blob; durable with the next commit. */
  putBlob(hash: Uint8Array, bytes: Uint8Array): void;
  close(): Promise<void>;
}
