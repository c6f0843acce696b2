// Any file of ours, told by its first bytes and judged: the one entry of the one-file verifier, its page and
// workers. What comes back is plain data that may cross to another thread.

import { type BodyRow, bodyRows } from "../chain/body-rows.ts";
import { decodeBundle } from "../chain/bundle.ts";
import type { Expectations, ReplayResult } from "../chain/replay-result.ts";
import { EngineError, errorCodes } from "../errors.ts";
import { replayBundle } from "./replay.ts";

/** What a file was found to show. */
export interface VerifiedBundle {
  readonly kind: "bundle";
  readonly result: ReplayResult;
  /** Empty where the file does not even decode. */
  readonly transactions: readonly BodyRow[];
  /** What to do about the finding, where there is one. */
  readonly advice?: string;
}

export type VerifiedFile = VerifiedBundle;

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
  return verifyBundle(bytes, options);
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
