// Makes the block that follows a head: seals the order over a body, executes it, and seals the result.
// The state root comes from the caller's store, which alone knows the tree. Pure: time and producer are
// arguments. The limits of a body are checked here because an over-large one is refused when posted.

import { listRoot } from "../codec/trees.ts";
import { EngineError } from "../errors.ts";
import { TRANSACTIONS_DEPTH } from "../limits.ts";
import { rulesHash } from "../rules/encode-rules.ts";
import type { OutboxMessage } from "../sandbox/outbox.ts";
import { type BlockContextInput, blockContext } from "./block-context.ts";
import { checkBodySize } from "./body-size.ts";
import { executeEntries } from "./execute-block.ts";
import type { Execution } from "./execute-transaction.ts";
import { outboxRoot } from "./message.ts";
import { type BlockOrder, orderHash } from "./order.ts";
import { encodeReceiptInto, RECEIPT_BYTES, receiptLeaves } from "./receipt.ts";
import { type BlockResult, resultHash } from "./result.ts";
import { type Entry, readEntries } from "./transaction.ts";

/** The block that a new one builds on. */
export interface ChainHead {
  readonly height: bigint;
  /** 32 zero bytes at genesis. */
  readonly orderHash: Uint8Array;
  readonly result: BlockResult;
  /** Seconds; 0 at genesis. */
  readonly time: bigint;
  /** Number of the next message that an order takes from the inbox. */
  readonly inboxNext: bigint;
}

export interface ProduceInput {
  readonly head: ChainHead;
  readonly body: readonly Uint8Array[];
  readonly context: Omit<BlockContextInput, "height">;
  readonly onEntry?: (done: number) => void;
}

/** Everything of the new block but its state root. */
export interface ProducedBlock {
  readonly order: BlockOrder;
  readonly executions: readonly Execution[];
  /** Encoded, 108 bytes each. */
  readonly receipts: readonly Uint8Array[];
  readonly receiptsRoot: Uint8Array;
  readonly gasUsed: bigint;
  /** What the block sent. */
  readonly messages: readonly OutboxMessage[];
}

/**
 * Seals an order over `body` and executes it on `context.state`.
 * @throws BODY_TOO_LARGE when the body has too many entries or bytes for the rules
 * @throws ORDER_TIME when the time is before the head's
 */
export function produceBlock(input: ProduceInput): ProducedBlock {
  const { head, body, context } = input;
  checkBodySize(body, context.rules);
  if (context.time < head.time) {
    throw new EngineError({
      code: "ORDER_TIME",
      message: `got time ${context.time}, expected at least the head's ${head.time}`,
      where: { height: head.height + 1n, field: "time" },
    });
  }
  const entries = readEntries(body);
  const order = sealOrder(head, entries, context);
  const block = blockContext({ ...context, height: order.height });
  const executions: Execution[] = [];
  const receipts: Uint8Array[] = [];
  // One piece for all: what is longer than 64 bytes lies outside the heap, where each costs as much as a hash.
  const encoded = new Uint8Array(RECEIPT_BYTES * entries.length);
  let gasUsed = 0;
  for (const { execution, receipt } of executeEntries(block, entries)) {
    executions.push(execution);
    const at = RECEIPT_BYTES * receipts.length;
    encodeReceiptInto(receipt, encoded, at);
    receipts.push(encoded.subarray(at, at + RECEIPT_BYTES));
    gasUsed += execution.gasUsed;
    input.onEntry?.(receipts.length);
  }
  return {
    order,
    executions,
    receipts,
    receiptsRoot: listRoot(TRANSACTIONS_DEPTH, receiptLeaves(receipts)),
    gasUsed: BigInt(gasUsed),
    messages: block.outbox.all(),
  };
}

/** The result of a produced block once the state root is known. */
export function sealResult(block: ProducedBlock, stateRoot: Uint8Array): BlockResult {
  return {
    stateRoot,
    receiptsRoot: block.receiptsRoot,
    outboxRoot: outboxRoot(block.order.environmentId, block.messages),
    gasUsed: block.gasUsed,
  };
}

/** The head after a block. */
export function headAfter(order: BlockOrder, result: BlockResult): ChainHead {
  return {
    height: order.height,
    orderHash: orderHash(order),
    result,
    time: order.time,
    inboxNext: order.inboxFirst + BigInt(order.inboxCount),
  };
}

/** Hash of the head's result, which the next block's claim names. */
export function headResultHash(head: ChainHead): Uint8Array {
  return resultHash(head.result);
}

/** The order of a body on a head. */
export function sealOrder(
  head: ChainHead,
  entries: readonly Entry[],
  context: Omit<BlockContextInput, "height">,
): BlockOrder {
  return {
    environmentId: context.environmentId,
    height: head.height + 1n,
    parentOrder: head.orderHash,
    time: context.time,
    producer: context.producer,
    rulesHash: rulesHash(context.rules),
    inboxFirst: head.inboxNext,
    inboxCount: context.inboxCount ?? 0,
    transactionCount: entries.length,
    transactionsRoot: listRoot(
      TRANSACTIONS_DEPTH,
      entries.map(({ hash }) => hash),
    ),
  };
}
