// What a bundle says about its transactions, one row each: for people who look at a file. It decodes and
// runs nothing, so outcome and gas are claims; a replay that ended valid has shown them to be right.

import { type Hex, toHex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import { describeOutcome } from "../outcome.ts";
import type { Bundle } from "./bundle.ts";
import { decodeReceipt, type Receipt } from "./receipt.ts";
import { type Entry, readEntry } from "./transaction.ts";

interface RowCommon {
  readonly index: number;
  readonly hash: Hex;
  readonly bytes: number;
  /** As claimed; null where the claimed receipt is none. */
  readonly outcome: string | null;
  readonly gasUsed: bigint | null;
}

/** A body entry that is no transaction. */
export interface UndecodableRow extends RowCommon {
  readonly fault: Entry["fault"];
}

export interface TransactionRow extends RowCommon {
  readonly kind: "call" | "deploy" | "message";
  readonly sender: Hex;
  /** Null for deployments. */
  readonly to: Hex | null;
  readonly nonce: bigint;
  readonly value: bigint;
  readonly price: bigint;
  readonly gasLimit: bigint;
}

export type BodyRow = UndecodableRow | TransactionRow;

/** Rows of the body of a bundle, in order. */
export function bodyRows(bundle: Bundle): BodyRow[] {
  return bundle.transactions.map((bytes, index) => {
    const { hash, transaction, fault } = readEntry(bytes);
    const receipt = claimedReceipt(bundle.receipts[index]);
    const shared = {
      index,
      hash: toHex(hash),
      bytes: bytes.length,
      outcome: receipt === undefined ? null : describeOutcome(receipt.outcome, receipt.code),
      gasUsed: receipt === undefined ? null : receipt.gasUsed,
    };
    if (transaction === undefined) return { ...shared, fault };
    const { kind, nonce, value, price, gasLimit } = transaction;
    return {
      ...shared,
      kind,
      sender: toHex(transaction.sender),
      to: kind === "deploy" ? null : toHex(transaction.to),
      nonce,
      value,
      price,
      gasLimit: BigInt(gasLimit),
    };
  });
}

function claimedReceipt(encoded: Uint8Array | undefined): Receipt | undefined {
  if (encoded === undefined) return undefined;
  try {
    return decodeReceipt(encoded);
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}
