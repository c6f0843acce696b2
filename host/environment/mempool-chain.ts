// The waiting transactions of one sender, in the order of their nonces: a part of the mempool (mempool.ts), which
// alone decides what comes in and goes out. Pure.
//
// A transaction is *ready* when every nonce from the account's up to its own is here; what stands behind a gap is not.
// Its *worth* is the lowest price from the front of the chain up to it: it can be in no body without those before it,
// so a high price behind a low one buys nothing. Along a chain readiness and worth only fall.
import type { Transaction } from "../chain/transaction.ts";
import type { Hex } from "../codec/hex.ts";

/** What of an account the mempool looks at. */
export interface SenderAccount {
  readonly nonce: bigint;
  readonly balance: bigint;
}

/** A transaction that waits. */
export interface Waiting {
  readonly transaction: Transaction;
  readonly bytes: Uint8Array;
  readonly hash: Hex;
  /** Its address. */
  readonly sender: Hex;
  /** What a body counts for it. */
  readonly size: number;
  /** Gas limit x price + value. */
  readonly cost: bigint;
  /** Number of its arrival. */
  readonly arrival: number;
}

/** What the mempool compares when it must choose who goes: see above. */
export interface Rank {
  readonly isReady: boolean;
  readonly worth: bigint;
}

/** Whether `a` goes before `b` does. */
export function ranksBelow(a: Rank, b: Rank): boolean {
  return a.isReady === b.isReady ? a.worth < b.worth : !a.isReady;
}

export class SenderChain {
  account: SenderAccount;
  /** Ascending nonces, none twice. */
  readonly waiting: Waiting[] = [];
  cost = 0n;
  size = 0;
  /** Counts changes, so that what was noted of the chain before one is known to be out of date. */
  version = 0;

  constructor(account: SenderAccount) {
    this.account = account;
  }

  at(nonce: bigint): Waiting | undefined {
    return this.waiting.find(({ transaction }) => transaction.nonce === nonce);
  }

  /** Puts `item` at its nonce and returns what was there. */
  put(item: Waiting): Waiting | undefined {
    const { nonce } = item.transaction;
    const found = this.waiting.findIndex(({ transaction }) => transaction.nonce >= nonce);
    const index = found === -1 ? this.waiting.length : found;
    const replaced = this.waiting[index]?.transaction.nonce === nonce ? 1 : 0;
    const [old] = this.waiting.splice(index, replaced, item);
    this.#count(old, item);
    return old;
  }

  remove(item: Waiting): void {
    this.waiting.splice(this.waiting.indexOf(item), 1);
    this.#count(item, undefined);
  }

  /** How many at the front are ready. */
  readyCount(): number {
    const { nonce } = this.account;
    const gap = this.waiting.findIndex((item, i) => item.transaction.nonce !== nonce + BigInt(i));
    return gap === -1 ? this.waiting.length : gap;
  }

  /** The rank of the item at `index`. */
  rank(index: number): Rank {
    let worth = this.waiting[0]!.transaction.price;
    for (let i = 1; i <= index; i++) {
      const { price } = this.waiting[i]!.transaction;
      if (price < worth) worth = price;
    }
    const { nonce } = this.waiting[index]!.transaction;
    return { isReady: nonce === this.account.nonce + BigInt(index), worth };
  }

  #count(out: Waiting | undefined, into: Waiting | undefined): void {
    this.cost += (into?.cost ?? 0n) - (out?.cost ?? 0n);
    this.size += (into?.size ?? 0) - (out?.size ?? 0);
    this.version++;
  }
}
