// Step proofs and proof files on the execution thread: the library's and the command line's way to
// dispute/prove-step.ts and dispute/verify-proof.ts.

import type { JudgeName, VerifiedProof } from "../dispute/verify-proof.ts";
import { sharedWorker } from "./execution-thread.ts";

export type { JudgeName, ShownState, ShownStep, VerifiedProof } from "../dispute/verify-proof.ts";

export interface VerifyProofOptions {
  /** Default `both`: the two judges of steps, which share no code and must agree. */
  readonly judge?: JudgeName;
}

/**
 * The proof file (`.step.proof`) of one step of a block's run, counted from 0 at its order.
 * @throws BYTES_OUT_OF_RANGE for a step outside 0 … 2^32; the codes of an unusable bundle; HOST_FAULT
 */
export function proveStep(bundle: Uint8Array, step: bigint): Promise<Uint8Array> {
  return sharedWorker().call<Uint8Array>("proveStep", { bytes: bundle, step });
}

/**
 * What a proof file (`.step.proof`, `.state.proof`) shows. Never throws for what the bytes hold.
 * @throws JUDGES_DIFFER when the two judges do not agree, which is our bug
 */
export function verifyProof(
  file: Uint8Array,
  options: VerifyProofOptions = {},
): Promise<VerifiedProof> {
  const { judge = "both" } = options;
  return sharedWorker().call<VerifiedProof>("verifyProof", { bytes: file, judge });
}
