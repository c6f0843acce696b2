// Makes the one witness that belongs to a state and a set of touches (docs/formats.md section 8):
// a preorder walk that opens exactly the touched paths, and of opened values exactly the pieces read.
// Serves the producer (full trie) and the verifier, who encodes what execution touched from the
// witness itself and compares: anything unused makes a difference. It must never look at the time,
// the order of touches or anything else that another node does not have.

import { grown } from "./grown.ts";
import type { Touches } from "./overlay.ts";
import { DEPTH_MAX } from "./path-bits.ts";
import { comparePaths, firstRight, sortPaths } from "./path-order.ts";
import type { StateHasher } from "./state-hasher.ts";
import { STATE_KEY_BYTES } from "./state-key.ts";
import type { PartialValue } from "./state-store.ts";
import type { NodeRef, Trie } from "./trie.ts";
import { EMPTY, missing, OPAQUE } from "./trie.ts";
import { chunkCount, chunkDepth, chunkLevels } from "./value-commitment.ts";

/** Node kinds in the shape, 2 bits each. */
export const ShapeKind = { empty: 0, opaque: 1, leaf: 2, branch: 3 } as const;

/** Leaf forms: commitment only, or length and pieces of an opened value. */
export const LeafForm = { commitment: 0, pieces: 1 } as const;

/** Nodes of the tree over this many chunks, those beyond the last left out. */
export function wholeNodes(chunks: number): number {
  let nodes = chunks;
  for (let width = chunks; width > 1; ) {
    width = (width + 1) >>> 1;
    nodes += width;
  }
  return nodes;
}

interface ChunkTree {
  /** Bytes of the value. */
  readonly length: number;
  /** Hash or chunk at a place of the tree, or undefined where it is not at hand. */
  node(level: number, position: number): Uint8Array | undefined;
}

/** A value of a witness, which has its chunk tree only in part. */
export type PiecedValue = PartialValue & ChunkTree;

/** The tree of a value that is at hand; hashed only if an inner node is asked for. */
class WholeTree implements ChunkTree {
  readonly length: number;
  readonly #hasher: StateHasher;
  readonly #value: Uint8Array;
  #levels: Uint8Array[] | undefined;

  constructor(hasher: StateHasher, value: Uint8Array) {
    this.length = value.length;
    this.#hasher = hasher;
    this.#value = value;
  }

  /** The last chunk comes without its padding. */
  node(level: number, position: number): Uint8Array {
    if (level === 0) return this.#value.subarray(32 * position, 32 * position + 32);
    this.#levels ??= chunkLevels(this.#hasher, this.#value);
    return this.#levels[level]!.subarray(32 * position, 32 * position + 32);
  }
}

export interface WitnessSource {
  readonly hasher: StateHasher;
  readonly trie: Trie;
  /** Path [32] of the packed key at `offset` of `keys`. */
  pathOf(keys: Uint8Array, offset: number): Uint8Array;
  commitmentOf(leaf: number): Uint8Array;
  /** @throws WITNESS_MISSING when the value of the leaf is not opened. */
  valueOf(leaf: number): Uint8Array | PiecedValue;
}

/** Bytes with room to grow; bits go in most significant first. */
class Bytes {
  bytes: Uint8Array;
  length = 0;
  #bit = 0;

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
  }

  clear(): void {
    this.length = 0;
    this.#bit = 0;
  }

  /** Makes room, perhaps in a new array: `bytes` is read after it. Where the new bytes go. */
  extend(more: number): number {
    const at = this.length;
    this.length += more;
    if (this.length > this.bytes.length) this.bytes = grown(this.bytes, this.length);
    return at;
  }

  append(source: Uint8Array, from = 0, length = source.length): void {
    const at = this.extend(length);
    const bytes = this.bytes;
    if (length > 64) bytes.set(source.subarray(from, from + length), at);
    else for (let i = 0; i < length; i++) bytes[at + i] = source[from + i]!;
  }

  u32(value: number): void {
    const at = this.extend(4);
    this.bytes[at] = value >>> 24;
    this.bytes[at + 1] = value >>> 16;
    this.bytes[at + 2] = value >>> 8;
    this.bytes[at + 3] = value;
  }

  u8(value: number): void {
    const at = this.extend(1);
    this.bytes[at] = value;
  }

  bits(value: number, width: number): void {
    if (this.#bit === 0) this.u8(0);
    this.bytes[this.length - 1]! |= value << (8 - width - this.#bit);
    this.#bit = (this.#bit + width) & 7;
  }

  /** `u32 length ‖ content` of other bytes. */
  prefixed(content: Bytes): void {
    this.u32(content.length);
    this.append(content.bytes, 0, content.length);
  }
}

/** Paths of touches, 32 bytes each. */
function pathsOf({ count, keys }: Touches, source: WitnessSource): Uint8Array {
  const paths = new Uint8Array(32 * count);
  for (let i = 0; i < count; i++) paths.set(source.pathOf(keys, i * STATE_KEY_BYTES), 32 * i);
  return paths;
}

function isLeaf(ref: NodeRef): boolean {
  return ref < 0 && ref !== OPAQUE;
}

class WitnessEncoder {
  readonly shape = new Bytes();
  readonly hashes = new Bytes();
  readonly leaves = new Bytes();
  leafCount = 0;
  readonly #pieceShape = new Bytes();
  readonly #pieceContent = new Bytes();
  readonly #touches: Touches;
  /** Of the touches, ascending. */
  readonly #paths: Uint8Array;
  /** Which touch each path belongs to. */
  readonly #order: Int32Array;
  readonly #source: WitnessSource;

  constructor(touches: Touches, source: WitnessSource) {
    this.#touches = touches;
    const { paths, order } = sortPaths(pathsOf(touches, source), touches.count);
    this.#paths = paths;
    this.#order = order;
    this.#source = source;
  }

  /** One slot of the trie with the touched paths [from, to) that lead through it. */
  node(node: number, side: number, depth: number, from: number, to: number): void {
    const trie = this.#source.trie;
    const ref = trie.child(node, side);
    if (ref === EMPTY) {
      this.shape.bits(ShapeKind.empty, 2);
    } else if (from === to) {
      this.shape.bits(ShapeKind.opaque, 2);
      const at = this.hashes.extend(32);
      trie.copyHash(node, side, this.hashes.bytes, at);
    } else if (ref > 0) {
      this.shape.bits(ShapeKind.branch, 2);
      const middle = firstRight(this.#paths, from, to, depth);
      const left = trie.child(ref, 0);
      const right = trie.child(ref, 1);
      // A leaf that a deletion moves up is met by the next insertion there, whose step shows its path.
      if (from === middle && isLeaf(left) && this.#vanishes(right, depth + 1, middle, to)) {
        this.#besideDeleted(left);
      } else this.node(ref, 0, depth + 1, from, middle);
      if (middle === to && isLeaf(right) && this.#vanishes(left, depth + 1, from, middle)) {
        this.#besideDeleted(right);
      } else this.node(ref, 1, depth + 1, middle, to);
    } else {
      // A touched path that ends at an unopened node has no witness: find says so.
      for (let k = from; k < to; k++) trie.find(this.#paths, 32 * k);
      this.shape.bits(ShapeKind.leaf, 2);
      this.#leaf(-ref, from, to);
    }
  }

  finish(): Uint8Array {
    const out = new Bytes(12 + this.shape.length + this.hashes.length + this.leaves.length);
    out.prefixed(this.shape);
    out.prefixed(this.hashes);
    out.u32(this.leafCount);
    out.append(this.leaves.bytes, 0, this.leaves.length);
    return out.bytes;
  }

  /** An untouched leaf that is opened because all beside it was deleted at some time. */
  #besideDeleted(ref: NodeRef): void {
    const trie = this.#source.trie;
    if (trie.knownBits(-ref) < DEPTH_MAX) throw missing();
    this.shape.bits(ShapeKind.leaf, 2);
    this.#leaf(-ref, 0, 0);
  }

  /** Whether every leaf of a subtree that is not empty is a key that was deleted at some time. */
  #vanishes(ref: NodeRef, depth: number, from: number, to: number): boolean {
    if (ref === EMPTY) return true;
    if (from === to || ref === OPAQUE) return false;
    if (ref < 0) {
      const touch = this.#touchOf(-ref, from, to);
      return touch >= 0 && this.#touches.deleted(touch);
    }
    const trie = this.#source.trie;
    const middle = firstRight(this.#paths, from, to, depth);
    return (
      this.#vanishes(trie.child(ref, 0), depth + 1, from, middle) &&
      this.#vanishes(trie.child(ref, 1), depth + 1, middle, to)
    );
  }

  #leaf(leaf: number, from: number, to: number): void {
    this.leafCount++;
    this.leaves.append(this.#source.trie.paths, 32 * leaf, 32);
    const touch = this.#touchOf(leaf, from, to);
    if (touch < 0 || !this.#touches.opened(touch)) {
      this.leaves.u8(LeafForm.commitment);
      this.leaves.append(this.#source.commitmentOf(leaf));
      return;
    }
    this.leaves.u8(LeafForm.pieces);
    this.#pieces(this.#source.valueOf(leaf), touch);
  }

  #touchOf(leaf: number, from: number, to: number): number {
    const leafPaths = this.#source.trie.paths;
    for (let k = from; k < to; k++) {
      if (comparePaths(this.#paths, 32 * k, leafPaths, 32 * leaf) === 0) return this.#order[k]!;
    }
    return -1;
  }

  #pieces(value: Uint8Array | PiecedValue, touch: number): void {
    this.#pieceShape.clear();
    this.#pieceContent.clear();
    const chunks = chunkCount(value.length);
    if (chunks > 0 && this.#isReadWhole(touch, chunks)) {
      this.#wholePieces(value, chunks);
      return;
    }
    const tree = value instanceof Uint8Array ? new WholeTree(this.#source.hasher, value) : value;
    this.#piece(tree, touch, chunkDepth(value.length), 0);
    this.leaves.u32(value.length);
    this.leaves.prefixed(this.#pieceShape);
    this.leaves.prefixed(this.#pieceContent);
  }

  #isReadWhole(touch: number, chunks: number): boolean {
    for (let chunk = 0; chunk < chunks; chunk++) {
      if (!this.#touches.read(touch, chunk)) return false;
    }
    return true;
  }

  /** A value of which every chunk was read: ones for all its nodes, then the value. */
  #wholePieces(value: Uint8Array | PiecedValue, chunks: number): void {
    const bytes = value instanceof Uint8Array ? value : value.read(0, value.length);
    for (let node = wholeNodes(chunks); node > 0; node--) this.#pieceShape.bits(1, 1);
    this.leaves.u32(value.length);
    this.leaves.prefixed(this.#pieceShape);
    this.leaves.u32(32 * chunks);
    this.leaves.append(bytes);
    for (let i = value.length; i < 32 * chunks; i++) this.leaves.u8(0);
  }

  /** One node of a chunk tree and, where it is opened, those below. */
  #piece(tree: ChunkTree, touch: number, level: number, position: number): void {
    const chunks = chunkCount(tree.length);
    const first = position * 2 ** level;
    if (first >= chunks) return;
    const end = Math.min(chunks, first + 2 ** level);
    let chunk = first;
    while (chunk < end && !this.#touches.read(touch, chunk)) chunk++;
    this.#pieceShape.bits(chunk < end ? 1 : 0, 1);
    if (chunk < end && level > 0) {
      this.#piece(tree, touch, level - 1, 2 * position);
      this.#piece(tree, touch, level - 1, 2 * position + 1);
      return;
    }
    const bytes = tree.node(level, position);
    // A piece that was read is at hand, or reading it would have failed. One that the witness at
    // hand opens further than it was read is not; the shape differs then, and that is what is told.
    if (bytes !== undefined) {
      this.#pieceContent.append(bytes);
      for (let i = bytes.length; i < 32; i++) this.#pieceContent.u8(0);
    }
  }
}

/**
 * The canonical witness of a state for these touches.
 * @throws WITNESS_MISSING when the trie is partial and does not open a touched path.
 */
export function encodeWitness(touches: Touches, source: WitnessSource): Uint8Array {
  const encoder = new WitnessEncoder(touches, source);
  encoder.node(0, 0, 0, 0, touches.count);
  return encoder.finish();
}
