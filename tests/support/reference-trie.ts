// The state of the reference machine: an immutable binary trie of values, so that the state of any earlier
// root can be taken up again after a revert. Written from docs/formats.md section 7 with node's own SHA-256,
// apart from host/state and from the judge. Gives the openings of state paths.
import { createHash } from "node:crypto";
import { toHex } from "../../host/codec/hex.ts";
import { ByteWriter } from "../../host/codec/writer.ts";
import type { StateReads } from "../../host/dispute/judge-access.ts";
import { writeGiven } from "./region-tree.ts";

const EMPTY = new Uint8Array(32);

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** All levels of the chunk tree of a value, each node [32], padded to a power of two. */
export function chunkLevels(value: Uint8Array): Uint8Array[][] {
  let count = 1;
  while (32 * count < value.length) count *= 2;
  const padded = new Uint8Array(32 * count);
  padded.set(value);
  const levels: Uint8Array[][] = [
    Array.from({ length: count }, (_, i) => padded.slice(32 * i, 32 * i + 32)),
  ];
  while (levels.at(-1)!.length > 1) {
    const below = levels.at(-1)!;
    levels.push(
      Array.from({ length: below.length / 2 }, (_, i) => sha256(below[2 * i]!, below[2 * i + 1]!)),
    );
  }
  return levels;
}

export function chunkRootOf(value: Uint8Array): Uint8Array {
  return chunkLevels(value).at(-1)![0]!;
}

function length256(length: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(28, length);
  return bytes;
}

export function commitment(value: Uint8Array): Uint8Array {
  return sha256(chunkRootOf(value), length256(value.length));
}

interface Leaf {
  readonly kind: "leaf";
  readonly path: Uint8Array;
  readonly value: Uint8Array;
  readonly hash: Uint8Array;
}

interface Branch {
  readonly kind: "branch";
  readonly children: readonly [Node, Node];
  readonly hash: Uint8Array;
}

type Node = Leaf | Branch | undefined;

const hashOf = (node: Node): Uint8Array => node?.hash ?? EMPTY;

function leafOf(path: Uint8Array, value: Uint8Array): Leaf {
  const hash = sha256(path, commitment(value));
  hash[0]! |= 0x80;
  return { kind: "leaf", path, value, hash };
}

/** A branch, or the leaf that stands for it. */
function branchOf(left: Node, right: Node): Node {
  if (left === undefined && right?.kind !== "branch") return right;
  if (right === undefined && left?.kind !== "branch") return left;
  const hash = sha256(hashOf(left), hashOf(right));
  hash[0]! &= 0x7f;
  return { kind: "branch", children: [left, right], hash };
}

const bit = (path: Uint8Array, depth: number): 0 | 1 =>
  ((path[depth >> 3]! >> (7 - (depth & 7))) & 1) as 0 | 1;

const same = (a: Uint8Array, b: Uint8Array): boolean => toHex(a) === toHex(b);

function put(node: Node, path: Uint8Array, value: Uint8Array | undefined, depth: number): Node {
  if (node === undefined) return value === undefined ? undefined : leafOf(path, value);
  if (node.kind === "leaf") {
    if (same(node.path, path)) return value === undefined ? undefined : leafOf(path, value);
    if (value === undefined) return node;
    // A branch for now, even where both go to one side: what is put there makes it one.
    const pair: [Node, Node] = [undefined, undefined];
    pair[bit(node.path, depth)] = node;
    const side = bit(path, depth);
    pair[side] = put(pair[side], path, value, depth + 1);
    return branchOf(...pair);
  }
  const pair: [Node, Node] = [...node.children];
  const side = bit(path, depth);
  pair[side] = put(pair[side], path, value, depth + 1);
  return branchOf(...pair);
}

export class ReferenceTrie {
  readonly #root: Node;

  constructor(root?: Node) {
    this.#root = root;
  }

  get root(): Uint8Array {
    return hashOf(this.#root);
  }

  /** The trie with another value at a path, or without it. */
  with(path: Uint8Array, value: Uint8Array | undefined): ReferenceTrie {
    return new ReferenceTrie(put(this.#root, path, value, 0));
  }

  /** The value at a path, or undefined. */
  value(path: Uint8Array): Uint8Array | undefined {
    let node = this.#root;
    for (let depth = 0; node?.kind === "branch"; depth++) node = node.children[bit(path, depth)];
    return node !== undefined && same(node.path, path) ? node.value : undefined;
  }

  /** The opening of a path, with what an operation that `reads` so is shown of its leaf. */
  opening(path: Uint8Array, reads: StateReads): Uint8Array {
    const siblings: Uint8Array[] = [];
    let node = this.#root;
    while (node?.kind === "branch") {
      const side = bit(path, siblings.length);
      siblings.push(hashOf(node.children[(1 - side) as 0 | 1]));
      node = node.children[side];
    }
    siblings.reverse();
    const writer = new ByteWriter();
    if (node === undefined) writer.u8(0);
    else if (same(node.path, path)) writer.u8(1).raw(shown(node.value, reads));
    else writer.u8(2).raw(node.path).raw(commitment(node.value));
    writer.u8(siblings.length);
    writeGiven(writer, siblings, () => EMPTY);
    return writer.finish();
  }
}

function shown(value: Uint8Array, reads: StateReads): Uint8Array {
  if (reads === "commitment") return commitment(value);
  if (reads !== "storage") return value;
  return new ByteWriter(36).raw(chunkRootOf(value)).u32(value.length).finish();
}
