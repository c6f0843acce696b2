// A step proof before both judges, the machine's own in WebAssembly and the independent one in TypeScript. They
// share no code, so one bug does not fool both; where they differ, the fault is ours and no verdict is given.

import { type Hex, toHex } from "../codec/hex.ts";
import { judgeStep } from "../dispute/judge.ts";
import { assert } from "../errors.ts";
import { StepVerifier } from "../machine/verify-step.ts";
import type { RejectionCode } from "../outcome.ts";

/** State hash after the step, or why the proof is refused. */
export type StepJudgement =
  | { readonly valid: true; readonly post: Hex }
  | { readonly valid: false; readonly rejection: RejectionCode };

let verifier: StepVerifier | undefined;

/**
 * Judges the proof of one step from the state with hash `pre` [32].
 * @throws HOST_FAULT when there is no memory for a judge, BYTES_OUT_OF_RANGE for another length of `pre`
 */
export function judgeStepProof(pre: Uint8Array, proof: Uint8Array): StepJudgement {
  verifier ??= new StepVerifier();
  const first = inHex(verifier.verify(pre, proof));
  const judgement = judgeStep(pre, proof);
  const second: StepJudgement =
    "post" in judgement
      ? { valid: true, post: toHex(judgement.post) }
      : { valid: false, rejection: judgement.rejected };
  assert(
    JSON.stringify(first) === JSON.stringify(second),
    `the judges differ: ${JSON.stringify(first)} and ${JSON.stringify(second)}`,
  );
  return first;
}

function inHex(verdict: ReturnType<StepVerifier["verify"]>): StepJudgement {
  return verdict.valid ? { valid: true, post: toHex(verdict.post) } : verdict;
}
