// Makes the file of a step proof from a bundle: runs the block on the proof machine up to the step and proves
// it. What the bundle claims plays no part: the states are those that the order comes to.
import { decodeBundle } from "../chain/bundle.ts";
import { BundleRun } from "../machine/bundle-run.ts";
import type { StateHasher } from "../state/state-hasher.ts";
import { encodeStepProof } from "./step-proof-file.ts";

/**
 * The `.step.proof` of step `step` of the block's run.
 * @throws BYTES_OUT_OF_RANGE for a step outside 0 … 2^32; the codes of an unusable bundle; HOST_FAULT
 */
export function proveStep(bytes: Uint8Array, step: bigint, hasher: StateHasher): Uint8Array {
  const bundle = decodeBundle(bytes);
  const run = new BundleRun(bundle, hasher);
  const { order, parentResult } = bundle;
  return encodeStepProof({ order, parentResult, step, ...run.prove(step) });
}
