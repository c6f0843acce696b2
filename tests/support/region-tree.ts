// A region of the reference machine: its leaves and the keccak tree over them, hashed where leaves changed,
// by the crypto module rather than by the judge's own keccak. Gives the openings of step proofs. Slow and
// plain: what is compared with it must not be like it.
import { equalBytes } from "../../host/codec/hex.ts";
import { keccak256, keccak256Pair } from "../../host/codec/keccak.ts";
import { ByteWriter } from "../../host/codec/writer.ts";

const LEAF = 128;
const ZERO_LEAF = new Uint8Array(LEAF);
const ZEROS = [keccak256(new Uint8Array(LEAF))];
for (let level = 0; level < 40; level++) ZEROS.push(keccak256Pair(ZEROS[level]!, ZEROS[level]!));

/** Root of 2^level zero leaves. */
export const zeroRoot = (level: number): Uint8Array => ZEROS[level]!;

export class RegionTree {
  readonly depth: number;
  readonly #leaves = new Map<number, Uint8Array>();
  /** By level, nodes that are not the zero subtree's by default. */
  readonly #nodes: Map<number, Uint8Array>[];
  #dirty = new Set<number>();

  constructor(depth: number) {
    this.depth = depth;
    this.#nodes = Array.from({ length: depth + 1 }, () => new Map());
  }

  /** A region that starts with these bytes. */
  static of(depth: number, bytes: Uint8Array): RegionTree {
    const tree = new RegionTree(depth);
    for (let at = 0; at < bytes.length; at += LEAF) {
      const leaf = new Uint8Array(LEAF);
      leaf.set(bytes.subarray(at, at + LEAF));
      if (leaf.some((byte) => byte !== 0)) tree.set(at / LEAF, leaf);
    }
    return tree;
  }

  copy(): RegionTree {
    const copy = new RegionTree(this.depth);
    for (const [index, leaf] of this.#leaves) copy.#leaves.set(index, leaf);
    this.#nodes.forEach((nodes, level) => {
      for (const [index, node] of nodes) copy.#nodes[level]!.set(index, node);
    });
    copy.#dirty = new Set(this.#dirty);
    return copy;
  }

  /** A copy of a leaf. */
  leaf(index: number): Uint8Array {
    return this.#leaves.get(index)?.slice() ?? new Uint8Array(LEAF);
  }

  /** A leaf to look at. */
  peek(index: number): Uint8Array {
    return this.#leaves.get(index) ?? ZERO_LEAF;
  }

  /** Sets a leaf, which belongs to the tree from now on. */
  set(index: number, leaf: Uint8Array): void {
    const before = this.#leaves.get(index);
    if (before !== undefined && equalBytes(before, leaf)) return;
    this.#leaves.set(index, leaf);
    this.#dirty.add(index);
  }

  bytes(start: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const from = (start + at) % LEAF;
      const to = Math.min(LEAF, from + length - at);
      bytes.set(this.peek(Math.floor((start + at) / LEAF)).subarray(from, to), at);
      at += to - from;
    }
    return bytes;
  }

  root(): Uint8Array {
    this.#hash();
    return this.#node(this.depth, 0);
  }

  #node(level: number, index: number): Uint8Array {
    return this.#nodes[level]!.get(index) ?? zeroRoot(level);
  }

  #hash(): void {
    let dirty = this.#dirty;
    for (const index of dirty) this.#nodes[0]!.set(index, keccak256(this.#leaves.get(index)!));
    for (let level = 0; level < this.depth; level++) {
      dirty = new Set([...dirty].map((index) => index >>> 1));
      for (const index of dirty) {
        const pair = keccak256Pair(this.#node(level, 2 * index), this.#node(level, 2 * index + 1));
        this.#nodes[level + 1]!.set(index, pair);
      }
    }
    this.#dirty = new Set();
  }

  /** Leaves with the siblings that lead to the root: `u8 count ‖ indices` stand before them if `isCounted`. */
  opening(indices: readonly number[], isCounted: boolean): Uint8Array {
    this.#hash();
    const writer = new ByteWriter();
    if (isCounted) {
      writer.u8(indices.length);
      for (const index of indices) writer.u32(index);
    }
    for (const index of indices) writer.raw(this.leaf(index));
    const siblings: Uint8Array[] = [];
    let nodes = [...indices];
    for (let level = 0; level < this.depth; level++) {
      for (const node of nodes) {
        if (!nodes.includes(node ^ 1)) siblings.push(this.#node(level, node ^ 1));
        else continue;
      }
      nodes = [...new Set(nodes.map((node) => node >>> 1))];
    }
    const levels = levelsOfSiblings(this.depth, indices);
    writeGiven(writer, siblings, (i) => zeroRoot(levels[i]!));
    return writer.finish();
  }
}

function levelsOfSiblings(depth: number, indices: readonly number[]): number[] {
  const levels: number[] = [];
  let nodes = [...indices];
  for (let level = 0; level < depth; level++) {
    for (const node of nodes) if (!nodes.includes(node ^ 1)) levels.push(level);
    nodes = [...new Set(nodes.map((node) => node >>> 1))];
  }
  return levels;
}

/** A bitmap of which siblings are not `zero(i)`, padded to `size` bytes, and those. */
export function writeGiven(
  writer: ByteWriter,
  siblings: readonly Uint8Array[],
  zero: (i: number) => Uint8Array,
  size = Math.ceil(siblings.length / 8),
): void {
  const given = siblings.map((sibling, i) => !equalBytes(sibling, zero(i)));
  for (let byte = 0; byte < size; byte++) {
    let bits = 0;
    for (let bit = 0; bit < 8; bit++) if (given[8 * byte + bit]) bits |= 0x80 >> bit;
    writer.u8(bits);
  }
  siblings.forEach((sibling, i) => {
    if (given[i]) writer.raw(sibling);
  });
}
