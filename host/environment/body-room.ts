// What the messages of the inbox leave of a block for other transactions. Pure.
import { countedBytes } from "../chain/body-size.ts";
import { readEntry } from "../chain/transaction.ts";
import { TRANSACTIONS_MAX } from "../limits.ts";
import type { Rules } from "../rules/rules.ts";
import type { BodyRoom } from "./mempool.ts";

/** Room behind `inbox`, by gas limits: what is taken by them can never be skipped for want of gas. */
export function bodyRoom(rules: Rules, inbox: readonly Uint8Array[]): BodyRoom {
  const gasLimits = inbox.map((bytes) => readEntry(bytes).transaction?.gasLimit ?? 0);
  return {
    gas: rules.gas.perBlock - BigInt(gasLimits.reduce((sum, gas) => sum + gas, 0)),
    bytes: rules.block.bodyBytesMax - countedBytes(inbox),
    count: TRANSACTIONS_MAX - inbox.length,
  };
}
