// What becomes of the entries of an executed block: packed for whoever asked, and hashed into receipts by this thread
// or beside it (shared-receipts.ts). What execution made of them can go at once, before the next block is executed.

import { type BlockReceipts, blockReceipts } from "../chain/block-receipts.ts";
import type { Execution } from "../chain/execute-transaction.ts";
import { packEntries } from "./executed-entries.ts";

/** The entries of one block. */
export interface MadeReceipts {
  readonly packedEntries: Uint8Array;
  /** Lets another thread begin. */
  begin(): void;
  /** The receipts, made here where nobody has. */
  finish(): BlockReceipts;
}

/** Makes the receipts of a block. */
export type ReceiptMaker = (executions: readonly Execution[]) => MadeReceipts;

/** Makes them at once. */
export const receiptsHere: ReceiptMaker = (executions) => {
  const made = blockReceipts(executions);
  return { packedEntries: packEntries(executions), begin: () => {}, finish: () => made };
};
