// Why a verdict: what a replay found, in a form that programs compare and people read. A *fraud* finding
// refutes the claim; an *unusable* one says nothing about it, only about the evidence at hand.

import { EngineError, type ErrorCode } from "../errors.ts";

/** Codes that refute a claim; each can only come from executing the block. */
export const fraudCodes = [
  "STATE_ROOT_MISMATCH",
  "RECEIPT_MISMATCH",
  "OUTBOX_ROOT_MISMATCH",
  "GAS_USED_MISMATCH",
] as const;
export type FraudCode = (typeof fraudCodes)[number];

export interface Finding {
  readonly code: ErrorCode;
  readonly message: string;
  /** Index of the entry in the body. */
  readonly transaction?: number;
  readonly field?: string;
  readonly got?: string;
  readonly expected?: string;
}

/** Turns what made evidence unusable into a finding. */
export function findingOf(error: EngineError): Finding {
  const { transaction, field } = error.where;
  return {
    code: error.code,
    message: error.message,
    ...(transaction === undefined ? {} : { transaction }),
    ...(field === undefined ? {} : { field }),
  };
}

/** Evidence that contradicts itself: thrown inside a replay, reported as an unusable finding. */
export function unusable(
  code: ErrorCode,
  what: string,
  got: string | number | bigint,
  expected: string | number | bigint,
): EngineError {
  return new EngineError({
    code,
    message: `${what}: got ${got}, expected ${expected}`,
    details: { got: String(got), expected: String(expected) },
  });
}
