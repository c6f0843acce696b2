// The sparse binary trie of state (docs/formats.md section 7) in one typed-array arena. It knows
// paths, leaf hashes and branches, never values. The same class holds a full trie (state image) and a
// partial one (witness), so both collapse and hash by the same code. Structure changes at once;
// hashes are brought up to date by `rehash`, level by level, one call of the hasher per level. The
// root is a function of the content alone: the order of changes must never show in it.

import { assert, EngineError } from "../errors.ts";
import { ChangedBranches } from "./changed-branches.ts";
import { grown } from "./grown.ts";
import { copyWords, HASH_WORDS, wordsOf } from "./hash-words.ts";
import { firstSet, type LeafRun, PREFIX_BITS } from "./leaf-run.ts";
import { bitAt, DEPTH_MAX, differingBit } from "./path-bits.ts";
import type { StateHasher } from "./state-hasher.ts";
import { PATH_BYTES } from "./state-key.ts";
import { TrieArena } from "./trie-arena.ts";

/**
 * What a slot of a branch points at: 0 an empty subtree, a positive number a branch, a negative
 * number the leaf of that absolute value, `OPAQUE` a branch of which only the hash is known.
 */
export type NodeRef = number;
export const EMPTY: NodeRef = 0;
export const OPAQUE: NodeRef = -0x8000_0000;

/** A path runs into a part that a witness does not open. */
export function missing(): EngineError {
  return new EngineError({
    code: "WITNESS_MISSING",
    message: "got a path below an unopened node, expected every touched path to be opened",
  });
}

/** A trie over leaves that the caller numbers from 1 and whose paths it sets beforehand. */
export class Trie {
  readonly arena: TrieArena;
  /** Branches freed since the last `rehash`. */
  readonly #freedNow: number[] = [];
  readonly #changed: ChangedBranches;
  /** By leaf, one more than the bits of its path that its place tells (unopened leaves of a witness), else 0. */
  #limits = new Uint16Array(0);
  /** Slots passed by the last walk. */
  readonly #walk = new Int32Array(DEPTH_MAX + 1);
  /** What `putSorted` walks at one level and at the next: slot, first leaf, end. */
  #walks: [Int32Array, Int32Array] = [new Int32Array(0), new Int32Array(0)];

  /** In memory that threads can share if told so; `room` is how many leaves and branches it is made for. */
  constructor(hasher: StateHasher, isShared = false, room = 0) {
    this.arena = new TrieArena(isShared, room);
    this.#changed = new ChangedBranches(hasher);
  }

  /** Paths by leaf, 32 bytes each. Replaced when it grows: read it anew each time. */
  get paths(): Uint8Array {
    return this.arena.paths;
  }

  get #refs(): Int32Array {
    return this.arena.refs;
  }

  get #hashes(): Int32Array {
    return this.arena.hashes;
  }

  /** Sets the path of a leaf before it is put: 32 bytes at `offset` of `paths`. */
  setPath(leaf: number, paths: Uint8Array, offset = 0): void {
    this.arena.makeRoom(leaf);
    const at = leaf * PATH_BYTES;
    const own = this.paths;
    for (let i = 0; i < PATH_BYTES; i++) own[at + i] = paths[offset + i]!;
  }

  /** What stands in a slot: `side` 0 or 1 of branch `node`; (0, 0) is the root. */
  child(node: number, side: number): NodeRef {
    return this.#refs[2 * node + side]!;
  }

  /** Copies the 32-byte hash in a slot to `offset` of `out`. Call `rehash` first. */
  copyHash(node: number, side: number, out: Uint8Array, offset: number): void {
    const bytes = this.arena.hashBytes;
    let at = (2 * node + side) * 32;
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
    return this.#isLimited(leaf) ? this.#limits[leaf]! - 1 : DEPTH_MAX;
  }

  /**
   * The leaf at a path, or 0 where the path is absent.
   * @throws WITNESS_MISSING when the path runs into a part that is not opened.
   */
  find(path: Uint8Array, offset = 0): number {
    const leaf = -this.#refs[this.#descend(path, offset)]!;
    if (leaf <= 0) return 0;
    const bit = differingBit(path, offset, this.paths, leaf * PATH_BYTES, 0);
    if (bit < this.knownBits(leaf)) return 0;
    if (bit < DEPTH_MAX || this.#isLimited(leaf)) throw missing();
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
    const ref = this.#refs[slot]!;
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
    this.#refs[slot] = -leaf;
    this.#writeHash(slot, hashes, hashOffset);
  }

  /**
   * Does what `put` does for leaves [from, to) of a run, which differ. Level by level: the reads of one
   * level are independent, so the processor waits for many of them at once (decision 0036).
   * @throws WITNESS_MISSING when a place is not opened.
   */
  putSorted(run: LeafRun, from: number, to: number): void {
    const { leaves, prefixes, numbers, hashes } = run;
    if (from === to) return;
    const hashWords = wordsOf(hashes);
    let [here, below] = this.#walksFor(to - from);
    const single: number[] = [];
    const refs = this.#refs;
    here[0] = 0;
    here[1] = from;
    here[2] = to;
    let length = 3;
    let depth = 0;
    for (; length > 0 && depth < PREFIX_BITS; depth++) {
      const shift = PREFIX_BITS - 1 - depth;
      let next = 0;
      for (let i = 0; i < length; i += 3) {
        const slot = here[i]!;
        const first = here[i + 1]!;
        const end = here[i + 2]!;
        const ref = refs[slot]!;
        if (ref > 0) {
          if (!this.#changed.has(ref)) this.#changed.add(ref, depth, slot);
          const bit = (prefixes[first]! >>> shift) & 1;
          const lastBit = (prefixes[end - 1]! >>> shift) & 1;
          const middle = bit === lastBit ? end : firstSet(prefixes, first, end, shift);
          below[next++] = 2 * ref + bit;
          below[next++] = first;
          below[next++] = middle;
          if (middle === end) continue;
          below[next++] = 2 * ref + 1;
          below[next++] = middle;
          below[next++] = end;
        } else if (end - first === 1 && (ref === EMPTY || ref === -leaves[first]!)) {
          refs[slot] = -leaves[first]!;
          copyWords(hashWords, HASH_WORDS * numbers[first]!, this.#hashes, HASH_WORDS * slot);
        } else {
          for (let k = first; k < end; k++) single.push(k);
        }
      }
      [here, below] = [below, here];
      length = next;
    }
    // What makes branches, or has longer equal prefixes, goes one by one.
    for (let i = 0; i < length; i += 3) {
      for (let k = here[i + 1]!; k < here[i + 2]!; k++) single.push(k);
    }
    for (const k of single) this.put(leaves[k]!, hashes, 32 * numbers[k]!);
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
    const refs = this.#refs;
    let slot = this.#walk[this.#walkLength - 1]!;
    refs[slot] = EMPTY;
    this.#hashes.fill(0, slot * HASH_WORDS, (slot + 1) * HASH_WORDS);
    for (let level = this.#walkLength - 2; level >= 0; level--) {
      const sibling = slot ^ 1;
      const node = slot >>> 1;
      // After the first round the slot itself holds the leaf that moved up, its sibling what is beside.
      const single = refs[slot] === EMPTY ? sibling : slot;
      if (refs[single ^ 1] !== EMPTY) break;
      const ref = refs[single]!;
      assert(ref !== EMPTY, "no branch has two empty children");
      if (ref > 0 || ref === OPAQUE) break;
      slot = this.#walk[level]!;
      refs[slot] = ref;
      this.#moveHash(single, slot);
      this.#changed.drop(node);
      this.#freedNow.push(node);
    }
    return leaf;
  }

  /**
   * Hashes every branch whose children changed, deepest level first; with `least`, only those at that
   * depth and below it, and the others at a later call.
   */
  rehash(least = 0): void {
    this.#changed.hash(this.#hashes, least);
    if (least > 0) return;
    // Only now: a node freed and used again within one batch could stand in two levels' lists.
    for (const node of this.#freedNow) this.arena.free(node);
    this.#freedNow.length = 0;
  }

  /** Fills an empty slot of a partial trie with a leaf and the hash at `offset` of `hashes`. */
  graftLeaf(node: number, side: number, leaf: number, hashes: Uint8Array, offset: number): void {
    const slot = 2 * node + side;
    assert(this.#refs[slot] === EMPTY, "a graft fills an empty slot");
    this.#refs[slot] = -leaf;
    this.#writeHash(slot, hashes, offset);
  }

  /** Notes that of an unopened leaf only `bits` bits of the path are known, from its place. */
  limitKnownBits(leaf: number, bits: number): void {
    if (leaf >= this.#limits.length) this.#limits = grown(this.#limits, leaf + 1);
    this.#limits[leaf] = bits + 1;
  }

  /** Fills an empty slot of a partial trie with the hash of an unopened branch. */
  graftOpaque(node: number, side: number, hashes: Uint8Array, offset: number): void {
    const slot = 2 * node + side;
    assert(this.#refs[slot] === EMPTY, "a graft fills an empty slot");
    this.#refs[slot] = OPAQUE;
    this.#writeHash(slot, hashes, offset);
  }

  /** Fills an empty slot of a partial trie with a new branch at `depth`; its children are next. */
  graftBranch(node: number, side: number, depth: number): number {
    const slot = 2 * node + side;
    assert(this.#refs[slot] === EMPTY, "a graft fills an empty slot");
    const branch = this.arena.newNode();
    this.#refs[slot] = branch;
    this.#changed.add(branch, depth, slot);
    return branch;
  }

  /**
   * Puts a branch of which only the hash is known at the first `depth` bits of a path. False where
   * something else stands in the way.
   */
  mount(path: Uint8Array, depth: number, hash: Uint8Array): boolean {
    let slot = 0;
    for (let level = 0; level < depth; level++) {
      let node = this.#refs[slot]!;
      if (node < 0) return false;
      if (node === EMPTY) {
        node = this.arena.newNode();
        this.#refs[slot] = node;
        this.#changed.add(node, level, slot);
      }
      slot = 2 * node + bitAt(path, 0, level);
    }
    if (this.#refs[slot] !== EMPTY) return false;
    this.#refs[slot] = OPAQUE;
    this.#writeHash(slot, hash, 0);
    return true;
  }

  /**
   * Forgets what is below the branch at the first `depth` bits of a path, except its hash; each leaf is
   * told. Call `rehash` first.
   */
  seal(path: Uint8Array, depth: number, onLeaf: (leaf: number) => void): void {
    const slot = this.#slotAt(path, depth);
    assert(this.#refs[slot]! > 0, "a branch stands where one is sealed");
    const pending = [this.#refs[slot]!];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      for (let side = 0; side < 2; side++) {
        const ref = this.#refs[2 * node + side]!;
        if (ref > 0) pending.push(ref);
        else if (ref < 0) onLeaf(-ref);
      }
      this.arena.free(node);
    }
    this.#refs[slot] = OPAQUE;
  }

  /** What stands at the first `depth` bits of a path, or on the way there where that ends earlier. */
  at(path: Uint8Array, depth: number): NodeRef {
    return this.#refs[this.#slotAt(path, depth)]!;
  }

  /**
   * Copies to `offset` of `out` the hash of what is below the first `depth` bits of a path. Something is
   * below them; call `rehash` first.
   */
  hashAt(path: Uint8Array, depth: number, out: Uint8Array, offset: number): void {
    const slot = this.#slotAt(path, depth);
    this.copyHash(slot >>> 1, slot & 1, out, offset);
  }

  /**
   * Makes the place of a sealed branch empty, for grafts that end in the same hash, which stands there until
   * the first of them; the place is 2 × node + side.
   */
  unseal(path: Uint8Array, depth: number): number {
    const slot = this.#slotAt(path, depth);
    assert(this.#refs[slot] === OPAQUE, "a sealed branch stands at its prefix");
    this.#refs[slot] = EMPTY;
    return slot;
  }

  /** The slot of a prefix; it ends early where no branch leads on. */
  #slotAt(path: Uint8Array, depth: number): number {
    let slot = 0;
    for (let level = 0; level < depth; level++) {
      const ref = this.#refs[slot]!;
      if (ref <= 0) return slot;
      slot = 2 * ref + bitAt(path, 0, level);
    }
    return slot;
  }

  /** Room for a walk to so many leaves. */
  #walksFor(leaves: number): readonly [Int32Array, Int32Array] {
    const room = this.#walks[0].length;
    if (room < 3 * leaves) {
      const words = Math.max(2 * room, 3 * leaves);
      this.#walks = [new Int32Array(words), new Int32Array(words)];
    }
    return this.#walks;
  }

  #isLimited(leaf: number): boolean {
    return leaf < this.#limits.length && this.#limits[leaf] !== 0;
  }

  #walkLength = 0;

  /** Walks to the slot where a path ends (empty or a leaf), leaving the slots passed in #walk. */
  #descend(path: Uint8Array, offset: number): number {
    const refs = this.#refs;
    const walk = this.#walk;
    let slot = 0;
    let depth = 0;
    for (;;) {
      walk[depth] = slot;
      const ref = refs[slot]!;
      if (ref <= 0) {
        this.#walkLength = depth + 1;
        if (ref === OPAQUE) throw missing();
        return slot;
      }
      slot = 2 * ref + bitAt(path, offset, depth);
      depth++;
    }
  }

  /** Marks every branch of the last walk as changed. */
  #markWalk(): void {
    for (let depth = this.#walkLength - 2; depth >= 0; depth--) {
      const slot = this.#walk[depth]!;
      const node = this.#refs[slot]!;
      // A marked branch has marked ancestors: branches never move.
      if (this.#changed.has(node)) return;
      this.#changed.add(node, depth, slot);
    }
  }

  /** Makes the branches from `depth` to the differing bit; the slot for the new leaf is returned. */
  #split(slot: number, depth: number, bit: number, leaf: number, other: number): number {
    const from = slot * HASH_WORDS;
    const saved = this.#hashes.slice(from, from + HASH_WORDS);
    const pathOffset = leaf * PATH_BYTES;
    let at = slot;
    for (let level = depth; level <= bit; level++) {
      const node = this.arena.newNode();
      this.#refs[at] = node;
      this.#changed.add(node, level, at);
      at = 2 * node + bitAt(this.paths, pathOffset, level);
    }
    const sibling = at ^ 1;
    this.#refs[sibling] = -other;
    this.#hashes.set(saved, sibling * HASH_WORDS);
    return at;
  }

  #writeHash(slot: number, source: Uint8Array, offset: number): void {
    const bytes = this.arena.hashBytes;
    let at = slot * 32;
    for (let i = offset; i < offset + 32; i++) bytes[at++] = source[i]!;
  }

  #moveHash(from: number, to: number): void {
    copyWords(this.#hashes, from * HASH_WORDS, this.#hashes, to * HASH_WORDS);
  }
}
