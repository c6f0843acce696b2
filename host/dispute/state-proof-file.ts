// A state proof as a file (docs/formats.md section 15): what the state behind a block has under one key, or that
// it has nothing there, with the way to the state root. The block's order, its parent's result and its own
// are in the file, so that it names its block by hash. Form only; judging is verify-proof.ts.
import { type BlockOrder, decodeOrder, encodeOrder, ORDER_BYTES } from "../chain/order.ts";
import { type BlockResult, decodeResult, encodeResult, RESULT_BYTES } from "../chain/result.ts";
import { FileKind, openFile, writeFileHeader } from "../codec/file-header.ts";
import type { ByteReader } from "../codec/reader.ts";
import { ByteWriter } from "../codec/writer.ts";
import { DATA_BYTES_MAX } from "../limits.ts";
import { StateClass } from "../state/state-key.ts";

const HASH_BYTES = 32;
const ADDRESS_BYTES = 20;
const KEY_BYTES = 32;
const EMPTY = new Uint8Array(HASH_BYTES);

/** Where the path of a key ends. */
export type PathEnd =
  | { readonly terminal: "empty" }
  | { readonly terminal: "value"; readonly value: Uint8Array }
  /** Another key's leaf stands there, both [32]. */
  | { readonly terminal: "other"; readonly path: Uint8Array; readonly commitment: Uint8Array };

export interface StateProofFile {
  /** Absent at genesis, which no order made. */
  readonly made: { readonly order: BlockOrder; readonly parentResult: BlockResult } | undefined;
  /** The result whose state it is. */
  readonly result: BlockResult;
  readonly cls: StateClass;
  /** [20] */
  readonly address: Uint8Array;
  /** [32] */
  readonly key: Uint8Array;
  readonly end: PathEnd;
  /** [32] each, deepest first; 32 zero bytes for an empty subtree. */
  readonly siblings: readonly Uint8Array[];
}

/** @throws BYTES_OUT_OF_RANGE */
export function encodeStateProof(file: StateProofFile): Uint8Array {
  const { made, result, cls, address, key, end, siblings } = file;
  const writer = new ByteWriter(2_048);
  writeFileHeader(writer, FileKind.stateProof);
  writer.u8(made === undefined ? 0 : 1);
  if (made !== undefined) writer.raw(encodeOrder(made.order)).raw(encodeResult(made.parentResult));
  writer.raw(encodeResult(result)).u8(cls).fixed(address, ADDRESS_BYTES).fixed(key, KEY_BYTES);
  if (end.terminal === "empty") writer.u8(0);
  else if (end.terminal === "value") writer.u8(1).bytes(end.value);
  else writer.u8(2).fixed(end.path, HASH_BYTES).fixed(end.commitment, HASH_BYTES);
  const bitmap = new Uint8Array(Math.ceil(siblings.length / 8));
  const given = siblings.filter((sibling, i) => {
    const isGiven = sibling.some((byte) => byte !== 0);
    if (isGiven) bitmap[i >> 3]! |= 0x80 >> (i & 7);
    return isGiven;
  });
  writer.u8(siblings.length).raw(bitmap);
  for (const sibling of given) writer.fixed(sibling, HASH_BYTES);
  return writer.finish();
}

/**
 * Reads a state proof file; byte fields are views of it.
 * @throws FILE_MAGIC, FILE_KIND, FILE_FORMAT · ORDER_INVALID, RESULT_INVALID · BYTES_TRUNCATED,
 * BYTES_TOO_LONG, BYTES_TRAILING · BYTES_NOT_CANONICAL for an unknown mark or a sibling that is not to be given
 */
export function decodeStateProof(bytes: Uint8Array): StateProofFile {
  const reader = openFile(bytes, FileKind.stateProof);
  const hasOrder = mark(reader, "block mark", 1) === 1;
  const made = hasOrder
    ? {
        order: decodeOrder(reader.fixed(ORDER_BYTES)),
        parentResult: decodeResult(reader.fixed(RESULT_BYTES)),
      }
    : undefined;
  const result = decodeResult(reader.fixed(RESULT_BYTES));
  const cls = mark(reader, "state class", StateClass.system) as StateClass;
  const address = reader.fixed(ADDRESS_BYTES);
  const key = reader.fixed(KEY_BYTES);
  const end = readEnd(reader);
  const siblings = readSiblings(reader);
  reader.end();
  return { made, result, cls, address, key, end, siblings };
}

/** A u8 of at most `max`. */
function mark(reader: ByteReader, what: string, max: number): number {
  const at = reader.offset;
  const value = reader.u8();
  if (value > max) throw reader.error("BYTES_NOT_CANONICAL", what, value, `at most ${max}`, at);
  return value;
}

function readEnd(reader: ByteReader): PathEnd {
  const terminal = mark(reader, "end of the path", 2);
  if (terminal === 0) return { terminal: "empty" };
  if (terminal === 1) return { terminal: "value", value: reader.bytes(DATA_BYTES_MAX) };
  return {
    terminal: "other",
    path: reader.fixed(HASH_BYTES),
    commitment: reader.fixed(HASH_BYTES),
  };
}

function readSiblings(reader: ByteReader): Uint8Array[] {
  const count = reader.u8();
  const at = reader.offset;
  const bitmap = reader.fixed(Math.ceil(count / 8));
  const bit = (i: number): boolean => ((bitmap[i >> 3]! >> (7 - (i & 7))) & 1) === 1;
  for (let i = count; i < 8 * bitmap.length; i++) {
    if (bit(i)) throw reader.error("BYTES_NOT_CANONICAL", "unused bit of the bitmap", 1, 0, at);
  }
  return Array.from({ length: count }, (_, i) => {
    if (!bit(i)) return EMPTY;
    const siblingAt = reader.offset;
    const sibling = reader.fixed(HASH_BYTES);
    if (sibling.every((byte) => byte === 0)) {
      throw reader.error("BYTES_NOT_CANONICAL", "given sibling", "an empty one", "one", siblingAt);
    }
    return sibling;
  });
}
