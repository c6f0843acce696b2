// The public subpath `plasmavm/testing`.
export type { AbiValue } from "../abi/decode-value.ts";
export { EngineError } from "../errors.ts";
export { Outcome } from "../outcome.ts";
export { ContractFailure } from "./contract-failure.ts";
export {
  createWorld,
  type Methods,
  type SendOptions,
  type TestAccount,
  type TestContract,
  type TransactionSummary,
  type World,
  type WorldOptions,
} from "./world.ts";
