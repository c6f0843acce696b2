// Proves steps of a bundle's run and lets both judges decide each: every step of a run of up to 10,000, of longer
// ones one in 64; where that is more than the budget, as many steps as it allows, spread over the whole run.
import { decodeBundle } from "../../host/chain/bundle.ts";
import { encodeResult } from "../../host/chain/result.ts";
import { toHex } from "../../host/codec/hex.ts";
import { judgeStep } from "../../host/dispute/judge.ts";
import { BundleRun } from "../../host/machine/bundle-run.ts";
import type { Machine } from "../../host/machine/machine.ts";
import { StepVerifier } from "../../host/machine/verify-step.ts";
import { pureStateHasher } from "../../host/state/state-hasher.ts";
import { ALL_STEPS_MAX, PROVEN_STRIDE } from "../spec-suite/proving-frame.ts";
import { agree } from "./disagreement.ts";

let verifier: StepVerifier | undefined;

export interface ProvenRun {
  readonly steps: number;
  readonly proven: number;
  /** Whether every step, or one in 64 of a long run, was proven. */
  readonly isFull: boolean;
}

/** Runs the block of a bundle in the machine to the sealed result, and proves some of its steps, `proofsMax` at most. */
export function runAndProve(
  where: string,
  bytes: Uint8Array,
  machine: Machine,
  proofsMax: number,
): ProvenRun {
  verifier ??= new StepVerifier();
  const bundle = decodeBundle(bytes);
  const run = new BundleRun(bundle, pureStateHasher, machine);
  try {
    const { result, steps } = run.end();
    agree(
      `${where}, result of the machine`,
      toHex(encodeResult(result)),
      toHex(encodeResult(bundle.result)),
    );
    const fullStride = steps <= ALL_STEPS_MAX ? 1 : PROVEN_STRIDE;
    const count = Math.min(proofsMax, Math.ceil(Number(steps) / fullStride));
    for (let i = 0; i < count; i++) {
      const step = (steps * BigInt(i)) / BigInt(count);
      const { pre, proof, post } = run.prove(step);
      const at = `${where}, step ${step}`;
      agree(`${at}, judge in AssemblyScript`, verifier.verify(pre, proof), { valid: true, post });
      agree(`${at}, judge in TypeScript`, judgeStep(pre, proof), { post });
    }
    const isFull = count * fullStride >= Number(steps);
    return { steps: Number(steps), proven: count, isFull };
  } finally {
    run.close();
  }
}
