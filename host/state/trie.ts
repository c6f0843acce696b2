// The sparse binary trie of state (docs/formats.md section 7) in one typed-array arena. It knows
// paths, leaf hashes and branches, never values. The same class holds a full trie (state image) and a
// partial one (witness), so both collapse and hash by the same code. Structure changes at once;
// hashes are brought up to date by `rehash`, level by level, one call of the hasher per level. The
// root is a function of the content alone: the order of changes must never show in it.

import { assert, EngineError } from "../errors.ts";
import type { StateHasher } from "./state-hasher.ts";
import { PATH_BYTES } from "./state-key.ts";

/**
 * What a slot of a branch points at: 0 an empty subtree, a positive number a branch, a negative
 * number the leaf of that absolute value, `OPAQUE` a branch of which only the hash is known.
 */
export type NodeRef = number;
export const EMPTY: NodeRef = 0;
export const OPAQUE: NodeRef = -0x8000_0000;

/**
 * A branch in the arena, in 32-bit words. Hashes of the children stand in the parent, so that a
 * node's preimage is contiguous and a leaf moves up by copying 8 words.
 * ```
 * 0          1           2               10              18
 * | left ref | right ref | left hash     | right hash    |
 * ```
 * Node 0 is no branch: its left slot holds the root.
 */
const NODE_WORDS = 18;
const HASH_WORDS = 8;
const FIRST_NODES = 64;
const HASH_BATCH = 2048;
const DEPTH_MAX = 256;

/** Bit `depth` of the path at `offset`, most significant first. */
function bitAt(paths: Uint8Array, offset: number, depth: number): number {
  return (paths[offset + (depth >>> 3)]! >>> (7 - (depth & 7))) & 1;
}

/** First bit from `from` on in which two paths differ, or 256. */
function differingBit(
  a: Uint8Array,
  aOffset: number,
  b: Uint8Array,
  bOffset: number,
  from: number,
): number {
  for (let i = from >>> 3; i < PATH_BYTES; i++) {
    const difference = a[aOffset + i]! ^ b[bOffset + i]!;
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24;
  }
  return DEPTH_MAX;
}

function missing(): EngineError {
  return new EngineError({
    code: "WITNESS_MISSING",
    message: "got a path below an unopened node, expected every touched path to be opened",
  });
}

/** A trie over leaves that the caller numbers from 1 and whose paths it sets beforehand. */
export class Trie {
  /** Paths by leaf, 32 bytes each. Replaced when it grows: read it anew each time. */
  paths = new Uint8Array(FIRST_NODES * PATH_BYTES);
  #words = new Int32Array(FIRST_NODES * NODE_WORDS);
  #bytes = new Uint8Array(this.#words.buffer);
  #nodeEnd = 1;
  #freeNodes: number[] = [];
  #freedNow: number[] = [];
  #dirty = new Uint8Array(FIRST_NODES);
  /** By depth: branches to hash again, and the word of the slot that holds each one's hash. */
  readonly #dirtyNodes: number[][] = Array.from({ length: DEPTH_MAX }, () => []);
  readonly #dirtySlots: number[][] = Array.from({ length: DEPTH_MAX }, () => []);
  #dirtyDepth = -1;
  /** Leaves of which only the first bits of the path are known (unopened leaves of a witness). */
  readonly #knownBits = new Map<number, number>();
  /** Slots passed by the last walk, as word indexes of their refs. */
  readonly #walk = new Int32Array(DEPTH_MAX + 1);
  readonly #hasher: StateHasher;
  readonly #input = new Int32Array(HASH_BATCH * 2 * HASH_WORDS);
  readonly #output = new Int32Array(HASH_BATCH * HASH_WORDS);
  readonly #inputBytes = new Uint8Array(this.#input.buffer);
  readonly #outputBytes = new Uint8Array(this.#output.buffer);

  constructor(hasher: StateHasher) {
    this.#hasher = hasher;
  }

  /** Sets the path of a leaf before it is put. */
  setPath(leaf: number, path: Uint8Array): void {
    const at = leaf * PATH_BYTES;
    if (at + PATH_BYTES > this.paths.length) {
      const grown = new Uint8Array(Math.max(this.paths.length * 2, at + PATH_BYTES));
      grown.set(this.paths);
      this.paths = grown;
    }
    this.paths.set(path, at);
  }

  /** What stands in a slot: `side` 0 or 1 of branch `node`; (0, 0) is the root. */
  child(node: number, side: number): NodeRef {
    return this.#words[node * NODE_WORDS + side]!;
  }

  /** Copies the 32-byte hash in a slot to `offset` of `out`. Call `rehash` first. */
  copyHash(node: number, side: number, out: Uint8Array, offset: number): void {
    const bytes = this.#bytes;
    let at = (node * NODE_WORDS + 2 + side * HASH_WORDS) * 4;
    for (let i = offset; i < offset + 32; i++) out[i] = bytes[at++]!;
  }

  /** The root; 32 zero bytes when empty. Call `rehash` first. */
  root(): Uint8Array {
    const root = new Uint8Array(32);
    this.copyHash(0, 0, root, 0);
    return root;
  }

  /** Bits known of a leaf's path: 256, or fewer for an unopened leaf of a witness. */
  knownBits(leaf: number): number {
    return this.#knownBits.get(leaf) ?? DEPTH_MAX;
  }

  /**
   * The leaf at a path, or 0 where the path is absent.
   * @throws WITNESS_MISSING when the path runs into a part that is not opened.
   */
  find(path: Uint8Array, offset = 0): number {
    const leaf = -this.#words[this.#descend(path, offset)]!;
    if (leaf <= 0) return 0;
    const bit = differingBit(path, offset, this.paths, leaf * PATH_BYTES, 0);
    if (bit < this.knownBits(leaf)) return 0;
    if (bit < DEPTH_MAX || this.#knownBits.has(leaf)) throw missing();
    return leaf;
  }

  /**
   * Inserts a leaf or gives it another hash. Its path is set; no other leaf has the same path.
   * @throws WITNESS_MISSING when the place is not opened.
   */
  put(leaf: number, hashes: Uint8Array, hashOffset: number): void {
    const pathOffset = leaf * PATH_BYTES;
    let slot = this.#descend(this.paths, pathOffset);
    let depth = this.#walkLength - 1;
    const ref = this.#words[slot]!;
    if (ref < 0 && -ref !== leaf) {
      const other = -ref;
      const bit = differingBit(this.paths, pathOffset, this.paths, other * PATH_BYTES, depth);
      if (bit >= this.knownBits(other)) throw missing();
      this.#markWalk();
      slot = this.#split(slot, depth, bit, leaf, other);
      depth = bit + 1;
    } else {
      this.#markWalk();
    }
    this.#words[slot] = -leaf;
    this.#writeHash(slot, hashes, hashOffset);
  }

  /**
   * Takes a leaf out; its parent collapses where only a leaf remains. The leaf found is returned, 0
   * when the path is absent.
   * @throws WITNESS_MISSING when the place is not opened.
   */
  remove(path: Uint8Array, offset = 0): number {
    const leaf = this.find(path, offset);
    if (leaf === 0) return 0;
    this.#markWalk();
    const words = this.#words;
    let slot = this.#walk[this.#walkLength - 1]!;
    words[slot] = EMPTY;
    this.#clearHash(slot);
    for (let level = this.#walkLength - 2; level >= 0; level--) {
      const node = Math.floor(slot / NODE_WORDS);
      const base = node * NODE_WORDS;
      const left = words[base]!;
      const right = words[base + 1]!;
      if (left !== EMPTY && right !== EMPTY) break;
      const single = left === EMPTY ? right : left;
      if (single > 0 || single === OPAQUE) break;
      assert(single !== EMPTY, "no branch has two empty children");
      slot = this.#walk[level]!;
      words[slot] = single;
      this.#moveHash(this.#hashWord(base + (left === EMPTY ? 1 : 0)), this.#hashWord(slot));
      this.#dirty[node] = 0;
      this.#freedNow.push(node);
    }
    return leaf;
  }

  /** Hashes every branch whose children changed, deepest level first. */
  rehash(): void {
    for (let depth = this.#dirtyDepth; depth >= 0; depth--) {
      const nodes = this.#dirtyNodes[depth]!;
      const slots = this.#dirtySlots[depth]!;
      for (let from = 0; from < nodes.length; from += HASH_BATCH) {
        this.#hashBatch(nodes, slots, from, Math.min(nodes.length, from + HASH_BATCH));
      }
      nodes.length = 0;
      slots.length = 0;
    }
    this.#dirtyDepth = -1;
    // Only now: a node freed and used again within one batch could stand in two levels' lists.
    for (const node of this.#freedNow) this.#freeNodes.push(node);
    this.#freedNow.length = 0;
  }

  /** Fills an empty slot of a partial trie with a leaf and the hash at `offset` of `hashes`. */
  graftLeaf(node: number, side: number, leaf: number, hashes: Uint8Array, offset: number): void {
    const slot = node * NODE_WORDS + side;
    assert(this.#words[slot] === EMPTY, "a graft fills an empty slot");
    this.#words[slot] = -leaf;
    this.#writeHash(slot, hashes, offset);
  }

  /** Notes that of an unopened leaf only `bits` bits of the path are known, from its place. */
  limitKnownBits(leaf: number, bits: number): void {
    this.#knownBits.set(leaf, bits);
  }

  /** Fills an empty slot of a partial trie with the hash of an unopened branch. */
  graftOpaque(node: number, side: number, hashes: Uint8Array, offset: number): void {
    const slot = node * NODE_WORDS + side;
    assert(this.#words[slot] === EMPTY, "a graft fills an empty slot");
    this.#words[slot] = OPAQUE;
    this.#writeHash(slot, hashes, offset);
  }

  /** Fills an empty slot of a partial trie with a new branch at `depth`; its children are next. */
  graftBranch(node: number, side: number, depth: number): number {
    const slot = node * NODE_WORDS + side;
    assert(this.#words[slot] === EMPTY, "a graft fills an empty slot");
    const branch = this.#newNode();
    this.#words[slot] = branch;
    this.#mark(branch, depth, slot);
    return branch;
  }

  #walkLength = 0;

  /** Walks to the slot where a path ends (empty or a leaf), leaving the slots passed in #walk. */
  #descend(path: Uint8Array, offset: number): number {
    const words = this.#words;
    const walk = this.#walk;
    let slot = 0;
    let depth = 0;
    for (;;) {
      walk[depth] = slot;
      const ref = words[slot]!;
      if (ref <= 0) {
        this.#walkLength = depth + 1;
        if (ref === OPAQUE) throw missing();
        return slot;
      }
      slot = ref * NODE_WORDS + bitAt(path, offset, depth);
      depth++;
    }
  }

  /** Marks every branch of the last walk as changed. */
  #markWalk(): void {
    for (let depth = this.#walkLength - 2; depth >= 0; depth--) {
      const slot = this.#walk[depth]!;
      const node = this.#words[slot]!;
      // A marked branch has marked ancestors: branches never move.
      if (this.#dirty[node] === 1) return;
      this.#mark(node, depth, slot);
    }
  }

  #mark(node: number, depth: number, slot: number): void {
    this.#dirty[node] = 1;
    this.#dirtyNodes[depth]!.push(node);
    this.#dirtySlots[depth]!.push(this.#hashWord(slot));
    if (depth > this.#dirtyDepth) this.#dirtyDepth = depth;
  }

  /** Makes the branches from `depth` to the differing bit; the slot for the new leaf is returned. */
  #split(slot: number, depth: number, bit: number, leaf: number, other: number): number {
    const from = this.#hashWord(slot);
    const saved = this.#words.slice(from, from + HASH_WORDS);
    const pathOffset = leaf * PATH_BYTES;
    let at = slot;
    let node = 0;
    for (let level = depth; level <= bit; level++) {
      node = this.#newNode();
      this.#words[at] = node;
      this.#mark(node, level, at);
      at = node * NODE_WORDS + bitAt(this.paths, pathOffset, level);
    }
    const sibling = node * NODE_WORDS + (1 - bitAt(this.paths, pathOffset, bit));
    this.#words[sibling] = -other;
    this.#words.set(saved, this.#hashWord(sibling));
    return at;
  }

  #hashBatch(nodes: number[], slots: number[], from: number, to: number): void {
    const words = this.#words;
    const input = this.#input;
    const output = this.#output;
    let count = 0;
    for (let i = from; i < to; i++) {
      const node = nodes[i]!;
      if (this.#dirty[node] === 0) continue;
      let at = node * NODE_WORDS + 2;
      const end = count * 16 + 16;
      for (let word = count * 16; word < end; word++) input[word] = words[at++]!;
      count++;
    }
    this.#hasher.hashPairs(this.#inputBytes, this.#outputBytes, count);
    count = 0;
    for (let i = from; i < to; i++) {
      const node = nodes[i]!;
      if (this.#dirty[node] === 0) continue;
      this.#dirty[node] = 0;
      this.#outputBytes[count * 32]! &= 0x7f;
      let at = slots[i]!;
      const end = count * 8 + 8;
      for (let word = count * 8; word < end; word++) words[at++] = output[word]!;
      count++;
    }
  }

  #newNode(): number {
    const reused = this.#freeNodes.pop();
    if (reused !== undefined) {
      this.#words.fill(0, reused * NODE_WORDS, (reused + 1) * NODE_WORDS);
      return reused;
    }
    const node = this.#nodeEnd++;
    if (node >= this.#dirty.length) {
      const words = new Int32Array(this.#words.length * 2);
      words.set(this.#words);
      this.#words = words;
      this.#bytes = new Uint8Array(words.buffer);
      const dirty = new Uint8Array(this.#dirty.length * 2);
      dirty.set(this.#dirty);
      this.#dirty = dirty;
    }
    return node;
  }

  /** Word where the hash of a slot stands, given the word of its ref. */
  #hashWord(slot: number): number {
    const side = slot % NODE_WORDS;
    return slot - side + 2 + side * HASH_WORDS;
  }

  #writeHash(slot: number, source: Uint8Array, offset: number): void {
    const bytes = this.#bytes;
    let at = this.#hashWord(slot) * 4;
    for (let i = offset; i < offset + 32; i++) bytes[at++] = source[i]!;
  }

  #clearHash(slot: number): void {
    const at = this.#hashWord(slot);
    this.#words.fill(0, at, at + HASH_WORDS);
  }

  #moveHash(from: number, to: number): void {
    this.#words.copyWithin(to, from, from + HASH_WORDS);
  }
}
