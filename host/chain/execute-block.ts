// Executes a body entry by entry and turns what happened into receipts. Used by the node (which then
// commits) and by replay (which compares entry by entry and stops at the first difference).

import { bytesHash } from "../codec/trees.ts";
import type { BlockContext } from "./block-context.ts";
import { type Execution, executeTransaction } from "./execute-transaction.ts";
import { eventsHash, type Receipt } from "./receipt.ts";
import type { Entry } from "./transaction.ts";

/** One executed entry with its receipt. */
export interface ExecutedEntry {
  readonly execution: Execution;
  readonly receipt: Receipt;
}

/** Executes the entries lazily, in order; the consumer may stop at any of them. */
export function* executeEntries(
  block: BlockContext,
  body: readonly Entry[],
): Generator<ExecutedEntry, void, undefined> {
  let blockGasUsed = 0;
  for (let index = 0; index < body.length; index++) {
    const execution = executeTransaction(block, body[index]!, index, blockGasUsed);
    blockGasUsed += execution.gasUsed;
    yield { execution, receipt: receiptOf(execution) };
  }
}

/** The receipt of an execution. */
export function receiptOf(execution: Execution): Receipt {
  return {
    transactionHash: execution.transactionHash,
    outcome: execution.outcome,
    code: execution.code,
    gasUsed: BigInt(execution.gasUsed),
    outputHash: bytesHash(execution.output),
    eventsHash: eventsHash(execution.events),
  };
}
