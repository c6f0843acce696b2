// Proves steps of a block's run and has both judges judge them: every step of a run up to 10,000, and of a longer
// one a step drawn from each 64, but no more than 2,500 of one run unless PLASMA_PROOFS=all. What the judges
// are given is the proof and the state before it, no more.
import { expect } from "vitest";
import type { Bundle } from "../../host/chain/bundle.ts";
import { encodeResult } from "../../host/chain/result.ts";
import { toHex } from "../../host/codec/hex.ts";
import { judgeStep } from "../../host/dispute/judge.ts";
import { nativeStateHasher } from "../../host/environment/native.ts";
import { BundleRun } from "../../host/machine/bundle-run.ts";
import { Machine } from "../../host/machine/machine.ts";
import { StepVerifier } from "../../host/machine/verify-step.ts";
import { Random } from "./random.ts";

/** Runs up to here are proven step by step. */
const EVERY_STEP_MAX = 10_000n;
/** Of longer ones a step in each so many … */
const ONE_IN = 64n;
/** … or, without PLASMA_PROOFS=all, in more where that would be over this many: a proof takes about 1 ms. */
const PROOFS_MAX = process.env.PLASMA_PROOFS === "all" ? 2n ** 32n : 1_200n;

const machine = new Machine();
const verifier = new StepVerifier();

export interface Sampled {
  readonly steps: bigint;
  readonly proven: number;
}

/** Judges one step, and gives the state after it, which the run must come to as well. */
function proveAndJudge(run: BundleRun, step: bigint, where: string): void {
  const { pre, proof, post } = run.prove(step);
  const ours = verifier.verify(pre, proof);
  const theirs = judgeStep(pre, proof);
  const said = {
    assemblyscript: ours.valid ? toHex(ours.post) : ours.rejection,
    typescript: "post" in theirs ? toHex(theirs.post) : theirs.rejected,
  };
  const right = toHex(post);
  // An `expect` for each of ten thousand steps costs more than the proofs.
  if (said.assemblyscript === right && said.typescript === right) return;
  expect(said, where).toEqual({ assemblyscript: right, typescript: right });
}

/** Proves the run of a bundle, which comes to the result that its maker sealed. `seed` draws the steps. */
export function proveSample(bundle: Bundle, seed: number): Sampled {
  const run = new BundleRun(bundle, nativeStateHasher(), machine);
  const { steps, result } = run.end();
  expect(toHex(encodeResult(result))).toBe(toHex(encodeResult(bundle.result)));
  const random = new Random(seed);
  let proven = 0;
  const prove = (step: bigint): void => {
    proveAndJudge(run, step, `seed ${seed}, step ${step} of ${steps}`);
    proven += 1;
  };
  if (steps <= EVERY_STEP_MAX) {
    for (let step = 0n; step < steps; step += 1n) prove(step);
  } else {
    const fitting = (steps + PROOFS_MAX - 1n) / PROOFS_MAX;
    const oneIn = fitting > ONE_IN ? fitting : ONE_IN;
    for (let first = 0n; first < steps; first += oneIn) {
      const drawn = first + BigInt(random.below(Number(oneIn)));
      prove(drawn < steps ? drawn : steps - 1n);
    }
    expect(proven).toBe(Number((steps + oneIn - 1n) / oneIn));
  }
  run.close();
  return { steps, proven };
}
