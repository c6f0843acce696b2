// The public subpath `plasmavm/testing`.
export type { AbiValue } from "../abi/decode-value.ts";
export { EngineError } from "../errors.ts";
export { Outcome } from "../outcome.ts";
export type { TestAccount } from "./accounts.ts";
export type { AllowedReverts, RandomCall } from "./call-sequence.ts";
export type { TreeDetail } from "./call-tree.ts";
export { ContractFailure } from "./contract-failure.ts";
export type {
  AddressLike,
  ContractReference,
  ContractTypes,
  Methods,
  Views,
} from "./contract-types.ts";
export { expectEvent, expectRevert, type Fields } from "./expectations.ts";
export {
  type Action,
  type CallOptions,
  type FuzzOptions,
  fuzz,
  type InvariantOptions,
  invariant,
} from "./fuzz.ts";
export type { SendOptions, TestContract } from "./test-contract.ts";
export type { FailedCall, ReportedEvent, TransactionReport } from "./transaction-report.ts";
export {
  createWorld,
  type DeployOptions,
  type ForkOptions,
  World,
  type WorldOptions,
  type WorldSnapshot,
} from "./world.ts";
