// Every part of a step proof, changed: refused with the code that the part has, and never another post state.
// One proof of each kind of step, and of kinds that prepare takes as the contract of a deployment once more;
// canaries show that the unchanged ones are accepted.
import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../../host/codec/hex.ts";
import { judgeStep } from "../../../host/dispute/judge.ts";
import { RejectionCode } from "../../../host/outcome.ts";
import { type ProofPart, partsOf } from "../../support/proof-layout.ts";
import { IN_PREPARE, type ProofSample, proofSamples } from "../../support/proof-samples.ts";
import { Random } from "../../support/random.ts";
import { zeroRoot } from "../../support/region-tree.ts";

const C = RejectionCode;
let samples: readonly ProofSample[];
beforeAll(async () => {
  samples = await proofSamples();
});

function codeOf({ pre }: ProofSample, proof: Uint8Array): number | string {
  const judged = judgeStep(pre, proof);
  return "rejected" in judged ? judged.rejected : toHex(judged.post);
}

function flipped(proof: Uint8Array, at: number, bit = 1): Uint8Array {
  const copy = proof.slice();
  copy[at]! ^= bit;
  return copy;
}

function without(proof: Uint8Array, start: number, end: number): Uint8Array {
  return Uint8Array.from([...proof.subarray(0, start), ...proof.subarray(end)]);
}

function withBytes(proof: Uint8Array, at: number, bytes: Iterable<number>): Uint8Array {
  const copy = proof.slice();
  copy.set([...bytes], at);
  return copy;
}

/** Runs a check over each part of each sample. */
function eachPart(
  name: ProofPart["name"],
  check: (sample: ProofSample, part: ProofPart, where: string) => void,
): void {
  let count = 0;
  for (const sample of samples) {
    for (const part of partsOf(sample.proof)) {
      if (part.name !== name) continue;
      check(sample, part, `${sample.name}: ${name} at ${part.start}`);
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(10);
}

describe("a step proof", () => {
  it("unchanged leads to the next state, and the parts cover it", () => {
    for (const sample of samples) {
      expect(codeOf(sample, sample.proof), sample.name).toBe(toHex(sample.post));
      expect(partsOf(sample.proof).at(-1)!.end, sample.name).toBe(sample.proof.length);
    }
    expect(samples.length).toBeGreaterThan(90);
    const prepare = samples.filter(({ name }) => name.endsWith(IN_PREPARE));
    expect(prepare.map(({ name }) => name.slice(0, -IN_PREPARE.length))).toEqual([
      "host call input",
      "host call keccak256",
      "host call storage_open",
      "host call storage_open, second stage",
      "host call value_read",
      "phase 9 of a deployment",
      "word br_table",
      "word call",
    ]);
  });

  it("of another state is refused", () => {
    samples.forEach((sample, i) => {
      const other = samples[(i + 1) % samples.length]!;
      expect(codeOf(other, sample.proof), sample.name).toBe(C.PRE_STATE);
    });
  });

  it("cut anywhere is TRUNCATED", () => {
    const random = new Random(1);
    for (const sample of samples) {
      const { length } = sample.proof;
      const cuts = [
        0,
        1,
        255,
        256,
        257,
        length - 1,
        ...partsOf(sample.proof).map(({ end }) => end),
      ];
      for (let i = 0; i < 12; i++) cuts.push(random.below(length));
      for (const cut of cuts) {
        if (cut >= length) continue;
        const code = codeOf(sample, sample.proof.subarray(0, cut));
        expect(code, `${sample.name} cut at ${cut}`).toBe(C.TRUNCATED);
      }
    }
  });

  it("with more behind it is TRAILING", () => {
    for (const sample of samples) {
      for (const more of [[0], [1], [...sample.proof]]) {
        expect(codeOf(sample, Uint8Array.from([...sample.proof, ...more]))).toBe(C.TRAILING);
      }
      const long = new Uint8Array(9_217);
      long.set(sample.proof);
      expect(codeOf(sample, long)).toBe(C.TRAILING);
    }
  });

  it("with a byte of its header changed has another state, or none", () => {
    for (const sample of samples) {
      for (let at = 0; at < 256; at++) {
        const code = codeOf(sample, flipped(sample.proof, at, 0x80));
        const registers = at >= 224;
        const codes: (number | string)[] = registers ? [C.HEADER, C.PRE_STATE] : [C.PRE_STATE];
        expect(codes, `${sample.name}, ${at}`).toContain(code);
      }
    }
  });

  it("with a register out of bounds has no header", () => {
    const [sample] = samples as [ProofSample];
    for (const [at, bytes] of [
      [224, [0, 8, 0, 0]],
      [228, [0, 1, 0, 1]],
      [232, [0, 1, 0, 1]],
      [236, [0, 0, 4, 1]],
      [240, [0, 1, 0, 1]],
      [252, [4, 0]],
      [252, [0, 0]],
      [252, [0, 17]],
      [252, [1, 3]],
      [252, [2, 1]],
      [252, [3, 1]],
    ] as const) {
      expect(codeOf(sample, withBytes(sample.proof, at, bytes)), `${at}`).toBe(C.HEADER);
    }
    for (const [at, bytes] of [
      [224, [0, 7, 255, 255]],
      [228, [0, 1, 0, 0]],
      [236, [0, 0, 4, 0]],
      [252, [0, 16]],
      [252, [1, 2]],
      [252, [2, 0]],
    ] as const) {
      expect(codeOf(sample, withBytes(sample.proof, at, bytes)), `${at}`).toBe(C.PRE_STATE);
    }
  });

  it("with another mask is refused: 6 and 7 are no regions, and every region counts", () => {
    eachPart("mask", (sample, { start }, where) => {
      for (const bit of [0x40, 0x80]) {
        expect(codeOf(sample, flipped(sample.proof, start, bit)), where).toBe(C.REGIONS);
      }
      for (let bit = 1; bit < 0x40; bit *= 2) {
        expect(codeOf(sample, flipped(sample.proof, start, bit)), where).toBeTypeOf("number");
      }
    });
  });

  it("with another count or order of leaves is refused", () => {
    eachPart("count", (sample, { start }, where) => {
      for (const count of [0, 17, 255]) {
        const code = codeOf(sample, withBytes(sample.proof, start, [count]));
        expect(code, `${where} := ${count}`).toBe(C.LEAF_INDEX);
      }
      if (sample.proof[start]! < 2) return;
      const { proof } = sample;
      const [first, second] = [
        proof.slice(start + 1, start + 5),
        proof.slice(start + 5, start + 9),
      ];
      const swapped = withBytes(withBytes(proof, start + 1, second), start + 5, first);
      expect(codeOf(sample, swapped), where).toBe(C.LEAF_INDEX);
      expect(codeOf(sample, withBytes(proof, start + 5, first)), where).toBe(C.LEAF_INDEX);
    });
    eachPart("index", (sample, { start }, where) => {
      const beyond = withBytes(sample.proof, start, [0xff, 0, 0, 0]);
      expect(codeOf(sample, beyond), where).toBe(C.LEAF_INDEX);
      expect(codeOf(sample, flipped(sample.proof, start + 3)), where).toBeTypeOf("number");
    });
  });

  it("with a changed leaf or sibling does not give its root", () => {
    eachPart("leaf", (sample, { start }, where) => {
      for (const at of [start, start + 77, start + 127]) {
        expect(codeOf(sample, flipped(sample.proof, at)), where).toBe(C.REGION_ROOT);
      }
    });
    eachPart("sibling", (sample, { start }, where) => {
      expect(codeOf(sample, flipped(sample.proof, start + 9)), where).toBe(C.REGION_ROOT);
    });
  });

  it("gives no sibling that is the zero subtree, and no bit that has no sibling", () => {
    eachPart("sibling", (sample, { start, level }, where) => {
      const zero = withBytes(sample.proof, start, zeroRoot(level!));
      expect(codeOf(sample, zero), where).toBe(C.SIBLING);
    });
    let unused = 0;
    eachPart("bitmap", (sample, part, where) => {
      const last = part.end - 1;
      if (part.end === part.start) return;
      expect(codeOf(sample, flipped(sample.proof, last)), where).toBeTypeOf("number");
      // Regions of depth 12, 19 and 7 with one leaf leave bits over.
      const leaves = partsOf(sample.proof).filter(
        (p) => p.name === "leaf" && p.region === part.region,
      );
      if (leaves.length !== 1 || part.region === 0) return;
      expect(codeOf(sample, flipped(sample.proof, last)), where).toBe(C.SIBLING);
      unused += 1;
    });
    expect(unused).toBeGreaterThan(30);
  });

  it("misses the leaves of a region that is left out", () => {
    let missing = 0;
    for (const sample of samples) {
      const parts = partsOf(sample.proof);
      const mask = parts[1]!.start;
      for (let region = 0; region < 6; region++) {
        const own = parts.filter((part) => part.region === region);
        if (own.length === 0) continue;
        const cut = without(sample.proof, own[0]!.start, own.at(-1)!.end);
        const code = codeOf(sample, flipped(cut, mask, 1 << region));
        expect(code, `${sample.name} without region ${region}`).toBe(C.LEAF_MISSING);
        missing += 1;
      }
    }
    expect(missing).toBeGreaterThan(150);
  });

  it("opens no leaf that the step does not touch", () => {
    for (const sample of samples) {
      expect(codeOf(sample, sample.widened), sample.name).toBe(C.LEAF_UNUSED);
      const longer = Uint8Array.from([...sample.widened, 0]);
      expect(codeOf(sample, longer), sample.name).toBe(C.LEAF_UNUSED);
    }
  });

  it("with a changed piece is refused for what the piece is", { timeout: 180_000 }, () => {
    const allowed = (name: string): number[] => {
      const always: number[] = [C.TRUNCATED, C.TRAILING, C.SIBLING];
      if (/^phase 1\b(?!\d)/.test(name)) return [...always, C.ENTRY, C.DATA_ROOT];
      if (name.startsWith("phase 2")) return [C.ENTRY];
      if (name.startsWith("phase 16")) return [...always, C.RECEIPTS];
      if (name.startsWith("phase 3")) return [...always, C.STATE_PATH, C.DEPLOYERS];
      if (/^phase 1[23]/.test(name)) return [...always, C.DATA_ROOT, C.STATE_PATH];
      if (name.startsWith("phase 11")) return [...always, C.SUSPENDED];
      if (/input|_read/.test(name)) return [...always, C.DATA_ROOT];
      return [...always, C.STATE_PATH];
    };
    eachPart("pieces", (sample, { start, end }, where) => {
      for (let at = start; at < end; at++) {
        const code = codeOf(sample, flipped(sample.proof, at, 1 << (at % 8)));
        expect(allowed(sample.name), `${where}, byte ${at - start}: ${code}`).toContain(code);
      }
      expect(codeOf(sample, without(sample.proof, start, end)), where).toBe(C.TRUNCATED);
    });
  });

  it("says nothing else than the right state, whatever is changed", () => {
    const random = new Random(20_279);
    for (const sample of samples) {
      for (let i = 0; i < 40; i++) {
        const proof = sample.proof.slice();
        for (let changes = 1 + random.below(3); changes > 0; changes--) {
          proof[random.below(proof.length)] = random.below(256);
        }
        const code = codeOf(sample, proof);
        if (typeof code === "string") expect(code, sample.name).toBe(toHex(sample.post));
      }
    }
  });
});

describe("the judge", () => {
  it("is total on any bytes", () => {
    const random = new Random(5);
    for (let i = 0; i < 300; i++) {
      const bytes = Uint8Array.from({ length: random.below(600) }, () => random.below(256));
      expect(judgeStep(new Uint8Array(32), bytes)).toHaveProperty("rejected");
    }
    expect(judgeStep(new Uint8Array(0), new Uint8Array(0))).toEqual({ rejected: C.TRUNCATED });
  });
});
