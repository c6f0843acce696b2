// Replay and tampering on the execution thread, with hex at the border: the library's and the command
// line's way to chain/replay-bundle.ts and chain/tamper.ts.

import type { ReplayReport } from "../chain/replay-bundle.ts";
import {
  type ReplayBundleOptions as CommonOptions,
  expectationBytes,
  type ReplayResult,
  replayResult,
} from "../chain/replay-result.ts";
import type { LieRequest } from "../chain/tamper.ts";
import { sharedWorker } from "./execution-thread.ts";

export type { ReplayResult, ShownBlock } from "../chain/replay-result.ts";

export interface ReplayBundleOptions extends CommonOptions {
  /** The bundle that is replayed after this one: its signatures are checked meanwhile. Says nothing about it. */
  readonly next?: Uint8Array | undefined;
}

/**
 * Replays one bundle: is the claimed result what its order comes to? Never throws for what the bytes hold.
 * @throws HOST_FAULT when the engine under us failed, HEX_INVALID for an option that is no hash
 */
export async function replayBundle(
  bytes: Uint8Array,
  options: ReplayBundleOptions = {},
): Promise<ReplayResult> {
  const { onProgress, next, ...expectations } = options;
  const request = { bytes, options: expectationBytes(expectations), next };
  return replayResult(await sharedWorker().call<ReplayReport>("replay", request, onProgress));
}

/**
 * A copy of a bundle that tells a lie (chain/lies.ts).
 * @throws LIE_NOT_POSSIBLE when the block has nothing to lie about in that way; BUNDLE_… for a bad file
 */
export function tamperBundle(bytes: Uint8Array, lie: LieRequest): Promise<Uint8Array> {
  return sharedWorker().call<Uint8Array>("tamper", { bytes, lie });
}
