// An open-addressing hash table over packed state keys: class ‖ address ‖ key to a small positive
// index. The overlay and the state image keep their columns by this index, so the hot path makes no
// string and no object per key. It must never give the order of its slots to anyone: only indexes
// (order of insertion) leave it, and they do not depend on how keys hash.

import { assert } from "../errors.ts";
import { alignedWords } from "./cache-lines.ts";
import { STATE_KEY_BYTES, type StateClass } from "./state-key.ts";

const FIRST_CAPACITY = 64;
/** Words of a key: class, 5 of address, 8 of key. Compared and hashed by word, never by host order. */
const KEY_WORDS = 14;
/**
 * Words of a record: the key, its hash, whether there is one. 64 bytes, so that a cold lookup waits for
 * two cache lines, one of slots and one of records.
 */
const RECORD_WORDS = 16;
const HASH_WORD = 14;
const NAMED_WORD = 15;

/**
 * Multilinear hashing: sum of coefficient × 16-bit half modulo 2^32, mixed; the top bits pick the slot. Contracts
 * choose their keys: with coefficients that nobody knows, no set of keys can be made to collide on purpose
 * (decision 0038). They change speed only, never an index. All tables of a thread have the same, so that they
 * know each other's hashes.
 */
function coefficients(random: Int32Array): Int32Array {
  return random.map((value) => value | 1);
}

const MIXER = 0x85ebca6b;

const COEFFICIENTS = coefficients(crypto.getRandomValues(new Int32Array(2 * KEY_WORDS)));

/** Writes the 53 bytes of a key that stands in words. */
function unpack(words: Int32Array, base: number, out: Uint8Array, offset: number): void {
  out[offset] = words[base]!;
  for (let word = 1, at = offset + 1; word < KEY_WORDS; word++, at += 4) {
    const value = words[base + word]!;
    out[at] = value;
    out[at + 1] = value >>> 8;
    out[at + 2] = value >>> 16;
    out[at + 3] = value >>> 24;
  }
}

/** Maps packed keys to indexes 1, 2, 3 …; 0 means absent. Indexes of removed keys are used again. */
export class KeyTable {
  /** One more than the greatest index ever given out; columns by index need this length. */
  end = 1;
  #size = 0;
  #records = alignedWords(FIRST_CAPACITY * RECORD_WORDS);
  #capacity = FIRST_CAPACITY;
  /** Two words per slot: index (0 empty), hash. Half of the slots stay empty. */
  #slots = new Int32Array(FIRST_CAPACITY * 4);
  #shift = Math.clz32(FIRST_CAPACITY);
  readonly #free: number[] = [];
  /** Words and hash of the key looked for last. */
  readonly #sought = new Int32Array(KEY_WORDS);
  #soughtHash = 0;
  readonly #coefficients: Int32Array;

  /** `random`, 28 words, is for tests. */
  constructor(random?: Int32Array) {
    this.#coefficients = random === undefined ? COEFFICIENTS : coefficients(random);
  }

  /** Number of indexes given out. */
  get size(): number {
    return this.#size;
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
    const sought = this.#sought;
    let hash = Math.imul(c[0]!, cls + 1);
    sought[0] = cls;
    for (let word = 1, at = addressOffset; word < 6; word++, at += 4) {
      const low = address[at]! | (address[at + 1]! << 8);
      const high = address[at + 2]! | (address[at + 3]! << 8);
      sought[word] = low | (high << 16);
      hash = (hash + Math.imul(c[2 * word]!, low) + Math.imul(c[2 * word + 1]!, high)) | 0;
    }
    for (let word = 6, at = keyOffset; word < KEY_WORDS; word++, at += 4) {
      const low = key[at]! | (key[at + 1]! << 8);
      const high = key[at + 2]! | (key[at + 3]! << 8);
      sought[word] = low | (high << 16);
      hash = (hash + Math.imul(c[2 * word]!, low) + Math.imul(c[2 * word + 1]!, high)) | 0;
    }
    // Mixed: keys in equal steps have sums in equal steps, which may be short and fill a run of slots.
    this.#soughtHash = Math.imul(hash ^ (hash >>> 16), MIXER);
    return this.#seek(this.#soughtHash);
  }

  /** Index of the packed key at `offset`, or 0. */
  findPacked(packed: Uint8Array, offset: number): number {
    return this.find(packed[offset]! as StateClass, packed, packed, offset + 1, offset + 21);
  }

  /** Index of the key that stands at an index of another table, or 0: cheaper than from its bytes. */
  findOf(other: KeyTable, index: number): number {
    if (other.#coefficients !== this.#coefficients) return this.findPacked(other.keyAt(index), 0);
    const words = other.#records;
    const base = index * RECORD_WORDS;
    const sought = this.#sought;
    for (let word = 0; word < KEY_WORDS; word++) sought[word] = words[base + word]!;
    this.#soughtHash = words[base + HASH_WORD]!;
    return this.#seek(this.#soughtHash);
  }

  /** Whether the packed key at `offset` stands at an index, any whole number: cheaper than to look for it. */
  isAt(index: number, packed: Uint8Array, offset: number): boolean {
    if (index >= this.end || !this.isNamed(index)) return false;
    const words = this.#records;
    const base = index * RECORD_WORDS;
    if (words[base] !== packed[offset]) return false;
    for (let word = 1, at = offset + 1; word < KEY_WORDS; word++, at += 4) {
      const low = packed[at]! | (packed[at + 1]! << 8);
      if (words[base + word] !== (low | (packed[at + 2]! << 16) | (packed[at + 3]! << 24))) {
        return false;
      }
    }
    return true;
  }

  /** Makes room for so many keys at once: growing step by step would copy them again and again. */
  makeRoom(keys: number): void {
    let capacity = this.#capacity;
    while (capacity <= keys) capacity *= 2;
    if (capacity > this.#capacity) this.#grow(capacity);
  }

  /** Adds the key for which `find` has just returned 0; its index. */
  add(): number {
    const index = this.reserve();
    this.name(index);
    return index;
  }

  /** An index whose key is not known yet. */
  reserve(): number {
    const index = this.#free.pop() ?? this.end++;
    if (index >= this.#capacity) this.#grow(2 * this.#capacity);
    this.#records[index * RECORD_WORDS + NAMED_WORD] = 0;
    this.#size++;
    return index;
  }

  /** Gives the key for which `find` has just returned 0 to a reserved index. */
  name(index: number): void {
    const base = index * RECORD_WORDS;
    for (let word = 0; word < KEY_WORDS; word++) this.#records[base + word] = this.#sought[word]!;
    this.#records[base + HASH_WORD] = this.#soughtHash;
    this.#records[base + NAMED_WORD] = 1;
    this.#place(index, this.#soughtHash);
  }

  /** Whether the key of an index is known. */
  isNamed(index: number): boolean {
    return this.#records[index * RECORD_WORDS + NAMED_WORD] === 1;
  }

  /** Writes the 53 bytes of the key of `index` at `offset` of `out`. */
  copyKey(index: number, out: Uint8Array, offset: number): void {
    unpack(this.#records, index * RECORD_WORDS, out, offset);
  }

  /** A copy of the packed key of `index`. */
  keyAt(index: number): Uint8Array {
    const key = new Uint8Array(STATE_KEY_BYTES);
    this.copyKey(index, key, 0);
    return key;
  }

  /** Writes the 53 bytes of the key looked for last at `offset` of `out`. */
  copySought(out: Uint8Array, offset: number): void {
    unpack(this.#sought, 0, out, offset);
  }

  /** Takes an index back, with its key if that is known; it is given out again. */
  remove(index: number): void {
    if (this.isNamed(index)) this.#displace(index);
    this.#records[index * RECORD_WORDS + NAMED_WORD] = 0;
    this.#free.push(index);
    this.#size--;
  }

  #displace(index: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = (this.#records[index * RECORD_WORDS + HASH_WORD]! >>> this.#shift) * 2;
    while (slots[hole] !== index) {
      assert(slots[hole] !== 0, "a removed key is in the table");
      hole = (hole + 2) & mask;
    }
    // Backward shift: later members of the run move into the hole, so no tombstones pile up.
    for (let next = (hole + 2) & mask; slots[next] !== 0; next = (next + 2) & mask) {
      const home = (slots[next + 1]! >>> this.#shift) * 2;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        slots[hole] = slots[next]!;
        slots[hole + 1] = slots[next + 1]!;
        hole = next;
      }
    }
    slots[hole] = 0;
  }

  /** Most slots that looking for one key may walk; for tests, which count instead of taking the time. */
  longestWalk(): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let longest = 0;
    for (let from = 0; from < slots.length; from += 2) {
      let at = from;
      while (slots[at] !== 0) at = (at + 2) & mask;
      longest = Math.max(longest, ((at - from) & mask) / 2 + 1);
    }
    return longest;
  }

  /** Forgets every key and keeps the memory. */
  clear(): void {
    this.#slots.fill(0);
    this.#free.length = 0;
    this.#size = 0;
    this.end = 1;
  }

  /** Index of the key in `#sought`, or 0. */
  #seek(hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = (hash >>> this.#shift) * 2; ; at = (at + 2) & mask) {
      const index = slots[at]!;
      if (index === 0 || (slots[at + 1] === hash && this.#matches(index))) return index;
    }
  }

  #matches(index: number): boolean {
    const words = this.#records;
    const sought = this.#sought;
    const base = index * RECORD_WORDS;
    for (let word = 0; word < KEY_WORDS; word++) {
      if (words[base + word] !== sought[word]) return false;
    }
    return true;
  }

  #place(index: number, hash: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = (hash >>> this.#shift) * 2;
    while (slots[at] !== 0) at = (at + 2) & mask;
    slots[at] = index;
    slots[at + 1] = hash;
  }

  #grow(capacity: number): void {
    this.#capacity = capacity;
    const records = alignedWords(capacity * RECORD_WORDS);
    records.set(this.#records);
    this.#records = records;
    const old = this.#slots;
    this.#slots = new Int32Array(capacity * 4);
    this.#shift = Math.clz32(capacity);
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] !== 0) this.#place(old[at]!, old[at + 1]!);
    }
  }
}
