// Pieces of a step proof (docs/machine.md section 8) that nobody's run has asked for, and the root that the state
// must have so that they open it. For tests of the judges on made-up states; nothing here is a valid history.

import type { PieceRequest, StateReads } from "../../host/dispute/judge-access.ts";
import { concat, numberBytes, readNumber } from "../../host/dispute/judge-bytes.ts";
import { decodeHeader, encodeHeader, stateHash } from "../../host/dispute/judge-header.ts";
import {
  chunkTree,
  keccakTree,
  leastDepth,
  listRootOf,
  OUTBOX_DEPTH,
  readKnownLeaves,
  readListPath,
} from "../../host/dispute/judge-openings.ts";
import { commitmentOf, rootOfPath, valueCommitment } from "../../host/dispute/judge-paths.ts";
import { ProofReader } from "../../host/dispute/judge-reader.ts";
import { STUCK } from "../../host/dispute/judge-rejection.ts";
import type { Random } from "./random.ts";

/** Bytes with many zeros, or none. */
export function randomBytes(random: Random, length: number): Uint8Array {
  const isDense = random.oneIn(2);
  return Uint8Array.from({ length }, () => (isDense || random.oneIn(8) ? random.below(256) : 0));
}

/** A number at an edge of `size` bytes, or any. */
export function edge(random: Random, size: number): Uint8Array {
  const top = 2n ** BigInt(8 * size);
  const small = BigInt(random.pick([0, 1, 2, 3, 4, 5, 32, 127, 128, 235, 1_024, 65_535, 65_536]));
  const value = random.pick([small, small, top - 1n - small, top / 2n + small, -1n]);
  return value < 0n ? randomBytes(random, size) : numberBytes(size, value);
}

const HELD: Readonly<Record<StateReads, number>> = {
  account: 64,
  code: 235,
  storage: 36,
  commitment: 32,
};
const CODE_PAGES = 171;
const CODE_ENTRY = 187;

/** What a path may hold: an account with edges, a code record of few or many pages. */
function held(random: Random, reads: StateReads): Uint8Array {
  const bytes = randomBytes(random, HELD[reads]);
  if (reads === "account") {
    bytes.set(random.oneIn(3) ? bytes.subarray(0, 8) : numberBytes(8, random.below(3)));
    bytes.set(random.oneIn(2) ? edge(random, 16) : numberBytes(16, random.next()), 8);
    if (random.oneIn(2)) bytes.fill(0, 24);
  }
  if (reads === "storage") bytes.set(edge(random, 4), 32);
  if (reads === "code" && !random.oneIn(3)) {
    bytes.set(numberBytes(4, random.pick([0, 1, 1_024, 1_025])), CODE_PAGES);
    bytes.set(numberBytes(4, random.pick([0, 9, 2 ** 19 - 1, 2 ** 19])), CODE_ENTRY);
  }
  return bytes;
}

function commitmentOfHeld(reads: StateReads, bytes: Uint8Array): Uint8Array {
  if (reads === "commitment") return bytes;
  if (reads === "storage") return commitmentOf(bytes.slice(0, 32), readNumber(bytes, 32, 4));
  return valueCommitment(bytes);
}

/** Siblings with their bitmap, deepest first; `depth` stands before. */
function siblingBytes(depth: number, siblings: readonly Uint8Array[]): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(depth / 8));
  siblings.forEach((sibling, i) => {
    if (sibling.some((byte) => byte !== 0)) bitmap[i >> 3]! |= 0x80 >> (i & 7);
  });
  const given = siblings.filter((sibling) => sibling.some((byte) => byte !== 0));
  return concat(Uint8Array.of(depth), bitmap, ...given);
}

/** Pieces, and the root that they give. */
export interface MadePieces {
  readonly bytes: Uint8Array;
  readonly root: Uint8Array;
}

export function madeStatePath(random: Random, path: Uint8Array, reads: StateReads): MadePieces {
  const depth = random.oneIn(30) ? random.pick([100, 255]) : random.below(6);
  const siblings = Array.from({ length: depth }, () =>
    random.oneIn(3) || depth > 9 ? new Uint8Array(32) : randomBytes(random, 32),
  );
  const terminal = random.pick([0, 1, 1, 2]);
  const value = held(random, reads);
  const other = path.slice();
  other[31]! ^= 1;
  if (depth < 8 && random.oneIn(2)) other[0]! ^= 0x80 >> Math.max(depth, random.below(8));
  const commitment = terminal === 1 ? commitmentOfHeld(reads, value) : randomBytes(random, 32);
  const leaf = { path: terminal === 1 ? path : other, commitment };
  const root = rootOfPath(path, terminal === 0 ? undefined : leaf, siblings);
  const end = [new Uint8Array(0), value, concat(other, commitment)][terminal]!;
  const bytes = concat(Uint8Array.of(terminal), end, siblingBytes(depth, siblings));
  return { bytes, root: root ?? new Uint8Array(32) };
}

/** Leaves of a tree with the zero subtrees beside them. */
export function madeLeaves(
  random: Random,
  request: PieceRequest & { readonly kind: "leaves" | "chunks" },
): MadePieces {
  const [tree, leafBytes] = request.kind === "leaves" ? [keccakTree, 128] : [chunkTree, 32];
  const { indices } = request;
  const depth = leastDepth(Math.ceil(request.length / leafBytes));
  const spare = new Uint8Array(64);
  const bytes = concat(randomBytes(random, leafBytes * indices.length), spare);
  try {
    const reader = new ProofReader(bytes);
    const { root } = readKnownLeaves(reader, tree, { depth, indices, leafBytes });
    return { bytes: bytes.slice(0, bytes.length - reader.left), root };
  } catch (thrown) {
    if (thrown !== STUCK) throw thrown;
    return { bytes: new Uint8Array(0), root: request.root };
  }
}

/** A path in a list, with the root that the list has with `leaf` there. */
export function madeListPath(
  random: Random,
  index: number,
  leaf: Uint8Array,
  isOutbox: boolean,
): MadePieces {
  const depth = isOutbox ? OUTBOX_DEPTH : 20;
  const bitmap = new Uint8Array(Math.ceil(depth / 8));
  bitmap[0] = random.pick([0, 0x80, 0x40, 0xff]);
  const given = bitmap[0].toString(2).split("1").length - 1;
  const siblings = Array.from({ length: given }, () => randomBytes(random, 32).fill(9, 0, 1));
  const bytes = concat(bitmap, ...siblings);
  const path = readListPath(new ProofReader(bytes), depth);
  return { bytes, root: listRootOf(index % 2 ** depth, leaf, path) };
}

/** A suspended caller; the root is the hash of its header. */
export function madeCaller(random: Random, recordLeaves: readonly number[]): MadePieces {
  const registers = concat(
    numberBytes(4, random.pick([0, 5, 2 ** 19 - 1, 2 ** 19])),
    numberBytes(4, random.pick([0, 9, 65_535, 65_536, 65_537])),
    numberBytes(4, random.pick([0, 9, 65_536, 65_537])),
    numberBytes(4, random.pick([1, 1_024, 1_025])),
    numberBytes(4, random.pick([1, 65_536, 65_537])),
    edge(random, 8),
    Uint8Array.of(random.oneIn(9) ? random.below(4) : 1, random.oneIn(9) ? random.below(4) : 2),
    random.oneIn(3) ? randomBytes(random, 2) : new Uint8Array(2),
  );
  // Most registers hold: one of them at most is beyond its bounds.
  const header = decodeHeader(concat(randomBytes(random, 224), registers));
  if (!random.oneIn(4)) {
    header.pc = Math.min(header.pc, 2 ** 19 - 1);
    header.fp = Math.min(header.fp, 65_536);
    header.pages = Math.min(header.pages, 1_024);
    header.depth = Math.min(header.depth, 65_536);
    header.sp = Math.min(header.sp, 65_536);
  }
  const open = (depth: number, indices: readonly number[]): MadePieces => {
    const bytes = concat(randomBytes(random, 128 * indices.length), new Uint8Array(8));
    const reader = new ProofReader(bytes);
    const { root } = readKnownLeaves(reader, keccakTree, { depth, indices, leafBytes: 128 });
    return { bytes: bytes.slice(0, bytes.length - reader.left), root };
  };
  const record = open(4, recordLeaves);
  const stack = open(12, [Math.floor(header.sp / 16) % 2 ** 12]);
  header.roots[5] = record.root;
  header.roots[2] = stack.root;
  return {
    bytes: concat(encodeHeader(header), record.bytes, stack.bytes),
    root: stateHash(header),
  };
}
