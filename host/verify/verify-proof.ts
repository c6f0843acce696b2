// Proof files in the calling thread: the library's verifyProof for browsers, Bun and workers. Verdicts are made
// in dispute/verify-proof.ts; here are only the two judges that it asks, which share no code.

import {
  type JudgeName,
  type StepJudges,
  typescriptJudge,
  type VerifiedProof,
  verifyProof as verifyBytes,
} from "../dispute/verify-proof.ts";
import { StepVerifier } from "../machine/verify-step.ts";

export interface VerifyProofOptions {
  /** Default `both`: the two judges of steps, which share no code and must agree. */
  readonly judge?: JudgeName;
}

let verifier: StepVerifier | undefined;

/** The judges of steps, by raw state hash and proof. The one in AssemblyScript takes memory when first asked. */
export const stepJudges: StepJudges = {
  typescript: typescriptJudge,
  assemblyscript: (pre, proof) => {
    verifier ??= new StepVerifier();
    return verifier.verify(pre, proof);
  },
};

/**
 * What a proof file (`.step.proof`, `.state.proof`) shows. Never throws for what the bytes hold.
 * @throws JUDGES_DIFFER when the two judges do not agree, which is our bug; HOST_FAULT without memory for one
 */
export async function verifyProof(
  file: Uint8Array,
  options: VerifyProofOptions = {},
): Promise<VerifiedProof> {
  return verifyBytes(file, stepJudges, options.judge ?? "both");
}
