// An open-addressing hash table over packed state keys: class ‖ address ‖ key to a small positive
// index. The overlay and the state image keep their columns by this index, so the hot path makes no
// string and no object per key. It must never give the order of its slots to anyone: only indexes
// (order of insertion) leave it, and they do not depend on the seed.

import { assert } from "../errors.ts";
import type { StateClass } from "./state-key.ts";
import { STATE_KEY_BYTES } from "./state-key.ts";

const FIRST_CAPACITY = 64;

/**
 * Multilinear hashing: sum of coefficient × byte modulo 2^32, the top bits pick the slot. With a seed
 * that an attacker does not know, no set of keys can be made to collide on purpose. The seed changes
 * speed only, never an index.
 */
function coefficients(seed: number): Int32Array {
  const out = new Int32Array(STATE_KEY_BYTES);
  let state = seed | 0;
  for (let i = 0; i < out.length; i++) {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    out[i] = (z ^ (z >>> 16)) | 1;
  }
  return out;
}

/** Maps packed keys to indexes 1, 2, 3 …; 0 means absent. Indexes of removed keys are used again. */
export class KeyTable {
  /** Packed keys, 53 bytes each, by index. Replaced when the table grows: read it anew each time. */
  keys: Uint8Array;
  /** One more than the greatest index ever given out; columns by index need this length. */
  end = 1;
  #size = 0;
  #hashes: Int32Array;
  #slots: Int32Array;
  #shift: number;
  #free: number[] = [];
  #hash = 0;
  readonly #coefficients: Int32Array;

  constructor(seed = 0) {
    this.#coefficients = coefficients(seed);
    this.keys = new Uint8Array(FIRST_CAPACITY * STATE_KEY_BYTES);
    this.#hashes = new Int32Array(FIRST_CAPACITY);
    this.#slots = new Int32Array(FIRST_CAPACITY * 2);
    this.#shift = 32 - Math.log2(FIRST_CAPACITY * 2);
  }

  /** Number of keys held. */
  get size(): number {
    return this.#size;
  }

  /** Number of indexes the columns must have room for, index 0 included. */
  get capacity(): number {
    return this.#hashes.length;
  }

  /** Index of class ‖ address ‖ key, or 0. The two arrays are read at the given offsets. */
  find(
    cls: StateClass,
    address: Uint8Array,
    key: Uint8Array,
    addressOffset = 0,
    keyOffset = 0,
  ): number {
    const c = this.#coefficients;
    let hash = Math.imul(c[0]!, cls + 1);
    for (let i = 0; i < 20; i++) {
      hash = (hash + Math.imul(c[i + 1]!, address[addressOffset + i]!)) | 0;
    }
    for (let i = 0; i < 32; i++) {
      hash = (hash + Math.imul(c[i + 21]!, key[keyOffset + i]!)) | 0;
    }
    this.#hash = hash;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash >>> this.#shift; ; slot = (slot + 1) & mask) {
      const index = slots[slot]!;
      if (index === 0) return 0;
      if (
        this.#hashes[index] === hash &&
        this.#matches(index, cls, address, key, addressOffset, keyOffset)
      ) {
        return index;
      }
    }
  }

  /** Adds a key for which `find` has just returned 0 (the hash of that call is used); its index. */
  add(
    cls: StateClass,
    address: Uint8Array,
    key: Uint8Array,
    addressOffset = 0,
    keyOffset = 0,
  ): number {
    const index = this.#free.pop() ?? this.end++;
    if (index >= this.#hashes.length) this.#grow();
    const at = index * STATE_KEY_BYTES;
    const keys = this.keys;
    keys[at] = cls;
    for (let i = 0; i < 20; i++) keys[at + 1 + i] = address[addressOffset + i]!;
    for (let i = 0; i < 32; i++) keys[at + 21 + i] = key[keyOffset + i]!;
    this.#hashes[index] = this.#hash;
    this.#place(index);
    this.#size++;
    return index;
  }

  /** Removes the key of `index`; the index is given out again by a later `add`. */
  remove(index: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = this.#hashes[index]! >>> this.#shift;
    while (slots[hole] !== index) {
      assert(slots[hole] !== 0, "a removed key is in the table");
      hole = (hole + 1) & mask;
    }
    // Backward shift: later members of the run move into the hole, so no tombstones pile up.
    for (let next = (hole + 1) & mask; slots[next] !== 0; next = (next + 1) & mask) {
      const home = this.#hashes[slots[next]!]! >>> this.#shift;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        slots[hole] = slots[next]!;
        hole = next;
      }
    }
    slots[hole] = 0;
    this.#free.push(index);
    this.#size--;
  }

  /** Forgets every key and keeps the memory. */
  clear(): void {
    this.#slots.fill(0);
    this.#free.length = 0;
    this.#size = 0;
    this.end = 1;
  }

  #matches(
    index: number,
    cls: number,
    address: Uint8Array,
    key: Uint8Array,
    addressOffset: number,
    keyOffset: number,
  ): boolean {
    const keys = this.keys;
    const at = index * STATE_KEY_BYTES;
    if (keys[at] !== cls) return false;
    for (let i = 0; i < 20; i++) {
      if (keys[at + 1 + i] !== address[addressOffset + i]) return false;
    }
    for (let i = 0; i < 32; i++) {
      if (keys[at + 21 + i] !== key[keyOffset + i]) return false;
    }
    return true;
  }

  #place(index: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#hashes[index]! >>> this.#shift;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = index;
  }

  #grow(): void {
    const capacity = this.#hashes.length * 2;
    const keys = new Uint8Array(capacity * STATE_KEY_BYTES);
    keys.set(this.keys);
    this.keys = keys;
    const hashes = new Int32Array(capacity);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const old = this.#slots;
    this.#slots = new Int32Array(capacity * 2);
    this.#shift--;
    for (let i = 0; i < old.length; i++) if (old[i] !== 0) this.#place(old[i]!);
  }
}
