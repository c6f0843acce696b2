// The lies that `plasma tamper` can tell, and what an honest replay says to each. A lie of class *fraud*
// is resealed: every root and receipt is computed again over the lie, so the file agrees with itself
// and only execution refutes it. The others damage the evidence, which then says nothing of the claim.

import type { ErrorCode } from "../errors.ts";

/** How a lie reads to a verifier. */
export interface Lie {
  readonly resealed: boolean;
  readonly verdict: "fraud" | "unusable" | "valid";
  /** The code of the finding; a prefix ending in `_` where several codes of one group are right. */
  readonly code: ErrorCode | "WITNESS_" | "CODE_" | "RULES_" | undefined;
  readonly summary: string;
}

export const lies = {
  "wrong-state-root": {
    resealed: true,
    verdict: "fraud",
    code: "STATE_ROOT_MISMATCH",
    summary: "claims another state root",
  },
  "skipped-write": {
    resealed: true,
    verdict: "fraud",
    code: "STATE_ROOT_MISMATCH",
    summary: "leaves one write out of the state root",
  },
  "wrong-receipt": {
    resealed: true,
    verdict: "fraud",
    code: "RECEIPT_MISMATCH",
    summary: "claims another output for a transaction",
  },
  "wrong-gas": {
    resealed: true,
    verdict: "fraud",
    code: "RECEIPT_MISMATCH",
    summary: "claims one gas more than a transaction used",
  },
  "accepted-bad-signature": {
    resealed: true,
    verdict: "fraud",
    code: "RECEIPT_MISMATCH",
    summary: "executes a transaction whose signature does not hold",
  },
  "accepted-wrong-nonce": {
    resealed: true,
    verdict: "fraud",
    code: "RECEIPT_MISMATCH",
    summary: "executes a transaction a second time",
  },
  "forged-witness": {
    resealed: false,
    verdict: "unusable",
    code: "WITNESS_",
    summary: "changes a byte of the witness",
  },
  "swapped-code": {
    resealed: false,
    verdict: "unusable",
    code: "CODE_",
    summary: "changes a byte of a contract's Wasm",
  },
  "swapped-rules": {
    resealed: false,
    verdict: "unusable",
    code: "RULES_",
    summary: "puts other rules beside the block",
  },
  "dropped-transaction": {
    resealed: false,
    verdict: "unusable",
    code: "TRANSACTIONS_ROOT_MISMATCH",
    summary: "leaves a transaction out of the body",
  },
  "other-block": {
    resealed: true,
    verdict: "valid",
    code: undefined,
    summary: "is an honest block without one transaction; only --expect tells it apart",
  },
} as const satisfies Record<string, Lie>;

export type LieKind = keyof typeof lies;
export const lieKinds = Object.keys(lies) as LieKind[];
