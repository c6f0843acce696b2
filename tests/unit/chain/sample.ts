// Sample values of the chain's data types, and bytes to make mutations of.
import { deriveKey, keySigner } from "../../../host/chain/key.ts";
import type { BlockOrder } from "../../../host/chain/order.ts";
import type { Receipt } from "../../../host/chain/receipt.ts";
import type { BlockResult } from "../../../host/chain/result.ts";
import type { TransactionFields } from "../../../host/chain/transaction.ts";
import { Outcome } from "../../../host/outcome.ts";
import { pattern } from "../codec/reference.ts";

/** 32 bytes, all `byte`. */
export const word = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

export const alice = keySigner(deriveKey("sample", "alice"));

export const callFields: TransactionFields = {
  kind: "call",
  environmentId: word(0xe1),
  to: new Uint8Array(20).fill(0x70),
  value: 2n ** 100n + 5n,
  nonce: 7n,
  gasLimit: 2 ** 40 + 3,
  price: 2n ** 63n + 9n,
  input: pattern(200),
};

export const order: BlockOrder = {
  environmentId: word(1),
  height: 12n,
  parentOrder: word(2),
  time: 1_700_000_000n,
  producer: new Uint8Array(20).fill(3),
  rulesHash: word(4),
  inboxFirst: 5n,
  inboxCount: 6,
  transactionCount: 7,
  transactionsRoot: word(8),
};

export const result: BlockResult = {
  stateRoot: word(9),
  receiptsRoot: word(10),
  outboxRoot: word(11),
  gasUsed: 123_456n,
};

export const receipt: Receipt = {
  transactionHash: word(12),
  outcome: Outcome.trap,
  code: 3,
  gasUsed: 99_000n,
  outputHash: word(13),
  eventsHash: word(14),
};
