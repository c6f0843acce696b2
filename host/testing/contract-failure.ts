// What a test sees when a transaction or a view did not succeed: an error that says what the contract said, with
// the decoded error, its source place where it left one, and the transaction to look into.

import type { DecodedRevert } from "../abi/decode-revert.ts";
import { EngineError } from "../errors.ts";
import { describeOutcome, Outcome } from "../outcome.ts";
import type { TransactionReport } from "./transaction-report.ts";
import { endText, type Names } from "./value-text.ts";

export interface FailureInput {
  readonly call: string;
  readonly outcome: Outcome;
  readonly outcomeCode: number;
  readonly revert: DecodedRevert | undefined;
  readonly names: Names;
  /** Absent for a view. */
  readonly report?: TransactionReport;
}

/** A call that reverted, trapped or was skipped. `code` is CONTRACT_FAILED. */
export class ContractFailure extends EngineError {
  readonly outcome: Outcome;
  /** Trap or skip code, else 0. */
  readonly outcomeCode: number;
  /** What the contract said; only after a revert. */
  readonly revert: DecodedRevert | undefined;
  /** Fields of the typed error; empty where there is none. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** How it ended in short: the error with its fields, a message, a trap. */
  readonly reason: string;
  /** The failed transaction; undefined for a view, which is none. */
  readonly report: TransactionReport | undefined;

  constructor({ call, outcome, outcomeCode, revert, names, report }: FailureInput) {
    const reason = endText(outcome, outcomeCode, revert, names);
    super({
      code: "CONTRACT_FAILED",
      message: `${call} failed: ${reason}`,
      where:
        revert?.kind === "abort"
          ? { source: `${revert.file}:${revert.line}:${revert.column}` }
          : {},
      hint:
        outcome === Outcome.revert
          ? "expect it with expectRevert(call, error), or fix the contract or the call"
          : `see "plasma explain ${describeOutcome(outcome, outcomeCode).replace(/^\w+\(|\)$/g, "")}"`,
    });
    this.outcome = outcome;
    this.outcomeCode = outcomeCode;
    this.revert = revert;
    this.fields = revert?.kind === "error" ? revert.fields : {};
    this.reason = reason;
    this.report = report;
  }
}
