// A receipt and the events under it (docs/formats.md section 6): what a transaction came to, hashed
// into the result. Numbers only: texts are derived from them (outcome.ts), never the reverse.
import { bufferAt, bufferSize, crypto, memory, readHash } from "../codec/crypto.ts";
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
const U64_BOUND = 2n ** 64n;
const TOPICS_BYTES = 32 * EVENT_TOPICS_MAX;
const VERSION = 1;

/** The 108 bytes of a receipt. @throws BYTES_OUT_OF_RANGE when a field does not fit */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const bytes = new Uint8Array(RECEIPT_BYTES);
  encodeReceiptInto(receipt, bytes, 0);
  return bytes;
}

/**
 * The same into RECEIPT_BYTES zero bytes of `bytes` at `at`. Written by hand: this runs once per transaction.
 * @throws BYTES_OUT_OF_RANGE when a field does not fit
 */
export function encodeReceiptInto(receipt: Receipt, bytes: Uint8Array, at: number): void {
  const { transactionHash, outcome, code, gasUsed, outputHash, eventsHash } = receipt;
  const fits =
    transactionHash.length === 32 && outputHash.length === 32 && eventsHash.length === 32;
  if (!fits || gasUsed < 0n || gasUsed >= U64_BOUND || code < 0 || code > 0xffff) {
    throw new EngineError({
      code: "BYTES_OUT_OF_RANGE",
      message: "got a receipt with a field that does not fit its place",
      where: { field: "receipt" },
    });
  }
  bytes[at] = VERSION;
  bytes[at + 33] = outcome;
  bytes[at + 34] = code >>> 8;
  bytes[at + 35] = code;
  const gas = Number(gasUsed);
  if (gas <= Number.MAX_SAFE_INTEGER) writeSafe(bytes, at + 36, gas);
  else new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(at + 36, gasUsed);
  for (let i = 0; i < 32; i++) {
    bytes[at + 1 + i] = transactionHash[i]!;
    bytes[at + 44 + i] = outputHash[i]!;
    bytes[at + 76 + i] = eventsHash[i]!;
  }
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

/** Bytes from one encoded receipt to the next in the crypto module's buffer. */
const RECEIPT_STRIDE = 112;

/** Leaf of the receipts tree: keccak of the 108 bytes of an encoded receipt. */
export function receiptLeaf(encoded: Uint8Array): Uint8Array {
  return keccak256(encoded);
}

/** The leaves of many receipts, hashed two at a time. */
export function receiptLeaves(encoded: readonly Uint8Array[]): Uint8Array[] {
  const leaves: Uint8Array[] = [];
  const batchMax = Math.floor(bufferSize / RECEIPT_STRIDE);
  while (leaves.length < encoded.length) {
    const first = leaves.length;
    const count = Math.min(batchMax, encoded.length - first);
    for (let i = 0; i < count; i++) memory.set(encoded[first + i]!, bufferAt + RECEIPT_STRIDE * i);
    crypto.hashRecords(bufferAt, RECEIPT_STRIDE, RECEIPT_BYTES, count);
    for (let i = 0; i < count; i++) leaves.push(readHash(bufferAt + RECEIPT_STRIDE * i));
  }
  return leaves;
}

/** Where the links of an event chain are put together. */
const linkScratch = new Uint8Array(LINK_BYTES);

/** The preimage of a link, without the root of the event's data, into LINK_BYTES bytes of `out` at `at`. */
function writeLink(chain: Uint8Array, event: ContractEvent, out: Uint8Array, at: number): void {
  const { emitter, topics, data } = event;
  if (topics.length > TOPICS_BYTES || topics.length % 32 !== 0 || emitter.length !== 20) {
    throw new EngineError({
      code: "BYTES_OUT_OF_RANGE",
      message: `got ${topics.length} bytes of topics, expected 0 to 4 of 32 bytes each`,
      where: { field: "topics" },
    });
  }
  out.set(chain, at);
  out.set(emitter, at + 32);
  out[at + 52] = topics.length / 32;
  out.set(topics, at + 53);
  out.fill(0, at + 53 + topics.length, at + 181);
  for (let i = 0; i < 4; i++) out[at + 181 + i] = data.length >>> (24 - 8 * i);
}

/**
 * One link of the events chain: keccak(chain so far ‖ emitter ‖ u8 topic count ‖ 4 × topic, unused zero ‖
 * u32 data length ‖ bytesRoot(data)).
 * @throws BYTES_OUT_OF_RANGE for topics that are not 0 to 4 times 32 bytes
 */
export function eventLink(chain: Uint8Array, event: ContractEvent): Uint8Array {
  writeLink(chain, event, linkScratch, 0);
  linkScratch.set(bytesRoot(event.data), 185);
  return keccak256(linkScratch);
}

/** What a transaction without events commits to. */
const NO_EVENTS = new Uint8Array(32);

/** The events of one transaction, chained in order of emission (docs/decisions/0007). */
export function eventsHash(events: readonly ContractEvent[]): Uint8Array {
  return events.reduce(eventLink, NO_EVENTS);
}

/** A link's preimage, and from byte 224 the event's data: assembly/crypto/receipts.ts. */
const EVENT_RECORD = 352;
const EVENT_DATA = 224;
const EVENT_DATA_MAX = 128;
const EVENT_BATCH = Math.floor(bufferSize / EVENT_RECORD);

/**
 * `eventsHash` of many transactions. The common case, one event with little data, is hashed two
 * transactions at a time.
 */
export function eventsHashes(lists: readonly (readonly ContractEvent[])[]): Uint8Array[] {
  const hashes = new Array<Uint8Array>(lists.length);
  const batch: number[] = [];
  const flush = (): void => {
    crypto.hashEvents(bufferAt, batch.length);
    for (let i = 0; i < batch.length; i++) {
      hashes[batch[i]!] = readHash(bufferAt + EVENT_RECORD * i);
    }
    batch.length = 0;
  };
  for (let index = 0; index < lists.length; index++) {
    const events = lists[index]!;
    const only = events[0];
    if (events.length !== 1 || only === undefined || only.data.length > EVENT_DATA_MAX) continue;
    const at = bufferAt + EVENT_RECORD * batch.length;
    writeLink(NO_EVENTS, only, memory, at);
    memory.set(only.data, at + EVENT_DATA);
    memory.fill(0, at + EVENT_DATA + only.data.length, at + EVENT_RECORD);
    if (batch.push(index) === EVENT_BATCH) flush();
  }
  flush();
  // Only now: hashing these uses the same buffer.
  for (let index = 0; index < lists.length; index++) hashes[index] ??= eventsHash(lists[index]!);
  return hashes;
}
