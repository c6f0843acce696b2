// What became of one transaction of a test: outcome, gas, events with the contracts that emitted them, and on
// request the trace of all its calls, made on the proof machine from the transaction's bundle alone.

import type { DecodedEvent } from "../abi/decode-event.ts";
import type { DecodedRevert } from "../abi/decode-revert.ts";
import type { Hex } from "../codec/hex.ts";
import type { DebugInfo } from "../environment/environment.ts";
import { type TransactionTrace, traceTransaction } from "../environment/trace.ts";
import { assert } from "../errors.ts";
import type { Outcome } from "../outcome.ts";
import type { TracedCall } from "../trace/trace.ts";
import { callTree, type TreeDetail } from "./call-tree.ts";
import type { Names } from "./value-text.ts";

/** An event with who emitted it, also where that is a contract called by the contract called. */
export interface ReportedEvent extends DecodedEvent {
  /** Name of the contract's class. */
  readonly contract: string;
  readonly emitter: Hex;
}

/** A call below the transaction that did not succeed, whether its caller minded or not. */
export interface FailedCall {
  readonly contract: string | null;
  readonly method: string | null;
  readonly status: "revert" | "trap" | "refused";
  /** Name of the typed error; null where there was none. */
  readonly error: string | null;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The message of a revert without a type, the reason of a trap or refusal. */
  readonly message: string;
  readonly to: Hex;
}

/** What a world knows of a transaction. */
export type ReportInput = Pick<
  TransactionReport,
  | ("call" | "outcome" | "outcomeCode" | "gasUsed" | "events" | "revert")
  | ("bundle" | "blockHash" | "debug" | "names")
>;

/** One transaction, in a block of its own. */
export class TransactionReport {
  /** Such as `Token.transfer`. */
  readonly call: string;
  readonly outcome: Outcome;
  /** Trap or skip code, else 0. */
  readonly outcomeCode: number;
  readonly gasUsed: bigint;
  /** Of all contracts, in the order in which they were emitted; none where the transaction failed. */
  readonly events: readonly ReportedEvent[];
  /** What the contract said; only after a revert. */
  readonly revert: DecodedRevert | undefined;
  /** The block with all it takes to replay it. */
  readonly bundle: Uint8Array;
  readonly blockHash: Hex;
  /** @internal */ readonly debug: readonly DebugInfo[];
  /** @internal */ readonly names: Names;
  #trace: Promise<TransactionTrace> | undefined;

  /** Made by a world. */
  constructor(input: ReportInput) {
    this.call = input.call;
    this.outcome = input.outcome;
    this.outcomeCode = input.outcomeCode;
    this.gasUsed = input.gasUsed;
    this.events = input.events;
    this.revert = input.revert;
    this.bundle = input.bundle;
    this.blockHash = input.blockHash;
    this.debug = input.debug;
    this.names = input.names;
  }

  /** All calls and host calls, with source lines where something failed. */
  trace(): Promise<TransactionTrace> {
    this.#trace ??= this.#makeTrace();
    return this.#trace;
  }

  /** The calls as text: `calls`, or with `storage` and events, or with `sources` of failures too. */
  async tree(detail: TreeDetail = "calls"): Promise<string> {
    return callTree(await this.trace(), this.names, detail, this.debug);
  }

  /**
   * Calls that failed, innermost first: of a transaction that failed the chain that made it fail, of one that
   * succeeded those whose failure was caught.
   */
  async failedCalls(): Promise<readonly FailedCall[]> {
    return (await this.trace()).calls.flatMap(failedBelow);
  }

  async #makeTrace(): Promise<TransactionTrace> {
    const report = await traceTransaction(this.bundle, { transaction: 0, artifacts: this.debug });
    assert(report.verdict === "traced", "the first transaction has none before it");
    return report.trace;
  }
}

function failedBelow(call: TracedCall): FailedCall[] {
  const below = call.calls.flatMap(failedBelow);
  const { status, contract, method, revert, trap, refused, to } = call;
  if (status === "success") return below;
  const isTyped = revert?.kind === "error";
  const message =
    revert?.kind === "message" || revert?.kind === "abort" ? revert.message : undefined;
  return [
    ...below,
    {
      ...{ contract, method, status, to },
      error: isTyped ? revert.name : null,
      fields: isTyped ? revert.fields : {},
      message: message ?? trap?.condition ?? refused ?? "",
    },
  ];
}
