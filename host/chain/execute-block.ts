// Executes a body entry by entry and turns what happened into receipts, a batch at a time: receipts are
// hashed in pairs. Used by the node (which then commits) and by replay (which compares entry by entry
// and stops at the first difference).

import { equalBytes } from "../codec/hex.ts";
import { bytesHash } from "../codec/trees.ts";
import type { BlockContext } from "./block-context.ts";
import { type Execution, executeTransaction } from "./execute-transaction.ts";
import { eventsHashes, type Receipt } from "./receipt.ts";
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

/**
 * Executes the entries in order, all of them unless a range is given; the consumer may stop at any of them.
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
    yield* withReceipts(batch);
    if (failure !== undefined) throw failure.error;
  }
}

function executeBatch(
  block: BlockContext,
  body: readonly Entry[],
  { first, end }: Pick<EntryRange, "first" | "end">,
  blockGas: { used: number },
  batch: Execution[],
): void {
  for (let index = first; index < end; index++) {
    const execution = executeTransaction(block, body[index]!, index, blockGas.used);
    blockGas.used += execution.gasUsed;
    batch.push(execution);
  }
}

function* withReceipts(batch: readonly Execution[]): Generator<ExecutedEntry, void, undefined> {
  const hashes = eventsHashes(batch.map(({ events }) => events));
  let output: Uint8Array | undefined;
  let outputHash = new Uint8Array(0);
  for (let i = 0; i < batch.length; i++) {
    const execution = batch[i]!;
    // Neighbours often have equal outputs: nothing, or true.
    if (output === undefined || !equalBytes(output, execution.output)) {
      output = execution.output;
      outputHash = bytesHash(output) as Uint8Array<ArrayBuffer>;
    }
    const receipt = {
      transactionHash: execution.transactionHash,
      outcome: execution.outcome,
      code: execution.code,
      gasUsed: BigInt(execution.gasUsed),
      outputHash,
      eventsHash: hashes[i]!,
    };
    yield { execution, receipt };
  }
}
