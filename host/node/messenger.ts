// Carries messages of final blocks to settlement, which puts them into the inboxes they are for. Anybody can do it,
// since what is in an outbox follows from the block; settlement takes each outbox once and in order.
import { fromHex } from "../codec/hex.ts";
import type { ExecutedMessage } from "../environment/executed-block.ts";
import type { OutboxMessage } from "../sandbox/outbox.ts";
import type { LedgerCommand } from "../settlement/ledger-command.ts";
import type { OwnChain } from "./own-chain.ts";

/** Outboxes in one step. */
const DELIVERIES_MAX = 16;

/** A message as settlement reads it. */
function outboxMessage({ target, sender, to, value, input }: ExecutedMessage): OutboxMessage {
  const addresses = { sender: fromHex(sender, 20), to: fromHex(to, 20) };
  return { target: fromHex(target, 32), ...addresses, value, input };
}

export class Messenger {
  readonly #chain: OwnChain;

  constructor(chain: OwnChain) {
    this.#chain = chain;
  }

  /** Deliveries of outboxes that wait. @throws what OwnChain.catchUp throws */
  async step(): Promise<LedgerCommand[]> {
    const chain = this.#chain;
    await chain.catchUp();
    const commands: LedgerCommand[] = [];
    for (const { height } of chain.environment.outboxes.slice(0, DELIVERIES_MAX)) {
      const { messages } = await chain.executed(height);
      const all = messages.map(outboxMessage);
      commands.push({ kind: "deliver", environment: chain.id, height, messages: all });
    }
    return commands;
  }
}
