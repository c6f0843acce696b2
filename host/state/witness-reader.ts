// Reads the parts of a witness (docs/formats.md section 8) from untrusted bytes: lengths before
// allocation, every bit and byte used, one encoding per value. Knows the layout and nothing of what
// execution needs; witness-state.ts puts the parts together. It must never answer bad bytes with
// anything but a WITNESS_ code.

import { EngineError, type ErrorCode } from "../errors.ts";
import { DATA_BYTES_MAX } from "../limits.ts";
import type { StateHasher } from "./state-hasher.ts";
import { chunkCount, chunkDepth, chunkRoot, zeroChunkRoots } from "./value-commitment.ts";
import { LeafForm, wholeNodes } from "./witness-encode.ts";

/** Least bytes of one leaf: path, form, length 0, empty shape, empty content. */
const LEAF_BYTES_MIN = 32 + 1 + 4 + 4 + 4;

export function refuse(code: ErrorCode & `WITNESS_${string}`, message: string): EngineError {
  return new EngineError({ code, message });
}

/** Reads forward over bytes; ends early with WITNESS_LENGTH. */
class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  take(length: number): Uint8Array {
    this.#need(length);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  u8(): number {
    this.#need(1);
    return this.#bytes[this.#at++]!;
  }

  u32(): number {
    this.#need(4);
    const b = this.#bytes;
    const at = this.#at;
    this.#at += 4;
    return b[at]! * 0x1000000 + ((b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!);
  }

  prefixed(): Uint8Array {
    return this.take(this.u32());
  }

  #need(length: number): void {
    if (length > this.remaining) {
      throw refuse("WITNESS_LENGTH", `got ${this.remaining} more bytes, expected ${length}`);
    }
  }

  end(): void {
    if (this.remaining > 0) {
      throw refuse("WITNESS_LENGTH", `got ${this.remaining} bytes after the end, expected none`);
    }
  }
}

/** Reads bits, most significant first; what is left in the last byte must be zero. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(width: 1 | 2): number {
    const byte = this.#bytes[this.#at >>> 3];
    if (byte === undefined) {
      throw refuse("WITNESS_SHAPE", `got ${this.#at} bits of shape, expected more`);
    }
    const value = (byte >>> (8 - width - (this.#at & 7))) & (width === 1 ? 1 : 3);
    this.#at += width;
    return value;
  }

  end(): void {
    const used = (this.#at + 7) >>> 3;
    if (used !== this.#bytes.length) {
      throw refuse("WITNESS_SHAPE", `got ${this.#bytes.length} bytes of shape, expected ${used}`);
    }
    const rest = this.#at & 7;
    if (rest !== 0 && (this.#bytes[used - 1]! & (0xff >>> rest)) !== 0) {
      throw refuse("WITNESS_SHAPE", "got ones after the end of the shape, expected zero bits");
    }
  }
}

/** Root over whole chunks, at least two. Two are the common case: an account. */
function rootOf(hasher: StateHasher, chunks: Uint8Array): Uint8Array {
  if (chunks.length > 64) return chunkRoot(hasher, chunks);
  const root = new Uint8Array(32);
  hasher.hashPairs(chunks, root, 1);
  return root;
}

/** Whether these are exactly `count` ones and zeros up to the end of the last byte. */
function isOnes(shape: Uint8Array, count: number): boolean {
  const whole = count >>> 3;
  const rest = count & 7;
  if (shape.length !== whole + (rest === 0 ? 0 : 1)) return false;
  for (let i = 0; i < whole; i++) if (shape[i] !== 0xff) return false;
  return rest === 0 || shape[whole] === ((0xff00 >>> rest) & 0xff);
}

/** With more pieces than this a lookup goes through a map. */
const PIECES_SCANNED = 16;

/** Key of a place in the chunk tree. Opened chunks and unopened nodes never share one. */
function placeKey(opened: boolean, level: number, position: number): number {
  return (opened ? 0x100_0000 : 0) + level * 0x1_0000 + position;
}

/** The opened nodes of one level of a chunk tree: their children in pairs, and where each hash goes. */
class OpenedLevel {
  readonly pairs: Uint8Array;
  readonly #parents: number[] = [];

  constructor(nodesMax: number) {
    this.pairs = new Uint8Array(64 * nodesMax);
  }

  /** A pair for a node whose hash goes to `parent` in the level above. */
  open(parent: number): number {
    return 64 * (this.#parents.push(parent) - 1);
  }

  /** 32 bytes; by hand, which a view of them would cost more than. */
  put(at: number, source: Uint8Array, offset: number): void {
    for (let i = 0; i < 32; i++) this.pairs[at + i] = source[offset + i]!;
  }

  hashInto(hasher: StateHasher, above: OpenedLevel): void {
    const count = this.#parents.length;
    const hashes = new Uint8Array(32 * count);
    hasher.hashPairs(this.pairs, hashes, count);
    for (let i = 0; i < count; i++) above.put(this.#parents[i]!, hashes, 32 * i);
  }
}

/** An opened value: its length, and the chunks and hashes that the witness carries. */
export class WitnessValue {
  readonly length: number;
  /** Root of the chunk tree, computed from the pieces. */
  readonly root: Uint8Array;
  readonly #content: Uint8Array;
  /** Place of each piece; piece i stands at 32 × i of the content. Empty where all chunks are there. */
  readonly #places: number[] = [];
  readonly #isWhole: boolean;
  #index: Map<number, number> | undefined;

  /** @throws WITNESS_PIECES, WITNESS_SHAPE */
  constructor(hasher: StateHasher, length: number, shape: Uint8Array, content: Uint8Array) {
    this.length = length;
    this.#content = content;
    const chunks = chunkCount(length);
    // Most values are read whole: hashed level by level, not pair by pair.
    this.#isWhole =
      chunks > 0 && content.length === 32 * chunks && isOnes(shape, wholeNodes(chunks));
    if (this.#isWhole) {
      this.root = chunks === 1 ? content : rootOf(hasher, content);
      this.#checkPadding();
      return;
    }
    const bits = new BitReader(shape);
    this.root = this.#read(hasher, bits);
    bits.end();
    const used = 32 * this.#places.length;
    if (used !== content.length) {
      throw refuse("WITNESS_PIECES", `got ${content.length} bytes of pieces, expected ${used}`);
    }
    this.#checkPadding();
  }

  /** Hash or chunk at a place of the chunk tree, or undefined where it is not at hand. */
  node(level: number, position: number): Uint8Array | undefined {
    let offset = this.#offset(placeKey(false, level, position));
    if (offset < 0 && level === 0) offset = this.#offset(placeKey(true, 0, position));
    return offset < 0 ? undefined : this.#content.subarray(offset, offset + 32);
  }

  /** @throws WITNESS_MISSING when a piece of the range is not opened. */
  read(offset: number, length: number): Uint8Array {
    if (length === 0) return this.#content.subarray(0, 0);
    const first = offset >>> 5;
    const last = (offset + length - 1) >>> 5;
    const start = this.#chunk(first);
    // Pieces stand in order, so equal distance means that every chunk between is there.
    if (this.#chunk(last) - start !== 32 * (last - first)) {
      for (let chunk = first; chunk <= last; chunk++) this.#chunk(chunk);
    }
    const at = start + (offset & 31);
    return this.#content.subarray(at, at + length);
  }

  #chunk(chunk: number): number {
    const offset = this.#offset(placeKey(true, 0, chunk));
    if (offset < 0) {
      throw refuse("WITNESS_MISSING", `got a read of piece ${chunk}, expected it to be opened`);
    }
    return offset;
  }

  /** Where the piece with this key stands in the content, or −1. */
  #offset(key: number): number {
    if (this.#isWhole) {
      const at = 32 * (key - placeKey(true, 0, 0));
      return at >= 0 && at < this.#content.length ? at : -1;
    }
    if (this.#places.length <= PIECES_SCANNED) return 32 * this.#places.indexOf(key);
    this.#index ??= new Map(this.#places.map((place, i) => [place, i]));
    return 32 * (this.#index.get(key) ?? -1);
  }

  /** Reads the pieces and hashes them level by level: a call of the hasher costs more than a hash. */
  #read(hasher: StateHasher, bits: BitReader): Uint8Array {
    const depth = chunkDepth(this.length);
    // Every opened node has a piece below it, but for the last, below which one may be missing.
    const opened = this.#content.length / 32 + 1;
    const levels: OpenedLevel[] = [];
    for (let level = 1; level <= depth; level++) {
      levels.push(new OpenedLevel(Math.min(opened, 2 ** (depth - level))));
    }
    const top = new OpenedLevel(1);
    levels.push(top);
    this.#place(hasher, bits, levels, depth, 0, 0);
    for (let i = 0; i < depth; i++) levels[i]!.hashInto(hasher, levels[i + 1]!);
    return top.pairs.subarray(0, 32);
  }

  /**
   * Puts the chunk or hash of a node at offset `at` of the pairs of its level, or notes that it is to be
   * hashed: pairs of level i are the children of opened nodes of level i + 1.
   */
  #place(
    hasher: StateHasher,
    bits: BitReader,
    levels: readonly OpenedLevel[],
    level: number,
    position: number,
    at: number,
  ): void {
    if (position << level >= chunkCount(this.length)) {
      levels[level]!.put(at, zeroChunkRoots(hasher), 32 * level);
      return;
    }
    const opened = bits.take(1) === 1;
    if (opened && level > 0) {
      const pair = levels[level - 1]!.open(at);
      this.#place(hasher, bits, levels, level - 1, 2 * position, pair);
      this.#place(hasher, bits, levels, level - 1, 2 * position + 1, pair + 32);
      return;
    }
    const offset = 32 * this.#places.length;
    if (offset + 32 > this.#content.length) {
      throw refuse("WITNESS_PIECES", `got ${this.#content.length} bytes of pieces, expected more`);
    }
    this.#places.push(placeKey(opened, level, position));
    levels[level]!.put(at, this.#content, offset);
  }

  #checkPadding(): void {
    const rest = this.length & 31;
    if (rest === 0) return;
    const offset = this.#offset(placeKey(true, 0, chunkCount(this.length) - 1));
    if (offset < 0) return;
    for (let i = offset + rest; i < offset + 32; i++) {
      if (this.#content[i] !== 0) {
        throw refuse("WITNESS_PIECES", "got bytes after the end of the value, expected zeros");
      }
    }
  }
}

/** One leaf; `value` where it was opened, else only the commitment. */
export interface WitnessLeaf {
  readonly path: Uint8Array;
  readonly commitment: Uint8Array | undefined;
  readonly value: WitnessValue | undefined;
}

export interface WitnessParts {
  readonly shape: Uint8Array;
  /** Hashes of the unopened nodes in preorder, 32 bytes each. */
  readonly hashes: Uint8Array;
  readonly leaves: readonly WitnessLeaf[];
}

function readLeaf(cursor: Cursor, hasher: StateHasher): WitnessLeaf {
  const path = cursor.take(32);
  const form = cursor.u8();
  if (form === LeafForm.commitment) {
    return { path, commitment: cursor.take(32), value: undefined };
  }
  if (form !== LeafForm.pieces) {
    throw refuse("WITNESS_LEAF", `got a leaf of form ${form}, expected 0 or 1`);
  }
  const length = cursor.u32();
  if (length > DATA_BYTES_MAX) {
    throw refuse(
      "WITNESS_LEAF",
      `got a value of ${length} bytes, expected at most ${DATA_BYTES_MAX}`,
    );
  }
  const shape = cursor.prefixed();
  const value = new WitnessValue(hasher, length, shape, cursor.prefixed());
  return { path, commitment: undefined, value };
}

/**
 * Splits witness bytes into their parts; everything but the trie's shape is checked.
 * @throws WITNESS_LENGTH, WITNESS_LEAF, WITNESS_PIECES, WITNESS_SHAPE
 */
export function readWitness(bytes: Uint8Array, hasher: StateHasher): WitnessParts {
  const cursor = new Cursor(bytes);
  const shape = cursor.prefixed();
  const hashes = cursor.prefixed();
  const leafCount = cursor.u32();
  if (leafCount * LEAF_BYTES_MIN > cursor.remaining) {
    throw refuse("WITNESS_LENGTH", `got ${cursor.remaining} bytes for ${leafCount} leaves`);
  }
  const leaves: WitnessLeaf[] = [];
  for (let i = 0; i < leafCount; i++) leaves.push(readLeaf(cursor, hasher));
  cursor.end();
  return { shape, hashes, leaves };
}
