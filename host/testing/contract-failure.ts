// What a test sees when a transaction did not succeed: an error that says what the contract said, with
// the decoded error and its source place where it left one.

import { type DecodedRevert, describeRevert } from "../abi/decode-revert.ts";
import { EngineError } from "../errors.ts";
import { describeOutcome, Outcome } from "../outcome.ts";

/** A call that reverted, trapped or was skipped. `code` is CONTRACT_FAILED. */
export class ContractFailure extends EngineError {
  readonly outcome: Outcome;
  /** Trap or skip code, else 0. */
  readonly outcomeCode: number;
  /** What the contract said; only after a revert. */
  readonly revert: DecodedRevert | undefined;

  constructor(call: string, outcome: Outcome, outcomeCode: number, revert?: DecodedRevert) {
    const said =
      revert === undefined ? describeOutcome(outcome, outcomeCode) : describeRevert(revert);
    super({
      code: "CONTRACT_FAILED",
      message: `${call} failed: ${said}`,
      where:
        revert?.kind === "abort"
          ? { source: `${revert.file}:${revert.line}:${revert.column}` }
          : {},
      hint:
        outcome === Outcome.revert
          ? "expect it with rejects.toThrow(…), or fix the contract or the call"
          : `see "plasma explain ${describeOutcome(outcome, outcomeCode).replace(/^\w+\(|\)$/g, "")}"`,
    });
    this.outcome = outcome;
    this.outcomeCode = outcomeCode;
    this.revert = revert;
  }
}
