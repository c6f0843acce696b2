// The receipts of a whole block, from what its entries came to. Nothing but the result of the block needs them, so
// a node may make them beside what it executes next (environment/shared-receipts.ts), by this code.

import { equalBytes } from "../codec/hex.ts";
import { bytesHash, listRoot } from "../codec/trees.ts";
import { TRANSACTIONS_DEPTH } from "../limits.ts";
import type { Execution } from "./execute-transaction.ts";
import {
  encodeReceiptInto,
  eventsHashes,
  RECEIPT_BYTES,
  type Receipt,
  receiptLeaves,
} from "./receipt.ts";

/** What a receipt is made of. */
export type ReceiptParts = Omit<Execution, "transaction">;

/** The receipts of a block. */
export interface BlockReceipts {
  /** Encoded, 108 bytes each. */
  readonly receipts: readonly Uint8Array[];
  /** Root [32] of the tree over them. */
  readonly root: Uint8Array;
}

/** The receipts of some entries, in order. */
export function receiptsOf(executions: readonly ReceiptParts[]): Receipt[] {
  const hashes = eventsHashes(executions.map(({ events }) => events));
  let output: Uint8Array | undefined;
  let outputHash: Uint8Array = new Uint8Array(0);
  return executions.map((execution, i) => {
    // Neighbours often have equal outputs: nothing, or true.
    if (output === undefined || !equalBytes(output, execution.output)) {
      output = execution.output;
      outputHash = bytesHash(output);
    }
    return {
      transactionHash: execution.transactionHash,
      outcome: execution.outcome,
      code: execution.code,
      gasUsed: BigInt(execution.gasUsed),
      outputHash,
      eventsHash: hashes[i]!,
    };
  });
}

/** The receipts of all entries of a block, encoded into `bytes`, RECEIPT_BYTES zero bytes for each. */
export function blockReceipts(
  executions: readonly ReceiptParts[],
  bytes: Uint8Array = new Uint8Array(RECEIPT_BYTES * executions.length),
): BlockReceipts {
  for (const [i, receipt] of receiptsOf(executions).entries()) {
    encodeReceiptInto(receipt, bytes, RECEIPT_BYTES * i);
  }
  const receipts = splitReceipts(bytes);
  return { receipts, root: listRoot(TRANSACTIONS_DEPTH, receiptLeaves(receipts)) };
}

/** Views of encoded receipts that stand one after the other. */
export function splitReceipts(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / RECEIPT_BYTES }, (_, i) =>
    bytes.subarray(RECEIPT_BYTES * i, RECEIPT_BYTES * (i + 1)),
  );
}
