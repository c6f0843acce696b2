// Messages of final blocks: each outbox is delivered once, whole and in order. Here stands the firewall: an
// environment's locked total is all that ever leaves it, whatever root became final, so that what goes wrong in one
// environment costs its own users and nobody else.
import { outboxRoot } from "../chain/message.ts";
import { equalBytes, fromHex, type Hex, toHex } from "../codec/hex.ts";
import type { OutboxMessage } from "../sandbox/outbox.ts";
import { giveBack, putIntoInbox, takesMessage } from "./inbox.ts";
import type { DeliverCommand } from "./ledger-command.ts";
import { type LedgerDraft, refusal } from "./ledger-draft.ts";

const isSettlement = (target: Uint8Array): boolean => target.every((byte) => byte === 0);

/** Takes the value out of the source, or nothing at all. Whether it did. */
function takeOut(draft: LedgerDraft, id: Hex, value: bigint): boolean {
  const source = draft.environment(id);
  if (source.locked < value) {
    draft.setEnvironment({ ...source, withheld: source.withheld + 1n });
    return false;
  }
  draft.setEnvironment({ ...source, locked: source.locked - value });
  return true;
}

function deliverMessage(draft: LedgerDraft, id: Hex, message: OutboxMessage): void {
  const { target, sender, to, value, input } = message;
  if (!takeOut(draft, id, value)) return;
  if (isSettlement(target)) {
    draft.credit(toHex(to), value);
    return;
  }
  const source = fromHex(id, 32);
  const environment = draft.environments.get(toHex(target));
  if (environment === undefined || !takesMessage(environment, input.length)) {
    giveBack(draft, { source, sender, value });
    return;
  }
  putIntoInbox(draft, environment.id, { source, sender, to, value, input, time: draft.time });
}

/**
 * @throws SETTLEMENT_ENVIRONMENT_UNKNOWN · SETTLEMENT_OUTBOX unless these are all messages of the first final block
 * whose messages wait
 */
export function deliver(draft: LedgerDraft, command: DeliverCommand): void {
  const environment = draft.environment(command.environment);
  const [first, ...outboxes] = environment.outboxes;
  if (first === undefined || first.height !== command.height) {
    const expected = first === undefined ? "none: nothing waits" : first.height;
    throw refusal("SETTLEMENT_OUTBOX", "height", `got ${command.height}, expected ${expected}`);
  }
  const root = outboxRoot(fromHex(environment.id, 32), command.messages);
  if (!equalBytes(root, first.root)) {
    const message = `got a list with root ${toHex(root)}, expected ${toHex(first.root)}`;
    throw refusal("SETTLEMENT_OUTBOX", "messages", message);
  }
  draft.setEnvironment({ ...environment, outboxes });
  for (const message of command.messages) deliverMessage(draft, environment.id, message);
}
