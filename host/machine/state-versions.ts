// The state of a bundle as its run sees it: a trie of what the witness shows, in which a change makes a new
// version and leaves the old one, since a revert goes back to an earlier root and a run may begin again
// anywhere. Gives the openings of state paths (docs/machine.md section 6). It never invents what the
// witness does not show.
import { equalBytes, toHex } from "../codec/hex.ts";
import { ByteWriter } from "../codec/writer.ts";
import { assert } from "../errors.ts";
import type { StateHasher } from "../state/state-hasher.ts";
import { missing } from "../state/trie.ts";
import { leafHashes, valueCommitment, writeCommitmentPreimage } from "../state/value-commitment.ts";
import { ShapeKind } from "../state/witness-encode.ts";
import {
  BitReader,
  readWitness,
  type WitnessParts,
  WitnessValue,
} from "../state/witness-reader.ts";
import { WitnessState } from "../state/witness-state.ts";
import { valueRoot } from "./value-openings.ts";

const EMPTY_HASH = new Uint8Array(32);
/** Top bit of a node's hash: it is a leaf, whether its path is known or not. */
const LEAF_TAG = 0x80;

/** What is known of a value: all of it, or the pieces that the witness opens. */
export type KnownValue = Uint8Array | WitnessValue;

export interface Leaf {
  readonly kind: "leaf";
  readonly path: Uint8Array;
  readonly commitment: Uint8Array;
  /** Absent where the witness shows no more than the commitment. */
  readonly value: KnownValue | undefined;
  readonly hash: Uint8Array;
}

interface Branch {
  readonly kind: "branch";
  readonly children: readonly [Node, Node];
  readonly hash: Uint8Array;
}

/** A leaf or branch of which only the hash is known. */
interface Unopened {
  readonly kind: "unopened";
  readonly hash: Uint8Array;
}

type Node = Leaf | Branch | Unopened | undefined;

/** Where a path ends. */
export interface WayToLeaf {
  /** The path's own leaf, or another that stands where the path ends. */
  readonly leaf: Leaf | undefined;
  /** [32] each, deepest first; `EMPTY_HASH` for an empty subtree. */
  readonly siblings: readonly Uint8Array[];
}

/** What a step is shown of the leaf at its path. */
export type StateReads = "commitment" | "storage" | "account" | "code";

const hashOf = (node: Node): Uint8Array => node?.hash ?? EMPTY_HASH;
const isLeaf = (node: Node): boolean => (hashOf(node)[0]! & LEAF_TAG) !== 0;
const bitOf = (path: Uint8Array, depth: number): 0 | 1 =>
  ((path[depth >> 3]! >> (7 - (depth & 7))) & 1) as 0 | 1;

/** Versions of a state, by root. The empty trie is always one: the code that a block enters starts with it. */
export class StateVersions {
  readonly #hasher: StateHasher;
  readonly #kept = new Map<string, Node>([[toHex(EMPTY_HASH), undefined]]);
  /** Those that are forgotten with the next `forgetOthers`. */
  readonly #passing = new Map<string, Node>();

  /**
   * The state that a witness opens.
   * @throws WITNESS_LENGTH, WITNESS_SHAPE, WITNESS_LEAF, WITNESS_PIECES, WITNESS_ROOT_MISMATCH
   */
  constructor(witness: Uint8Array, root: Uint8Array, hasher: StateHasher) {
    this.#hasher = hasher;
    // Refuses what is no witness of this root; what follows relies on its form.
    WitnessState.decode(witness, root, hasher);
    const node = this.#read(readWitness(witness, hasher));
    assert(equalBytes(hashOf(node), root), "both tries of a witness have one root");
    this.#kept.set(toHex(root), node);
  }

  /** Keeps the version with this root for good. */
  keep(root: Uint8Array): void {
    this.#kept.set(toHex(root), this.#version(root));
  }

  /** Forgets every version that was not kept. */
  forgetOthers(): void {
    this.#passing.clear();
  }

  /** Makes the version after a value is put at a path, or taken out where there is none. */
  write(root: Uint8Array, path: Uint8Array, value: Uint8Array | undefined): void {
    const before = this.#version(root);
    const after =
      value === undefined
        ? this.#without(before, path, 0)
        : this.#with(before, this.#leaf(path, valueCommitment(this.#hasher, value), value), 0);
    this.#passing.set(toHex(hashOf(after)), after);
  }

  /**
   * The opening of a path.
   * @throws WITNESS_MISSING when the witness does not show what stands there
   */
  opening(root: Uint8Array, path: Uint8Array, reads: StateReads): Uint8Array {
    const { leaf, siblings } = this.wayTo(root, path);
    const writer = new ByteWriter();
    if (leaf === undefined) writer.u8(0);
    else if (equalBytes(leaf.path, path)) writer.u8(1).raw(shown(this.#hasher, leaf, reads));
    else writer.u8(2).raw(leaf.path).raw(leaf.commitment);
    writer.u8(siblings.length);
    const bitmap = new Uint8Array(Math.ceil(siblings.length / 8));
    siblings.forEach((sibling, i) => {
      if (sibling !== EMPTY_HASH) bitmap[i >> 3]! |= 0x80 >> (i & 7);
    });
    writer.raw(bitmap);
    for (const sibling of siblings) if (sibling !== EMPTY_HASH) writer.raw(sibling);
    return writer.finish();
  }

  /**
   * The leaf where a path ends, if there is one, and the siblings on the way to it.
   * @throws WITNESS_MISSING when the witness does not show what stands there
   */
  wayTo(root: Uint8Array, path: Uint8Array): WayToLeaf {
    const siblings: Uint8Array[] = [];
    let node = this.#version(root);
    while (node?.kind === "branch") {
      const side = bitOf(path, siblings.length);
      siblings.push(hashOf(node.children[side ^ 1]));
      node = node.children[side];
    }
    if (node?.kind === "unopened") throw missing();
    return { leaf: node, siblings: siblings.reverse() };
  }

  /** The value at a path, as far as it is known; undefined where there is none. */
  value(root: Uint8Array, path: Uint8Array): KnownValue | undefined {
    let node = this.#version(root);
    for (let depth = 0; node?.kind === "branch"; depth++) node = node.children[bitOf(path, depth)];
    if (node?.kind !== "leaf" || !equalBytes(node.path, path)) return undefined;
    return node.value;
  }

  #version(root: Uint8Array): Node {
    const name = toHex(root);
    assert(this.#kept.has(name) || this.#passing.has(name), `a version of state ${name}`);
    return this.#passing.get(name) ?? this.#kept.get(name);
  }

  #leaf(path: Uint8Array, commitment: Uint8Array, value: KnownValue | undefined): Leaf {
    const hash = leafHashes(this.#hasher, path, [0], commitment);
    return { kind: "leaf", path, commitment, value, hash };
  }

  /** A branch, or what stands for it: a leaf alone moves up. */
  #branch(left: Node, right: Node): Node {
    if (left === undefined && (right === undefined || isLeaf(right))) return right;
    if (right === undefined && isLeaf(left)) return left;
    const pair = new Uint8Array(64);
    pair.set(hashOf(left), 0);
    pair.set(hashOf(right), 32);
    const hash = new Uint8Array(32);
    this.#hasher.hashPairs(pair, hash, 1);
    hash[0]! &= ~LEAF_TAG;
    return { kind: "branch", children: [left, right], hash };
  }

  #with(node: Node, leaf: Leaf, depth: number): Node {
    if (node === undefined) return leaf;
    if (node.kind === "unopened") throw missing();
    if (node.kind === "leaf" && equalBytes(node.path, leaf.path)) return leaf;
    const pair: [Node, Node] = [undefined, undefined];
    if (node.kind === "branch") [pair[0], pair[1]] = node.children;
    else pair[bitOf(node.path, depth)] = node;
    const side = bitOf(leaf.path, depth);
    pair[side] = this.#with(pair[side], leaf, depth + 1);
    return this.#branch(pair[0], pair[1]);
  }

  #without(node: Node, path: Uint8Array, depth: number): Node {
    if (node === undefined) return undefined;
    if (node.kind === "unopened") throw missing();
    if (node.kind === "leaf") return equalBytes(node.path, path) ? undefined : node;
    const pair: [Node, Node] = [...node.children];
    const side = bitOf(path, depth);
    pair[side] = this.#without(pair[side], path, depth + 1);
    return this.#branch(pair[0], pair[1]);
  }

  #read(parts: WitnessParts): Node {
    const bits = new BitReader(parts.shape);
    let hashesAt = 0;
    let leafAt = 0;
    const read = (): Node => {
      const kind = bits.take(2);
      if (kind === ShapeKind.empty) return undefined;
      if (kind === ShapeKind.opaque) {
        hashesAt += 32;
        return { kind: "unopened", hash: parts.hashes.subarray(hashesAt - 32, hashesAt) };
      }
      if (kind === ShapeKind.branch) {
        const left = read();
        return this.#branch(left, read());
      }
      const { path, commitment, value } = parts.leaves[leafAt++]!;
      return this.#leaf(path, commitment ?? commitmentOf(this.#hasher, value!), value);
    };
    return read();
  }
}

function commitmentOf(hasher: StateHasher, value: WitnessValue): Uint8Array {
  const preimage = new Uint8Array(64);
  writeCommitmentPreimage(preimage, 0, value.root, value.length);
  const hash = new Uint8Array(32);
  hasher.hashPairs(preimage, hash, 1);
  return hash;
}

function shown(hasher: StateHasher, leaf: Leaf, reads: StateReads): Uint8Array {
  if (reads === "commitment") return leaf.commitment;
  const { value } = leaf;
  if (value === undefined) throw missing();
  if (reads === "storage") {
    return new ByteWriter(36).raw(valueRoot(hasher, value)).u32(value.length).finish();
  }
  return value instanceof WitnessValue ? value.read(0, value.length) : value;
}
