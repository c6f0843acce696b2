// Step proofs of the greatest size of their class: every sibling of every path is there, as in a machine whose
// regions are full. Built from leaves and random siblings alone, since a judge takes any state whose roots
// are given. What the steps do is real; the states around them are not of any run.
import { keccak256, keccak256Pair } from "../../host/codec/keccak.ts";
import { ByteWriter } from "../../host/codec/writer.ts";
import { pureStateHasher as hasher } from "../../host/state/state-hasher.ts";
import { chunkRoot, leafHashes, valueCommitment } from "../../host/state/value-commitment.ts";
import { SeededRandom } from "./random.ts";

export interface ClassProof {
  readonly name: string;
  /** State hash [32] before the step. */
  readonly pre: Uint8Array;
  readonly proof: Uint8Array;
}

const LEAF_BYTES = 128;
const SLOTS = 16;
const PAGES = 1_024;
const DEPTHS = { code: 16, memory: 19, stack: 12, record: 4 } as const;
type RegionName = keyof typeof DEPTHS;
/** Bit of the mask, and offset of the root in the header. */
const PLACES = {
  code: { bit: 0, root: 0 },
  memory: { bit: 1, root: 32 },
  stack: { bit: 2, root: 64 },
  record: { bit: 5, root: 160 },
} as const;
const Op = { i64Add: 0x7c, i64Load: 0x29, i64Store: 0x37, host: 0x211 } as const;
const STORAGE_OPEN = 5;
/** Levels of a state of 2^24 keys. */
const STATE_DEPTH = 24;
const PC = 0x2_0004;
/** First slot of the upper half of the stack: what reaches over it shares no path but the root. */
const MIDDLE_SLOT = 32_768;
const MIDDLE_BYTE = 2 ** 25;

type Leaves = ReadonlyMap<number, Uint8Array>;

class Siblings {
  readonly #random: SeededRandom;
  constructor(seed: string) {
    this.#random = new SeededRandom(seed);
  }
  next(): Uint8Array {
    return Uint8Array.from({ length: 32 }, () => 1 + this.#random.below(255));
  }
}

/** Opening and root of a region of which only these leaves are known. */
function openRegion(
  leaves: Leaves,
  depth: number,
  siblings: Siblings,
): { readonly opening: Uint8Array; readonly root: Uint8Array } {
  const indices = [...leaves.keys()].sort((a, b) => a - b);
  let nodes = new Map(indices.map((index) => [index, keccak256(leaves.get(index)!)]));
  const given: Uint8Array[] = [];
  for (let level = 0; level < depth; level++) {
    const above = new Map<number, Uint8Array>();
    for (const [index, node] of nodes) {
      if (above.has(index >>> 1)) continue;
      let other = nodes.get(index ^ 1);
      if (other === undefined) given.push((other = siblings.next()));
      const pair = index & 1 ? keccak256Pair(other, node) : keccak256Pair(node, other);
      above.set(index >>> 1, pair);
    }
    nodes = above;
  }
  const writer = new ByteWriter().u8(indices.length);
  for (const index of indices) writer.u32(index);
  for (const index of indices) writer.raw(leaves.get(index)!);
  writer.raw(ones(given.length));
  for (const sibling of given) writer.raw(sibling);
  return { opening: writer.finish(), root: nodes.get(0)! };
}

/** A bitmap of `count` ones. */
function ones(count: number): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(count / 8));
  for (let i = 0; i < count; i++) bitmap[i >> 3]! |= 0x80 >> (i & 7);
  return bitmap;
}

interface StepState {
  readonly name: string;
  readonly word: { readonly op: number; readonly a?: number; readonly imm?: Uint8Array };
  readonly sp: number;
  readonly fp?: number;
  readonly phase?: number;
  /** Slots that the step touches, with what they hold. */
  readonly slots: Readonly<Record<number, bigint>>;
  readonly memory?: readonly number[];
  readonly record?: Leaves;
  readonly pieces?: Uint8Array;
}

function wordLeaf({ op, a = 0, imm }: StepState["word"]): Uint8Array {
  const leaf = new Uint8Array(LEAF_BYTES).fill(1);
  const at = 16 * (PC % 8);
  const view = new DataView(leaf.buffer, at, 16);
  leaf.fill(0, at, at + 16);
  view.setUint16(0, op, true);
  view.setUint16(2, a, true);
  if (imm !== undefined) leaf.set(imm, at + 8);
  return leaf;
}

function stackLeaves(slots: StepState["slots"]): Leaves {
  const leaves = new Map<number, Uint8Array>();
  for (const [slot, value] of Object.entries(slots)) {
    const index = Math.floor(Number(slot) / SLOTS);
    const leaf = leaves.get(index) ?? new Uint8Array(LEAF_BYTES).fill(1);
    new DataView(leaf.buffer).setBigUint64(8 * (Number(slot) % SLOTS), value, true);
    leaves.set(index, leaf);
  }
  return leaves;
}

function proofOf(step: StepState): ClassProof {
  const siblings = new Siblings(step.name);
  const header = new ByteWriter(256);
  for (let root = 0; root < 6; root++) header.raw(siblings.next());
  header
    .raw(siblings.next())
    .u32(PC)
    .u32(step.sp)
    .u32(step.fp ?? 0)
    .u32(PAGES)
    .u32(60_000);
  header
    .u64(2n ** 40n)
    .u8(1)
    .u8(step.phase ?? 0)
    .u16(0);
  const bytes = header.finish();
  const regions: [RegionName, Leaves][] = [
    ["code", new Map([[PC >>> 3, wordLeaf(step.word)]])],
    [
      "memory",
      new Map((step.memory ?? []).map((i) => [i, new Uint8Array(LEAF_BYTES).fill(i + 1)])),
    ],
    ["stack", stackLeaves(step.slots)],
    ["record", step.record ?? new Map()],
  ];
  let mask = 0;
  const openings = new ByteWriter();
  for (const [name, leaves] of regions) {
    if (leaves.size === 0) continue;
    const { opening, root } = openRegion(leaves, DEPTHS[name], siblings);
    mask |= 1 << PLACES[name].bit;
    bytes.set(root, PLACES[name].root);
    openings.raw(opening);
  }
  const proof = new ByteWriter().raw(bytes).u8(mask).raw(openings.finish());
  if (step.pieces !== undefined) proof.raw(step.pieces);
  return { name: step.name, pre: keccak256(bytes), proof: proof.finish() };
}

/** The second step of `storage_open`: a value of 40 bytes in a state of 2^24 keys. */
function storageStep(name: string): StepState {
  const siblings = new Siblings(`${name}, state`);
  const value = new Uint8Array(40).fill(5);
  const path = siblings.next();
  const given = Array.from({ length: STATE_DEPTH }, () => {
    const sibling = siblings.next();
    // Branches, as almost all of them are.
    sibling[0]! &= 0x7f;
    return sibling;
  });
  let node = leafHashes(hasher, path, [0], valueCommitment(hasher, value));
  given.forEach((sibling, i) => {
    const depth = STATE_DEPTH - 1 - i;
    const bit = (path[depth >> 3]! >> (7 - (depth & 7))) & 1;
    const pair = new Uint8Array(64);
    pair.set(bit === 1 ? sibling : node, 0);
    pair.set(bit === 1 ? node : sibling, 32);
    node = new Uint8Array(32);
    hasher.hashPairs(pair, node, 1);
    node[0]! &= 0x7f;
  });
  const leaf = (...parts: Uint8Array[]): Uint8Array => {
    const bytes = new Uint8Array(LEAF_BYTES);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  };
  const pieces = new ByteWriter().u8(1).raw(chunkRoot(hasher, value)).u32(value.length);
  pieces.u8(STATE_DEPTH).raw(ones(STATE_DEPTH));
  for (const sibling of given) pieces.raw(sibling);
  return {
    name,
    word: { op: Op.host, a: STORAGE_OPEN, imm: Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0) },
    sp: MIDDLE_SLOT + 2,
    fp: MIDDLE_SLOT,
    phase: 1,
    slots: { [MIDDLE_SLOT]: 64n, [MIDDLE_SLOT + 2]: 0n },
    record: new Map([
      [0, leaf(node)],
      [2, leaf()],
      [3, leaf(path)],
    ]),
    pieces: pieces.finish(),
  };
}

/** One proof of each class that the design sets a size for, with names as they are printed. */
export function classProofs(): ClassProof[] {
  const low = MIDDLE_SLOT + 2;
  const steps: StepState[] = [
    {
      name: "one stack leaf",
      word: { op: Op.i64Add },
      sp: low + 2,
      slots: { [low]: 3n, [low + 1]: 4n },
    },
    {
      name: "two stack leaves",
      word: { op: Op.i64Add },
      sp: MIDDLE_SLOT + 1,
      slots: { [MIDDLE_SLOT - 1]: 3n, [MIDDLE_SLOT]: 4n },
    },
    {
      name: "memory",
      word: { op: Op.i64Load },
      sp: low + 1,
      slots: { [low]: BigInt(MIDDLE_BYTE) },
      memory: [MIDDLE_BYTE / LEAF_BYTES],
    },
    {
      name: "memory, split stack",
      word: { op: Op.i64Store },
      sp: MIDDLE_SLOT + 1,
      slots: { [MIDDLE_SLOT - 1]: BigInt(MIDDLE_BYTE), [MIDDLE_SLOT]: 7n },
      memory: [MIDDLE_BYTE / LEAF_BYTES],
    },
    {
      name: "split memory, split stack",
      word: { op: Op.i64Store },
      sp: MIDDLE_SLOT + 1,
      slots: { [MIDDLE_SLOT - 1]: BigInt(MIDDLE_BYTE - 4), [MIDDLE_SLOT]: 7n },
      memory: [MIDDLE_BYTE / LEAF_BYTES - 1, MIDDLE_BYTE / LEAF_BYTES],
    },
    storageStep("storage path at 2^24 keys"),
  ];
  return steps.map(proofOf);
}
