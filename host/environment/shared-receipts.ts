// The receipts of a block in two threads: the second one makes them from the packed entries, which lie in shared
// memory; who needs them before they are made makes them here, by the same code and to the same bytes, so that
// nobody ever waits.
//
//   0 i32 whether they are made | 4 u32 entries | root 32 | receipts, 108 bytes each | packed entries

import { type BlockReceipts, blockReceipts, splitReceipts } from "../chain/block-receipts.ts";
import type { Execution } from "../chain/execute-transaction.ts";
import { RECEIPT_BYTES } from "../chain/receipt.ts";
import { packEntries, packedEntriesBytes, unpackReceiptParts } from "./executed-entries.ts";
import { type MadeReceipts, type ReceiptMaker, receiptsHere } from "./made-receipts.ts";
import { secondThread } from "./second-thread.ts";

const HEADER_BYTES = 8;
const ROOT_BYTES = 32;
/** Entries below which a message takes longer than it saves. */
const ENTRIES_MIN = 32;

/** One thread's view of the receipts of a block. */
export class ReceiptJob implements MadeReceipts {
  readonly packedEntries: Uint8Array;
  readonly #buffer: SharedArrayBuffer;
  readonly #isMade: Int32Array;
  readonly #root: Uint8Array;
  readonly #receipts: Uint8Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#buffer = buffer;
    this.#isMade = new Int32Array(buffer, 0, 1);
    const entries = new Uint32Array(buffer, 4, 1)[0]!;
    this.#root = new Uint8Array(buffer, HEADER_BYTES, ROOT_BYTES);
    const at = HEADER_BYTES + ROOT_BYTES;
    this.#receipts = new Uint8Array(buffer, at, RECEIPT_BYTES * entries);
    this.packedEntries = new Uint8Array(buffer, at + this.#receipts.length);
  }

  /** A job over the entries of a block, packed. */
  static over(executions: readonly Execution[]): ReceiptJob {
    const fixed = HEADER_BYTES + ROOT_BYTES + RECEIPT_BYTES * executions.length;
    const buffer = new SharedArrayBuffer(fixed + packedEntriesBytes(executions));
    new Uint32Array(buffer, 4, 1)[0] = executions.length;
    const job = new ReceiptJob(buffer);
    packEntries(executions, job.packedEntries);
    return job;
  }

  begin(): void {
    secondThread.ask({ kind: "makeReceipts", buffer: this.#buffer });
  }

  /** Makes the receipts, unless the other thread has. */
  make(): void {
    if (Atomics.load(this.#isMade, 0) === 1) return;
    const parts = unpackReceiptParts(this.packedEntries);
    this.#root.set(blockReceipts(parts, this.#receipts).root);
    Atomics.store(this.#isMade, 0, 1);
  }

  finish(): BlockReceipts {
    this.make();
    return { receipts: splitReceipts(this.#receipts), root: this.#root.slice() };
  }
}

/** Makes receipts in the second thread, where there is one. */
export const sharedReceipts: ReceiptMaker = (executions) =>
  executions.length < ENTRIES_MIN || !secondThread.isThere
    ? receiptsHere(executions)
    : ReceiptJob.over(executions);
