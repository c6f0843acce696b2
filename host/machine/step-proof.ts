// Puts step proofs together (docs/machine.md section 7) for steps that are not words: openings of what the step
// touched, the record's included, and the pieces that it was served. And what a return shows of the caller.
import { keccak256, keccak256Pair } from "../codec/keccak.ts";
import { type FrameTrees, regionDepths } from "./frame-trees.ts";
import { LEAF_BYTES } from "./machine.ts";
import { type NodeReader, type OpenedLeaf, openingParts, siblingParts } from "./opening.ts";
import { codeLeaf, join, nodeReader } from "./prove-word.ts";

const RECORD_REGION = 5;
const RECORD_DEPTH = 4;
const CODE_REGION = 0;
const STACK_REGION = 2;
const ENTERED_LEAF = 13;

/** All nodes of a host record's tree, leaves first. */
function recordLevels(record: Uint8Array): Uint8Array[][] {
  let nodes: Uint8Array[] = [];
  for (let at = 0; at < record.length; at += LEAF_BYTES) {
    nodes.push(keccak256(record.subarray(at, at + LEAF_BYTES)));
  }
  const levels = [nodes];
  while (nodes.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < nodes.length; i += 2) above.push(keccak256Pair(nodes[i]!, nodes[i + 1]!));
    nodes = above;
    levels.push(nodes);
  }
  return levels;
}

/** Siblings of the leaves at ascending places of a host record, level by level from the leaves up. */
export function recordSiblings(record: Uint8Array, places: readonly number[]): Uint8Array[] {
  const levels = recordLevels(record);
  const siblings: Uint8Array[] = [];
  let nodes = places;
  for (let level = 0; level < RECORD_DEPTH; level++) {
    const lone = nodes.filter((node) => !nodes.includes(node ^ 1));
    siblings.push(...lone.map((node) => levels[level]![node ^ 1]!));
    nodes = [...new Set(nodes.map((node) => node >>> 1))];
  }
  return siblings;
}

/** Root of a host record: 16 leaves of 128 bytes. */
export function recordRoot(record: Uint8Array): Uint8Array {
  return recordLevels(record).at(-1)![0]!;
}

const zeros = recordLevels(new Uint8Array(LEAF_BYTES << RECORD_DEPTH)).map(([zero]) => zero!);

function recordNodes(record: Uint8Array): NodeReader {
  const levels = recordLevels(record);
  return (level, position) => {
    const node = levels[level]![position]!;
    return node.every((byte, i) => byte === zeros[level]![i]) ? undefined : node;
  };
}

function recordLeaves(record: Uint8Array, indices: readonly number[]): OpenedLeaf[] {
  return indices.map((index) => ({
    index,
    bytes: record.subarray(LEAF_BYTES * index, LEAF_BYTES * (index + 1)),
  }));
}

/** What a step of a host call or phase touched and was served. */
export interface SpecialNote {
  /** region << 28 | leaf. */
  readonly touched: Uint32Array;
  /** The touched leaves as they were, 128 bytes each. */
  readonly saved: Uint8Array;
  readonly pieces: Uint8Array;
}

export interface SpecialProofInput extends SpecialNote {
  readonly header: Uint8Array;
  /** Before the step. */
  readonly record: Uint8Array;
  /** The trees of the frame at whose host word the step was, and the word's pc. */
  readonly frame?: { readonly trees: FrameTrees; readonly pc: number } | undefined;
}

/** The proof of a step of a host call or phase. */
export function specialProof(input: SpecialProofInput): Uint8Array {
  const byRegion: OpenedLeaf[][] = Array.from({ length: RECORD_REGION + 1 }, () => []);
  input.touched.forEach((item, i) => {
    const bytes = input.saved.subarray(LEAF_BYTES * i, LEAF_BYTES * (i + 1));
    byRegion[item >>> 28]!.push({ index: item & 0x0fff_ffff, bytes });
  });
  const { frame } = input;
  if (frame !== undefined) {
    const bytes = codeLeaf(frame.trees.frame.program.words, frame.pc);
    byRegion[CODE_REGION]!.push({ index: frame.pc >>> 3, bytes });
  }
  let mask = 0;
  const parts: Uint8Array[] = [];
  byRegion.forEach((leaves, region) => {
    if (leaves.length === 0) return;
    mask |= 1 << region;
    leaves.sort((a, b) => a.index - b.index);
    const nodes =
      region === RECORD_REGION
        ? recordNodes(input.record)
        : nodeReader(frame!.trees.machine, frame!.trees.trees[region]!);
    const depth = region === RECORD_REGION ? RECORD_DEPTH : regionDepths[region]!;
    parts.push(...openingParts(leaves, depth, nodes));
  });
  return join([input.header, Uint8Array.of(mask), ...parts, input.pieces]);
}

export interface ReturnProofInput {
  readonly header: Uint8Array;
  /** The callee's record. */
  readonly record: Uint8Array;
  /** How the callee was left: resume of phase 11. */
  readonly how: number;
  readonly caller: {
    readonly header: Uint8Array;
    readonly record: Uint8Array;
    readonly trees: FrameTrees;
  };
}

/** The proof of phase 11 of a sub-call. */
export function returnProof({ header, record, how, caller }: ReturnProofInput): Uint8Array {
  const own = how === 0 ? [0, 2, ENTERED_LEAF] : how === 1 ? [2, ENTERED_LEAF] : [ENTERED_LEAF];
  const opened = openingParts(recordLeaves(record, own), RECORD_DEPTH, recordNodes(record));
  const changed = how === 0 ? [0, 2, ENTERED_LEAF] : [2, ENTERED_LEAF];
  const { trees } = caller;
  const stackLeaf = trees.frame.sp >>> 4;
  const stack = trees.machine.bytes(trees.frame.places.stack + LEAF_BYTES * stackLeaf, LEAF_BYTES);
  const stackNodes = nodeReader(trees.machine, trees.trees[STACK_REGION]!);
  return join([
    header,
    Uint8Array.of(1 << RECORD_REGION),
    ...opened,
    caller.header,
    ...recordLeaves(caller.record, changed).map(({ bytes }) => bytes),
    ...siblingParts(changed, RECORD_DEPTH, recordNodes(caller.record)),
    stack.slice(),
    ...siblingParts([stackLeaf], regionDepths[STACK_REGION], stackNodes),
  ]);
}
