// An order (docs/formats.md section 4): what runs in a block, fixed once by settlement. 181 bytes.
import { keccak256 } from "../codec/keccak.ts";
import { ByteReader } from "../codec/reader.ts";
import { ByteWriter } from "../codec/writer.ts";
import { TRANSACTIONS_MAX } from "../limits.ts";

export interface BlockOrder {
  /** [32] */
  readonly environmentId: Uint8Array;
  /** At least 1: height 0 is a result without order. */
  readonly height: bigint;
  /** Hash [32] of the parent's order; zero at height 1. */
  readonly parentOrder: Uint8Array;
  /** Unix seconds. */
  readonly time: bigint;
  /** [20] */
  readonly producer: Uint8Array;
  /** [32] */
  readonly rulesHash: Uint8Array;
  readonly inboxFirst: bigint;
  readonly inboxCount: number;
  /** At most 2^20. */
  readonly transactionCount: number;
  /** [32] */
  readonly transactionsRoot: Uint8Array;
}

export const ORDER_BYTES = 181;
const VERSION = 1;

/** @throws BYTES_OUT_OF_RANGE when a field does not fit */
export function encodeOrder(order: BlockOrder): Uint8Array {
  return new ByteWriter(ORDER_BYTES)
    .u8(VERSION)
    .fixed(order.environmentId, 32)
    .u64(order.height)
    .fixed(order.parentOrder, 32)
    .u64(order.time)
    .fixed(order.producer, 20)
    .fixed(order.rulesHash, 32)
    .u64(order.inboxFirst)
    .u32(order.inboxCount)
    .u32(order.transactionCount)
    .fixed(order.transactionsRoot, 32)
    .finish();
}

/**
 * @throws ORDER_INVALID for another version, height 0 or more than 2^20 transactions
 * @throws BYTES_TRUNCATED, BYTES_TRAILING
 */
export function decodeOrder(bytes: Uint8Array): BlockOrder {
  const reader = new ByteReader(bytes, { field: "order" });
  const version = reader.u8();
  if (version !== VERSION)
    throw reader.error("ORDER_INVALID", "order version", version, VERSION, 0);
  // Copies, not views: heads outlive the files they came in.
  const environmentId = reader.fixed(32).slice();
  const height = reader.u64();
  if (height === 0n) throw reader.error("ORDER_INVALID", "height of an order", 0, "at least 1", 33);
  const parentOrder = reader.fixed(32).slice();
  const time = reader.u64();
  const producer = reader.fixed(20).slice();
  const rulesHash = reader.fixed(32).slice();
  const inboxFirst = reader.u64();
  const inboxCount = reader.u32();
  const transactionCount = reader.u32();
  if (transactionCount > TRANSACTIONS_MAX) {
    const expected = `at most ${TRANSACTIONS_MAX}`;
    throw reader.error("ORDER_INVALID", "transaction count", transactionCount, expected, 145);
  }
  const transactionsRoot = reader.fixed(32).slice();
  reader.end();
  return {
    environmentId,
    height,
    parentOrder,
    time,
    producer,
    rulesHash,
    inboxFirst,
    inboxCount,
    transactionCount,
    transactionsRoot,
  };
}

/** keccak of the encoded order. */
export function orderHash(order: BlockOrder): Uint8Array {
  return keccak256(encodeOrder(order));
}
