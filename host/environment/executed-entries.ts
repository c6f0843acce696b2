// What became of the entries of a block, on its way from the execution thread to whoever asked: packed
// into one byte string there, so that neither text nor a thousand small clones are made where blocks
// execute, and unpacked into hex here. Between threads of one process only; never stored, never hashed.

import type { ReceiptParts } from "../chain/block-receipts.ts";
import type { Execution } from "../chain/execute-transaction.ts";
import { copyBytes } from "../codec/copy-bytes.ts";
import { type Hex, toHex } from "../codec/hex.ts";
import { ByteReader, readU32 } from "../codec/reader.ts";
import { DATA_BYTES_MAX } from "../limits.ts";
import { Outcome } from "../outcome.ts";
import type { ContractEvent } from "../sandbox/event-list.ts";

export interface ExecutedEvent {
  readonly emitter: Hex;
  readonly topics: readonly Hex[];
  readonly data: Uint8Array;
}

/** What became of one body entry. */
export interface ExecutedEntry {
  readonly transactionHash: Hex;
  readonly outcome: number;
  readonly code: number;
  readonly gasUsed: bigint;
  readonly output: Uint8Array;
  readonly events: readonly ExecutedEvent[];
  /** Absent where the entry does not decode. */
  readonly sender?: Hex;
  /** Address of the deployed contract. */
  readonly contract?: Hex;
}

/** Bytes of an entry without sender, output and events. */
const FIXED_BYTES = 52;
const HAS_SENDER = 1;
const DEPLOYED = 2;

/**
 * Per entry: hash 32 ‖ u8 outcome ‖ u16 code ‖ u64 gas used ‖ u8 flags ‖ sender 20, if any ‖ bytes output ‖
 * u32 events, each emitter 20 ‖ bytes topics ‖ bytes data.
 */
export function packEntries(
  executions: readonly Execution[],
  bytes: Uint8Array = new Uint8Array(packedEntriesBytes(executions)),
): Uint8Array {
  const packed = new PackedBytes(bytes);
  packed.u32(executions.length);
  for (const execution of executions) packEntry(execution, packed);
  return bytes;
}

/** Length of packed entries. */
export function packedEntriesBytes(executions: readonly Execution[]): number {
  let size = 4;
  for (const { transaction, output, events } of executions) {
    size += FIXED_BYTES + (transaction === undefined ? 0 : 20) + output.length;
    for (const { topics, data } of events) size += 28 + topics.length + data.length;
  }
  return size;
}

function packEntry(execution: Execution, packed: PackedBytes): void {
  const { transactionHash, transaction, outcome, code, gasUsed, output, events } = execution;
  const isDeployed = transaction?.kind === "deploy" && outcome === Outcome.success;
  packed.raw(transactionHash);
  packed.u8(outcome);
  packed.u8(code >>> 8);
  packed.u8(code);
  packed.u32(Math.floor(gasUsed / 2 ** 32));
  packed.u32(gasUsed);
  packed.u8((transaction === undefined ? 0 : HAS_SENDER) | (isDeployed ? DEPLOYED : 0));
  if (transaction !== undefined) packed.raw(transaction.sender);
  packed.u32(output.length);
  packed.raw(output);
  packed.u32(events.length);
  for (const { emitter, topics, data } of events) {
    packed.raw(emitter);
    packed.u32(topics.length);
    packed.raw(topics);
    packed.u32(data.length);
    packed.raw(data);
  }
}

/** Writes to an array that is long enough; quicker than a writer that grows. */
class PackedBytes {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  u8(value: number): void {
    this.#bytes[this.#at++] = value;
  }

  u32(value: number): void {
    const at = this.#at;
    const bytes = this.#bytes;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
    this.#at = at + 4;
  }

  raw(source: Uint8Array): void {
    copyBytes(this.#bytes, this.#at, source, 0, source.length);
    this.#at += source.length;
  }
}

/** How many of packed entries ended with each outcome. */
export function countOutcomes(packed: Uint8Array): Readonly<Record<Outcome, number>> {
  const counts = { 0: 0, 1: 0, 2: 0, 3: 0 };
  let at = 4;
  for (let left = readU32(packed, 0); left > 0; left--) {
    counts[packed[at + 32] as Outcome]++;
    at += 44 + (packed[at + 43]! & HAS_SENDER ? 20 : 0);
    at += 4 + readU32(packed, at);
    const events = readU32(packed, at);
    at += 4;
    for (let i = 0; i < events; i++) {
      at += 24 + readU32(packed, at + 20);
      at += 4 + readU32(packed, at);
    }
  }
  return counts;
}

/** A packed entry in views of its bytes. */
interface PackedEntry extends ReceiptParts {
  readonly flags: number;
  readonly sender: Uint8Array | undefined;
}

function readPacked(packed: Uint8Array): PackedEntry[] {
  const reader = new ByteReader(packed);
  const entries = Array.from({ length: reader.u32() }, () => readEntry(reader));
  reader.end();
  return entries;
}

function readEntry(reader: ByteReader): PackedEntry {
  const transactionHash = reader.fixed(32);
  const outcome = reader.u8() as Outcome;
  const code = reader.u16();
  const gasUsed = Number(reader.u64());
  const flags = reader.u8();
  const sender = flags & HAS_SENDER ? reader.fixed(20) : undefined;
  const output = reader.bytes(DATA_BYTES_MAX);
  const events = Array.from({ length: reader.u32() }, () => ({
    emitter: reader.fixed(20),
    topics: reader.bytes(DATA_BYTES_MAX),
    data: reader.bytes(DATA_BYTES_MAX),
  }));
  return { transactionHash, outcome, code, gasUsed, flags, sender, output, events };
}

/** What receipts are made of, in views of packed entries. */
export function unpackReceiptParts(packed: Uint8Array): readonly ReceiptParts[] {
  return readPacked(packed);
}

/** Reads what `packEntries` wrote. */
export function unpackEntries(packed: Uint8Array): ExecutedEntry[] {
  return readPacked(packed).map(shownEntry);
}

function shownEntry(entry: PackedEntry): ExecutedEntry {
  const { transactionHash, outcome, code, gasUsed, flags, sender, output, events } = entry;
  return {
    transactionHash: toHex(transactionHash),
    outcome,
    code,
    gasUsed: BigInt(gasUsed),
    output: output.slice(),
    events: events.map(shownEvent),
    ...(sender === undefined ? {} : { sender: toHex(sender) }),
    ...(flags & DEPLOYED ? { contract: toHex(output) } : {}),
  };
}

function shownEvent({ emitter, topics, data }: ContractEvent): ExecutedEvent {
  return {
    emitter: toHex(emitter),
    topics: Array.from({ length: topics.length / 32 }, (_, i) =>
      toHex(topics.subarray(32 * i, 32 * i + 32)),
    ),
    data: data.slice(),
  };
}
