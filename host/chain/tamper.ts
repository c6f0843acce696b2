// Makes a bundle that lies, for tests, the demo and `plasma tamper`. Lies of class fraud are resealed:
// what the lie changes is hashed again all the way up, so nothing but execution can tell. The honest
// bundle is the only source: the liar has its witness and nothing else.

import { keccak256 } from "../codec/keccak.ts";
import { listRoot } from "../codec/trees.ts";
import { EngineError } from "../errors.ts";
import { HEAD_BYTES, TRANSACTIONS_DEPTH } from "../limits.ts";
import { Outcome, SkipCode } from "../outcome.ts";
import { decodeRules, encodeRules } from "../rules/encode-rules.ts";
import { StateChanges } from "../state/state-changes.ts";
import { STATE_KEY_BYTES } from "../state/state-key.ts";
import { type Bundle, decodeBundle, encodeBundle } from "./bundle.ts";
import { checkEntry, type EntryCheck } from "./check-entry.ts";
import { type LieKind, lies } from "./lies.ts";
import { decodeReceipt, encodeReceipt, receiptLeaf } from "./receipt.ts";
import { ReplayExecution, type ReplayGround } from "./replay-execution.ts";
import { transactionHash } from "./transaction.ts";

export interface LieRequest {
  readonly kind: LieKind;
  /** Index of the entry to lie about; chosen from `seed` where absent. */
  readonly transaction?: number;
  readonly seed?: string;
}

/** A lie in the making: the honest bundle and what the request chose. */
interface Telling {
  readonly bundle: Bundle;
  readonly ground: ReplayGround;
  readonly request: LieRequest;
  /** A number from the seed, for choices other than the transaction. */
  readonly random: number;
}

/**
 * A copy of the bundle in `bytes` that tells the lie.
 * @throws LIE_NOT_POSSIBLE when this block has nothing to lie about in that way
 * @throws BUNDLE_…, WITNESS_… when the bundle cannot be read or executed
 */
export function tamperBundle(
  bytes: Uint8Array,
  request: LieRequest,
  ground: ReplayGround,
): Uint8Array {
  const bundle = decodeBundle(bytes);
  const seed = keccak256(new TextEncoder().encode(request.seed ?? "plasma"));
  const random = new DataView(seed.buffer, seed.byteOffset).getUint32(0);
  return encodeBundle(tellers[request.kind]({ bundle, ground, request, random }));
}

const tellers: Record<LieKind, (telling: Telling) => Bundle> = {
  "wrong-state-root": ({ bundle, random }) => {
    const stateRoot = flipped(bundle.result.stateRoot, random % 32);
    return { ...bundle, result: { ...bundle.result, stateRoot } };
  },
  "skipped-write": skippedWrite,
  "wrong-receipt": (telling) => {
    const index = chosen(telling, (receipt) => receipt.outcome !== Outcome.skipped);
    return withReceipt(telling.bundle, index, (receipt) => ({
      ...receipt,
      outputHash: flipped(receipt.outputHash, telling.random % 32),
    }));
  },
  "wrong-gas": (telling) => {
    const index = chosen(telling, (receipt) => receipt.outcome !== Outcome.skipped);
    const lied = withReceipt(telling.bundle, index, (receipt) => ({
      ...receipt,
      gasUsed: receipt.gasUsed + 1n,
    }));
    return { ...lied, result: { ...lied.result, gasUsed: lied.result.gasUsed + 1n } };
  },
  "accepted-bad-signature": (telling) => {
    const index = chosenSigned(telling);
    const entry = telling.bundle.transactions[index] as Uint8Array;
    const transactions = telling.bundle.transactions.with(index, flipped(entry, HEAD_BYTES - 1));
    return executed(telling, transactions, accepting(index, SkipCode.signature));
  },
  "accepted-wrong-nonce": acceptedWrongNonce,
  "forged-witness": ({ bundle, random }) => {
    const at = 8 + (random % Math.max(1, bundle.witness.length - 8));
    return { ...bundle, witness: flipped(bundle.witness, at) };
  },
  "swapped-code": ({ bundle, random }) => {
    const wasm = bundle.code[random % Math.max(1, bundle.code.length)];
    if (wasm === undefined) throw notPossible("swapped-code", "the bundle carries no code");
    const swapped = flipped(wasm, wasm.length - 1);
    return { ...bundle, code: bundle.code.map((code) => (code === wasm ? swapped : code)) };
  },
  "swapped-rules": ({ bundle }) => {
    const rules = decodeRules(bundle.rules);
    const block = { ...rules.block, intervalSeconds: rules.block.intervalSeconds + 1 };
    return { ...bundle, rules: encodeRules({ ...rules, block }) };
  },
  "dropped-transaction": (telling) => {
    const index = chosen(telling, () => true);
    return {
      ...telling.bundle,
      transactions: telling.bundle.transactions.toSpliced(index, 1),
      receipts: telling.bundle.receipts.toSpliced(index, 1),
    };
  },
  "other-block": (telling) => {
    const index = chosen(telling, (_, at) => at >= telling.bundle.order.inboxCount);
    return executed(telling, telling.bundle.transactions.toSpliced(index, 1), checkEntry);
  },
};

/** Executes `transactions` instead of the bundle's under `check` and seals all that follows. */
function executed(
  telling: Telling,
  transactions: readonly Uint8Array[],
  check: EntryCheck,
): Bundle {
  const { bundle, ground } = telling;
  const order = {
    ...bundle.order,
    transactionCount: transactions.length,
    transactionsRoot: listRoot(TRANSACTIONS_DEPTH, transactions.map(transactionHash)),
  };
  const execution = new ReplayExecution({ ...bundle, order, transactions }, ground, check);
  const receipts = executedReceipts(telling, execution);
  const gasUsed = receipts.reduce((sum, bytes) => sum + decodeReceipt(bytes).gasUsed, 0n);
  const result = {
    ...bundle.result,
    gasUsed,
    receiptsRoot: listRoot(TRANSACTIONS_DEPTH, receipts.map(receiptLeaf)),
    outboxRoot: execution.outboxRoot(),
  };
  const witness = execution.narrowWitness();
  const code = execution.usedCode();
  const prepareRules = execution.usedPrepareRules();
  const stateRoot = execution.stateRoot();
  return {
    ...bundle,
    order,
    transactions,
    receipts,
    witness,
    code,
    prepareRules,
    result: { ...result, stateRoot },
  };
}

/** A block that takes another way may need state or code that the bundle does not have. */
function executedReceipts({ request }: Telling, execution: ReplayExecution): Uint8Array[] {
  try {
    return [...execution.entries()].map(({ receipt }) => encodeReceipt(receipt));
  } catch (error) {
    const code = error instanceof EngineError ? error.code : undefined;
    if (code !== "WITNESS_MISSING" && code !== "CODE_MISSING") throw error;
    throw notPossible(request.kind, "the bundle lacks what the other block would need");
  }
}

/** The checks, but entry `index` passes the one that gives `ignored`. */
function accepting(index: number, ignored: SkipCode): EntryCheck {
  return (context, transaction, at, blockGasUsed) => {
    const code = checkEntry(context, transaction, at, blockGasUsed);
    return at === index && code === ignored ? 0 : code;
  };
}

/** Puts a successful entry into the body a second time and executes it despite its nonce. */
function acceptedWrongNonce(telling: Telling): Bundle {
  const index = chosenSigned(telling);
  const { transactions } = telling.bundle;
  const again = [...transactions, transactions[index] as Uint8Array];
  return executed(telling, again, accepting(transactions.length, SkipCode.nonce));
}

function skippedWrite({ bundle, ground, random }: Telling): Bundle {
  const execution = new ReplayExecution(bundle, ground, checkEntry);
  for (const _ of execution.entries()) {
    // Executed for its writes alone.
  }
  const changes = execution.changes();
  const writes = Array.from({ length: changes.count }, (_, index) => index).filter(
    (index) => !execution.isIdle(changes, index),
  );
  const skipped = writes[random % Math.max(1, writes.length)];
  if (skipped === undefined) throw notPossible("skipped-write", "the block writes nothing");
  const kept = new StateChanges(changes.count);
  for (let index = 0; index < changes.count; index += 1) {
    if (index !== skipped)
      kept.addPacked(changes.keys, index * STATE_KEY_BYTES, changes.values[index]);
  }
  const stateRoot = execution.stateRootAfter(kept);
  return { ...bundle, result: { ...bundle.result, stateRoot } };
}

function withReceipt(
  bundle: Bundle,
  index: number,
  change: (receipt: ReturnType<typeof decodeReceipt>) => ReturnType<typeof decodeReceipt>,
): Bundle {
  const receipt = decodeReceipt(bundle.receipts[index] as Uint8Array);
  const receipts = bundle.receipts.with(index, encodeReceipt(change(receipt)));
  const receiptsRoot = listRoot(TRANSACTIONS_DEPTH, receipts.map(receiptLeaf));
  return { ...bundle, receipts, result: { ...bundle.result, receiptsRoot } };
}

/** A successful entry that has a signature and a nonce: no message. */
function chosenSigned(telling: Telling): number {
  const { inboxCount } = telling.bundle.order;
  return chosen(
    telling,
    ({ outcome }, index) => outcome === Outcome.success && index >= inboxCount,
  );
}

/** The requested entry, or one that `fits`, chosen by the seed. */
function chosen(
  { bundle, request, random }: Telling,
  fits: (receipt: ReturnType<typeof decodeReceipt>, index: number) => boolean,
): number {
  const { kind, transaction } = request;
  const fitting = bundle.receipts.flatMap((bytes, index) =>
    fits(decodeReceipt(bytes), index) ? [index] : [],
  );
  if (transaction !== undefined) {
    if (fitting.includes(transaction)) return transaction;
    throw notPossible(kind, `transaction ${transaction} does not exist or has another outcome`);
  }
  const index = fitting[random % Math.max(1, fitting.length)];
  if (index === undefined)
    throw notPossible(kind, "no transaction of the block has a fitting outcome");
  return index;
}

function notPossible(kind: LieKind, why: string): EngineError {
  return new EngineError({
    code: "LIE_NOT_POSSIBLE",
    message: `cannot tell "${kind}" (${lies[kind].summary}): ${why}`,
  });
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
