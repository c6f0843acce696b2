// What became of the entries of a block, on its way from the execution thread to whoever asked: packed
// into one byte string there, so that neither text nor a thousand small clones are made where blocks
// execute, and unpacked into hex here. Between threads of one process only; never stored, never hashed.

import type { Execution } from "../chain/execute-transaction.ts";
import { type Hex, toHex } from "../codec/hex.ts";
import { ByteReader } from "../codec/reader.ts";
import { ByteWriter } from "../codec/writer.ts";
import { DATA_BYTES_MAX } from "../limits.ts";
import { Outcome } from "../outcome.ts";

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

const HAS_SENDER = 1;
const DEPLOYED = 2;

/**
 * Per entry: hash 32 ‖ u8 outcome ‖ u16 code ‖ u64 gas used ‖ u8 flags ‖ sender 20, if any ‖ bytes output ‖
 * u32 events, each emitter 20 ‖ bytes topics ‖ bytes data.
 */
export function packEntries(executions: readonly Execution[]): Uint8Array {
  const writer = new ByteWriter(256 * executions.length + 4);
  writer.u32(executions.length);
  for (const execution of executions) {
    const { transaction, outcome, output, events } = execution;
    const deployed = transaction?.kind === "deploy" && outcome === Outcome.success;
    writer.raw(execution.transactionHash).u8(outcome).u16(execution.code);
    writer.u64(BigInt(execution.gasUsed));
    writer.u8((transaction === undefined ? 0 : HAS_SENDER) | (deployed ? DEPLOYED : 0));
    if (transaction !== undefined) writer.raw(transaction.sender);
    writer.bytes(output).u32(events.length);
    for (const { emitter, topics, data } of events) {
      writer.raw(emitter).bytes(topics).bytes(data);
    }
  }
  return writer.finish();
}

/** Reads what `packEntries` wrote. */
export function unpackEntries(packed: Uint8Array): ExecutedEntry[] {
  const reader = new ByteReader(packed);
  const entries = Array.from({ length: reader.u32() }, () => unpackEntry(reader));
  reader.end();
  return entries;
}

function unpackEntry(reader: ByteReader): ExecutedEntry {
  const transactionHash = toHex(reader.fixed(32));
  const outcome = reader.u8();
  const code = reader.u16();
  const gasUsed = reader.u64();
  const flags = reader.u8();
  const sender = flags & HAS_SENDER ? toHex(reader.fixed(20)) : undefined;
  const output = reader.bytes(DATA_BYTES_MAX).slice();
  const events = Array.from({ length: reader.u32() }, () => unpackEvent(reader));
  return {
    transactionHash,
    outcome,
    code,
    gasUsed,
    output,
    events,
    ...(sender === undefined ? {} : { sender }),
    ...(flags & DEPLOYED ? { contract: toHex(output) } : {}),
  };
}

function unpackEvent(reader: ByteReader): ExecutedEvent {
  const emitter = toHex(reader.fixed(20));
  const topics = reader.bytes(DATA_BYTES_MAX);
  return {
    emitter,
    topics: Array.from({ length: topics.length / 32 }, (_, i) =>
      toHex(topics.subarray(32 * i, 32 * i + 32)),
    ),
    data: reader.bytes(DATA_BYTES_MAX).slice(),
  };
}
