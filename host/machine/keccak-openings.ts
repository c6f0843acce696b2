// Openings of the keccak trees outside of the regions: leaves of byte strings, and paths in the lists of
// transactions, receipts and messages (docs/machine.md section 8). Each tree is hashed once and opened many times.
import { toHex } from "../codec/hex.ts";
import { keccak256, keccak256Pair } from "../codec/keccak.ts";
import { assert } from "../errors.ts";
import { OUTBOX_DEPTH, TRANSACTIONS_DEPTH } from "../limits.ts";
import { LEAF_BYTES } from "./machine.ts";
import { siblingParts } from "./opening.ts";
import { join } from "./prove-word.ts";

/** Of transactions and receipts: the deepest lists. */
const LIST_DEPTH = TRANSACTIONS_DEPTH;

/** Z(k): roots of 2^k zero leaves. */
const leafZeros = [keccak256(new Uint8Array(LEAF_BYTES))];
/** Roots of 2^k absent entries of a list. */
const listZeros: Uint8Array[] = [new Uint8Array(32)];
for (let level = 0; level < LIST_DEPTH; level++) {
  leafZeros.push(keccak256Pair(leafZeros[level]!, leafZeros[level]!));
  listZeros.push(keccak256Pair(listZeros[level]!, listZeros[level]!));
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i]);

/** All nodes of a tree that are not beyond its leaves, leaves first; the last level is the root. */
function levelsOf(leaves: readonly Uint8Array[], zeros: readonly Uint8Array[], depth: number) {
  const levels: (readonly Uint8Array[])[] = [leaves];
  for (let level = 0; level < depth; level++) {
    const below = levels[level]!;
    const above: Uint8Array[] = [];
    for (let i = 0; i < below.length; i += 2) {
      above.push(keccak256Pair(below[i]!, below[i + 1] ?? zeros[level]!));
    }
    levels.push(above);
  }
  return levels;
}

/** A byte string whose 128-byte leaves can be opened. */
export class ByteOpenings {
  readonly bytes: Uint8Array;
  readonly #depth: number;
  #levels: readonly (readonly Uint8Array[])[] | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    const count = Math.ceil(bytes.length / LEAF_BYTES);
    this.#depth = count <= 1 ? 0 : 32 - Math.clz32(count - 1);
  }

  /** Leaves at ascending places, with the siblings that lead to the root. */
  opening(indices: readonly number[]): Uint8Array {
    this.#levels ??= this.#hash();
    const levels = this.#levels;
    const siblings = siblingParts(indices, this.#depth, (level, position) => {
      const node = levels[level]![position];
      return node === undefined || isSame(node, leafZeros[level]!) ? undefined : node;
    });
    return join([...indices.map((index) => this.#leaf(index)), ...siblings]);
  }

  #leaf(index: number): Uint8Array {
    const leaf = new Uint8Array(LEAF_BYTES);
    leaf.set(this.bytes.subarray(LEAF_BYTES * index, LEAF_BYTES * (index + 1)));
    return leaf;
  }

  #hash(): readonly (readonly Uint8Array[])[] {
    const count = Math.max(1, Math.ceil(this.bytes.length / LEAF_BYTES));
    const leaves = Array.from({ length: count }, (_, i) => keccak256(this.#leaf(i)));
    return levelsOf(leaves, leafZeros, this.#depth);
  }
}

/** Bitmap and siblings of a path in a list, deepest first. */
function pathParts(siblings: readonly (Uint8Array | undefined)[]): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(siblings.length / 8));
  const given: Uint8Array[] = [];
  siblings.forEach((sibling, i) => {
    if (sibling === undefined || isSame(sibling, listZeros[i]!)) return;
    bitmap[i >> 3]! |= 0x80 >> (i & 7);
    given.push(sibling);
  });
  return join([bitmap, ...given]);
}

/** A list that is there from the beginning: the transactions of a block. */
export class ListPaths {
  readonly #levels: readonly (readonly Uint8Array[])[];

  /** `leaves` are 32 bytes each. */
  constructor(leaves: readonly Uint8Array[]) {
    this.#levels = levelsOf(leaves, listZeros, LIST_DEPTH);
  }

  path(index: number): Uint8Array {
    const siblings = Array.from(
      { length: LIST_DEPTH },
      (_, level) => this.#levels[level]![(index >>> level) ^ 1],
    );
    return pathParts(siblings);
  }
}

/** The roots of the complete subtrees that stand left of what comes next, by level; zeros where there is none. */
type Frontier = readonly Uint8Array[];

const emptyFrontier = (depth: number): Frontier => Array<Uint8Array>(depth).fill(listZeros[0]!);

/** The path of the place behind the first `count` leaves. */
function pathBehind(frontier: Frontier, count: number): Uint8Array {
  return pathParts(frontier.map((node, level) => ((count >>> level) & 1 ? node : undefined)));
}

/** The frontier once a leaf [32] stands behind the first `count`. */
function frontierAfter(frontier: Frontier, count: number, leaf: Uint8Array): Frontier {
  let node = leaf;
  let level = 0;
  for (; (count >>> level) & 1; level++) node = keccak256Pair(frontier[level]!, node);
  return frontier.with(level, node);
}

/** A list that grows by one leaf after the other: the receipts. Remembers what it was at any length. */
export class GrowingListPaths {
  /** By length. */
  readonly #frontiers: Frontier[] = [emptyFrontier(LIST_DEPTH)];

  /** The path of the place behind the first `index` leaves. */
  path(index: number): Uint8Array {
    const frontier = this.#frontiers[index];
    assert(frontier !== undefined, "a list is asked for a path once it has grown so far");
    return pathBehind(frontier, index);
  }

  /** Puts a leaf [32] at `index`, behind those that are there; what was there before is the same. */
  append(index: number, leaf: Uint8Array): void {
    const frontier = this.#frontiers[index];
    assert(frontier !== undefined, "a list grows by one leaf at a time");
    this.#frontiers[index + 1] = frontierAfter(frontier, index, leaf);
  }
}

/** The outbox, which also shrinks where calls are reverted: what it was is known by its root. */
export class OutboxPaths {
  readonly #lists = new Map<string, { readonly count: number; readonly frontier: Frontier }>();

  constructor() {
    const frontier = emptyFrontier(OUTBOX_DEPTH);
    this.#lists.set(toHex(listZeros[OUTBOX_DEPTH]!), { count: 0, frontier });
  }

  /** The path of the place behind the messages of the outbox with this root [32]. */
  path(root: Uint8Array): Uint8Array {
    const { frontier, count } = this.#list(root);
    return pathBehind(frontier, count);
  }

  /** A leaf [32] was put behind the messages of the outbox with this root. */
  append(root: Uint8Array, leaf: Uint8Array): void {
    const { frontier, count } = this.#list(root);
    let node = leaf;
    for (let level = 0; level < OUTBOX_DEPTH; level++) {
      const isRight = ((count >>> level) & 1) === 1;
      const [left, right] = isRight ? [frontier[level]!, node] : [node, listZeros[level]!];
      node = keccak256Pair(left, right);
    }
    const after = frontierAfter(frontier, count, leaf);
    this.#lists.set(toHex(node), { count: count + 1, frontier: after });
  }

  #list(root: Uint8Array) {
    const list = this.#lists.get(toHex(root));
    assert(list !== undefined, "an outbox is asked for once a run has come to it");
    return list;
  }
}
