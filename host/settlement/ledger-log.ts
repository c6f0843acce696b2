// A ledger as a file (docs/formats.md section 17): how it began and every accepted command with its time and the log
// hash behind it. Whoever has it replays it to the same state and the same root. Only appended to: a record that was
// being written when the machine stopped is the last one and was never acknowledged, so a reader leaves it out.
// Nothing else is ever left out: the head of a record has a check of its own, so that a damaged length cannot make
// the rest of the file look like one unfinished record.
import { FileKind, openFile, writeFileHeader } from "../codec/file-header.ts";
import { equalBytes, toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { readU32, readU64 } from "../codec/reader.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EngineError, type ErrorWhere } from "../errors.ts";
import {
  applyToLedger,
  decodeLedgerGenesis,
  encodeLedgerGenesis,
  type LedgerGenesis,
  type LedgerGround,
  nextLogHash,
  openLedger,
} from "./ledger.ts";
import { GENESIS_ACCOUNTS_MAX } from "./ledger-command.ts";
import type { LedgerState } from "./ledger-state.ts";

/** u32 length ‖ u64 time, and the check of both. */
const SAID_BYTES = 12;
const CHECK_BYTES = 8;
const HEAD_BYTES = SAID_BYTES + CHECK_BYTES;
const HASH_BYTES = 32;
const GENESIS_BYTES_MAX = 64 + 36 * GENESIS_ACCOUNTS_MAX;

/** The beginning of a log file. */
export function encodeLogStart(genesis: LedgerGenesis): Uint8Array {
  const out = new ByteWriter(256);
  writeFileHeader(out, FileKind.ledgerLog);
  return out.bytes(encodeLedgerGenesis(genesis)).finish();
}

/** First bytes of keccak(log hash before ‖ length ‖ time): such a record, in this place. */
function checkOf(logHash: Uint8Array, said: Uint8Array): Uint8Array {
  return keccak256(new ByteWriter(64).raw(logHash).raw(said).finish()).subarray(0, CHECK_BYTES);
}

/** One accepted command. `logHash` is that of the state before it. */
export function encodeLogRecord(
  logHash: Uint8Array,
  time: bigint,
  command: Uint8Array,
): Uint8Array {
  const said = new ByteWriter(SAID_BYTES).u32(command.length).u64(time).finish();
  const out = new ByteWriter(HEAD_BYTES + command.length + HASH_BYTES);
  out.raw(said).raw(checkOf(logHash, said)).raw(command);
  return out.raw(nextLogHash(logHash, time, command)).finish();
}

/** One accepted command as the log has it. */
export interface LogRecord {
  readonly time: bigint;
  readonly command: Uint8Array;
  /** Of the state behind it [32]. */
  readonly logHash: Uint8Array;
}

interface PlacedRecord extends LogRecord {
  readonly start: number;
  readonly end: number;
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

function damaged(number: number, at: number, reason: string, where: ErrorWhere): EngineError {
  return new EngineError({
    code: "SETTLEMENT_LOG_INVALID",
    message: `command ${number}: ${reason}`,
    where: { ...where, byteOffset: at, field: `entries[${number}]` },
  });
}

/** The records from `start` on, up to one that was not finished. @throws SETTLEMENT_LOG_INVALID */
function* recordsFrom(
  bytes: Uint8Array,
  start: number,
  settlement: Uint8Array,
  where: ErrorWhere,
): Generator<PlacedRecord> {
  let before = settlement;
  let at = start;
  for (let number = 0; ; number++) {
    if (bytes.length - at < HEAD_BYTES) return;
    const said = bytes.subarray(at, at + SAID_BYTES);
    const check = bytes.subarray(at + SAID_BYTES, at + HEAD_BYTES);
    if (!equalBytes(check, checkOf(before, said))) {
      // A file may have grown before its content was written.
      if (isZero(bytes.subarray(at))) return;
      const reason = `got check ${toHex(check)} of length and time, expected ${toHex(checkOf(before, said))}`;
      throw damaged(number, at, reason, where);
    }
    const end = at + HEAD_BYTES + readU32(said, 0) + HASH_BYTES;
    if (end > bytes.length) return;
    const time = readU64(said, 4);
    const command = bytes.subarray(at + HEAD_BYTES, end - HASH_BYTES);
    const logHash = bytes.subarray(end - HASH_BYTES, end);
    const expected = nextLogHash(before, time, command);
    if (!equalBytes(logHash, expected)) {
      // The last one may not have been written to its end.
      if (end === bytes.length) return;
      const reason = `got log hash ${toHex(logHash)}, expected ${toHex(expected)}`;
      throw damaged(number, at, reason, where);
    }
    yield { start: at, end, time, command, logHash };
    before = logHash;
    at = end;
  }
}

/**
 * The records of a log, with every hash in it checked: nothing is applied, so whether the ledger accepts what stands
 * in them is for a replay to say.
 * @throws SETTLEMENT_LOG_INVALID for damage before the last record · FILE_MAGIC, FILE_KIND, FILE_FORMAT ·
 * SETTLEMENT_GENESIS · BYTES_…
 */
export function readLedgerLog(bytes: Uint8Array, where: ErrorWhere = {}) {
  const input = openFile(bytes, FileKind.ledgerLog, where);
  const genesisBytes = input.bytes(GENESIS_BYTES_MAX);
  const genesis = decodeLedgerGenesis(genesisBytes);
  const records = [...recordsFrom(bytes, input.offset, keccak256(genesisBytes), where)];
  return { genesis, records, length: records.at(-1)?.end ?? input.offset };
}

export interface ReplayedLedger {
  readonly genesis: LedgerGenesis;
  readonly state: LedgerState;
  /** Bytes of the file that are its log; what is behind them was never acknowledged. */
  readonly length: number;
}

/**
 * The ledger that a log tells.
 * @throws SETTLEMENT_LOG_INVALID for a command that is refused · as readLedgerLog
 */
export function replayLedgerLog(
  bytes: Uint8Array,
  ground: LedgerGround,
  where: ErrorWhere = {},
): ReplayedLedger {
  const input = openFile(bytes, FileKind.ledgerLog, where);
  const genesis = decodeLedgerGenesis(input.bytes(GENESIS_BYTES_MAX));
  let state = openLedger(genesis);
  let length = input.offset;
  for (const { start, end, time, command } of recordsFrom(bytes, length, state.id, where)) {
    const applied = applyToLedger(state, time, command, ground);
    if ("refused" in applied) {
      const { code, message } = applied.refused;
      const reason = `it is refused: ${code}, ${message}`;
      throw damaged(Number(state.commands), start, reason, where);
    }
    state = applied.state;
    length = end;
  }
  return { genesis, state, length };
}
