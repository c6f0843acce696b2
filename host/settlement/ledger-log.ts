// A ledger as a file (docs/formats.md section 17): how it began and every accepted command with its time and the log
// hash behind it. Whoever has it replays it to the same state and the same root. Only appended to: a record that was
// being written when the machine stopped is the last one and was never acknowledged, so a reader leaves it out.
import { FileKind, openFile, writeFileHeader } from "../codec/file-header.ts";
import { equalBytes, toHex } from "../codec/hex.ts";
import { readU32 } from "../codec/reader.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EngineError, type ErrorWhere } from "../errors.ts";
import {
  applyToLedger,
  decodeLedgerGenesis,
  encodeLedgerGenesis,
  type LedgerGenesis,
  type LedgerGround,
  openLedger,
} from "./ledger.ts";
import { COMMAND_BYTES_MAX, GENESIS_ACCOUNTS_MAX } from "./ledger-command.ts";
import type { LedgerState } from "./ledger-state.ts";

/** u32 length and u64 time before the command, and the log hash behind it. */
const BEFORE_BYTES = 12;
const RECORD_BYTES = BEFORE_BYTES + 32;
const GENESIS_BYTES_MAX = 64 + 36 * GENESIS_ACCOUNTS_MAX;

/** The beginning of a log file. */
export function encodeLogStart(genesis: LedgerGenesis): Uint8Array {
  const out = new ByteWriter(256);
  writeFileHeader(out, FileKind.ledgerLog);
  return out.bytes(encodeLedgerGenesis(genesis)).finish();
}

/** One accepted command. `logHash` is that of the state behind it. */
export function encodeLogRecord(
  time: bigint,
  command: Uint8Array,
  logHash: Uint8Array,
): Uint8Array {
  const out = new ByteWriter(RECORD_BYTES + command.length);
  return out.u32(command.length).u64(time).raw(command).raw(logHash).finish();
}

export interface ReplayedLedger {
  readonly genesis: LedgerGenesis;
  readonly state: LedgerState;
  /** Bytes of the file that are its log; what is behind them was never acknowledged. */
  readonly length: number;
}

/** The record at `at`, or undefined where the file ends before it does. */
function recordAt(bytes: Uint8Array, at: number) {
  const left = bytes.length - at;
  if (left < RECORD_BYTES) return undefined;
  const length = readU32(bytes, at);
  if (left < RECORD_BYTES + length) return undefined;
  const end = at + RECORD_BYTES + length;
  return {
    end,
    time: new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at + 4),
    command: bytes.subarray(at + BEFORE_BYTES, end - 32),
    logHash: bytes.subarray(end - 32, end),
  };
}

/** Whether nothing but what one interrupted write can leave stands from `at` on. */
function isUnfinished(bytes: Uint8Array, at: number): boolean {
  const length = readU32(bytes, at);
  const isLast = length <= COMMAND_BYTES_MAX && at + RECORD_BYTES + length >= bytes.length;
  // A file may have grown before its content was written.
  return isLast || bytes.subarray(at).every((byte) => byte === 0);
}

/** One accepted command as the log has it. */
export interface LogRecord {
  readonly time: bigint;
  readonly command: Uint8Array;
  /** Of the state behind it [32]. */
  readonly logHash: Uint8Array;
}

/**
 * The records of a log by their lengths alone: nothing is applied, so what stands in them is what the file says.
 * @throws FILE_MAGIC, FILE_KIND, FILE_FORMAT · SETTLEMENT_GENESIS · BYTES_…
 */
export function readLedgerLog(bytes: Uint8Array, where: ErrorWhere = {}) {
  const input = openFile(bytes, FileKind.ledgerLog, where);
  const genesis = decodeLedgerGenesis(input.bytes(GENESIS_BYTES_MAX));
  const records: LogRecord[] = [];
  let length = input.offset;
  for (;;) {
    const record = recordAt(bytes, length);
    const isZero = record?.logHash.every((byte) => byte === 0) ?? false;
    if (record === undefined || isZero) return { genesis, records, length };
    records.push(record);
    length = record.end;
  }
}

/**
 * The ledger that a log tells.
 * @throws SETTLEMENT_LOG_INVALID for a record that is refused or has another log hash and is not the last ·
 * FILE_MAGIC, FILE_KIND, FILE_FORMAT · SETTLEMENT_GENESIS · BYTES_…
 */
export function replayLedgerLog(
  bytes: Uint8Array,
  ground: LedgerGround,
  where: ErrorWhere = {},
): ReplayedLedger {
  const input = openFile(bytes, FileKind.ledgerLog, where);
  const genesis = decodeLedgerGenesis(input.bytes(GENESIS_BYTES_MAX));
  let state = openLedger(genesis);
  let at = input.offset;
  for (;;) {
    const record = recordAt(bytes, at);
    if (record === undefined) return { genesis, state, length: at };
    const applied = applyToLedger(state, record.time, record.command, ground);
    if (!("state" in applied) || !equalBytes(applied.state.logHash, record.logHash)) {
      if (isUnfinished(bytes, at)) return { genesis, state, length: at };
      const reason =
        "state" in applied
          ? `got log hash ${toHex(record.logHash)}, expected ${toHex(applied.state.logHash)}`
          : `it is refused: ${applied.refused.code}, ${applied.refused.message}`;
      throw new EngineError({
        code: "SETTLEMENT_LOG_INVALID",
        message: `command ${state.commands}: ${reason}`,
        where: { ...where, byteOffset: at, field: `entries[${state.commands}]` },
      });
    }
    state = applied.state;
    at = record.end;
  }
}
