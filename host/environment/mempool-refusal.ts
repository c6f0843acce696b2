// Why the mempool does not admit a transaction (mempool.ts): codes with the sentence for people, and what the rules say
// of a transaction alone. Pure. The checks are those of chain/check-entry.ts, before a block is paid with.
import { intrinsicGas } from "../chain/check-entry.ts";
import type { Transaction } from "../chain/transaction.ts";
import { equalBytes, fromHex, toHex } from "../codec/hex.ts";
import type { ErrorCode } from "../errors.ts";
import { GAS_LIMIT_BOUND } from "../limits.ts";
import type { Rules } from "../rules/rules.ts";

export type MempoolCode = Extract<ErrorCode, `MEMPOOL_${string}`>;

/** Why a transaction is not admitted. */
export interface MempoolRefusal {
  readonly code: MempoolCode;
  readonly message: string;
}

export const refusal = (code: MempoolCode, message: string): MempoolRefusal => ({ code, message });

/** What every refusal is told from: a candidate and an admission have no code. */
export function isRefusal(answer: object): answer is MempoolRefusal {
  return "code" in answer;
}

/** What the rules say of a transaction alone. */
export function refusedByRules(transaction: Transaction, rules: Rules): MempoolRefusal | undefined {
  const { gasLimit, price, kind, sender } = transaction;
  const { perTransaction, perBlock } = rules.gas;
  const most = [perTransaction, perBlock, GAS_LIMIT_BOUND - 1n].reduce((a, b) => (a < b ? a : b));
  if (BigInt(gasLimit) > most) {
    return refusal("MEMPOOL_GAS_LIMIT", `got gas limit ${gasLimit}, expected at most ${most}`);
  }
  const least = intrinsicGas(rules, { kind, input: transaction.input });
  if (gasLimit < least) {
    return refusal(
      "MEMPOOL_INTRINSIC_GAS",
      `got gas limit ${gasLimit}, expected at least ${least}`,
    );
  }
  if (price < rules.fees.priceMin) {
    const message = `got price ${price}, expected at least ${rules.fees.priceMin}`;
    return refusal("MEMPOOL_PRICE", message);
  }
  const { deployers } = rules;
  if (kind !== "deploy" || deployers === "anyone") return undefined;
  if (deployers.some((address) => equalBytes(fromHex(address, 20), sender))) return undefined;
  return refusal("MEMPOOL_DEPLOYER", `got a deploy of ${toHex(sender)}, who is no deployer`);
}
