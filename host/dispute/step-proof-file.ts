// A step proof as a file (docs/formats.md section 14): one step of one block's run, with the state that it is
// claimed to lead to. Form only; judging is verify-proof.ts. The proof binds the two states to each other.
// That they are states of that run, and at that step, is what the maker says: nothing in one step shows it.
import { type BlockOrder, decodeOrder, encodeOrder, ORDER_BYTES } from "../chain/order.ts";
import { type BlockResult, decodeResult, encodeResult, RESULT_BYTES } from "../chain/result.ts";
import { FileKind, openFile, writeFileHeader } from "../codec/file-header.ts";
import { ByteWriter } from "../codec/writer.ts";
import { STEP_PROOF_BYTES_MAX } from "../limits.ts";

const HASH_BYTES = 32;

export interface StepProofFile {
  /** The run: of this order, on the state that this result names. */
  readonly order: BlockOrder;
  readonly parentResult: BlockResult;
  /** Steps of the run before this one. */
  readonly step: bigint;
  /** State hash [32] before the step. */
  readonly pre: Uint8Array;
  readonly proof: Uint8Array;
  /** State hash [32] after it, as claimed. */
  readonly post: Uint8Array;
}

/** @throws BYTES_OUT_OF_RANGE */
export function encodeStepProof(file: StepProofFile): Uint8Array {
  const writer = new ByteWriter(2_048);
  writeFileHeader(writer, FileKind.stepProof);
  return writer
    .raw(encodeOrder(file.order))
    .raw(encodeResult(file.parentResult))
    .u64(file.step)
    .fixed(file.pre, HASH_BYTES)
    .bytes(file.proof)
    .fixed(file.post, HASH_BYTES)
    .finish();
}

/**
 * Reads a step proof file; byte fields are views of it.
 * @throws FILE_MAGIC, FILE_KIND, FILE_FORMAT · ORDER_INVALID, RESULT_INVALID · BYTES_TRUNCATED,
 * BYTES_TOO_LONG, BYTES_TRAILING
 */
export function decodeStepProof(bytes: Uint8Array): StepProofFile {
  const reader = openFile(bytes, FileKind.stepProof);
  const order = decodeOrder(reader.fixed(ORDER_BYTES));
  const parentResult = decodeResult(reader.fixed(RESULT_BYTES));
  const step = reader.u64();
  const pre = reader.fixed(HASH_BYTES);
  const proof = reader.bytes(STEP_PROOF_BYTES_MAX);
  const post = reader.fixed(HASH_BYTES);
  reader.end();
  return { order, parentResult, step, pre, proof, post };
}
