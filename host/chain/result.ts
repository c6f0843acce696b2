// A result (docs/formats.md section 4): what came out of a block, claimed by anyone. 105 bytes.
import { equalBytes } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { ByteReader } from "../codec/reader.ts";
import { ByteWriter } from "../codec/writer.ts";

export interface BlockResult {
  /** [32] */
  readonly stateRoot: Uint8Array;
  /** [32] */
  readonly receiptsRoot: Uint8Array;
  /** [32] */
  readonly outboxRoot: Uint8Array;
  readonly gasUsed: bigint;
}

export const RESULT_BYTES = 105;
const VERSION = 1;

/** @throws BYTES_OUT_OF_RANGE when a field does not fit */
export function encodeResult(result: BlockResult): Uint8Array {
  return new ByteWriter(RESULT_BYTES)
    .u8(VERSION)
    .fixed(result.stateRoot, 32)
    .fixed(result.receiptsRoot, 32)
    .fixed(result.outboxRoot, 32)
    .u64(result.gasUsed)
    .finish();
}

/** @throws RESULT_INVALID for another version · BYTES_TRUNCATED, BYTES_TRAILING */
export function decodeResult(bytes: Uint8Array): BlockResult {
  const reader = new ByteReader(bytes, { field: "result" });
  const version = reader.u8();
  if (version !== VERSION) {
    throw reader.error("RESULT_INVALID", "result version", version, VERSION, 0);
  }
  // Copies, not views: heads outlive the files they came in.
  const stateRoot = reader.fixed(32).slice();
  const receiptsRoot = reader.fixed(32).slice();
  const outboxRoot = reader.fixed(32).slice();
  const gasUsed = reader.u64();
  reader.end();
  return { stateRoot, receiptsRoot, outboxRoot, gasUsed };
}

/** Whether two results say the same. */
export function isSameResult(one: BlockResult, other: BlockResult): boolean {
  return equalBytes(encodeResult(one), encodeResult(other));
}

/** keccak of the encoded result. */
export function resultHash(result: BlockResult): Uint8Array {
  return keccak256(encodeResult(result));
}
