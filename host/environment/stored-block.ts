// A block as the store keeps it: what a restart needs to go on, and what makes a bundle again later.
// Local to this node; never hashed, never shown to anyone else.
//
//   order 181 | parent result 105 | result 105 | block hash 32 | u32 count, transactions as bytes | u32 count, receipts 108 each |
//   u32 count, messages sent: target 32, sender 20, to 20, u128 value, input as bytes

import { type BlockOrder, decodeOrder, encodeOrder, ORDER_BYTES } from "../chain/order.ts";
import { RECEIPT_BYTES } from "../chain/receipt.ts";
import { type BlockResult, decodeResult, encodeResult, RESULT_BYTES } from "../chain/result.ts";
import { ByteReader } from "../codec/reader.ts";
import { ByteWriter } from "../codec/writer.ts";
import { DATA_BYTES_MAX, OUTBOX_DEPTH, TRANSACTIONS_MAX } from "../limits.ts";
import type { OutboxMessage } from "../sandbox/outbox.ts";

export interface StoredBlock {
  readonly order: BlockOrder;
  /** A state proof names it; that of height 1 is in no block. */
  readonly parentResult: BlockResult;
  readonly result: BlockResult;
  readonly blockHash: Uint8Array;
  readonly transactions: readonly Uint8Array[];
  readonly receipts: readonly Uint8Array[];
  /** What the block sent: whoever delivers it asks long after the block was executed. */
  readonly messages: readonly OutboxMessage[];
}

/** Bytes of a message without its input. */
const MESSAGE_BYTES = 92;

export function encodeStoredBlock(block: StoredBlock): Uint8Array {
  const writer = new ByteWriter(storedBytes(block));
  writer.fixed(encodeOrder(block.order), ORDER_BYTES);
  writer.fixed(encodeResult(block.parentResult), RESULT_BYTES);
  writer.fixed(encodeResult(block.result), RESULT_BYTES);
  writer.fixed(block.blockHash, 32);
  writer.u32(block.transactions.length);
  for (const transaction of block.transactions) writer.bytes(transaction);
  writer.u32(block.receipts.length);
  for (const receipt of block.receipts) writer.fixed(receipt, RECEIPT_BYTES);
  writer.u32(block.messages.length);
  for (const { target, sender, to, value, input } of block.messages) {
    writer.fixed(target, 32).fixed(sender, 20).fixed(to, 20).u128(value).bytes(input);
  }
  return writer.finish();
}

function storedBytes({ transactions, receipts, messages }: StoredBlock): number {
  let size = ORDER_BYTES + 2 * RESULT_BYTES + 32 + 3 * 4 + RECEIPT_BYTES * receipts.length;
  for (const { length } of transactions) size += 4 + length;
  for (const { input } of messages) size += MESSAGE_BYTES + input.length;
  return size;
}

/** @throws BYTES_TRUNCATED, BYTES_TRAILING, BYTES_TOO_LONG when the store is damaged */
export function decodeStoredBlock(bytes: Uint8Array): StoredBlock {
  const reader = new ByteReader(bytes);
  const order = decodeOrder(reader.fixed(ORDER_BYTES));
  const parentResult = decodeResult(reader.fixed(RESULT_BYTES));
  const result = decodeResult(reader.fixed(RESULT_BYTES));
  const blockHash = reader.fixed(32).slice();
  const count = reader.count(TRANSACTIONS_MAX, 4);
  const transactions = Array.from({ length: count }, () => reader.bytes(bytes.length));
  const receiptCount = reader.count(TRANSACTIONS_MAX, RECEIPT_BYTES);
  const receipts = Array.from({ length: receiptCount }, () => reader.fixed(RECEIPT_BYTES));
  const messageCount = reader.count(2 ** OUTBOX_DEPTH, MESSAGE_BYTES);
  const messages = Array.from({ length: messageCount }, () => readMessage(reader));
  reader.end();
  return { order, parentResult, result, blockHash, transactions, receipts, messages };
}

function readMessage(reader: ByteReader): OutboxMessage {
  return {
    target: reader.fixed(32).slice(),
    sender: reader.fixed(20).slice(),
    to: reader.fixed(20).slice(),
    value: reader.u128(),
    input: reader.bytes(DATA_BYTES_MAX).slice(),
  };
}
