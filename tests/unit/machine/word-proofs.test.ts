// Proofs of single words: each step of random runs is proven and judged, the judge's post state is the state
// that the run reaches, and a proof that is cut, extended or changed anywhere is refused with a code, or
// says nothing else than the right one.
import { describe, expect, it } from "vitest";
import { keccak256 } from "../../../host/codec/keccak.ts";
import { FrameTrees } from "../../../host/machine/frame-trees.ts";
import { Machine, MachineEnd } from "../../../host/machine/machine.ts";
import { proveWord } from "../../../host/machine/prove-word.ts";
import { StepVerifier } from "../../../host/machine/verify-step.ts";
import { RejectionCode } from "../../../host/outcome.ts";
import { prepareModule } from "../../../host/program/prepare.ts";
import { headerAfter } from "../../support/frame-header.ts";
import { entriesOf, lawRules } from "../../support/laws-of-metering.ts";
import { Random } from "../../support/random.ts";
import { randomModule } from "../../support/random-module.ts";

const surroundings = {
  hostRecordRoot: new Uint8Array(32).fill(7),
  parentHash: new Uint8Array(32).fill(9),
};

const machine = new Machine();
const verifier = new StepVerifier();

interface ProvenStep {
  readonly pre: Uint8Array;
  readonly proof: Uint8Array;
  readonly post: Uint8Array;
}

/** Proves and judges up to `stepsMax` words of one run. */
function* provenSteps(seed: number, stepsMax: number): Generator<ProvenStep> {
  const prepared = prepareModule(randomModule(seed).wasm, lawRules, { entryRequired: false });
  const random = new Random(seed);
  const entry = random.pick(entriesOf(prepared, random));
  const view = new DataView(prepared.words.buffer, prepared.words.byteOffset);
  const { entryPc } = prepared.layout;
  const frame = machine.begin(machine.program(prepared), {
    gas: BigInt(200 + random.below(6_000)),
    depth: random.oneIn(4) ? 60 : 65_536,
    args: entry.args,
    entryPc: entry.funcidx === undefined ? entryPc : view.getUint32(entry.funcidx * 16 + 4, true),
  });
  const trees = new FrameTrees(machine, frame, surroundings);
  for (let step = 0; step < stepsMax && frame.end === MachineEnd.limit; step++) {
    // A host word is not proven here: it counts and returns 1.
    if (
      frame.program.words[16 * frame.pc] === 0x11 &&
      frame.program.words[16 * frame.pc + 1] === 2
    ) {
      machine.runExact(frame, 1n);
      frame.finishHostWord(1n);
      continue;
    }
    const pre = keccak256(trees.header());
    const proof = proveWord(trees);
    yield { pre, proof, post: keccak256(headerAfter(frame, trees)) };
  }
  trees.release();
  machine.end(frame);
}

describe("a word's proof", () => {
  it("leads from the state before to the state after, for every step of random runs", () => {
    let steps = 0;
    let longest = 0;
    for (let seed = 1; seed <= 60; seed++) {
      for (const { pre, proof, post } of provenSteps(seed, 400)) {
        expect(verifier.verify(pre, proof), `seed ${seed}, step ${steps}`).toEqual({
          valid: true,
          post,
        });
        steps++;
        longest = Math.max(longest, proof.length);
      }
    }
    expect(steps).toBeGreaterThan(5_000);
    expect(longest).toBeLessThan(3_300);
  });

  it("is refused, or says the same, when anything in it is changed", () => {
    const random = new Random(77);
    const codes = new Map<number, number>();
    const count = (code: number) => codes.set(code, (codes.get(code) ?? 0) + 1);
    for (let seed = 300; seed < 330; seed++) {
      for (const { pre, proof, post } of provenSteps(seed, 60)) {
        for (let i = 0; i < 6; i++) {
          const changed = proof.slice();
          changed[random.below(proof.length)]! ^= 1 << random.below(8);
          const verdict = verifier.verify(pre, changed);
          if (verdict.valid) expect(verdict.post).toEqual(post);
          count(verdict.valid ? 0 : verdict.rejection);
        }
        const cut = verifier.verify(pre, proof.subarray(0, random.below(proof.length)));
        expect(cut).toEqual({ valid: false, rejection: RejectionCode.TRUNCATED });
        const longer = new Uint8Array(proof.length + 1);
        longer.set(proof);
        expect(verifier.verify(pre, longer)).toEqual({
          valid: false,
          rejection: RejectionCode.TRAILING,
        });
      }
    }
    // A flipped bit never leaves a valid proof: there is one proof of a step.
    expect(codes.get(0)).toBeUndefined();
    for (const code of [
      RejectionCode.PRE_STATE,
      RejectionCode.HEADER,
      RejectionCode.REGION_ROOT,
      RejectionCode.LEAF_INDEX,
    ]) {
      expect(codes.get(code), `code ${code}`).toBeGreaterThan(0);
    }
  });
});
