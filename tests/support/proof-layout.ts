// The parts of a step proof (docs/machine.md section 7) with their places, so that a test can change one of them
// and say what it was. Trusts the proof; the pieces of a step are one part.
import { readU32 } from "../../host/codec/reader.ts";
import { REGION_DEPTHS } from "../../host/dispute/judge-header.ts";

export interface ProofPart {
  readonly name: "header" | "mask" | "count" | "index" | "leaf" | "bitmap" | "sibling" | "pieces";
  /** Of a region's part. */
  readonly region?: number;
  /** Level in the tree, of a sibling. */
  readonly level?: number;
  readonly start: number;
  readonly end: number;
}

const HEADER = 256;
const LEAF = 128;

function siblingLevels(depth: number, indices: readonly number[]): number[] {
  const levels: number[] = [];
  let nodes = [...indices];
  for (let level = 0; level < depth; level++) {
    for (const node of nodes) if (!nodes.includes(node ^ 1)) levels.push(level);
    nodes = [...new Set(nodes.map((node) => node >>> 1))];
  }
  return levels;
}

/** All parts in order; they cover the proof. */
export function partsOf(proof: Uint8Array): ProofPart[] {
  const parts: ProofPart[] = [];
  let at = 0;
  const part = (name: ProofPart["name"], length: number, more: Partial<ProofPart> = {}) => {
    parts.push({ name, start: at, end: at + length, ...more });
    at += length;
  };
  part("header", HEADER);
  const mask = proof[at]!;
  part("mask", 1);
  REGION_DEPTHS.forEach((depth, region) => {
    if ((mask & (1 << region)) === 0) return;
    const count = proof[at]!;
    part("count", 1, { region });
    const indices = Array.from({ length: count }, (_, i) => readU32(proof, at + 4 * i));
    for (const _ of indices) part("index", 4, { region });
    for (const _ of indices) part("leaf", LEAF, { region });
    const levels = siblingLevels(depth, indices);
    const bitmap = at;
    part("bitmap", Math.ceil(levels.length / 8), { region });
    levels.forEach((level, i) => {
      const given = (proof[bitmap + (i >> 3)]! >> (7 - (i & 7))) & 1;
      if (given === 1) part("sibling", 32, { region, level });
    });
  });
  if (at < proof.length) part("pieces", proof.length - at);
  return parts;
}
