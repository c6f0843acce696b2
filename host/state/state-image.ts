// The whole state in memory: key table, paths, trie and values side by side, all by the same index
// (about 360 bytes per key with a small value). Both stores read and hash through it. It must never
// touch a disk, and the views it gives out are good only until the next `apply`.

import { readU32 } from "../codec/reader.ts";
import { EngineError } from "../errors.ts";
import { KeyTable } from "./key-table.ts";
import type { Touches } from "./overlay.ts";
import { StateChanges } from "./state-changes.ts";
import type { StateHasher } from "./state-hasher.ts";
import type { StateClass } from "./state-key.ts";
import { STATE_KEY_BYTES } from "./state-key.ts";
import type { StateSource, StateTree } from "./state-store.ts";
import { Trie } from "./trie.ts";
import { leafHashes, valueCommitment, valueCommitments } from "./value-commitment.ts";
import { ValueHeap } from "./value-heap.ts";
import { encodeWitness } from "./witness-encode.ts";

/** Leaves are put in path order in batches of this size when many come at once. */
const LEAF_BATCH = 65_536;
/**
 * About as many of them, neighbours, are put and hashed together up to where their part of the trie
 * begins: what they touch fits into the caches of a core.
 */
const LEAF_GROUP = 512;

/** State of one environment in memory. `seed` only spreads the key table (see KeyTable). */
export class StateImage implements StateTree, StateSource {
  protected readonly hasher: StateHasher;
  protected readonly table: KeyTable;
  protected readonly trie: Trie;
  protected readonly heap = new ValueHeap();

  constructor(hasher: StateHasher, seed = 0) {
    this.hasher = hasher;
    this.table = new KeyTable(seed);
    this.trie = new Trie(hasher);
  }

  /** Number of leaves in memory. */
  get size(): number {
    return this.table.size;
  }

  source(): StateSource {
    return this;
  }

  get(cls: StateClass, address: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    const index = this.table.find(cls, address, key);
    return index === 0 ? undefined : this.heap.get(index);
  }

  value(cls: StateClass, address: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    return this.get(cls, address, key);
  }

  root(): Uint8Array {
    return this.trie.root();
  }

  apply(changes: StateChanges): Uint8Array {
    this.#applyQuietly(changes, undefined);
    return this.root();
  }

  /** Applies changes and returns the changes that take them back. */
  applyWithUndo(changes: StateChanges): StateChanges {
    const undo = new StateChanges(changes.count);
    this.#applyQuietly(changes, undo);
    return undo;
  }

  /** Every packed key with its value; both are copies. */
  *entries(): Generator<{ key: Uint8Array; value: Uint8Array }> {
    for (let index = 1; index < this.table.end; index++) {
      const value = this.heap.get(index);
      if (value === undefined || !this.table.isNamed(index)) continue;
      const key = new Uint8Array(STATE_KEY_BYTES);
      this.table.copyKey(index, key, 0);
      yield { key, value: value.slice() };
    }
  }

  /** The path of a packed key at `offset`, as memory has it or computed; good until the next change. */
  pathOf(keys: Uint8Array, offset: number): Uint8Array {
    const index = this.table.findPacked(keys, offset);
    return index === 0 ? this.unknownPath(keys, offset) : this.pathOfLeaf(index);
  }

  /** The canonical multiproof of this state for a set of touches. */
  witness(touches: Touches): Uint8Array {
    return encodeWitness(touches, {
      hasher: this.hasher,
      trie: this.trie,
      pathOf: (keys, offset) => this.pathOf(keys, offset),
      commitmentOf: (leaf) => valueCommitment(this.hasher, this.valueAt(leaf)),
      valueOf: (leaf) => this.valueAt(leaf),
    });
  }

  /** A view, good until the next change. */
  protected pathOfLeaf(leaf: number): Uint8Array {
    return this.trie.paths.subarray(leaf * 32, leaf * 32 + 32);
  }

  /** The path of a packed key that is not in memory. */
  protected unknownPath(keys: Uint8Array, offset: number): Uint8Array {
    return this.hasher.sha256(keys.subarray(offset, offset + STATE_KEY_BYTES));
  }

  /** Before changes are applied: what they touch is to be in memory. */
  protected prepare(_changes: StateChanges): void {}

  /** The value of a leaf. */
  protected valueAt(index: number): Uint8Array {
    const value = this.heap.get(index);
    if (value === undefined) {
      throw new EngineError({ code: "STATE_DAMAGED", message: "got a leaf without a value" });
    }
    return value;
  }

  #applyQuietly(changes: StateChanges, undo: StateChanges | undefined): void {
    this.prepare(changes);
    const sets: number[] = [];
    const values: Uint8Array[] = [];
    for (let i = 0; i < changes.count; i++) {
      const at = i * STATE_KEY_BYTES;
      const value = changes.values[i];
      let index = this.table.findPacked(changes.keys, at);
      if (undo !== undefined) {
        const before = index === 0 ? undefined : new Uint8Array(this.valueAt(index));
        if (index !== 0 || value !== undefined) undo.addPacked(changes.keys, at, before);
      }
      if (value === undefined) {
        if (index !== 0) this.#delete(index);
        continue;
      }
      if (index === 0) index = this.#insertKey(changes.keys, at);
      this.heap.set(index, value);
      sets.push(index);
      values.push(value);
    }
    for (let from = 0; from < sets.length; from += LEAF_BATCH) {
      const to = from + LEAF_BATCH;
      this.#putLeaves(sets.slice(from, to), values.slice(from, to));
    }
    this.trie.rehash();
  }

  /** For a key that was looked for just before and not found. */
  #insertKey(keys: Uint8Array, offset: number): number {
    const index = this.table.add();
    const path = this.hasher.sha256(keys.subarray(offset, offset + STATE_KEY_BYTES));
    this.trie.setPath(index, path);
    return index;
  }

  #delete(index: number): void {
    this.trie.remove(this.trie.paths, index * 32);
    this.heap.delete(index);
    this.table.remove(index);
  }

  /** Hashes and puts leaves in path order: neighbours share the upper part of their walk. */
  #putLeaves(indexes: number[], values: Uint8Array[]): void {
    const count = indexes.length;
    const paths = this.trie.paths;
    const order = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      order[i] = readU32(paths, indexes[i]! * 32) * LEAF_BATCH + i;
    }
    const commitments = valueCommitments(this.hasher, values);
    const hashes = leafHashes(this.hasher, paths, indexes, commitments);
    order.sort();
    // A group is a part of the trie: all paths with the same first bits.
    const bits = Math.floor(Math.log2(Math.max(1, count / LEAF_GROUP)));
    const groupSize = 2 ** (32 - bits) * LEAF_BATCH;
    let end = groupSize;
    for (let k = 0; k < count; k++) {
      if (order[k]! >= end) {
        this.trie.rehash(bits);
        end = groupSize * (Math.floor(order[k]! / groupSize) + 1);
      }
      const i = order[k]! % LEAF_BATCH;
      this.trie.put(indexes[i]!, hashes, 32 * i);
    }
  }
}
