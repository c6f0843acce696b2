// A store in memory that can go back: for test worlds. It keeps the undo of every block, takes edits that no
// block made, and may stand on a part of a state only, as a bundle's witness shows it; then a key that is
// neither known nor written is refused, never answered as absent. Not for environments that anybody trusts.

import { toHex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import { ImageStore } from "./image-store.ts";
import type { KeyTable } from "./key-table.ts";
import type { StateChanges } from "./state-changes.ts";
import type { StateHasher } from "./state-hasher.ts";
import { StateImage } from "./state-image.ts";
import { packedStateKey, STATE_KEY_BYTES, type StateClass } from "./state-key.ts";
import type { BlockCommit, StateSource, StoreHead } from "./state-store.ts";
import type { Undo } from "./undo.ts";

/** One block or edit: what takes it back. */
interface Step {
  readonly undo: readonly Undo[];
  /** Before it. */
  readonly head: StoreHead;
  /** Keys that became known by it. */
  readonly learnt: readonly string[];
}

const classNames = ["account", "storage", "system value"] as const;

export class ScratchStore extends ImageStore {
  readonly #steps: Step[] = [];
  readonly #blobs = new Map<string, Uint8Array>();
  /** Packed keys in hex; undefined where the state is whole. */
  #known: Set<string> | undefined;
  #learnt: string[] = [];

  constructor(hasher: StateHasher) {
    super(new StateImage({ hasher }));
  }

  /** From now on only these packed keys, and those written, can be read. */
  limitTo(keys: Iterable<string>): void {
    this.#known = new Set(keys);
  }

  /** Continues at the height of another chain. */
  startAt(height: bigint): void {
    this.headNow = { height, root: this.image.root() };
  }

  /** Number of steps so far; `rewind` comes back to it. */
  mark(): number {
    return this.#steps.length;
  }

  /** Takes back every block and edit after `mark`. */
  rewind(mark: number): void {
    this.discard();
    for (let step = this.#pop(mark); step !== undefined; step = this.#pop(mark)) {
      for (const undo of [...step.undo].reverse()) this.image.apply(undo.changes());
      for (const key of step.learnt) this.#known?.delete(key);
      this.headNow = step.head;
    }
  }

  /** Changes the head's state without a block; the root after it. */
  edit(changes: StateChanges): Uint8Array {
    const head = this.head();
    const learnt = this.#learn(changes);
    const undo = [this.image.applyWithUndo(changes)];
    this.#steps.push({ undo, head, learnt });
    const root = this.image.root();
    this.headNow = { height: head.height, root };
    return root;
  }

  override source(): StateSource {
    if (this.#known === undefined) return this.image;
    const get = (cls: StateClass, address: Uint8Array, key: Uint8Array) => {
      const value = this.image.get(cls, address, key);
      if (value === undefined) this.#refuseUnknown(packedStateKey(cls, address, key));
      return value;
    };
    const lookUp = (keys: KeyTable, index: number) => {
      const value = this.image.lookUp(keys, index);
      if (value === undefined) this.#refuseUnknown(keys.keyAt(index));
      return value;
    };
    return { get, lookUp };
  }

  override stage(changes: StateChanges): void {
    this.#learnt.push(...this.#learn(changes));
    super.stage(changes);
  }

  override discard(): void {
    super.discard();
    for (const key of this.#learnt) this.#known?.delete(key);
    this.#learnt = [];
  }

  override async commit(commit: BlockCommit): Promise<void> {
    const step = { undo: this.undo, head: this.head(), learnt: this.#learnt };
    const kept = super.commit(commit);
    this.#learnt = [];
    this.#steps.push(step);
    await kept;
  }

  protected async keep(): Promise<void> {}
  async finalise(): Promise<void> {}
  async close(): Promise<void> {}

  block(): undefined {
    return undefined;
  }

  blob(hash: Uint8Array): Uint8Array | undefined {
    return this.#blobs.get(toHex(hash));
  }

  putBlob(hash: Uint8Array, bytes: Uint8Array): void {
    this.#blobs.set(toHex(hash), new Uint8Array(bytes));
  }

  #pop(mark: number): Step | undefined {
    return this.#steps.length > mark ? this.#steps.pop() : undefined;
  }

  #learn(changes: StateChanges): string[] {
    const known = this.#known;
    if (known === undefined) return [];
    const learnt: string[] = [];
    for (let i = 0; i < changes.count; i++) {
      const key = packedText(changes.keys, i * STATE_KEY_BYTES);
      if (known.has(key)) continue;
      known.add(key);
      learnt.push(key);
    }
    return learnt;
  }

  /** @throws FORK_KEY_UNKNOWN */
  #refuseUnknown(packed: Uint8Array): void {
    if (this.#known?.has(packedText(packed, 0)) === true) return;
    const cls = packed[0] as StateClass;
    const address = packed.subarray(1, 21);
    const key = packed.subarray(21);
    const what = cls === 0 ? "" : ` ${toHex(key)}`;
    throw new EngineError({
      code: "FORK_KEY_UNKNOWN",
      message: `the bundle does not show ${classNames[cls]}${what} of ${toHex(address)}: its witness opens only what its block touched`,
      where: { field: toHex(key) },
    });
  }
}

/** The packed key at `offset` as the text that `limitTo` takes. */
export function packedText(keys: Uint8Array, offset: number): string {
  return toHex(keys.subarray(offset, offset + STATE_KEY_BYTES));
}
