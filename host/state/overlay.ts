// The state of one block while it executes: values written over a committed source, a journal to go
// back to checkpoints, and the record of what was touched and which pieces of pre-state values were
// read, which is what the witness must open. Touches survive rollback: a reverted frame's reads are
// steps like any other. The hot path makes no strings and no per-key objects.

import { assert } from "../errors.ts";
import { grown } from "./grown.ts";
import { KeyTable } from "./key-table.ts";
import { StateChanges } from "./state-changes.ts";
import type { StateClass } from "./state-key.ts";
import { STATE_KEY_BYTES } from "./state-key.ts";
import type { StateSource, StateValue } from "./state-store.ts";

/** A value as it was when it was opened; later writes to the key do not change it. */
export interface OpenedValue {
  readonly length: number;
  /**
   * Bytes [offset, offset + length), which the caller has checked to lie inside. A view: do not
   * write to it, copy what you keep.
   * @throws WITNESS_MISSING when replaying from a witness that does not open the piece.
   */
  read(offset: number, length: number): Uint8Array;
}

/** What a block touched, in order of first touch. Valid until the overlay is reset or used again. */
export interface Touches {
  readonly count: number;
  /** Packed keys, 53 bytes each. */
  readonly keys: Uint8Array;
  /** Whether the pre-state value was opened, so that its length (or absence) was seen. */
  opened(touch: number): boolean;
  /** Whether the key was deleted at any time, also where that was taken back or nothing was there. */
  deleted(touch: number): boolean;
  /** Whether the 32-byte chunk of the pre-state value was read. */
  read(touch: number, chunk: number): boolean;
}

/** The pre-state value is in `#before`. */
const LOADED = 1;
/** The value now is in `#now`, not in `#before`. */
const WRITTEN = 2;
/** The pre-state value was given out. */
const OPENED = 4;
/** The key was deleted, perhaps in vain: survives rollback as touches do. */
const DELETED = 8;

const CHUNKS_NARROW = 32;

/** Places that `placeOf` remembers by identity: sender, callee with code and lock, producer, and some to spare. */
const MEMO_LENGTH = 8;

/** A source without values: the state before genesis. */
export const noState: StateSource = { get: () => undefined, lookUp: () => undefined };

class Opened implements OpenedValue {
  readonly length: number;
  readonly #value: StateValue;
  readonly #overlay: Overlay | undefined;
  readonly #index: number;

  /** `overlay` is given for pre-state values only: their pieces are recorded. */
  constructor(value: StateValue, overlay: Overlay | undefined, index: number) {
    this.length = value.length;
    this.#value = value;
    this.#overlay = overlay;
    this.#index = index;
  }

  read(offset: number, length: number): Uint8Array {
    const value = this.#value;
    assert(offset + length <= value.length, "a read lies inside the value");
    if (this.#overlay !== undefined && length > 0) {
      this.#overlay.recordRead(this.#index, offset >>> 5, (offset + length - 1) >>> 5);
    }
    if (!(value instanceof Uint8Array)) return value.read(offset, length);
    return length === value.length ? value : value.subarray(offset, offset + length);
  }
}

/** Values over a committed source, for one block at a time. */
export class Overlay {
  #source: StateSource;
  readonly #table = new KeyTable();
  #flags = new Uint8Array(64);
  readonly #before: (StateValue | undefined)[] = [];
  /** Where the source found the pre-state value, for `StateChanges.leaves`; by index, of those LOADED. */
  #leaves = new Int32Array(64);
  readonly #now: (Uint8Array | undefined)[] = [];
  /** Chunks 0–31 read of a pre-state value, one bit each; longer values in #wide. */
  #narrow = new Int32Array(64);
  readonly #wide = new Map<number, Uint32Array>();
  /** Journal of writes: index and what stood there, so that a rollback can put it back. */
  readonly #journalIndex: number[] = [];
  readonly #journalFlags: number[] = [];
  readonly #journalNow: (Uint8Array | undefined)[] = [];
  #journalLength = 0;
  /** What was made of the value that stands at an index, forgotten when it changes. */
  readonly #notes: unknown[] = [];
  readonly #memoAddress: (Uint8Array | undefined)[] = new Array(MEMO_LENGTH).fill(undefined);
  readonly #memoKey: (Uint8Array | undefined)[] = new Array(MEMO_LENGTH).fill(undefined);
  readonly #memoIndex = new Int32Array(MEMO_LENGTH);
  #memoNext = 0;

  /** `room` is how many keys it is made for. */
  constructor(source: StateSource, room = 0) {
    this.#source = source;
    this.#table.makeRoom(room);
  }

  /** Forgets everything and starts the next block over `source`; the memory is kept. */
  reset(source: StateSource): void {
    this.#source = source;
    this.#flags.fill(0, 0, this.#table.end);
    this.#narrow.fill(0, 0, this.#table.end);
    this.#table.clear();
    this.#wide.clear();
    this.#before.length = 0;
    this.#now.length = 0;
    this.#notes.length = 0;
    this.#memoAddress.fill(undefined);
    this.#journalLength = 0;
    this.#journalNow.length = 0;
  }

  /**
   * The place of a key among what the block touched, which this counts as a touch; good until `reset`. For
   * keys that are asked for many times: address and key are remembered by identity, so nobody may write to
   * them while the overlay is in use, and a key belongs to one class.
   */
  placeOf(cls: StateClass, address: Uint8Array, key: Uint8Array): number {
    const addresses = this.#memoAddress;
    for (let i = 0; i < MEMO_LENGTH; i++) {
      if (addresses[i] === address && this.#memoKey[i] === key) return this.#memoIndex[i]!;
    }
    const index = this.#touch(cls, address, key, 0);
    const at = this.#memoNext;
    addresses[at] = address;
    this.#memoKey[at] = key;
    this.#memoIndex[at] = index;
    this.#memoNext = (at + 1) % MEMO_LENGTH;
    return index;
  }

  /** Opens the value at a place and reads all of it. */
  getAt(place: number): Uint8Array | undefined {
    if (this.#flags[place]! & WRITTEN) return this.#now[place];
    const before = this.#open(place);
    if (before === undefined) return undefined;
    if (before.length > 0) this.recordRead(place, 0, (before.length - 1) >>> 5);
    return before instanceof Uint8Array ? before : before.read(0, before.length);
  }

  /** Sets the value at a place, as `set` does. */
  setAt(place: number, value: Uint8Array): void {
    this.#write(place, value);
  }

  /** Deletes the value at a place, present or not. */
  deleteAt(place: number): void {
    this.#write(place, undefined);
    this.#flags[place]! |= DELETED;
  }

  /** What `setNote` kept at a place, if its value is still the same. */
  noteAt(place: number): unknown {
    return this.#notes[place];
  }

  /** Keeps what was made of the value at a place, which has just been read whole or written. */
  setNote(place: number, note: unknown): void {
    this.#notes[place] = note;
  }

  /**
   * Opens a value: undefined when absent. The 32 bytes of the key stand in `key` at `keyOffset`.
   * @throws WITNESS_MISSING when replaying from a witness that does not open the path.
   */
  open(
    cls: StateClass,
    address: Uint8Array,
    key: Uint8Array,
    keyOffset = 0,
  ): OpenedValue | undefined {
    const index = this.#touch(cls, address, key, keyOffset);
    if (this.#flags[index]! & WRITTEN) {
      const now = this.#now[index];
      return now === undefined ? undefined : new Opened(now, undefined, 0);
    }
    const before = this.#open(index);
    return before === undefined ? undefined : new Opened(before, this, index);
  }

  /** Opens a value and reads all of it. */
  get(cls: StateClass, address: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    return this.getAt(this.#touch(cls, address, key, 0));
  }

  /** The pre-state value, which is seen from now on. */
  #open(index: number): StateValue | undefined {
    const flags = this.#flags[index]!;
    if (!(flags & LOADED)) {
      this.#before[index] = this.#source.lookUp(this.#table, index);
      this.#leaves[index] = this.#source.lastLeaf ?? 0;
    }
    this.#flags[index] = flags | LOADED | OPENED;
    return this.#before[index];
  }

  /** Sets a value. It belongs to the overlay from now on and is never written to again. */
  set(
    cls: StateClass,
    address: Uint8Array,
    key: Uint8Array,
    value: Uint8Array,
    keyOffset = 0,
  ): void {
    this.#write(this.#touch(cls, address, key, keyOffset), value);
  }

  /** Deletes a value, present or not. */
  delete(cls: StateClass, address: Uint8Array, key: Uint8Array, keyOffset = 0): void {
    this.deleteAt(this.#touch(cls, address, key, keyOffset));
  }

  /** Marks this point; checkpoints nest. */
  checkpoint(): number {
    return this.#journalLength;
  }

  /** Gives up every checkpoint made so far: what they could take back need not be kept. */
  forgetCheckpoints(): void {
    this.#journalLength = 0;
  }

  /** Takes back every write after the checkpoint. Touches stay. */
  rollback(checkpoint: number): void {
    assert(checkpoint <= this.#journalLength, "a rollback goes to an earlier checkpoint");
    for (let i = this.#journalLength - 1; i >= checkpoint; i--) {
      const index = this.#journalIndex[i]!;
      this.#now[index] = this.#journalNow[i];
      this.#notes[index] = undefined;
      this.#flags[index] = (this.#flags[index]! & ~WRITTEN) | this.#journalFlags[i]!;
    }
    this.#journalLength = checkpoint;
  }

  /** Everything touched so far. */
  touches(): Touches {
    const count = this.#table.end - 1;
    const keys = new Uint8Array(count * STATE_KEY_BYTES);
    for (let i = 0; i < count; i++) this.#table.copyKey(i + 1, keys, i * STATE_KEY_BYTES);
    return {
      count,
      keys,
      opened: (touch) => (this.#flags[touch + 1]! & OPENED) !== 0,
      deleted: (touch) => (this.#flags[touch + 1]! & DELETED) !== 0,
      read: (touch, chunk) => this.#wasRead(touch + 1, chunk),
    };
  }

  /**
   * Values that differ from the pre-state now. A key that was written but never opened is listed
   * even if its value came out the same: its pre-state value is not known here.
   */
  changes(): StateChanges {
    const changes = new StateChanges(this.#table.end);
    for (let index = 1; index < this.#table.end; index++) {
      const flags = this.#flags[index]!;
      if (!(flags & WRITTEN)) continue;
      const now = this.#now[index];
      if (flags & LOADED && sameValue(this.#before[index], now)) continue;
      const at = changes.addValue(now, flags & LOADED ? this.#leaves[index]! : 0);
      this.#table.copyKey(index, changes.keys, at);
    }
    return changes;
  }

  /** For opened values: notes that chunks `first` to `last` of a pre-state value were read. */
  recordRead(index: number, first: number, last: number): void {
    if (last < CHUNKS_NARROW) {
      this.#narrow[index]! |= (-1 >>> (31 - (last - first))) << first;
      return;
    }
    let wide = this.#wide.get(index);
    if (wide === undefined) {
      const chunks = (this.#before[index]!.length + 31) >>> 5;
      wide = new Uint32Array((chunks + 31) >>> 5);
      this.#wide.set(index, wide);
    }
    for (let chunk = first; chunk <= last; chunk++) wide[chunk >>> 5]! |= 1 << (chunk & 31);
  }

  #wasRead(index: number, chunk: number): boolean {
    if (chunk < CHUNKS_NARROW && (this.#narrow[index]! >>> chunk) & 1) return true;
    const wide = this.#wide.get(index);
    return wide !== undefined && ((wide[chunk >>> 5]! >>> (chunk & 31)) & 1) === 1;
  }

  #touch(cls: StateClass, address: Uint8Array, key: Uint8Array, keyOffset: number): number {
    const index = this.#table.find(cls, address, key, 0, keyOffset);
    if (index !== 0) return index;
    assert(
      address.length === 20 && keyOffset + 32 <= key.length,
      "an address has 20 bytes and a key 32",
    );
    const added = this.#table.add();
    this.#before[added] = undefined;
    this.#now[added] = undefined;
    this.#notes[added] = undefined;
    if (added >= this.#flags.length) this.#grow();
    return added;
  }

  #write(index: number, value: Uint8Array | undefined): void {
    // Written over rather than pushed: the arrays keep their room from one transaction to the next.
    const at = this.#journalLength++;
    this.#journalIndex[at] = index;
    this.#journalFlags[at] = this.#flags[index]! & WRITTEN;
    this.#journalNow[at] = this.#now[index];
    this.#now[index] = value;
    this.#notes[index] = undefined;
    this.#flags[index]! |= WRITTEN;
  }

  #grow(): void {
    this.#flags = grown(this.#flags);
    this.#narrow = grown(this.#narrow);
    this.#leaves = grown(this.#leaves);
  }
}

/** Equal and whole; a partly known value is never called the same. */
function sameValue(before: StateValue | undefined, now: Uint8Array | undefined): boolean {
  if (before === undefined || now === undefined) return before === now;
  if (!(before instanceof Uint8Array) || before.length !== now.length) return false;
  // From the end: numbers are big-endian, and what changes is mostly their low bytes.
  for (let i = now.length - 1; i >= 0; i--) if (before[i] !== now[i]) return false;
  return true;
}
