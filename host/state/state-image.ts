// The whole state in memory: key table, paths, trie and values side by side, all by the same index
// (about 360 bytes per key with a small value). Both stores read and hash through it. Values change at once; the
// tree may follow in another thread, and whoever looks at it waits. It must never touch a disk, and the views
// it gives out are good only until the next `apply`.

import { EngineError } from "../errors.ts";
import { KeyTable } from "./key-table.ts";
import type { Touches } from "./overlay.ts";
import type { StateChanges } from "./state-changes.ts";
import type { StateHasher } from "./state-hasher.ts";
import type { StateClass } from "./state-key.ts";
import { STATE_KEY_BYTES } from "./state-key.ts";
import type { StateSource, StateTree } from "./state-store.ts";
import { TreeChanges } from "./tree-changes.ts";
import type { TreeThread } from "./tree-thread.ts";
import { Trie } from "./trie.ts";
import { Undo } from "./undo.ts";
import { valueCommitment } from "./value-commitment.ts";
import { ValueHeap } from "./value-heap.ts";
import { encodeWitness } from "./witness-encode.ts";

export interface StateImageOptions {
  readonly hasher: StateHasher;
  /** Brings the tree up to date beside the caller. */
  readonly treeThread?: TreeThread | undefined;
}

/** State of one environment in memory. */
export class StateImage implements StateTree, StateSource {
  protected readonly hasher: StateHasher;
  protected readonly table = new KeyTable();
  protected readonly heap = new ValueHeap();
  lastLeaf = 0;
  readonly #trie: Trie;
  readonly #treeThread: TreeThread | undefined;
  #isTreeBehind = false;

  constructor({ hasher, treeThread }: StateImageOptions) {
    this.hasher = hasher;
    this.#trie = new Trie(hasher, treeThread !== undefined);
    this.#treeThread = treeThread;
  }

  /** Number of leaves in memory. */
  get size(): number {
    return this.table.size;
  }

  source(): StateSource {
    return this;
  }

  get(cls: StateClass, address: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    return this.valueAtFound(this.table.find(cls, address, key));
  }

  lookUp(keys: KeyTable, index: number): Uint8Array | undefined {
    return this.valueAtFound(this.table.findOf(keys, index));
  }

  /** Waits for the tree. */
  root(): Uint8Array {
    return this.trie.root();
  }

  apply(changes: StateChanges): Uint8Array {
    this.#applyQuietly(changes, undefined);
    return this.root();
  }

  /** Lets go of the other thread's memory. */
  close(): void {
    this.#treeThread?.close();
  }

  /** Applies changes, without waiting for the tree, and returns what takes them back. */
  applyWithUndo(changes: StateChanges): Undo {
    const undo = new Undo(changes);
    this.#applyQuietly(changes, undo);
    return undo;
  }

  /** Every packed key with its value; both are copies. */
  *entries(): Generator<{ key: Uint8Array; value: Uint8Array }> {
    for (let index = 1; index < this.table.end; index++) {
      const value = this.heap.get(index);
      if (value === undefined || !this.table.isNamed(index)) continue;
      yield { key: this.table.keyAt(index), value: value.slice() };
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

  /** The tree, once it has all changes. */
  protected get trie(): Trie {
    if (this.#isTreeBehind) {
      this.#treeThread?.finish();
      this.#isTreeBehind = false;
    }
    return this.#trie;
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

  /** The leaf of change `i`, or 0. */
  protected leafOf(changes: StateChanges, i: number): number {
    const at = i * STATE_KEY_BYTES;
    const hint = changes.leaves[i]!;
    if (hint !== 0 && this.table.isAt(hint, changes.keys, at)) return hint;
    return this.table.findPacked(changes.keys, at);
  }

  /** The value of the key that was looked for just before and found at this index of the table, 0 for nowhere. */
  protected valueAtFound(index: number): Uint8Array | undefined {
    this.lastLeaf = index;
    return index === 0 ? undefined : this.heap.get(index);
  }

  /** The value of a leaf. */
  protected valueAt(index: number): Uint8Array {
    const value = this.heap.get(index);
    if (value === undefined) {
      throw new EngineError({ code: "STATE_DAMAGED", message: "got a leaf without a value" });
    }
    return value;
  }

  #applyQuietly(changes: StateChanges, undo: Undo | undefined): void {
    this.prepare(changes);
    const tree = new TreeChanges(changes.keys);
    for (let i = 0; i < changes.count; i++) {
      const value = changes.values[i];
      let index = this.leafOf(changes, i);
      if (undo !== undefined) {
        // A leaf of which only the hash was in memory.
        if (index !== 0 && !this.heap.has(index)) this.valueAt(index);
        undo.push(this.heap, index, value !== undefined);
      }
      if (value === undefined) {
        if (index === 0) continue;
        this.heap.delete(index);
        this.table.remove(index);
        tree.removed.push(index);
        continue;
      }
      if (index === 0) {
        // It was looked for just before and not found.
        index = this.table.add();
        tree.inserted.push(index);
        tree.keyOffsets.push(i * STATE_KEY_BYTES);
      }
      this.heap.set(index, value);
      tree.set.push(index);
      tree.values.push(value);
    }
    this.#changeTree(tree);
  }

  #changeTree(changes: TreeChanges): void {
    const trie = this.trie;
    if (this.#treeThread === undefined) {
      changes.applyTo(trie, this.hasher);
      return;
    }
    this.#treeThread.begin(trie, changes);
    this.#isTreeBehind = true;
  }
}
