// Replay of one block from its bundle alone: first that the evidence is consistent with itself (rules,
// transactions root, receipts, witness against the parent's state root, code against code records), then
// execution, entry by entry, against the claim. Knows no store: the witness is the whole state.

import { equalBytes, toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { listRoot } from "../codec/trees.ts";
import { EngineError } from "../errors.ts";
import { TRANSACTIONS_DEPTH } from "../limits.ts";
import { decodeRules } from "../rules/encode-rules.ts";
import { blockHash } from "./block-hash.ts";
import { checkBodySize } from "./body-size.ts";
import { type Bundle, decodeBundle } from "./bundle.ts";
import { checkEntry } from "./check-entry.ts";
import { type Finding, type FraudCode, findingOf, unusable } from "./finding.ts";
import { orderHash } from "./order.ts";
import type { HashedBody } from "./read-body.ts";
import {
  decodeReceipt,
  encodeReceipt,
  encodeReceiptInto,
  RECEIPT_BYTES,
  type Receipt,
  receiptLeaves,
} from "./receipt.ts";
import type { HostFaultNote } from "./repeat-in-machine.ts";
import { ReplayExecution, type ReplayGround, readBodyOf } from "./replay-execution.ts";
import { resultHash } from "./result.ts";

export interface ReplayOptions {
  /** Block hash [32] that the bundle must show. */
  readonly expect?: Uint8Array;
  /** Result hash [32] of the parent that the bundle must build on. */
  readonly expectParent?: Uint8Array;
  /** Order hash [32] of the parent, where the previous bundle is at hand. */
  readonly expectParentOrder?: Uint8Array;
}

/** What was shown, whatever the verdict. */
export interface ReplayedBlock {
  readonly height: bigint;
  readonly block: Uint8Array;
  readonly order: Uint8Array;
  readonly result: Uint8Array;
  readonly environmentId: Uint8Array;
  readonly rulesHash: Uint8Array;
  readonly stateRootBefore: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly transactions: number;
  readonly gasUsed: bigint;
}

export interface ReplayReport {
  readonly verdict: "valid" | "fraud" | "unusable";
  readonly anchored: boolean;
  readonly signaturesChecked: number;
  /** Transactions on which V8 failed and that the machine executed. */
  readonly hostFaults: readonly HostFaultNote[];
  /** Absent where the file does not even decode. */
  readonly shown?: ReplayedBlock;
  readonly finding?: Finding;
}

/** Replays the bundle in `bytes`. Never throws for what the bytes hold: that is the verdict. */
export function replayBundle(
  bytes: Uint8Array,
  ground: ReplayGround,
  options: ReplayOptions = {},
): ReplayReport {
  const anchored =
    options.expect !== undefined ||
    options.expectParent !== undefined ||
    options.expectParentOrder !== undefined;
  let execution: ReplayExecution | undefined;
  let shown: ReplayedBlock | undefined;
  const report = (verdict: ReplayReport["verdict"], finding?: Finding): ReplayReport => ({
    verdict,
    anchored: anchored && verdict !== "unusable",
    signaturesChecked: execution?.signaturesChecked ?? 0,
    hostFaults: execution?.hostFaults ?? [],
    ...(shown === undefined ? {} : { shown }),
    ...(finding === undefined ? {} : { finding }),
  });
  try {
    const bundle = decodeBundle(bytes);
    shown = shownBy(bundle);
    checkExpectations(shown, bundle, options);
    const body = checkConsistency(bundle, () => readBodyOf(bundle, ground));
    execution = new ReplayExecution(bundle, ground, checkEntry, body);
    const finding = compare(bundle, execution, ground);
    return finding === undefined ? report("valid") : report("fraud", finding);
  } catch (error) {
    if (!(error instanceof EngineError) || error.code === "HOST_FAULT") throw error;
    return report("unusable", findingOf(error));
  }
}

function shownBy(bundle: Bundle): ReplayedBlock {
  const { order, parentResult, result } = bundle;
  return {
    height: order.height,
    block: blockHash(order, parentResult, result),
    order: orderHash(order),
    result: resultHash(result),
    environmentId: order.environmentId,
    rulesHash: order.rulesHash,
    stateRootBefore: parentResult.stateRoot,
    stateRoot: result.stateRoot,
    transactions: bundle.transactions.length,
    gasUsed: result.gasUsed,
  };
}

function checkExpectations(shown: ReplayedBlock, bundle: Bundle, options: ReplayOptions): void {
  const parent = resultHash(bundle.parentResult);
  const { expect, expectParent, expectParentOrder } = options;
  if (expect !== undefined && !equalBytes(shown.block, expect)) {
    throw unusable("BLOCK_NOT_EXPECTED", "block", toHex(shown.block), toHex(expect));
  }
  if (expectParent !== undefined && !equalBytes(parent, expectParent)) {
    throw unusable("PARENT_NOT_EXPECTED", "parent result", toHex(parent), toHex(expectParent));
  }
  const parentOrder = bundle.order.parentOrder;
  if (expectParentOrder !== undefined && !equalBytes(parentOrder, expectParentOrder)) {
    const expected = toHex(expectParentOrder);
    throw unusable("PARENT_NOT_EXPECTED", "parent order", toHex(parentOrder), expected);
  }
}

/**
 * Checks that need no execution: the parts of the bundle agree with each other. Its body, which is read once it is
 * known not to be too large.
 */
export function checkConsistency<Body extends HashedBody>(
  bundle: Bundle,
  readBody: () => Body,
): Body {
  const { order, result } = bundle;
  const rulesHash = keccak256(bundle.rules);
  if (!equalBytes(rulesHash, order.rulesHash)) {
    throw unusable("RULES_HASH_MISMATCH", "rules hash", toHex(rulesHash), toHex(order.rulesHash));
  }
  const count = bundle.transactions.length;
  if (count !== order.transactionCount || bundle.receipts.length !== count) {
    throw unusable("TRANSACTIONS_ROOT_MISMATCH", "transactions", count, order.transactionCount);
  }
  checkBodySize(bundle.transactions, decodeRules(bundle.rules));
  const body = readBody();
  const root = body.transactionsRoot();
  if (!equalBytes(root, order.transactionsRoot)) {
    const expected = toHex(order.transactionsRoot);
    throw unusable("TRANSACTIONS_ROOT_MISMATCH", "transactions root", toHex(root), expected);
  }
  const receiptsRoot = listRoot(TRANSACTIONS_DEPTH, receiptLeaves(bundle.receipts));
  if (!equalBytes(receiptsRoot, result.receiptsRoot)) {
    const expected = toHex(result.receiptsRoot);
    throw unusable("RECEIPTS_ROOT_MISMATCH", "receipts root", toHex(receiptsRoot), expected);
  }
  return body;
}

/** Executes the block and says where the claim first departs from it. */
function compare(
  bundle: Bundle,
  execution: ReplayExecution,
  ground: ReplayGround,
): Finding | undefined {
  let index = 0;
  let gas = 0n;
  const actualReceipt = new Uint8Array(RECEIPT_BYTES);
  for (const { receipt } of execution.entries()) {
    const claimed = bundle.receipts[index] as Uint8Array;
    encodeReceiptInto(receipt, actualReceipt, 0);
    if (!equalBytes(actualReceipt, claimed)) {
      return receiptMismatch(index, claimed, receipt);
    }
    gas += receipt.gasUsed;
    index += 1;
    ground.onEntry?.(index);
  }
  const { stateRoot, outboxRoot, gasUsed } = bundle.result;
  if (gas !== gasUsed) return mismatched("GAS_USED_MISMATCH", "gas used", gasUsed, gas);
  const actual = execution.stateRoot();
  if (!equalBytes(actual, stateRoot)) {
    return mismatched("STATE_ROOT_MISMATCH", "state root", stateRoot, actual);
  }
  const outbox = execution.outboxRoot();
  if (!equalBytes(outbox, outboxRoot)) {
    return mismatched("OUTBOX_ROOT_MISMATCH", "outbox root", outboxRoot, outbox);
  }
  execution.checkAllUsed();
  return undefined;
}

type Claimable = Uint8Array | number | bigint;

function mismatched(code: FraudCode, what: string, got: Claimable, expected: Claimable): Finding {
  return {
    code,
    message: `the claimed ${what} is not what the block comes to`,
    field: what,
    got: text(got),
    expected: text(expected),
  };
}

/** The finding for a claimed receipt that differs from what the transaction comes to. */
export function receiptMismatch(index: number, claimed: Uint8Array, actual: Receipt): Finding {
  const difference = receiptDifference(claimed, actual);
  return {
    code: "RECEIPT_MISMATCH",
    message: `the claimed receipt of transaction ${index} is not what it comes to`,
    transaction: index,
    ...difference,
  };
}

/** The first field that differs; a claimed receipt that is none differs as a whole. */
function receiptDifference(
  claimed: Uint8Array,
  actual: Receipt,
): { field: string; got: string; expected: string } {
  try {
    const receipt = decodeReceipt(claimed);
    for (const field of RECEIPT_FIELDS) {
      const got = text(receipt[field]);
      const expected = text(actual[field]);
      if (got !== expected) return { field, got, expected };
    }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
  }
  return { field: "receipt", got: toHex(claimed), expected: toHex(encodeReceipt(actual)) };
}

const RECEIPT_FIELDS = [
  "outcome",
  "code",
  "gasUsed",
  "outputHash",
  "eventsHash",
  "transactionHash",
] as const;

function text(value: Claimable): string {
  return value instanceof Uint8Array ? toHex(value) : String(value);
}
