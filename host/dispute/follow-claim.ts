// How a liar runs a block so that it comes to what a lying bundle claims: it executes what the bundle's receipts
// say was executed, puts each receipt of the bundle in the place of the one that it comes to, and gives the
// halted machine the claimed roots. Every other step is honest.
import type { Bundle } from "../chain/bundle.ts";
import { decodeReceipt, receiptLeaf } from "../chain/receipt.ts";
import { isSameResult } from "../chain/result.ts";
import { equalBytes } from "../codec/hex.ts";
import { listRoot } from "../codec/trees.ts";
import { TRANSACTIONS_DEPTH } from "../limits.ts";
import type { RunParts } from "../machine/block-run.ts";
import { resultOfRecord } from "../machine/initial-record.ts";
import { RunStatus } from "../machine/run-registers.ts";
import { Outcome, SkipCode } from "../outcome.ts";
import { ACCOUNT_KEY, StateClass, statePath } from "../state/state-key.ts";
import { Register, type RunWalk, setRegister } from "./run-walk.ts";

const LEAF_BYTES = 128;
const WORLD_AT = 0;
const TRANSACTION_AT = 7 * LEAF_BYTES;
const BLOCK_AT = 9 * LEAF_BYTES;
const PHASE_SIGNATURE = 2;
const PHASE_SENDER = 3;
const PHASE_RECEIPT = 16;

/** Changes the walk's run so that it halts with the result that the bundle claims. */
export function followClaim(walk: RunWalk, bundle: Bundle): void {
  const receipts = bundle.receipts.map(decodeReceipt);
  const leaves = bundle.receipts.map(receiptLeaf);
  let gasUsed = 0n;
  receipts.forEach((receipt, index) => {
    if (receipt.outcome !== Outcome.skipped) executeSkipped(walk, LIABLE);
    walk.goToEntry();
    gasUsed += receipt.gasUsed;
    const receiptsRoot = listRoot(TRANSACTIONS_DEPTH, leaves.slice(0, index + 1));
    const { record } = walk.parts();
    const told = { receiptsRoot, gasUsed };
    if (isTold(record, told)) return;
    walk.alter((parts) => {
      parts.pieces.receiptWritten(index, leaves[index]!);
      tell(parts, told);
    });
  });
  walk.goToHalt();
  const { stateRoot, outboxRoot } = bundle.result;
  const { record } = walk.parts();
  if (isSameResult(resultOfRecord(record.slice()), bundle.result)) return;
  walk.alter((parts) => {
    parts.record.set(stateRoot, WORLD_AT);
    parts.record.set(outboxRoot, WORLD_AT + 64);
    tell(parts, bundle.result);
  });
}

type Told = Pick<Bundle["result"], "receiptsRoot" | "gasUsed">;

const gasOf = (record: Uint8Array): DataView =>
  new DataView(record.buffer, record.byteOffset + BLOCK_AT + 120, 8);

function isTold(record: Uint8Array, { receiptsRoot, gasUsed }: Told): boolean {
  const own = record.slice(BLOCK_AT + 64, BLOCK_AT + 96);
  return equalBytes(own, receiptsRoot) && gasOf(record).getBigUint64(0) === gasUsed;
}

function tell({ record }: RunParts, { receiptsRoot, gasUsed }: Told): void {
  record.set(receiptsRoot, BLOCK_AT + 64);
  gasOf(record).setBigUint64(0, gasUsed);
}

/** Checks that a liar can leave out: those before which it is the same to the machine who holds the key. */
export type LiableSkip = typeof SkipCode.signature | typeof SkipCode.nonce;
const LIABLE: readonly LiableSkip[] = [SkipCode.signature, SkipCode.nonce];

/** Where the run skips the entry at hand for one of `codes`, makes it execute it. */
export function executeSkipped(walk: RunWalk, codes: readonly LiableSkip[]): void {
  const start = walk.steps;
  walk.goTo(start + 1n);
  if (phaseOf(walk) !== PHASE_SIGNATURE) return;
  const transaction = walk.parts().record.slice(TRANSACTION_AT, TRANSACTION_AT + 2 * LEAF_BYTES);
  walk.goTo(start + 2n);
  const isUnsigned = phaseOf(walk) === PHASE_RECEIPT && skipCodeOf(walk) === SkipCode.signature;
  if (isUnsigned && codes.includes(SkipCode.signature)) {
    walk.alter((parts) => {
      parts.record.set(transaction, TRANSACTION_AT);
      setRegister(parts, Register.phase, PHASE_SENDER);
    });
  }
  if (phaseOf(walk) !== PHASE_SENDER || !codes.includes(SkipCode.nonce)) return;
  const nonce = nonceOfSender(walk);
  // The transaction is said to have the sender's nonce, so that the check of the next step holds.
  if (nonce !== undefined && nonce !== nonceIn(walk.parts().record).getBigUint64(0)) {
    walk.alter(({ record }) => nonceIn(record).setBigUint64(0, nonce));
  }
}

const nonceIn = (record: Uint8Array): DataView =>
  new DataView(record.buffer, record.byteOffset + TRANSACTION_AT + 88, 8);

function phaseOf(walk: RunWalk): number {
  const { registers, frame } = walk.parts();
  const view = new DataView(registers.buffer, registers.byteOffset);
  const isPhase = frame === undefined && view.getUint32(Register.status, true) === RunStatus.phase;
  return isPhase ? view.getUint32(Register.phase, true) : 0;
}

function skipCodeOf(walk: RunWalk): number {
  const { record } = walk.parts();
  return new DataView(record.buffer, record.byteOffset + TRANSACTION_AT + 116, 2).getUint16(0);
}

/** As the state at hand has it; undefined for an account that is not there. */
function nonceOfSender(walk: RunWalk): bigint | undefined {
  const { record, pieces } = walk.parts();
  const sender = record.slice(TRANSACTION_AT + 32, TRANSACTION_AT + 52);
  const path = statePath(walk.hasher, StateClass.account, sender, ACCOUNT_KEY);
  const stateRoot = record.slice(0, 32);
  const opening = pieces.serve({ kind: "state path", path, reads: "account", root: stateRoot });
  if (opening[0] !== 1) return undefined;
  return new DataView(opening.buffer, opening.byteOffset + 1, 8).getBigUint64(0);
}
