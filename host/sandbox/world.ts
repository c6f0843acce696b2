// What a call takes back when it ends without success: state, events, messages. One mark over the three, so
// that no path through a call can forget one of them.
import type { TransactionContext } from "./frame.ts";

type World = Pick<TransactionContext, "state" | "events" | "outbox">;

/** A point to which a world can go back. */
export interface WorldMark {
  readonly state: number;
  readonly events: number;
  readonly messages: number;
}

export function markWorld({ state, events, outbox }: World): WorldMark {
  return { state: state.checkpoint(), events: events.length, messages: outbox.length };
}

/** Undoes everything since `mark`. */
export function rollbackWorld({ state, events, outbox }: World, mark: WorldMark): void {
  state.rollback(mark.state);
  events.rollback(mark.events);
  outbox.rollback(mark.messages);
}
