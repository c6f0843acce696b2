// Who says whether the signature of a body entry holds. The plain way checks when execution asks; a node
// may check a whole body ahead in another thread (environment/shared-verdicts.ts). Both answer by the
// one rule of docs/formats.md section 3, so which of them a block was executed with cannot be seen.

import type { SignatureChecker } from "../codec/signature.ts";
import type { Transaction } from "./transaction.ts";

/** Verdicts over the entries of one body. */
export interface SignatureVerdicts {
  /** Whether the signature of `transaction`, entry `index` of the body, holds. */
  holds(transaction: Transaction, index: number): boolean;
}

/** Makes the verdicts of a body; called once before its first entry executes. */
export type VerdictSource = (body: readonly Uint8Array[]) => SignatureVerdicts;

/** Checks each signature when it is asked for. */
export function verdictsBy(checker: SignatureChecker): VerdictSource {
  const verdicts: SignatureVerdicts = {
    holds: ({ digest, signature, publicKey }) => checker.verify(digest, signature, publicKey),
  };
  return () => verdicts;
}
