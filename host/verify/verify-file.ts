// Any file of ours, told by its first bytes and judged: the one entry of the one-file verifier, its page and
// workers. What comes back is plain data that may cross to another thread.

import { type BodyRow, bodyRows } from "../chain/body-rows.ts";
import { decodeBundle } from "../chain/bundle.ts";
import type { Expectations, ReplayResult } from "../chain/replay-result.ts";
import { FileKind, fileKindOf } from "../codec/file-header.ts";
import type { Hex } from "../codec/hex.ts";
import type { VerifiedProof } from "../dispute/verify-proof.ts";
import { EngineError, errorCodes } from "../errors.ts";
import { replayBundle } from "./replay.ts";
import { verifyProof } from "./verify-proof.ts";

/** What a file was found to show. */
export interface VerifiedBundle {
  readonly kind: "bundle";
  readonly result: ReplayResult;
  /** Empty where the file does not even decode. */
  readonly transactions: readonly BodyRow[];
  /** What to do about the finding, where there is one. */
  readonly advice?: string;
}

export interface VerifiedProofFile {
  readonly kind: "proof";
  readonly result: VerifiedProof;
  /** Whether it is about the block that the caller expects. Step proofs never are: they name no block. */
  readonly anchored: boolean;
  readonly advice?: string;
}

export type VerifiedFile = VerifiedBundle | VerifiedProofFile;

export interface VerifyFileOptions extends Expectations {
  /** Called with the number of transactions done, of so many. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Judges a file. Never throws for what the bytes hold: bytes that are no file of ours are an unusable bundle.
 * @throws HOST_FAULT when the engine under us failed, HEX_INVALID for an option that is no hash
 */
export async function verifyFile(
  bytes: Uint8Array,
  options: VerifyFileOptions = {},
): Promise<VerifiedFile> {
  const kind = fileKindOf(bytes);
  const isProof = kind === FileKind.stepProof || kind === FileKind.stateProof;
  return isProof ? verifyProofFile(bytes, options) : verifyBundle(bytes, options);
}

async function verifyProofFile(
  bytes: Uint8Array,
  { expect }: VerifyFileOptions,
): Promise<VerifiedProofFile> {
  const result = anchoredResult(await verifyProof(bytes), expect);
  const anchored = expect !== undefined && result.kind === "state proof";
  if (result.verdict === "stands") return { kind: "proof", result, anchored };
  return { kind: "proof", result, anchored: false, advice: errorCodes[result.finding.code] };
}

/** A state proof of another block than the expected one is as unusable as such a bundle. */
function anchoredResult(result: VerifiedProof, expect: Hex | undefined): VerifiedProof {
  if (expect === undefined || result.verdict === "unusable") return result;
  if (result.kind !== "state proof" || result.shown.block === expect) return result;
  const { kind, judge } = result;
  const got = result.shown.block ?? "genesis";
  const message = `block: got ${got}, expected ${expect}`;
  const finding = { code: "BLOCK_NOT_EXPECTED", message } as const;
  return { kind, judge, verdict: "unusable", finding };
}

async function verifyBundle(
  bytes: Uint8Array,
  options: VerifyFileOptions,
): Promise<VerifiedBundle> {
  const { onProgress, ...expectations } = options;
  const transactions = rowsOf(bytes);
  const total = transactions.length;
  const result = await replayBundle(bytes, {
    ...expectations,
    ...(onProgress === undefined ? {} : { onProgress: (done) => onProgress(done, total) }),
  });
  const advice = result.verdict === "valid" ? {} : { advice: errorCodes[result.finding.code] };
  return { kind: "bundle", result, transactions, ...advice };
}

function rowsOf(bytes: Uint8Array): readonly BodyRow[] {
  try {
    return bodyRows(decodeBundle(bytes));
  } catch (error) {
    if (error instanceof EngineError) return [];
    throw error;
  }
}
