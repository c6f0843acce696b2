// `plasmavm/verify`: replay of bundles and judging of proofs with nothing but JavaScript and WebAssembly, for
// Node, Bun and browsers. Must never import node:, a native add-on, or the environment's threads.

export type { BodyRow, TransactionRow, UndecodableRow } from "../chain/body-rows.ts";
export type { Finding } from "../chain/finding.ts";
export type { HostFaultNote } from "../chain/repeat-in-machine.ts";
export type { Expectations, ReplayResult, ShownBlock } from "../chain/replay-result.ts";
export { fromHex, type Hex, toHex } from "../codec/hex.ts";
export type {
  JudgeName,
  ShownState,
  ShownStep,
  StepJudge,
  StepJudges,
  VerifiedProof,
} from "../dispute/verify-proof.ts";
export { EngineError, type ErrorCode, errorCodes } from "../errors.ts";
export { RejectionCode } from "../outcome.ts";
export { versions } from "../versions.ts";
export { type ReplayBundleOptions, replayBundle } from "./replay.ts";
export { serveVerifier } from "./serve-verifier.ts";
export { type VerifyAnswer, type VerifyInWorker, verifierIn } from "./verifier-client.ts";
export type { MessageEnd, VerifyFailure } from "./verifier-messages.ts";
export {
  type VerifiedBundle,
  type VerifiedFile,
  type VerifiedProofFile,
  type VerifyFileOptions,
  verifyFile,
} from "./verify-file.ts";
export { stepJudges, type VerifyProofOptions, verifyProof } from "./verify-proof.ts";
