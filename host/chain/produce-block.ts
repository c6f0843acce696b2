// Makes the block that follows a head: seals the order over a body, executes it, and seals the result.
// The state root comes from the caller's store, which alone knows the tree, and the receipts from
// block-receipts.ts. Pure: time and producer are arguments. The limits of a body are checked here because an
// over-large one is refused when posted.

import { EngineError } from "../errors.ts";
import { rulesHash } from "../rules/encode-rules.ts";
import type { OutboxMessage } from "../sandbox/outbox.ts";
import { type BlockContextInput, blockContext } from "./block-context.ts";
import { checkBodySize } from "./body-size.ts";
import { executeBody } from "./execute-block.ts";
import type { Execution } from "./execute-transaction.ts";
import { outboxRoot } from "./message.ts";
import { type BlockOrder, orderHash } from "./order.ts";
import type { ReadBody } from "./read-body.ts";
import { type BlockResult, resultHash } from "./result.ts";

/** The order that a new one follows. */
export interface OrderHead {
  readonly height: bigint;
  /** 32 zero bytes at genesis. */
  readonly orderHash: Uint8Array;
  /** Seconds; 0 at genesis. */
  readonly time: bigint;
  /** Number of the next message that an order takes from the inbox. */
  readonly inboxNext: bigint;
}

/** The block that a new one builds on. */
export interface ChainHead extends OrderHead {
  readonly result: BlockResult;
}

export interface ProduceInput {
  readonly head: OrderHead;
  readonly body: readonly Uint8Array[];
  /** The same body as it is being read. */
  readonly read: ReadBody;
  readonly context: Omit<BlockContextInput, "height">;
  readonly onEntry?: ((done: number) => void) | undefined;
}

/** Everything of the new block but its receipts and roots. */
export interface ProducedBlock {
  readonly order: BlockOrder;
  readonly executions: readonly Execution[];
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
  const { head, body, read, context } = input;
  checkBodySize(body, context.rules);
  if (context.time < head.time) {
    throw new EngineError({
      code: "ORDER_TIME",
      message: `got time ${context.time}, expected at least the head's ${head.time}`,
      where: { height: head.height + 1n, field: "time" },
    });
  }
  const entries = read.entries();
  const order = sealOrder(head, read, context);
  const block = blockContext({ ...context, height: order.height });
  const { executions, gasUsed } = executeBody(block, entries, input.onEntry);
  return { order, executions, gasUsed: BigInt(gasUsed), messages: block.outbox.all() };
}

/** The result of a produced block once its roots [32] are known. */
export function sealResult(
  block: Omit<ProducedBlock, "executions">,
  receiptsRoot: Uint8Array,
  stateRoot: Uint8Array,
): BlockResult {
  return {
    stateRoot,
    receiptsRoot,
    outboxRoot: outboxRoot(block.order.environmentId, block.messages),
    gasUsed: block.gasUsed,
  };
}

/** What the next order follows; it is known before the order is executed. */
export function orderHeadAfter(order: BlockOrder): OrderHead {
  return {
    height: order.height,
    orderHash: orderHash(order),
    time: order.time,
    inboxNext: order.inboxFirst + BigInt(order.inboxCount),
  };
}

/** The head after a block. */
export function headAfter(order: BlockOrder, result: BlockResult): ChainHead {
  return { ...orderHeadAfter(order), result };
}

/** Hash of the head's result, which the next block's claim names. */
export function headResultHash(head: ChainHead): Uint8Array {
  return resultHash(head.result);
}

/** The order of a body on a head. */
export function sealOrder(
  head: OrderHead,
  read: ReadBody,
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
    transactionCount: read.entries().length,
    transactionsRoot: read.transactionsRoot(),
  };
}
