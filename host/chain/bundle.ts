// A bundle file (docs/formats.md section 13): everything a stranger needs to replay one block. Decoding
// checks form only (lengths, order, no second encoding); what the parts say of each other is checked
// by replay-bundle.ts. Byte fields of a decoded bundle are views of the file.
import { FileKind, openFile, writeFileHeader } from "../codec/file-header.ts";
import { compareBytes, toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import type { ByteReader } from "../codec/reader.ts";
import { bytesHash } from "../codec/trees.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EngineError, type ErrorWhere } from "../errors.ts";
import { TRANSACTIONS_MAX } from "../limits.ts";
import { type BlockOrder, decodeOrder, encodeOrder, ORDER_BYTES } from "./order.ts";
import { RECEIPT_BYTES } from "./receipt.ts";
import { type BlockResult, decodeResult, encodeResult, RESULT_BYTES } from "./result.ts";

/** Names for a contract's code: untrusted, bound by code hash, never part of a verdict. */
export interface DebugEntry {
  /** bytesHash [32] of the Wasm it speaks of. */
  readonly wasmHash: Uint8Array;
  /** ABI JSON in UTF-8. */
  readonly abi: Uint8Array;
  /** Source map JSON in UTF-8. */
  readonly sourceMap: Uint8Array;
}

export interface Bundle {
  readonly order: BlockOrder;
  readonly parentResult: BlockResult;
  /** As claimed. */
  readonly result: BlockResult;
  /** Canonical bytes of the rules. */
  readonly rules: Uint8Array;
  /** The body: any byte strings. */
  readonly transactions: readonly Uint8Array[];
  /** As claimed, encoded, 108 bytes each. */
  readonly receipts: readonly Uint8Array[];
  readonly witness: Uint8Array;
  /** Original Wasm of contracts that executed and were not deployed in this block. */
  readonly code: readonly Uint8Array[];
  /** Prepare rules that some of that code was prepared under, where they differ from those in force. */
  readonly prepareRules: readonly Uint8Array[];
  /** Empty: no debug part. */
  readonly debug: readonly DebugEntry[];
}

/** A bound that only the file's own size sets: the rest of the file is already in memory. */
const ANY_LENGTH = 2 ** 32 - 1;
const DEBUG_ENTRY_BYTES = 32 + 4 + 4;

/** `items` ascending by `hashOf`, as lists of a bundle are. @throws BUNDLE_INVALID for two equal ones */
function ascending<T>(
  field: string,
  items: readonly T[],
  hashOf: (item: T) => Uint8Array,
): readonly T[] {
  if (items.length === 0) return items;
  const sorted = items
    .map((item) => ({ item, hash: hashOf(item) }))
    .sort((a, b) => compareBytes(a.hash, b.hash));
  for (let i = 1; i < sorted.length; i++) {
    const { hash } = sorted[i]!;
    if (compareBytes(sorted[i - 1]!.hash, hash) === 0) {
      throw new EngineError({
        code: "BUNDLE_INVALID",
        message: `${field}: got ${toHex(hash)} twice, expected each once`,
        where: { field },
      });
    }
  }
  return sorted.map(({ item }) => item);
}

/**
 * The bytes of a bundle file. Code, prepare rules and debug entries are put in order here.
 * @throws BUNDLE_INVALID when one of them occurs twice · BYTES_OUT_OF_RANGE
 */
export function encodeBundle(bundle: Bundle): Uint8Array {
  const writer = new ByteWriter(65_536);
  writeFileHeader(writer, FileKind.bundle);
  writer.raw(encodeOrder(bundle.order));
  writer.raw(encodeResult(bundle.parentResult));
  writer.raw(encodeResult(bundle.result));
  writer.bytes(bundle.rules);
  writeList(writer, bundle.transactions);
  writer.u32(bundle.receipts.length);
  for (const receipt of bundle.receipts) writer.fixed(receipt, RECEIPT_BYTES);
  writer.bytes(bundle.witness);
  writeList(writer, ascending("code", bundle.code, bytesHash));
  writeList(writer, ascending("prepare rules", bundle.prepareRules, keccak256));
  if (bundle.debug.length === 0) return writer.u8(0).finish();
  writer.u8(1).u32(bundle.debug.length);
  for (const entry of ascending("debug part", bundle.debug, ({ wasmHash }) => wasmHash)) {
    writer.fixed(entry.wasmHash, 32).bytes(entry.abi).bytes(entry.sourceMap);
  }
  return writer.finish();
}

function writeList(writer: ByteWriter, items: readonly Uint8Array[]): void {
  writer.u32(items.length);
  for (const item of items) writer.bytes(item);
}

/**
 * Reads a bundle file.
 * @throws FILE_MAGIC, FILE_KIND, FILE_FORMAT · ORDER_INVALID, RESULT_INVALID · BYTES_TRUNCATED,
 * BYTES_TOO_LONG, BYTES_TRAILING · BUNDLE_INVALID for a list out of order or an empty debug part
 */
export function decodeBundle(bytes: Uint8Array, where: ErrorWhere = {}): Bundle {
  const reader = openFile(bytes, FileKind.bundle, where);
  const order = decodeOrder(reader.fixed(ORDER_BYTES));
  const parentResult = decodeResult(reader.fixed(RESULT_BYTES));
  const result = decodeResult(reader.fixed(RESULT_BYTES));
  const rules = reader.bytes(ANY_LENGTH);
  const transactions = readList(reader, TRANSACTIONS_MAX);
  const receiptCount = reader.count(TRANSACTIONS_MAX, RECEIPT_BYTES);
  const receipts = Array.from({ length: receiptCount }, () => reader.fixed(RECEIPT_BYTES));
  const witness = reader.bytes(ANY_LENGTH);
  const code = readAscending(reader, "code", bytesHash);
  const prepareRules = readAscending(reader, "prepare rules", keccak256);
  const debug = readDebug(reader);
  reader.end();
  return {
    order,
    parentResult,
    result,
    rules,
    transactions,
    receipts,
    witness,
    code,
    prepareRules,
    debug,
  };
}

function readList(reader: ByteReader, max: number): Uint8Array[] {
  return Array.from({ length: reader.count(max, 4) }, () => reader.bytes(ANY_LENGTH));
}

function readAscending(
  reader: ByteReader,
  field: string,
  hashOf: (item: Uint8Array) => Uint8Array,
): Uint8Array[] {
  const at = reader.offset;
  const items = readList(reader, TRANSACTIONS_MAX);
  let previous: Uint8Array | undefined;
  for (const item of items) {
    const hash = hashOf(item);
    checkAscending(reader, field, previous, hash, at);
    previous = hash;
  }
  return items;
}

function checkAscending(
  reader: ByteReader,
  field: string,
  previous: Uint8Array | undefined,
  hash: Uint8Array,
  at: number,
): void {
  if (previous === undefined || compareBytes(previous, hash) < 0) return;
  const expected = `one above ${toHex(previous)}`;
  throw reader.error("BUNDLE_INVALID", `${field} by hash`, toHex(hash), expected, at);
}

function readDebug(reader: ByteReader): DebugEntry[] {
  const at = reader.offset;
  const present = reader.u8();
  if (present === 0) return [];
  if (present !== 1) throw reader.error("BUNDLE_INVALID", "debug part", present, "0 or 1", at);
  const count = reader.count(TRANSACTIONS_MAX, DEBUG_ENTRY_BYTES);
  if (count === 0) {
    throw reader.error("BUNDLE_INVALID", "debug part", "no entries", "at least one", at);
  }
  const entries: DebugEntry[] = [];
  let previous: Uint8Array | undefined;
  for (let i = 0; i < count; i++) {
    const wasmHash = reader.fixed(32);
    checkAscending(reader, "debug part", previous, wasmHash, at);
    previous = wasmHash;
    entries.push({
      wasmHash,
      abi: reader.bytes(ANY_LENGTH),
      sourceMap: reader.bytes(ANY_LENGTH),
    });
  }
  return entries;
}
