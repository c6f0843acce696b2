// The fixed checks of docs/formats.md section 5: whether one body entry executes, and if not, why. Any
// byte string is a legal entry; the first failing check makes it `skipped(code)` and changes no state.
// The order of the checks is part of the semantics: the proof machine takes the same phases.

import { equalBytes } from "../codec/hex.ts";
import { GAS_LIMIT_BOUND } from "../limits.ts";
import { SkipCode } from "../outcome.ts";
import type { Rules } from "../rules/rules.ts";
import { readAccount } from "../sandbox/account.ts";
import type { Overlay } from "../state/overlay.ts";
import type { Transaction } from "./transaction.ts";

/** What the checks look at beside the transaction. */
export interface CheckContext {
  readonly rules: Rules;
  readonly environmentId: Uint8Array;
  readonly state: Overlay;
  /** Allowed deployers, or undefined for anyone. */
  readonly deployers: readonly Uint8Array[] | undefined;
  /** So many entries at the start of the body are messages of the inbox. */
  readonly inboxCount: number;
  /** Whether the signature of entry `index` holds; may have been checked ahead in another thread. */
  readonly signatureHolds: (transaction: Transaction, index: number) => boolean;
}

/** Decides whether an entry executes: 0, or the code of the first failing check. */
export type EntryCheck = (
  context: CheckContext,
  transaction: Transaction,
  index: number,
  blockGasUsed: number,
) => SkipCode | 0;

/** Gas taken before anything runs. */
export function intrinsicGas(
  rules: Rules,
  transaction: Pick<Transaction, "kind" | "input">,
): number {
  const { intrinsic } = rules.gas;
  const leaves = Math.ceil(transaction.input.length / 128);
  const deploy = transaction.kind === "deploy" ? intrinsic.deploy : 0;
  return intrinsic.transaction + intrinsic.transactionLeaf * leaves + deploy;
}

/** The checks of a gas limit. */
function checkGas(rules: Rules, transaction: Transaction, blockGasUsed: number): SkipCode | 0 {
  const gasLimit = BigInt(transaction.gasLimit);
  if (gasLimit > rules.gas.perTransaction || gasLimit >= GAS_LIMIT_BOUND) {
    return SkipCode.gas_limit;
  }
  if (gasLimit > rules.gas.perBlock - BigInt(blockGasUsed)) return SkipCode.block_gas;
  return intrinsicGas(rules, transaction) > transaction.gasLimit ? SkipCode.intrinsic_gas : 0;
}

/** All checks after decoding, in their order. Touches the sender's account only where it gets that far. */
export const checkEntry: EntryCheck = (context, transaction, index, blockGasUsed) => {
  const { rules } = context;
  if (!equalBytes(transaction.environmentId, context.environmentId)) return SkipCode.environment;
  if (transaction.kind === "message") {
    if (index >= context.inboxCount) return SkipCode.signature;
    return checkGas(rules, transaction, blockGasUsed);
  }
  if (!context.signatureHolds(transaction, index)) return SkipCode.signature;
  const sender = readAccount(context.state, transaction.sender);
  if (sender.nonce !== transaction.nonce) return SkipCode.nonce;
  const gas = checkGas(rules, transaction, blockGasUsed);
  if (gas !== 0) return gas;
  const cost = BigInt(transaction.gasLimit) * transaction.price + transaction.value;
  if (sender.balance < cost) return SkipCode.balance;
  if (transaction.kind === "deploy" && context.deployers !== undefined) {
    const allowed = context.deployers.some((address) => equalBytes(address, transaction.sender));
    if (!allowed) return SkipCode.deployer;
  }
  if (transaction.price < rules.fees.priceMin) return SkipCode.price;
  return 0;
};
