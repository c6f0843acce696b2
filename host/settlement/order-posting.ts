// Orders: what runs is fixed here, once. The body is at hand, so the transactions root is computed and never
// believed; the parent, the inbox range and the rules follow from the state. The sequencer posts, and anybody else
// once it has been silent for as long as a message may wait.
import { checkBodySize } from "../chain/body-size.ts";
import { type BlockOrder, orderHash } from "../chain/order.ts";
import { readEntry } from "../chain/transaction.ts";
import { equalBytes, fromHex, type Hex, toHex } from "../codec/hex.ts";
import { listRoot } from "../codec/trees.ts";
import { TRANSACTIONS_DEPTH } from "../limits.ts";
import { checkRulesHash, nextRules } from "./environment-rules.ts";
import { inboxEntries, inboxRange } from "./inbox.ts";
import type { OrderCommand } from "./ledger-command.ts";
import { type LedgerDraft, refusal } from "./ledger-draft.ts";
import type { LedgerEnvironment } from "./ledger-state.ts";

/** From when on anybody may post, while the sequencer is silent. */
export function openPostingTime(environment: LedgerEnvironment): bigint {
  const { inboxDelaySeconds } = nextRules(environment).rules.messages;
  return environment.sequencerSeen + BigInt(inboxDelaySeconds);
}

/** The least time that the next order may have: an interval after its parent's. */
export function nextOrderTime(environment: LedgerEnvironment): bigint {
  const { height, time } = environment.head;
  const { intervalSeconds } = nextRules(environment).rules.block;
  return height === 0n ? 0n : time + BigInt(intervalSeconds);
}

/** @throws SETTLEMENT_NOT_ALLOWED */
function checkPoster(draft: LedgerDraft, environment: LedgerEnvironment, account: Hex): void {
  const { sequencer } = environment;
  if (account === sequencer) return;
  const anyone = openPostingTime(environment);
  if (draft.time >= anyone) return;
  const message = `got ${account}, expected the sequencer ${sequencer}, or a time from ${anyone} on`;
  throw refusal("SETTLEMENT_NOT_ALLOWED", "account", message);
}

/** @throws SETTLEMENT_PARENT unless the order follows the head */
function checkParent({ head }: LedgerEnvironment, { height, parentOrder }: OrderCommand): void {
  if (height !== head.height + 1n) {
    const message = `got ${height}, expected ${head.height + 1n}`;
    throw refusal("SETTLEMENT_PARENT", "height", message);
  }
  if (!equalBytes(parentOrder, head.orderHash)) {
    const message = `got ${toHex(parentOrder)}, expected ${toHex(head.orderHash)}`;
    throw refusal("SETTLEMENT_PARENT", "parentOrder", message);
  }
}

/** @throws SETTLEMENT_ORDER_TIME unless it is near now and an interval after the parent's */
function checkTime(draft: LedgerDraft, environment: LedgerEnvironment, time: bigint): void {
  const { timeSkewSecondsMax } = nextRules(environment).rules.block;
  const skew = BigInt(timeSkewSecondsMax);
  const near = draft.time > skew ? draft.time - skew : 0n;
  const next = nextOrderTime(environment);
  const [least, most] = [near > next ? near : next, draft.time + skew];
  if (time >= least && time <= most) return;
  const message = `got ${time}, expected ${least} to ${most}`;
  throw refusal("SETTLEMENT_ORDER_TIME", "time", message);
}

/** @throws SETTLEMENT_INBOX unless the body begins with the messages that it must take */
function checkInbox(
  draft: LedgerDraft,
  environment: LedgerEnvironment,
  { inboxCount, body }: OrderCommand,
): void {
  const { least, most } = inboxRange(environment, draft.time);
  if (inboxCount < least || inboxCount > most) {
    const message = `got ${inboxCount}, expected ${least} to ${most}`;
    throw refusal("SETTLEMENT_INBOX", "inboxCount", message);
  }
  const wrong = inboxEntries(environment, inboxCount).findIndex(
    (entry, i) => body[i] === undefined || !equalBytes(entry, body[i]),
  );
  if (wrong < 0) return;
  const message = `entry ${wrong} is not message ${environment.head.inboxNext + BigInt(wrong)}`;
  throw refusal("SETTLEMENT_INBOX", "body", message);
}

/**
 * @throws SETTLEMENT_CLOSED, SETTLEMENT_NOT_ALLOWED, SETTLEMENT_PARENT, SETTLEMENT_RULES_HASH,
 * SETTLEMENT_ORDER_TIME, SETTLEMENT_INBOX, BODY_TOO_LARGE
 */
export function postOrder(draft: LedgerDraft, command: OrderCommand, account: Hex): void {
  const environment = draft.openEnvironment(command.environment);
  checkPoster(draft, environment, account);
  checkParent(environment, command);
  const version = nextRules(environment);
  checkRulesHash(version, command.rulesHash);
  checkTime(draft, environment, command.time);
  checkBodySize(command.body, version.rules);
  checkInbox(draft, environment, command);
  const { height, parentOrder, time, producer, rulesHash, inboxCount, body } = command;
  const leaves = body.map((entry) => readEntry(entry).hash);
  const order: BlockOrder = {
    environmentId: fromHex(environment.id, 32),
    ...{ height, parentOrder, time, producer, rulesHash, inboxCount },
    inboxFirst: environment.head.inboxNext,
    transactionCount: body.length,
    transactionsRoot: listRoot(TRANSACTIONS_DEPTH, leaves),
  };
  const hash = orderHash(order);
  const inboxNext = order.inboxFirst + BigInt(inboxCount);
  draft.setEnvironment({
    ...environment,
    head: { height, orderHash: hash, time, inboxNext },
    orders: [...environment.orders, { order, hash, disputes: new Map() }],
    sequencerSeen: account === environment.sequencer ? draft.time : environment.sequencerSeen,
  });
}
