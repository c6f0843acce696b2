// A receipt and the events under it (docs/formats.md section 6): what a transaction came to, hashed
// into the result. Numbers only: texts are derived from them (outcome.ts), never the reverse.
import { keccak256 } from "../codec/keccak.ts";
import { ByteReader } from "../codec/reader.ts";
import { bytesRoot } from "../codec/trees.ts";
import { EngineError } from "../errors.ts";
import { EVENT_TOPICS_MAX } from "../limits.ts";
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
  /** The events chain [32]. */
  readonly eventsHash: Uint8Array;
}

export const RECEIPT_BYTES = 108;
const LINK_BYTES = 217;
const TOPICS_BYTES = 32 * EVENT_TOPICS_MAX;
const VERSION = 1;

/**
 * The 108 bytes of a receipt. Written by hand: this runs once per transaction.
 * @throws BYTES_OUT_OF_RANGE when a field does not fit
 */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const { transactionHash, outcome, code, gasUsed, outputHash, eventsHash } = receipt;
  const fits =
    transactionHash.length === 32 && outputHash.length === 32 && eventsHash.length === 32;
  if (!fits || gasUsed < 0n || gasUsed >= 2n ** 64n || code < 0 || code > 0xffff) {
    throw new EngineError({
      code: "BYTES_OUT_OF_RANGE",
      message: "got a receipt with a field that does not fit its place",
      where: { field: "receipt" },
    });
  }
  const bytes = new Uint8Array(RECEIPT_BYTES);
  bytes[0] = VERSION;
  bytes.set(transactionHash, 1);
  bytes[33] = outcome;
  bytes[34] = code >>> 8;
  bytes[35] = code;
  const gas = Number(gasUsed);
  if (gas <= Number.MAX_SAFE_INTEGER) writeSafe(bytes, 36, gas);
  else new DataView(bytes.buffer).setBigUint64(36, gasUsed);
  bytes.set(outputHash, 44);
  bytes.set(eventsHash, 76);
  return bytes;
}

/** A safe integer as u64. */
function writeSafe(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / 2 ** 32);
  for (let i = 0; i < 4; i++) {
    bytes[at + i] = high >>> (24 - 8 * i);
    bytes[at + 4 + i] = value >>> (24 - 8 * i);
  }
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
  const eventsHash = reader.fixed(32);
  reader.end();
  return { transactionHash, outcome: outcome as Outcome, code, gasUsed, outputHash, eventsHash };
}

/** Leaf of the receipts tree: keccak of the 108 bytes of an encoded receipt. */
export function receiptLeaf(encoded: Uint8Array): Uint8Array {
  return keccak256(encoded);
}

/** Where the links of an event chain are put together. */
const linkScratch = new Uint8Array(LINK_BYTES);

/**
 * One link of the events chain: keccak(chain so far ‖ emitter ‖ u8 topic count ‖ 4 × topic, unused zero ‖
 * u32 data length ‖ bytesRoot(data)).
 * @throws BYTES_OUT_OF_RANGE for topics that are not 0 to 4 times 32 bytes
 */
export function eventLink(chain: Uint8Array, event: ContractEvent): Uint8Array {
  const { emitter, topics, data } = event;
  if (topics.length > TOPICS_BYTES || topics.length % 32 !== 0 || emitter.length !== 20) {
    throw new EngineError({
      code: "BYTES_OUT_OF_RANGE",
      message: `got ${topics.length} bytes of topics, expected 0 to 4 of 32 bytes each`,
      where: { field: "topics" },
    });
  }
  linkScratch.set(chain);
  linkScratch.set(emitter, 32);
  linkScratch[52] = topics.length / 32;
  linkScratch.set(topics, 53);
  linkScratch.fill(0, 53 + topics.length, 181);
  writeLength(linkScratch, 181, data.length);
  linkScratch.set(bytesRoot(data), 185);
  return keccak256(linkScratch);
}

function writeLength(bytes: Uint8Array, at: number, length: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = length >>> (24 - 8 * i);
}

/** What a transaction without events commits to. */
const NO_EVENTS = new Uint8Array(32);

/** The events of one transaction, chained in order of emission (docs/decisions/0007). */
export function eventsHash(events: readonly ContractEvent[]): Uint8Array {
  return events.reduce(eventLink, NO_EVENTS);
}
