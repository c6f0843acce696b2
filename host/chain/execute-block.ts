// Executes the entries of a body in order: for the node, which makes the receipts of all of them in the end, and for
// replay, which compares receipt by receipt and stops at the first difference.

import type { BlockContext } from "./block-context.ts";
import { receiptsOf } from "./block-receipts.ts";
import { type Execution, executeTransaction } from "./execute-transaction.ts";
import type { Receipt } from "./receipt.ts";
import type { Entry } from "./transaction.ts";

/** One executed entry with its receipt. */
export interface ExecutedEntry {
  readonly execution: Execution;
  readonly receipt: Receipt;
}

/** Entries whose receipts are made together; fewer than so many run in vain behind a lie. */
const BATCH = 128;

/** Which entries of a body execute, and what the ones before them used. */
export interface EntryRange {
  readonly first: number;
  readonly end: number;
  readonly gasUsed: number;
}

/** Executes all entries, and the gas that they used; `onEntry` hears how many are done. */
export function executeBody(
  block: BlockContext,
  body: readonly Entry[],
  onEntry?: (done: number) => void,
): { readonly executions: readonly Execution[]; readonly gasUsed: number } {
  const executions: Execution[] = [];
  const blockGas = { used: 0 };
  executeBatch(block, body, { first: 0, end: body.length }, blockGas, executions, onEntry);
  return { executions, gasUsed: blockGas.used };
}

/**
 * Executes the entries in order with their receipts, all of them unless a range is given; the consumer may stop
 * at any of them.
 * What execution throws is thrown after every entry before it was handed out, so that of two things that
 * are wrong the first is found.
 */
export function* executeEntries(
  block: BlockContext,
  body: readonly Entry[],
  range: EntryRange = { first: 0, end: body.length, gasUsed: 0 },
): Generator<ExecutedEntry, void, undefined> {
  const blockGas = { used: range.gasUsed };
  for (let first = range.first; first < range.end; first += BATCH) {
    const batch: Execution[] = [];
    let failure: { readonly error: unknown } | undefined;
    try {
      const end = Math.min(first + BATCH, range.end);
      executeBatch(block, body, { first, end }, blockGas, batch);
    } catch (error) {
      failure = { error };
    }
    for (const [i, receipt] of receiptsOf(batch).entries()) yield { execution: batch[i]!, receipt };
    if (failure !== undefined) throw failure.error;
  }
}

function executeBatch(
  block: BlockContext,
  body: readonly Entry[],
  { first, end }: Pick<EntryRange, "first" | "end">,
  blockGas: { used: number },
  batch: Execution[],
  onEntry?: (done: number) => void,
): void {
  for (let index = first; index < end; index++) {
    const execution = executeTransaction(block, body[index]!, index, blockGas.used);
    blockGas.used += execution.gasUsed;
    batch.push(execution);
    onEntry?.(batch.length);
  }
}
