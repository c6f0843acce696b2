// The library: what `import … from "plasmavm"` gives. No compiler and no command line behind it; the
// execution thread starts with the first environment or replay, not with the import.

export type { ContractAbi } from "./abi/abi.ts";
export { type DecodedEvent, decodeEvent } from "./abi/decode-event.ts";
export { decodeResult } from "./abi/decode-result.ts";
export { type DecodedRevert, decodeRevert, describeRevert } from "./abi/decode-revert.ts";
export type { AbiValue } from "./abi/decode-value.ts";
export { encodeCall, encodeInit, encodeUpgrade } from "./abi/encode-call.ts";
export { parseAbi } from "./abi/parse-abi.ts";
export { keySigner, type TransactionSigner } from "./chain/key.ts";
export { type LieKind, lieKinds, lies } from "./chain/lies.ts";
export type { HostFaultNote } from "./chain/repeat-in-machine.ts";
export {
  joinDeployInput as deployInput,
  signTransaction,
  type TransactionFields,
} from "./chain/transaction.ts";
export { fromHex, type Hex, toHex } from "./codec/hex.ts";
export {
  createEnvironment,
  type Environment,
  type EnvironmentOptions,
  memoryStore,
  openStore,
  type StoreLocation,
} from "./environment/environment.ts";
export type {
  ExecutedBlock,
  ExecutedEntry,
  ExecutedEvent,
  Head,
  ViewInput,
  ViewResult,
} from "./environment/environment-core.ts";
export {
  type JudgeName,
  proveStep,
  type ShownState,
  type ShownStep,
  type VerifiedProof,
  type VerifyProofOptions,
  verifyProof,
} from "./environment/proofs.ts";
export type { StateQuery } from "./environment/prove-state.ts";
export {
  type ReplayBundleOptions,
  type ReplayResult,
  replayBundle,
  tamperBundle,
} from "./environment/replay.ts";
export {
  type StateTraceOptions,
  type TracedPlace,
  type TracedState,
  type TracedValue,
  type TraceOptions,
  type TraceReport,
  type TransactionTrace,
  traceState,
  traceTransaction,
} from "./environment/trace.ts";
export { EngineError, type ErrorCode, errorCodes } from "./errors.ts";
export { describeOutcome, Outcome, SkipCode, TrapCode } from "./outcome.ts";
export { checkModule, compileProgram } from "./program/check-module.ts";
export { parseRules } from "./rules/parse-rules.ts";
export { presetRules } from "./rules/presets.ts";
export type { Rules } from "./rules/rules.ts";
export { versions } from "./versions.ts";
