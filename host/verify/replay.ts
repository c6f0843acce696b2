// Replay in the calling thread, on the pure ground: the library's replayBundle for browsers, Bun and
// workers. Same verdicts, findings and hashes as plasmavm's own; signatures take most of the time.

import { replayBundle as replayBytes } from "../chain/replay-bundle.ts";
import {
  expectationBytes,
  type ReplayBundleOptions,
  type ReplayResult,
  replayResult,
} from "../chain/replay-result.ts";
import { pureGround } from "./pure-ground.ts";

export type { ReplayBundleOptions } from "../chain/replay-result.ts";

/**
 * Replays one bundle: is the claimed result what its order comes to? Never throws for what the bytes hold.
 * It runs in the calling thread without a pause (milliseconds per signature): in a page, run it in a Worker
 * (`serveVerifier`), where engines also put no limit on compiling.
 * @throws HOST_FAULT when the engine under us failed, HEX_INVALID for an option that is no hash
 */
export async function replayBundle(
  bytes: Uint8Array,
  options: ReplayBundleOptions = {},
): Promise<ReplayResult> {
  const { onProgress, ...expectations } = options;
  const ground = { ...pureGround(), ...(onProgress === undefined ? {} : { onEntry: onProgress }) };
  return replayResult(replayBytes(bytes, ground, expectationBytes(expectations)));
}
