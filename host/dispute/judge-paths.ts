// State operations (docs/machine.md section 6): a path of the sparse trie, opened against the state root of
// the record, and what the root is after a write or a deletion at that path. Each step has at most one. All
// of it is sha256; a leaf has the top bit of its first byte set, a branch has it clear.

import { RejectionCode } from "../outcome.ts";
import type { StateReads, StateWrite, StepAccess } from "./judge-access.ts";
import { concat, equal, isZero, numberBytes } from "./judge-bytes.ts";
import { sha256 } from "./judge-hash.ts";
import { chunkTree, foldTree, leastDepth, readBitmap, siblingLevels } from "./judge-openings.ts";
import type { ProofReader } from "./judge-reader.ts";
import { bytesOf, Entered, type Field, setBytes, World } from "./judge-record.ts";
import { demand, Rejection } from "./judge-rejection.ts";

export const StateClass = { account: 0, storage: 1, system: 2 } as const;

const NO_KEY = new Uint8Array(32);
const EMPTY = new Uint8Array(32);

/** ASCII, zero-padded. */
function systemKey(name: string): Uint8Array {
  const key = new Uint8Array(32);
  key.set(new TextEncoder().encode(name));
  return key;
}

const CODE_KEY = systemKey("code");
const LOCK_KEY = systemKey("lock");
const SYSTEM_ADDRESS = Uint8Array.of(...new Uint8Array(19), 1);
const PREPARE_RULES_KEY = systemKey("prepare.rules");

/** sha256(class ‖ address ‖ key). */
export function statePath(cls: number, address: Uint8Array, key: Uint8Array): Uint8Array {
  return sha256(Uint8Array.of(cls), address, key);
}

export const accountPath = (address: Uint8Array): Uint8Array =>
  statePath(StateClass.account, address, NO_KEY);
export const codePath = (address: Uint8Array): Uint8Array =>
  statePath(StateClass.system, address, CODE_KEY);
export const lockPath = (address: Uint8Array): Uint8Array =>
  statePath(StateClass.system, address, LOCK_KEY);

export const prepareRulesPath = (): Uint8Array =>
  statePath(StateClass.storage, SYSTEM_ADDRESS, PREPARE_RULES_KEY);

/** Commitment of a value from the root of its chunk tree. */
export function commitmentOf(root: Uint8Array, length: number): Uint8Array {
  return sha256(root, numberBytes(32, length));
}

/** Commitment of a whole value. */
export function valueCommitment(value: Uint8Array): Uint8Array {
  const count = Math.max(1, Math.ceil(value.length / 32));
  const padded = concat(value, new Uint8Array(32 * count - value.length));
  const indices = Array.from({ length: count }, (_, i) => i);
  const chunks = indices.map((i) => padded.slice(32 * i, 32 * i + 32));
  const depth = leastDepth(count);
  const zeros = siblingLevels(depth, indices).map(chunkTree.zero);
  return commitmentOf(foldTree(chunkTree, depth, indices, chunks, zeros), value.length);
}

function leafHash(path: Uint8Array, commitment: Uint8Array): Uint8Array {
  const hash = sha256(path, commitment);
  hash[0]! |= 0x80;
  return hash;
}

function branchHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const hash = sha256(left, right);
  hash[0]! &= 0x7f;
  return hash;
}

const isLeaf = (node: Uint8Array): boolean => (node[0]! & 0x80) !== 0;

const bitOf = (path: Uint8Array, depth: number): number =>
  (path[depth >> 3]! >> (7 - (depth & 7))) & 1;

/** First bit in which two paths differ; 256 where they are equal. */
function firstDifference(a: Uint8Array, b: Uint8Array): number {
  let bit = 0;
  while (bit < 256 && bitOf(a, bit) === bitOf(b, bit)) bit++;
  return bit;
}

function pairAt(
  path: Uint8Array,
  node: Uint8Array,
  sibling: Uint8Array,
  depth: number,
): Uint8Array {
  return bitOf(path, depth) === 1 ? branchHash(sibling, node) : branchHash(node, sibling);
}

/** The root above a node at `depth` of a path, from the siblings of the path, deepest first. */
function foldPath(
  path: Uint8Array,
  node: Uint8Array,
  depth: number,
  siblings: readonly Uint8Array[],
): Uint8Array {
  for (let above = depth - 1; above >= 0; above--) {
    node = pairAt(path, node, siblings[siblings.length - 1 - above] ?? EMPTY, above);
  }
  return node;
}

/** The leaf where a path ends. */
export interface EndLeaf {
  readonly path: Uint8Array;
  readonly commitment: Uint8Array;
}

/**
 * The state root that a path's end and siblings give: `leaf` is the path's own or another that shares the
 * way, undefined an empty end. Undefined where the other leaf is off the way.
 */
export function rootOfPath(
  path: Uint8Array,
  leaf: EndLeaf | undefined,
  siblings: readonly Uint8Array[],
): Uint8Array | undefined {
  if (leaf !== undefined && firstDifference(path, leaf.path) < siblings.length) return undefined;
  const node = leaf === undefined ? EMPTY : leafHash(leaf.path, leaf.commitment);
  return foldPath(path, node, siblings.length, siblings);
}

const Terminal = { empty: 0, leaf: 1, other: 2 } as const;

/** What stands where a path ends. */
interface PathEnd {
  readonly terminal: number;
  /** Terminal 1: what the operation reads. */
  readonly held: Uint8Array;
  /** Path and commitment of the leaf there; not of an empty end. */
  readonly leafPath: Uint8Array;
  readonly commitment: Uint8Array;
}

const HELD_BYTES: Readonly<Record<StateReads, number>> = {
  account: 64,
  code: 235,
  storage: 36,
  commitment: 32,
};

function heldCommitment(reads: StateReads, held: Uint8Array): Uint8Array {
  if (reads === "commitment") return held;
  if (reads === "storage") {
    return sha256(held.subarray(0, 32), new Uint8Array(28), held.subarray(32));
  }
  return valueCommitment(held);
}

function readEnd(reader: ProofReader, path: Uint8Array, reads: StateReads): PathEnd {
  const terminal = reader.u8();
  switch (terminal) {
    case Terminal.empty:
      return { terminal, held: EMPTY, leafPath: EMPTY, commitment: EMPTY };
    case Terminal.leaf: {
      const held = reader.take(HELD_BYTES[reads]);
      return { terminal, held, leafPath: path, commitment: heldCommitment(reads, held) };
    }
    case Terminal.other: {
      const leafPath = reader.take(32);
      return { terminal, held: EMPTY, leafPath, commitment: reader.take(32) };
    }
    default:
      throw new Rejection(RejectionCode.STATE_PATH);
  }
}

/** Siblings deepest first; an empty one is 32 zero bytes. */
function readPathSiblings(reader: ProofReader): Uint8Array[] {
  const depth = reader.u8();
  return readBitmap(reader, depth).map((given) => {
    if (!given) return EMPTY;
    const sibling = reader.take(32);
    demand(!isZero(sibling), RejectionCode.SIBLING);
    return sibling;
  });
}

/** Where the root of a trie is read, and where it is written. */
interface TrieRoots {
  readonly before: Field;
  readonly after: Field;
}

const STATE: TrieRoots = { before: World.stateRoot, after: World.stateRoot };

/** A path of a trie as it is before the step's operation: of the state, or of the code that was entered. */
export class StatePath {
  readonly #path: Uint8Array;
  readonly #end: PathEnd;
  readonly #siblings: readonly Uint8Array[];
  readonly #root: Uint8Array;
  readonly #written: Field;

  private constructor(
    path: Uint8Array,
    end: PathEnd,
    siblings: readonly Uint8Array[],
    root: Uint8Array,
    written: Field,
  ) {
    this.#path = path;
    this.#end = end;
    this.#siblings = siblings;
    this.#root = root;
    this.#written = written;
  }

  /** @throws Rejection TRUNCATED, SIBLING, STATE_PATH */
  static open(access: StepAccess, path: Uint8Array, reads: StateReads): StatePath {
    return StatePath.#openIn(access, path, reads, STATE);
  }

  /**
   * The place of the code that is about to be entered; what is put there is not yet entered.
   * @throws Rejection TRUNCATED, SIBLING, STATE_PATH
   */
  static openEntered(access: StepAccess): StatePath {
    const path = bytesOf(access, Entered.codeHash);
    const roots = { before: Entered.root, after: Entered.nextRoot };
    return StatePath.#openIn(access, path, "commitment", roots);
  }

  static #openIn(
    access: StepAccess,
    path: Uint8Array,
    reads: StateReads,
    { before, after }: TrieRoots,
  ): StatePath {
    // Leaves of the record come before pieces.
    const root = bytesOf(access, before);
    const reader = access.pieces({ kind: "state path", path, reads, root });
    const end = readEnd(reader, path, reads);
    const siblings = readPathSiblings(reader);
    if (end.terminal === Terminal.other) {
      const difference = firstDifference(path, end.leafPath);
      demand(difference >= siblings.length && difference < 256, RejectionCode.STATE_PATH);
    }
    const node = end.terminal === Terminal.empty ? EMPTY : leafHash(end.leafPath, end.commitment);
    const found = foldPath(path, node, siblings.length, siblings);
    demand(equal(found, root), RejectionCode.STATE_PATH);
    return new StatePath(path, end, siblings, root, after);
  }

  /** What terminal 1 holds, or undefined where the path is absent. */
  get value(): Uint8Array | undefined {
    return this.#end.terminal === Terminal.leaf ? this.#end.held : undefined;
  }

  #pair(node: Uint8Array, sibling: Uint8Array, depth: number): Uint8Array {
    return pairAt(this.#path, node, sibling, depth);
  }

  #fold(node: Uint8Array, depth: number): Uint8Array {
    return foldPath(this.#path, node, depth, this.#siblings);
  }

  /** Puts a value at the path. */
  setValue(access: StepAccess, value: Uint8Array): void {
    this.#set(access, { commitment: valueCommitment(value), value });
  }

  /** Puts a value with this commitment at the path. */
  setCommitment(access: StepAccess, commitment: Uint8Array): void {
    this.#set(access, { commitment });
  }

  #set(access: StepAccess, written: StateWrite): void {
    const { commitment } = written;
    const leaf = leafHash(this.#path, commitment);
    const { terminal, leafPath } = this.#end;
    let root: Uint8Array;
    if (terminal === Terminal.other) {
      const split = firstDifference(this.#path, leafPath);
      const other = leafHash(leafPath, this.#end.commitment);
      root = this.#fold(this.#pair(leaf, other, split), split);
    } else {
      root = this.#fold(leaf, this.#siblings.length);
    }
    setBytes(access, this.#written, root);
    access.stateWritten?.(this.#root, this.#path, written);
  }

  /** Takes the path out; a branch of which only a leaf is left becomes that leaf. */
  delete(access: StepAccess): void {
    if (this.#end.terminal !== Terminal.leaf) return;
    let node: Uint8Array = EMPTY;
    this.#siblings.forEach((sibling, i) => {
      if (isZero(node) && (isZero(sibling) || isLeaf(sibling))) node = sibling;
      else if (!isZero(node) && isZero(sibling) && isLeaf(node)) return;
      else node = this.#pair(node, sibling, this.#siblings.length - 1 - i);
    });
    setBytes(access, this.#written, node);
    access.stateWritten?.(this.#root, this.#path, undefined);
  }
}
