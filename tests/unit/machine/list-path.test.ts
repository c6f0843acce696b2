// Paths in lists of depth 20 in the proof machine, against the list trees of the codec.
import { beforeAll, describe, expect, it } from "vitest";
import { listProof, listRoot } from "../../../host/codec/trees.ts";
import { assemblyProbe, FREE_MEMORY, type Probe } from "../../support/assembly-probe.ts";
import { Random } from "../../support/random.ts";

const SOURCE = `
import { prepareLists } from "./assembly/machine/list-path";
import { bytesLeft, refused } from "./assembly/machine/proof-reader";
export { startProof } from "./assembly/machine/proof-reader";
export { listPathRoot, readListPath } from "./assembly/machine/list-path";
export function refusal(): u32 { return refused; }
export function left(): u32 { return bytesLeft(); }
prepareLists();`;

const TRUNCATED = 1;
const SIBLING = 7;
const DEPTH = 20;
const ZERO = new Uint8Array(32);
const LEAF = FREE_MEMORY;
const OUT = FREE_MEMORY + 32;
const PROOF = FREE_MEMORY + 64;

const random = new Random(0x11257);
const randomBytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, () => random.below(256));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Roots of 2^k zero leaves. */
const zeros = Array.from({ length: DEPTH }, (_, level) => listRoot(level, []));

/** Siblings of a leaf, deepest first, as a proof gives them. */
function encode(siblings: readonly Uint8Array[]): Uint8Array {
  const bitmap = new Uint8Array(3);
  const given = siblings.filter((sibling, level) => {
    if (hex(sibling) === hex(zeros[level]!)) return false;
    bitmap[level >> 3]! |= 0x80 >> (level & 7);
    return true;
  });
  return Uint8Array.from([bitmap, ...given].flatMap((part) => [...part]));
}

function siblingsOf(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  const proof = listProof(DEPTH, leaves, index);
  return Array.from({ length: DEPTH }, (_, level) => proof.slice(32 * level, 32 * level + 32));
}

describe("list paths in the machine", () => {
  let probe: Probe;
  beforeAll(async () => {
    probe = await assemblyProbe(SOURCE);
  });

  function read(proof: Uint8Array): number {
    probe.memory.set(proof, PROOF);
    probe.call("startProof", PROOF, proof.length);
    probe.call("readListPath", DEPTH);
    return probe.call("refusal");
  }

  function rootWith(index: number, leaf: Uint8Array): string {
    probe.memory.set(leaf, LEAF);
    probe.call("listPathRoot", index, LEAF, OUT);
    return hex(probe.memory.subarray(OUT, OUT + 32));
  }

  it("lead to the codec's root, and after a replacement to the root of the changed list", () => {
    for (const count of [1, 2, 3, 8, 9, 255, 256, 257, 300]) {
      const leaves = Array.from({ length: count }, () => randomBytes(32));
      for (const index of [0, count >> 1, count - 1]) {
        expect(read(encode(siblingsOf(leaves, index)))).toBe(0);
        expect(probe.call("left")).toBe(0);
        expect(rootWith(index, leaves[index]!)).toBe(hex(listRoot(DEPTH, leaves)));
        const changed = leaves.with(index, randomBytes(32));
        expect(rootWith(index, changed[index]!)).toBe(hex(listRoot(DEPTH, changed)));
      }
    }
  });

  it("append: the place behind the last leaf holds zeros before", () => {
    const leaves: Uint8Array[] = [];
    for (let index = 0; index < 70; index++) {
      expect(read(encode(siblingsOf(leaves, index)))).toBe(0);
      expect(rootWith(index, ZERO)).toBe(hex(listRoot(DEPTH, leaves)));
      leaves.push(randomBytes(32));
      expect(rootWith(index, leaves[index]!)).toBe(hex(listRoot(DEPTH, leaves)));
    }
  });

  it("reach the last place of a full list", () => {
    const siblings = Array.from({ length: DEPTH }, () => randomBytes(32));
    const proof = encode(siblings);
    expect(proof.length).toBe(3 + 32 * DEPTH);
    expect(read(proof)).toBe(0);
    const other = rootWith(2 ** 20 - 2, ZERO);
    expect(rootWith(2 ** 20 - 1, ZERO)).not.toBe(other);
  });

  it("are refused when cut anywhere", () => {
    const leaves = Array.from({ length: 300 }, () => randomBytes(32));
    const proof = encode(siblingsOf(leaves, 137));
    for (let length = 0; length < proof.length; length++) {
      expect(read(proof.subarray(0, length)), `length ${length}`).toBe(TRUNCATED);
    }
  });

  it("are refused with an unused bit, or with a zero subtree that is given", () => {
    const proof = encode(siblingsOf([randomBytes(32)], 0));
    expect(hex(proof)).toBe("000000");
    expect(read(proof)).toBe(0);
    for (const bit of [1, 2, 4, 8]) expect(read(Uint8Array.of(0, 0, bit))).toBe(SIBLING);
    for (let level = 0; level < DEPTH; level++) {
      const bitmap = new Uint8Array(3);
      bitmap[level >> 3]! |= 0x80 >> (level & 7);
      expect(read(Uint8Array.from([...bitmap, ...zeros[level]!]))).toBe(SIBLING);
      // The zero subtree of another level is a sibling like any other.
      const beside = zeros[(level + 1) % DEPTH]!;
      expect(read(Uint8Array.from([...bitmap, ...beside]))).toBe(0);
    }
  });

  it("give another root for another sibling, leaf or index", () => {
    const leaves = Array.from({ length: 40 }, () => randomBytes(32));
    const proof = encode(siblingsOf(leaves, 21));
    const root = hex(listRoot(DEPTH, leaves));
    for (let i = 3; i < proof.length; i++) {
      const changed = proof.slice();
      changed[i]! ^= 1 << random.below(8);
      expect(read(changed)).toBe(0);
      expect(rootWith(21, leaves[21]!)).not.toBe(root);
    }
    expect(read(proof)).toBe(0);
    expect(rootWith(21, leaves[21]!)).toBe(root);
    expect(rootWith(20, leaves[21]!)).not.toBe(root);
    expect(rootWith(21, leaves[20]!)).not.toBe(root);
  });
});
