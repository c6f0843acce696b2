// The proof of one word: takes the step in the machine, which notes the leaves that it touches and keeps
// them as they were, and opens exactly these in the trees of the state before. What the judge does not ask
// for is not in a proof, so there is one proof of a step.
import { assert } from "../errors.ts";
import { type FrameTrees, type RegionTree, regionDepths } from "./frame-trees.ts";
import { LEAF_BYTES, type Machine, MachineEnd } from "./machine.ts";
import { type NodeReader, type OpenedLeaf, openingParts } from "./opening.ts";

const NODE_BYTES = 32;
const WORD_BYTES = 16;
const CODE = 0;

/**
 * Takes the frame's next step, which is not a host call, and gives its proof. The trees are left as they
 * were before the step and catch up at their next use.
 */
export function proveWord(trees: FrameTrees): Uint8Array {
  const { machine, frame } = trees;
  const header = trees.header();
  const pc = frame.pc;
  const touched = machine.runNoting(frame);
  assert(frame.end !== MachineEnd.host, "the step of a host call has a proof of another kind");
  const saved = machine.bytes(machine.module.savedAddress(), LEAF_BYTES * touched.length).slice();
  const byRegion: OpenedLeaf[][] = regionDepths.map(() => []);
  touched.forEach((item, i) => {
    const region = item >>> 28;
    const index = item & 0x0fff_ffff;
    const bytes =
      region === CODE
        ? codeLeaf(frame.program.words, pc)
        : saved.subarray(LEAF_BYTES * i, LEAF_BYTES * (i + 1));
    byRegion[region]!.push({ index, bytes });
  });
  let mask = 0;
  const parts: Uint8Array[] = [];
  byRegion.forEach((leaves, region) => {
    if (leaves.length === 0) return;
    mask |= 1 << region;
    leaves.sort((a, b) => a.index - b.index);
    const node = nodeReader(machine, trees.trees[region]!);
    parts.push(...openingParts(leaves, regionDepths[region]!, node));
  });
  return join([header, Uint8Array.of(mask), ...parts]);
}

/** The leaf of code that holds the word at pc. */
export function codeLeaf(words: Uint8Array, pc: number): Uint8Array {
  const at = Math.floor((pc * WORD_BYTES) / LEAF_BYTES) * LEAF_BYTES;
  const leaf = new Uint8Array(LEAF_BYTES);
  leaf.set(words.subarray(at, at + LEAF_BYTES));
  return leaf;
}

/** Reads nodes of a tree in the module's memory. */
export function nodeReader(machine: Machine, { nodes, levels }: RegionTree): NodeReader {
  return (level, position) => {
    // Beyond the tree in memory the region is zero.
    const width = 2 ** (levels - level);
    if (level > levels || position >= width) return undefined;
    const hash = machine.bytes(nodes + NODE_BYTES * (width + position), NODE_BYTES);
    return isZeroSubtree(machine, hash, level) ? undefined : hash.slice();
  };
}

function isZeroSubtree(machine: Machine, hash: Uint8Array, level: number): boolean {
  const zero = machine.bytes(machine.module.zerosAddress() + NODE_BYTES * level, NODE_BYTES);
  return hash.every((byte, i) => byte === zero[i]);
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
