// A receipt and the events under it (docs/formats.md section 6): what a transaction came to, hashed
// into the result. Numbers only: texts are derived from them (outcome.ts), never the reverse.
import { keccak256 } from "../codec/keccak.ts";
import { ByteReader } from "../codec/reader.ts";
import { bytesRoot, listRoot } from "../codec/trees.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EVENT_TOPICS_MAX, EVENTS_DEPTH } from "../limits.ts";
import { Outcome } from "../outcome.ts";
import type { ContractEvent } from "../sandbox/event-list.ts";

export interface Receipt {
  /** [32] */
  readonly transactionHash: Uint8Array;
  readonly outcome: Outcome;
  /** Trap code or skip code, else 0. */
  readonly code: number;
  readonly gasUsed: bigint;
  /** bytesHash [32] of output or revert data; of empty bytes after a trap or a skip. */
  readonly outputHash: Uint8Array;
  /** [32] */
  readonly eventsRoot: Uint8Array;
}

export const RECEIPT_BYTES = 108;
const EVENT_BYTES = 185;
const TOPICS_BYTES = 32 * EVENT_TOPICS_MAX;
const VERSION = 1;

/** @throws BYTES_OUT_OF_RANGE when a field does not fit */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  return new ByteWriter(RECEIPT_BYTES)
    .u8(VERSION)
    .fixed(receipt.transactionHash, 32)
    .u8(receipt.outcome)
    .u16(receipt.code)
    .u64(receipt.gasUsed)
    .fixed(receipt.outputHash, 32)
    .fixed(receipt.eventsRoot, 32)
    .finish();
}

/**
 * A claimed receipt, which may lie in every field: only what is no receipt at all is refused.
 * @throws RECEIPT_INVALID for another version or an unknown outcome · BYTES_TRUNCATED, BYTES_TRAILING
 */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  const reader = new ByteReader(bytes, { field: "receipt" });
  const version = reader.u8();
  if (version !== VERSION) {
    throw reader.error("RECEIPT_INVALID", "receipt version", version, VERSION, 0);
  }
  const transactionHash = reader.fixed(32);
  const outcome = reader.u8();
  if (outcome > Outcome.skipped) {
    throw reader.error("RECEIPT_INVALID", "outcome", outcome, "0 to 3", 33);
  }
  const code = reader.u16();
  const gasUsed = reader.u64();
  const outputHash = reader.fixed(32);
  const eventsRoot = reader.fixed(32);
  reader.end();
  return { transactionHash, outcome: outcome as Outcome, code, gasUsed, outputHash, eventsRoot };
}

/** Leaf of the receipts tree: keccak of the 108 bytes of an encoded receipt. */
export function receiptLeaf(encoded: Uint8Array): Uint8Array {
  return keccak256(encoded);
}

/**
 * Leaf of the events tree: keccak(emitter ‖ u8 topic count ‖ 4 × topic, unused zero ‖ u32 data length ‖
 * bytesRoot(data)).
 * @throws BYTES_OUT_OF_RANGE for more than four topics or one that is not 32 bytes
 */
export function eventLeaf(event: ContractEvent): Uint8Array {
  const { emitter, topics, data } = event;
  const slots = new ByteWriter(TOPICS_BYTES);
  for (const topic of topics) slots.fixed(topic, 32);
  slots.raw(new Uint8Array(Math.max(0, TOPICS_BYTES - 32 * topics.length)));
  return keccak256(
    new ByteWriter(EVENT_BYTES)
      .fixed(emitter, 20)
      .u8(topics.length)
      .fixed(slots.finish(), TOPICS_BYTES)
      .u32(data.length)
      .raw(bytesRoot(data))
      .finish(),
  );
}

/** Root of the events of one transaction. */
export function eventsRoot(events: readonly ContractEvent[]): Uint8Array {
  return listRoot(EVENTS_DEPTH, events.map(eventLeaf));
}
