// The state of a replay: a partial trie made from a witness and proven against the parent's root.
// Serves execution, gives the root after it, and proves that the witness is the one for what was
// touched. It must never fall back to anything outside the witness: a miss is an invalid witness.

import { equalBytes } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import { grown } from "./grown.ts";
import { KeyTable } from "./key-table.ts";
import type { Overlay, Touches } from "./overlay.ts";
import { DEPTH_MAX } from "./path-bits.ts";
import { putLeaves } from "./put-leaves.ts";
import type { StateChanges } from "./state-changes.ts";
import type { StateHasher } from "./state-hasher.ts";
import { packStateKey, STATE_KEY_BYTES, type StateClass } from "./state-key.ts";
import type { StateSource, StateTree, StateValue } from "./state-store.ts";
import { EMPTY, OPAQUE, Trie } from "./trie.ts";
import { LEAF_TAG, leafHashes, writeCommitmentPreimage } from "./value-commitment.ts";
import { encodeWitness, ShapeKind } from "./witness-encode.ts";
import {
  BitReader,
  readWitness,
  refuse,
  type WitnessParts,
  type WitnessValue,
} from "./witness-reader.ts";

/** Most leaves and branches that room is made for at once. */
const ROOM_MAX = 2 ** 17;

/** Commitments of all leaves, 32 bytes each: those given and those of opened values. */
function commitmentsOf(hasher: StateHasher, parts: WitnessParts): Uint8Array {
  const { leaves } = parts;
  const commitments = new Uint8Array(32 * leaves.length);
  const opened: number[] = [];
  leaves.forEach((leaf, i) => {
    if (leaf.commitment !== undefined) commitments.set(leaf.commitment, 32 * i);
    else opened.push(i);
  });
  const preimages = new Uint8Array(64 * opened.length);
  opened.forEach((i, k) => {
    const value = leaves[i]!.value!;
    writeCommitmentPreimage(preimages, 64 * k, value.root, value.length);
  });
  const hashes = new Uint8Array(32 * opened.length);
  hasher.hashPairs(preimages, hashes, opened.length);
  opened.forEach((i, k) => {
    commitments.set(hashes.subarray(32 * k, 32 * k + 32), 32 * i);
  });
  return commitments;
}

/** Grafts the shape of a witness into an empty trie, in preorder. */
class Grafting {
  readonly #trie: Trie;
  readonly #parts: WitnessParts;
  readonly #leafHashes: Uint8Array;
  readonly #bits: BitReader;
  /** Bits of the path to the node at hand. */
  readonly #prefix = new Uint8Array(32);
  #hashesUsed = 0;
  #leavesUsed = 0;
  /** Leaves of the witness are 1, 2, …; unopened leaves follow them. */
  nextLeaf: number;

  constructor(trie: Trie, parts: WitnessParts, hashes: Uint8Array) {
    this.#trie = trie;
    this.#parts = parts;
    this.#leafHashes = hashes;
    this.#bits = new BitReader(parts.shape);
    this.nextLeaf = parts.leaves.length + 1;
  }

  run(): void {
    this.#node(0, 0, 0);
    this.#bits.end();
    const { hashes, leaves } = this.#parts;
    if (this.#hashesUsed !== hashes.length) {
      throw refuse(
        "WITNESS_SHAPE",
        `got ${hashes.length} bytes of hashes, expected ${this.#hashesUsed}`,
      );
    }
    if (this.#leavesUsed !== leaves.length) {
      throw refuse("WITNESS_SHAPE", `got ${leaves.length} leaves, expected ${this.#leavesUsed}`);
    }
  }

  #node(node: number, side: number, depth: number): void {
    const kind = this.#bits.take(2);
    if (kind === ShapeKind.opaque) this.#opaque(node, side, depth);
    else if (kind === ShapeKind.leaf) this.#leaf(node, side, depth);
    else if (kind === ShapeKind.branch) this.#branch(node, side, depth);
  }

  #opaque(node: number, side: number, depth: number): void {
    const { hashes } = this.#parts;
    const at = this.#hashesUsed;
    this.#hashesUsed += 32;
    if (this.#hashesUsed > hashes.length) {
      throw refuse("WITNESS_SHAPE", `got ${hashes.length} bytes of hashes, expected more`);
    }
    let zero = at;
    while (zero < at + 32 && hashes[zero] === 0) zero++;
    if (zero === at + 32) {
      throw refuse("WITNESS_SHAPE", "got a zero hash for a node, expected an empty node");
    }
    if (hashes[at]! & LEAF_TAG) {
      // Its place tells the first bits of its path, which is all that later steps need.
      const leaf = this.nextLeaf++;
      this.#trie.setPath(leaf, this.#prefix);
      this.#trie.graftLeaf(node, side, leaf, hashes, at);
      this.#trie.limitKnownBits(leaf, depth);
    } else {
      this.#trie.graftOpaque(node, side, hashes, at);
    }
  }

  #leaf(node: number, side: number, depth: number): void {
    const index = this.#leavesUsed++;
    const leaf = this.#parts.leaves[index];
    if (leaf === undefined) throw refuse("WITNESS_SHAPE", "got too few leaves for the shape");
    for (let i = 0; i << 3 < depth; i++) {
      const mask = depth - 8 * i >= 8 ? 0xff : (0xff00 >>> (depth - 8 * i)) & 0xff;
      if ((leaf.path[i]! ^ this.#prefix[i]!) & mask) {
        throw refuse("WITNESS_LEAF", `got leaf ${index} off its path, expected it below its bits`);
      }
    }
    this.#trie.graftLeaf(node, side, index + 1, this.#leafHashes, 32 * index);
  }

  #branch(node: number, side: number, depth: number): void {
    if (depth === DEPTH_MAX) throw refuse("WITNESS_SHAPE", "got a branch below bit 256");
    const branch = this.#trie.graftBranch(node, side, depth);
    const mask = 0x80 >>> (depth & 7);
    this.#node(branch, 0, depth + 1);
    this.#prefix[depth >>> 3]! |= mask;
    this.#node(branch, 1, depth + 1);
    this.#prefix[depth >>> 3]! &= ~mask;
    const left = this.#trie.child(branch, 0);
    const right = this.#trie.child(branch, 1);
    if (left !== EMPTY && right !== EMPTY) return;
    const single = left === EMPTY ? right : left;
    if (single === EMPTY || (single < 0 && single !== OPAQUE)) {
      throw refuse("WITNESS_SHAPE", "got a branch over at most one leaf, expected that leaf");
    }
  }
}

/** A block's parent state as far as its witness shows it. */
export class WitnessState implements StateSource, StateTree {
  readonly #hasher: StateHasher;
  readonly #bytes: Uint8Array;
  readonly #parts: WitnessParts;
  readonly #commitments: Uint8Array;
  readonly #trie: Trie;
  /** Keys seen, and their paths by index: a path is needed up to three times. */
  readonly #keys = new KeyTable();
  #paths = new Uint8Array(64 * 32);
  readonly #packed = new Uint8Array(STATE_KEY_BYTES);
  #nextLeaf: number;
  #applied = false;
  /** What the witness of the touches should have been, kept from before the changes. */
  #expected: Uint8Array | undefined;

  private constructor(bytes: Uint8Array, hasher: StateHasher) {
    this.#hasher = hasher;
    this.#bytes = bytes;
    this.#parts = readWitness(bytes, hasher);
    const { leaves, hashes: unopened } = this.#parts;
    // About as many branches as ends, and a quarter more for what the block adds. Nothing is checked yet.
    const room = Math.min(ROOM_MAX, Math.ceil(1.25 * (leaves.length + unopened.length / 32)));
    this.#trie = new Trie(hasher, false, room);
    this.#keys.makeRoom(this.room);
    this.#commitments = commitmentsOf(hasher, this.#parts);
    leaves.forEach((leaf, i) => {
      this.#trie.setPath(i + 1, leaf.path);
    });
    const numbers = leaves.map((_, i) => i + 1);
    const hashes = leafHashes(hasher, this.#trie.paths, numbers, this.#commitments);
    const grafting = new Grafting(this.#trie, this.#parts, hashes);
    grafting.run();
    this.#nextLeaf = grafting.nextLeaf;
    this.#trie.rehash();
  }

  /**
   * Reads a witness and proves it against the state root [32] that it claims to open.
   * @throws WITNESS_LENGTH, WITNESS_SHAPE, WITNESS_LEAF, WITNESS_PIECES for bytes that are no witness
   * @throws WITNESS_ROOT_MISMATCH when it opens another state
   */
  static decode(bytes: Uint8Array, root: Uint8Array, hasher: StateHasher): WitnessState {
    const state = new WitnessState(bytes, hasher);
    const got = state.root();
    if (!got.every((byte, i) => byte === root[i])) {
      const hex = (b: Uint8Array) => Array.from(b, (v) => v.toString(16).padStart(2, "0")).join("");
      throw refuse("WITNESS_ROOT_MISMATCH", `got root 0x${hex(got)}, expected 0x${hex(root)}`);
    }
    return state;
  }

  /** Keys that it opens, as far as it is worth to make room for them. */
  get room(): number {
    return Math.min(ROOM_MAX, this.#parts.leaves.length);
  }

  source(): StateSource {
    return this;
  }

  get(cls: StateClass, address: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    packStateKey(this.#packed, 0, cls, address, key);
    const value = this.shown(this.#packed);
    return value === undefined || value instanceof Uint8Array ? value : value.read(0, value.length);
  }

  lookUp(keys: KeyTable, index: number): StateValue | undefined {
    return this.#valueAt(this.#pathAt(this.#keys.findOf(keys, index)));
  }

  /** What the witness shows of the value of a packed key. @throws WITNESS_MISSING when that is nothing */
  shown(key: Uint8Array): StateValue | undefined {
    return this.#valueAt(this.#pathOf(key, 0));
  }

  root(): Uint8Array {
    return this.#trie.root();
  }

  /**
   * Applies changes to what the witness shows; the values before are not served afterwards.
   * @throws WITNESS_MISSING when a changed path is not opened
   */
  apply(changes: StateChanges): Uint8Array {
    this.#applied = true;
    const sets: number[] = [];
    const values: Uint8Array[] = [];
    const removals: Uint8Array[] = [];
    for (let i = 0; i < changes.count; i++) {
      const at = i * STATE_KEY_BYTES;
      const path = this.#pathOf(changes.keys, at);
      let leaf = this.#trie.find(path);
      const value = changes.values[i];
      if (value === undefined) {
        if (leaf !== 0) removals.push(path);
        continue;
      }
      if (leaf === 0) {
        leaf = this.#nextLeaf++;
        this.#trie.setPath(leaf, path);
      }
      sets.push(leaf);
      values.push(value);
    }
    putLeaves(this.#trie, this.#hasher, sets, values);
    for (const path of removals) this.#trie.remove(path);
    this.#trie.rehash();
    return this.root();
  }

  /**
   * The root after what an overlay over this state has written.
   * @throws WITNESS_MISSING when the witness does not open all that was touched
   */
  rootAfter(overlay: Overlay): Uint8Array {
    this.#expected = this.witness(overlay.touches());
    return this.apply(overlay.changes());
  }

  /**
   * Proves that the witness is the one that belongs to what was touched and read.
   * @throws WITNESS_MISSING when it opens too little, WITNESS_UNUSED when it opens more
   */
  checkAllUsed(overlay: Overlay): void {
    const expected = this.#expected ?? this.witness(overlay.touches());
    const bytes = this.#bytes;
    if (equalBytes(expected, bytes)) return;
    let byteOffset = 0;
    while (expected[byteOffset] === bytes[byteOffset]) byteOffset++;
    throw new EngineError({
      code: "WITNESS_UNUSED",
      message: `got a witness of ${bytes.length} bytes, expected ${expected.length}: it opens what nothing touched`,
      where: { byteOffset },
    });
  }

  #valueOf(leaf: number): WitnessValue {
    const value = this.#parts.leaves[leaf - 1]?.value;
    if (value === undefined) {
      throw refuse(
        "WITNESS_MISSING",
        "got an opened value, expected the witness to show its pieces",
      );
    }
    return value;
  }

  #valueAt(path: Uint8Array): StateValue | undefined {
    const leaf = this.#trie.find(path);
    return leaf === 0 ? undefined : this.#valueOf(leaf);
  }

  /** Path of a packed key, a view that stays good. */
  #pathOf(keys: Uint8Array, offset: number): Uint8Array {
    return this.#pathAt(this.#keys.findPacked(keys, offset));
  }

  /** Path of the key that was looked for just before and found at this index, 0 for nowhere. */
  #pathAt(found: number): Uint8Array {
    let index = found;
    if (index === 0) {
      index = this.#keys.add();
      if (32 * index >= this.#paths.length) this.#paths = grown(this.#paths);
      this.#keys.copyKey(index, this.#packed, 0);
      this.#paths.set(this.#hasher.sha256(this.#packed), 32 * index);
    }
    return this.#paths.subarray(32 * index, 32 * index + 32);
  }

  /**
   * The witness for these touches, no larger than this one.
   * @throws WITNESS_MISSING when this one opens too little
   * @throws STATE_ORDER after `apply`
   */
  witness(touches: Touches): Uint8Array {
    if (this.#applied) {
      throw new EngineError({
        code: "STATE_ORDER",
        message: "got a check of the witness after changes, expected it before",
      });
    }
    return encodeWitness(touches, {
      hasher: this.#hasher,
      trie: this.#trie,
      pathOf: (keys, offset) => this.#pathOf(keys, offset),
      commitmentOf: (leaf) => this.#commitments.subarray(32 * leaf - 32, 32 * leaf),
      valueOf: (leaf) => this.#valueOf(leaf),
    });
  }
}
