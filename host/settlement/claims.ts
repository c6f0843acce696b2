// Claims and finality: the game of host/dispute with real money and time. A claim names the result that it builds
// on, so blocks are disputed side by side and need not wait for each other; when a result becomes final, everything
// that was built on another one falls. Pauses of the guardian are cut out of the time that disputes see.
import { type BlockResult, resultHash } from "../chain/result.ts";
import { equalBytes, type Hex, toHex } from "../codec/hex.ts";
import { listRoot } from "../codec/trees.ts";
import { type Command, decodeCommand } from "../dispute/command.ts";
import type { CommitmentShape } from "../dispute/commitment-shape.ts";
import { applyBytes, openDispute } from "../dispute/dispute.ts";
import type { DisputeState } from "../dispute/dispute-state.ts";
import type { StepJudge } from "../dispute/match.ts";
import { OUTBOX_DEPTH } from "../limits.ts";
import { rulesAt } from "./environment-rules.ts";
import type { DisputeCommand, FinaliseCommand } from "./ledger-command.ts";
import { type LedgerDraft, refusal } from "./ledger-draft.ts";
import { amountHeld, type LedgerEnvironment, type PendingOrder } from "./ledger-state.ts";

export interface ClaimGround {
  readonly judge: StepJudge;
  readonly shape: CommitmentShape;
}

const EMPTY_OUTBOX = listRoot(OUTBOX_DEPTH, []);

const resultName = (result: BlockResult): Hex => toHex(resultHash(result));

/** The time of an environment's disputes: settlement's, without the pauses. Only while none lasts. */
export function disputeTime({ pausedSeconds }: LedgerEnvironment, now: bigint): bigint {
  return now - pausedSeconds;
}

/** @throws SETTLEMENT_PAUSED */
function checkRunning(draft: LedgerDraft, { pausedUntil }: LedgerEnvironment): void {
  if (draft.time >= pausedUntil) return;
  const message = `got time ${draft.time}, expected ${pausedUntil} or later: the guardian paused it`;
  throw refusal("SETTLEMENT_PAUSED", "environment", message);
}

/** @throws SETTLEMENT_HEIGHT unless an order of this height waits for finality */
function pendingOrder(environment: LedgerEnvironment, height: bigint): PendingOrder {
  const { final, head, orders } = environment;
  if (height > final.height && height <= head.height) {
    return orders[Number(height - final.height - 1n)]!;
  }
  const message = `got ${height}, expected ${final.height + 1n} to ${head.height}`;
  throw refusal("SETTLEMENT_HEIGHT", "height", message);
}

/** Whether somebody claims this result for an order, in a dispute that it may still win or has won. */
function isClaimed({ disputes }: PendingOrder, name: Hex): boolean {
  return [...disputes.values()].some((dispute) =>
    [...dispute.claims.values()].some(
      ({ result, status }) =>
        result !== undefined && status !== "out" && resultName(result) === name,
    ),
  );
}

/** Whether a dispute may be opened that builds on `parentResult`: the parent has it, or may come to have it. */
export function isPossibleParent(
  environment: LedgerEnvironment,
  height: bigint,
  parentResult: BlockResult,
): boolean {
  const { final } = environment;
  const name = resultName(parentResult);
  return height === final.height + 1n
    ? resultName(final.result) === name
    : isClaimed(pendingOrder(environment, height - 1n), name);
}

/** @throws SETTLEMENT_PARENT_RESULT */
function checkParentResult(
  environment: LedgerEnvironment,
  height: bigint,
  parentResult: BlockResult,
): void {
  if (isPossibleParent(environment, height, parentResult)) return;
  const name = resultName(parentResult);
  const message = `got ${name}, which is neither final nor claimed for height ${height - 1n}`;
  throw refusal("SETTLEMENT_PARENT_RESULT", "parentResult", message);
}

/**
 * The dispute that a command goes to: the known one, or a new one where there is none or the last had no survivor.
 * What it builds on is looked at when it is opened and never again: clocks run in it, and whoever let the parent's
 * claim fall could otherwise keep the others from moving until their time is up. @throws SETTLEMENT_PARENT_RESULT
 */
function disputeOf(
  environment: LedgerEnvironment,
  pending: PendingOrder,
  parentResult: BlockResult,
  { command, shape }: { readonly command: Command; readonly shape: CommitmentShape },
): DisputeState {
  const known = pending.disputes.get(resultName(parentResult));
  const hasFailed = known?.verdict !== undefined && known.verdict.survivor === undefined;
  if (known !== undefined && !(hasFailed && command.kind === "claim")) return known;
  const { order } = pending;
  checkParentResult(environment, order.height, parentResult);
  return openDispute({
    order,
    parentResult,
    rules: rulesAt(environment, order.height).rules,
    shape,
  });
}

/** Moves what a dispute took in and gave out; the account of a claim pays its bond. */
function settle(draft: LedgerDraft, before: DisputeState, after: DisputeState, account: Hex): void {
  let paid = 0n;
  for (const [to, amount] of after.payouts) {
    const more = amount - (before.payouts.get(to) ?? 0n);
    draft.credit(to, more);
    paid += more;
  }
  const kept = after.kept - before.kept;
  draft.keep(kept);
  draft.debit(account, amountHeld(after) - amountHeld(before) + paid + kept);
}

/**
 * A dispute ends when what it builds on is final: until then bonds stay in it, or lies upon lies would cost nothing.
 * @throws SETTLEMENT_NOT_FINAL
 */
function checkEnd({ final }: LedgerEnvironment, height: bigint, id: Hex, command: Command): void {
  if (command.kind !== "resolve" || command.tournament !== id) return;
  if (height === final.height + 1n) return;
  const message = `the parent's result at height ${height - 1n} is not final`;
  throw refusal("SETTLEMENT_NOT_FINAL", "command.tournament", message);
}

/**
 * @throws SETTLEMENT_CLOSED, SETTLEMENT_PAUSED, SETTLEMENT_HEIGHT, SETTLEMENT_PARENT_RESULT, SETTLEMENT_NOT_FINAL,
 * SETTLEMENT_NOT_ALLOWED when the inner command is of another account, SETTLEMENT_BALANCE · DISPUTE_…, BYTES_…
 */
export function dispute(
  draft: LedgerDraft,
  { environment: id, height, parentResult, command: bytes }: DisputeCommand,
  account: Hex,
  { judge, shape }: ClaimGround,
): void {
  const environment = draft.openEnvironment(id);
  checkRunning(draft, environment);
  const pending = pendingOrder(environment, height);
  const command = decodeCommand(bytes, shape);
  if (command.account !== account) {
    const message = `got ${command.account}, expected the signer ${account}`;
    throw refusal("SETTLEMENT_NOT_ALLOWED", "command.account", message);
  }
  const before = disputeOf(environment, pending, parentResult, { command, shape });
  checkEnd(environment, height, before.id, command);
  const applied = applyBytes(before, disputeTime(environment, draft.time), bytes, judge);
  if ("refused" in applied) throw applied.refused;
  settle(draft, before, applied.state, account);
  const disputes = new Map(pending.disputes).set(resultName(parentResult), applied.state);
  const index = Number(height - environment.final.height - 1n);
  draft.setEnvironment({
    ...environment,
    orders: environment.orders.with(index, { ...pending, disputes }),
  });
}

/** The next order without the disputes that build on anything but `result`: what is locked in them is kept. */
function withoutFallen(draft: LedgerDraft, next: PendingOrder, result: BlockResult): PendingOrder {
  const built = resultName(result);
  const disputes = new Map(next.disputes);
  for (const [parent, fallen] of next.disputes) {
    if (parent === built) continue;
    draft.keep(amountHeld(fallen));
    disputes.delete(parent);
  }
  return { ...next, disputes };
}

/**
 * The survivor's result becomes final, its messages may be delivered, and what was built on others falls.
 * @throws SETTLEMENT_CLOSED, SETTLEMENT_PAUSED, SETTLEMENT_HEIGHT, SETTLEMENT_NOT_FINAL
 */
export function finalise(draft: LedgerDraft, { environment: id, height }: FinaliseCommand): void {
  const environment = draft.openEnvironment(id);
  checkRunning(draft, environment);
  const { final, orders } = environment;
  const pending = pendingOrder(environment, height);
  if (height !== final.height + 1n) {
    const message = `got ${height}, expected ${final.height + 1n}: heights become final in order`;
    throw refusal("SETTLEMENT_NOT_FINAL", "height", message);
  }
  // Disputes with another parent result are gone since that became final: at most one is left.
  const [dispute] = pending.disputes.values();
  const result = dispute?.verdict?.result;
  if (result === undefined) {
    const message = `the order of height ${height} has no claim that survived its dispute`;
    throw refusal("SETTLEMENT_NOT_FINAL", "height", message);
  }
  const { order, hash } = pending;
  const inboxNext = order.inboxFirst + BigInt(order.inboxCount);
  const { outboxes } = environment;
  const root = result.outboxRoot;
  // What builds on those in turn falls when the next height becomes final.
  const [next, ...later] = orders.slice(1);
  const others = next === undefined ? [] : [withoutFallen(draft, next, result), ...later];
  draft.setEnvironment({
    ...environment,
    final: { height, orderHash: hash, time: order.time, inboxNext, result, since: draft.time },
    orders: others,
    inbox: environment.inbox.slice(order.inboxCount),
    outboxes: equalBytes(root, EMPTY_OUTBOX) ? outboxes : [...outboxes, { height, root }],
  });
}

/** Ends all disputes of an environment that is closed: whoever locked a bond in a claim that stands has it back. */
export function refundClaims(draft: LedgerDraft, { orders }: LedgerEnvironment): void {
  for (const { disputes } of orders) {
    for (const open of disputes.values()) {
      let left = amountHeld(open);
      for (const { account, bond } of open.claims.values()) {
        draft.credit(account, bond);
        left -= bond;
      }
      draft.keep(left);
    }
  }
}
