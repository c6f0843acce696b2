// What the ledger knows between two commands (docs/settlement.md section 2): plain values, never written to after
// they are made. A stranger who replays the log comes to the same one. Bodies are not in it, they are in the log;
// neither is what is final and delivered. Every amount is in one place: an account, an environment's locked total,
// a dispute, or kept.
import type { BlockOrder } from "../chain/order.ts";
import type { BlockResult } from "../chain/result.ts";
import type { Hex } from "../codec/hex.ts";
import { amountsIn } from "../dispute/bonds.ts";
import type { DisputeState } from "../dispute/dispute-state.ts";
import type { Rules } from "../rules/rules.ts";

/** An account of settlement. */
export interface LedgerAccount {
  readonly balance: bigint;
  /** Accepted commands of this account. */
  readonly nonce: bigint;
}

/** Rules and the height from which on orders name them. */
export interface RulesVersion {
  readonly height: bigint;
  readonly rules: Rules;
  /** [32] */
  readonly hash: Uint8Array;
}

/** A message that waits in an inbox, or was taken by an order that is not final. */
export interface InboxMessage {
  /** Environment id [32]; zero: from an account of settlement. */
  readonly source: Uint8Array;
  /** [20] */
  readonly sender: Uint8Array;
  /** [20] */
  readonly to: Uint8Array;
  readonly value: bigint;
  readonly input: Uint8Array;
  /** When it came. */
  readonly time: bigint;
}

/** An order that is not final, with the disputes about it. */
export interface PendingOrder {
  readonly order: BlockOrder;
  /** Order hash [32]. */
  readonly hash: Uint8Array;
  /** By hash of the result of the parent that they build on. */
  readonly disputes: ReadonlyMap<Hex, DisputeState>;
}

/** The end of a chain of orders; of the last final block also what came out of it. */
export interface OrderHead {
  readonly height: bigint;
  /** [32]; zero at genesis. */
  readonly orderHash: Uint8Array;
  /** Of the order; 0 at genesis. */
  readonly time: bigint;
  /** Number of the message that the next order takes first. */
  readonly inboxNext: bigint;
}

export interface FinalHead extends OrderHead {
  readonly result: BlockResult;
  /** When it became final. */
  readonly since: bigint;
}

/** Whose messages have not been delivered. */
export interface FinalOutbox {
  readonly height: bigint;
  /** [32] */
  readonly root: Uint8Array;
}

export interface LedgerEnvironment {
  readonly id: Hex;
  readonly number: bigint;
  /** Registered it, and may announce rules. */
  readonly operator: Hex;
  /** Posts orders. */
  readonly sequencer: Hex;
  /** In the order of their heights; the first is that of genesis. */
  readonly rules: readonly RulesVersion[];
  /** What may ever leave it. */
  readonly locked: bigint;
  readonly final: FinalHead;
  readonly head: OrderHead;
  /** Heights final + 1 to head. */
  readonly orders: readonly PendingOrder[];
  /** The first has number `final.inboxNext`. */
  readonly inbox: readonly InboxMessage[];
  /** In the order of their heights. */
  readonly outboxes: readonly FinalOutbox[];
  /** Messages that asked for more than was locked. */
  readonly withheld: bigint;
  /** When the sequencer last posted. */
  readonly sequencerSeen: bigint;
  /** Claims and finality stand still before this time. */
  readonly pausedUntil: bigint;
  /** Seconds of all pauses so far: the clocks of disputes do not count them. */
  readonly pausedSeconds: bigint;
  /** Set by the first escape: no more orders. */
  readonly isClosed: boolean;
  readonly escaped: ReadonlySet<Hex>;
  /** Numbers of messages that were given back after it was closed. */
  readonly reclaimed: ReadonlySet<bigint>;
}

export interface LedgerState {
  /** Settlement id [32]. */
  readonly id: Uint8Array;
  /** Of the last accepted command. */
  readonly time: bigint;
  /** Accepted commands. */
  readonly commands: bigint;
  /** keccak chain [32] over the accepted commands with their times; starts at the settlement id. */
  readonly logHash: Uint8Array;
  readonly accounts: ReadonlyMap<Hex, LedgerAccount>;
  readonly environments: ReadonlyMap<Hex, LedgerEnvironment>;
  /** Halves of lost bonds, and what was locked in disputes that fell. */
  readonly kept: bigint;
}

/** What is still in a dispute: put in, and neither paid out nor kept. */
export function amountHeld(dispute: DisputeState): bigint {
  const paid = [...dispute.payouts.values()].reduce((sum, amount) => sum + amount, 0n);
  return amountsIn(dispute) - paid - dispute.kept;
}

/** All money there is; no command changes it. */
export function totalOf({ accounts, environments, kept }: LedgerState): bigint {
  let total = kept;
  for (const { balance } of accounts.values()) total += balance;
  for (const { locked, orders } of environments.values()) {
    total += locked;
    for (const { disputes } of orders) {
      for (const dispute of disputes.values()) total += amountHeld(dispute);
    }
  }
  return total;
}
