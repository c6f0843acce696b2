// Why an entry of a body did not execute, with the two values that its failed check compared: the checks
// of chain/check-entry.ts in words. A skipped entry changes no state, so the sender's account can be
// read behind it.
import type { BlockContext } from "../chain/block-context.ts";
import { intrinsicGas } from "../chain/check-entry.ts";
import type { Entry, Transaction } from "../chain/transaction.ts";
import { toHex } from "../codec/hex.ts";
import { SkipCode } from "../outcome.ts";
import { readAccount } from "../sandbox/account.ts";
import type { SkipReason } from "./trace.ts";

type Compared = readonly [message: string, got: string | bigint, expected: string | bigint];

/** `gasUsed` is what the entries before it used. */
export function skipReason(
  block: BlockContext,
  entry: Entry,
  code: number,
  gasUsed: number,
): SkipReason {
  const check = Object.entries(SkipCode).find(([, value]) => value === code)?.[0] ?? `${code}`;
  const { transaction } = entry;
  if (transaction === undefined) {
    const message = `the bytes are no transaction: ${entry.fault}`;
    return { check, message, got: null, expected: null };
  }
  const compare = comparisons[check as keyof typeof comparisons];
  const [message, got, expected] = compare(block, transaction, gasUsed);
  return { check, message, got: String(got), expected: String(expected) };
}

type Comparison = (block: BlockContext, transaction: Transaction, gasUsed: number) => Compared;

const comparisons: Readonly<Record<Exclude<keyof typeof SkipCode, "decode">, Comparison>> = {
  environment: ({ environmentId }, transaction) => [
    "the transaction is for another environment",
    toHex(transaction.environmentId),
    toHex(environmentId),
  ],
  signature: (_, transaction) => [
    "the signature does not hold",
    toHex(transaction.signature),
    `a signature by ${toHex(transaction.sender)} of ${toHex(transaction.digest)}`,
  ],
  nonce: ({ state }, transaction) => [
    "the nonce is not the sender's next",
    transaction.nonce,
    readAccount(state, transaction.sender).nonce,
  ],
  gas_limit: ({ rules }, { gasLimit }) => [
    "the gas limit is over that of a transaction",
    BigInt(gasLimit),
    `at most ${rules.gas.perTransaction}`,
  ],
  block_gas: ({ rules }, { gasLimit }, gasUsed) => [
    "the block has less gas left than the gas limit",
    BigInt(gasLimit),
    `at most ${rules.gas.perBlock - BigInt(gasUsed)}`,
  ],
  intrinsic_gas: ({ rules }, transaction) => [
    "the gas limit does not cover the transaction itself",
    BigInt(transaction.gasLimit),
    `at least ${intrinsicGas(rules, transaction)}`,
  ],
  balance: ({ state }, { sender, gasLimit, price, value }) => [
    "the sender cannot pay gas limit × price + value",
    readAccount(state, sender).balance,
    `at least ${BigInt(gasLimit) * price + value}`,
  ],
  deployer: ({ rules }, { sender }) => [
    "the sender may not deploy",
    toHex(sender),
    `one of ${rules.deployers === "anyone" ? "anyone" : rules.deployers.join(", ")}`,
  ],
  price: ({ rules }, { price }) => [
    "the price is under the least of the rules",
    price,
    `at least ${rules.fees.priceMin}`,
  ],
};
