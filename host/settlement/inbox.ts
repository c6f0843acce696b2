// What waits for an environment: deposits of accounts, messages of other environments. An inbox takes only what the
// next order can hold and execute, so that nothing in it is ever skipped and loses its value; the rest goes back to
// where it came from.
import { encodeMessageEntry } from "../chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../codec/hex.ts";
import { HEAD_BYTES } from "../limits.ts";
import { nextRules } from "./environment-rules.ts";
import type { DepositCommand, ReclaimCommand } from "./ledger-command.ts";
import { type LedgerDraft, mostOf, refusal } from "./ledger-draft.ts";
import type { InboxMessage, LedgerEnvironment } from "./ledger-state.ts";

const SETTLEMENT = new Uint8Array(32);
const NOBODY = new Uint8Array(20);
const NOTHING = new Uint8Array(0);

const isSettlement = (source: Uint8Array): boolean => source.every((byte) => byte === 0);

/** Whether an inbox takes a message with so much input. */
export function takesMessage(environment: LedgerEnvironment, inputBytes: number): boolean {
  const { inboxPerBlockMax, messageBytesMax } = nextRules(environment).rules.messages;
  return !environment.isClosed && inboxPerBlockMax > 0 && inputBytes <= messageBytesMax;
}

/** Puts a message at the end of an inbox and its value into the locked total. */
export function putIntoInbox(draft: LedgerDraft, id: Hex, message: InboxMessage): void {
  const environment = draft.environment(id);
  draft.setEnvironment({
    ...environment,
    locked: environment.locked + message.value,
    inbox: draft.withMessage(environment.inbox, message),
  });
}

/** @throws SETTLEMENT_CLOSED, SETTLEMENT_MESSAGE_LENGTH, SETTLEMENT_BALANCE */
export function deposit(draft: LedgerDraft, command: DepositCommand, account: Hex): void {
  const { to, value, input } = command;
  const environment = draft.openEnvironment(command.environment);
  if (!takesMessage(environment, input.length)) {
    const { inboxPerBlockMax, messageBytesMax } = nextRules(environment).rules.messages;
    const expected = inboxPerBlockMax === 0 ? "no message: no inbox" : `at most ${messageBytesMax}`;
    const message = `got ${input.length} bytes, expected ${expected}`;
    throw refusal("SETTLEMENT_MESSAGE_LENGTH", "input", message);
  }
  draft.debit(account, value);
  const sender = fromHex(account, 20);
  putIntoInbox(draft, environment.id, {
    source: SETTLEMENT,
    sender,
    to,
    value,
    input,
    time: draft.time,
  });
}

/**
 * Gives the value of a message that cannot arrive back to its sender: to the account that sent it, or as a message
 * of nobody to the contract that did. Where that is closed too, it goes to settlement's account of that address.
 */
export function giveBack(
  draft: LedgerDraft,
  { source, sender, value }: Pick<InboxMessage, "source" | "sender" | "value">,
): void {
  if (value === 0n) return;
  const environment = isSettlement(source) ? undefined : draft.environment(toHex(source));
  if (environment === undefined || !takesMessage(environment, 0)) {
    draft.credit(toHex(sender), value);
    return;
  }
  const message = { source: SETTLEMENT, sender: NOBODY, to: sender, value, input: NOTHING };
  putIntoInbox(draft, environment.id, { ...message, time: draft.time });
}

/** Messages that no order has taken. */
export function waitingMessages({
  head,
  final,
  inbox,
}: LedgerEnvironment): readonly InboxMessage[] {
  return inbox.slice(Number(head.inboxNext - final.inboxNext));
}

/** How many of the waiting messages the next order must take, and how many it may. */
export function inboxRange(
  environment: LedgerEnvironment,
  now: bigint,
): { readonly least: number; readonly most: number } {
  const { block, messages } = nextRules(environment).rules;
  const waiting = waitingMessages(environment).slice(0, messages.inboxPerBlockMax);
  let bytes = 0;
  const full = waiting.findIndex(({ input }) => {
    bytes += HEAD_BYTES + input.length;
    return bytes > block.bodyBytesMax;
  });
  const most = full < 0 ? waiting.length : full;
  const delay = BigInt(messages.inboxDelaySeconds);
  const due = waiting.findIndex(({ time }) => time + delay > now);
  return { least: Math.min(most, due < 0 ? waiting.length : due), most };
}

/** The body entries of the first `count` waiting messages, as the next order has them. */
export function inboxEntries(environment: LedgerEnvironment, count: number): Uint8Array[] {
  const { messages } = nextRules(environment).rules;
  const target = fromHex(environment.id, 32);
  return waitingMessages(environment)
    .slice(0, count)
    .map((message, i) => {
      const number = environment.head.inboxNext + BigInt(i);
      return encodeMessageEntry({ ...message, target, number, gasLimit: Number(messages.gas) });
    });
}

/** @throws SETTLEMENT_NOT_CLOSED, SETTLEMENT_MESSAGE_UNKNOWN */
export function reclaim(draft: LedgerDraft, { environment: id, number }: ReclaimCommand): void {
  const environment = draft.environment(id);
  if (!environment.isClosed) {
    throw refusal("SETTLEMENT_NOT_CLOSED", "environment", "an open environment takes its messages");
  }
  const message = environment.inbox[Number(number - environment.final.inboxNext)];
  if (message === undefined || environment.reclaimed.has(number)) {
    throw refusal("SETTLEMENT_MESSAGE_UNKNOWN", "number", `got ${number}, which does not wait`);
  }
  const { locked } = environment;
  // Only a wrong final result can have taken it out before: then there is nothing to give.
  const value = mostOf(locked, message.value);
  draft.setEnvironment({
    ...environment,
    locked: locked - value,
    reclaimed: new Set(environment.reclaimed).add(number),
  });
  giveBack(draft, { ...message, value });
}
