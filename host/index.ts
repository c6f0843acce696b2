// The library: what `import … from "plasmavm"` gives. No compiler and no command line behind it; the
// execution thread starts with the first environment or replay, not with the import.

export { encodeCall } from "./abi/encode-call.ts";
export { lieKinds, lies } from "./chain/lies.ts";
export { signTransaction } from "./chain/transaction.ts";
export type { Hex } from "./codec/hex.ts";
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
  type ReplayBundleOptions,
  type ReplayResult,
  replayBundle,
  tamperBundle,
} from "./environment/replay.ts";
export { EngineError, type ErrorCode, errorCodes } from "./errors.ts";
export { describeOutcome, Outcome, SkipCode, TrapCode } from "./outcome.ts";
export { checkModule, compileProgram } from "./program/check-module.ts";
export { parseRules } from "./rules/parse-rules.ts";
export { presetRules } from "./rules/presets.ts";
export type { Rules } from "./rules/rules.ts";
export { versions } from "./versions.ts";
