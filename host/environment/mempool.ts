// The transactions that wait for a block of one environment (docs/environments.md section 3): who is admitted, who
// must go when it is full, and what a body takes. Pure: no clock, no state, no signatures; accounts and verdicts come
// from the caller. Everything in it may be lost with its process: being admitted is no acknowledgement.
//
// It must never hold more than its limits, take a body out of the order of nonces, or give up a transaction for one
// that is worth no more. Eviction takes the end of a chain, so it never makes a gap before what stays.
import { countedBytes } from "../chain/body-size.ts";
import { readEntry, type Transaction } from "../chain/transaction.ts";
import { equalBytes, type Hex, toHex } from "../codec/hex.ts";
import { TRANSACTION_BYTES_MAX, TRANSACTIONS_MAX } from "../limits.ts";
import type { Rules } from "../rules/rules.ts";
import {
  type Rank,
  ranksBelow,
  type SenderAccount,
  SenderChain,
  type Waiting,
} from "./mempool-chain.ts";
import { type MempoolRefusal, refusal, refusedByRules } from "./mempool-refusal.ts";
import { PriceHeap } from "./price-heap.ts";

export type { SenderAccount } from "./mempool-chain.ts";
export { isRefusal, type MempoolCode, type MempoolRefusal } from "./mempool-refusal.ts";

export interface MempoolLimits {
  readonly transactionsMax: number;
  readonly bytesMax: number;
  /** Transactions of one sender, and how far a nonce may be ahead of the account's. */
  readonly perSenderMax: number;
  readonly perSenderBytesMax: number;
}

export const mempoolLimits: MempoolLimits = {
  transactionsMax: 16_384,
  bytesMax: 64 * 1_048_576,
  perSenderMax: 64,
  perSenderBytesMax: 4 * 1_048_576,
};

/** A replacement must offer so many percent of the old price: each one costs everybody a check and a copy. */
const REPLACEMENT_PERCENT = 110n;

/** A transaction that needs nothing but its sender's account to be judged. */
export interface Candidate {
  readonly transaction: Transaction;
  readonly bytes: Uint8Array;
  readonly hash: Hex;
  /** Its address. */
  readonly sender: Hex;
}

export interface Admission {
  /** Transactions that left for it: the one with its nonce, and the least worth where it was full. */
  readonly evicted: readonly Hex[];
}

/** What is left of a block for transactions of the mempool. */
export interface BodyRoom {
  readonly gas: bigint;
  readonly bytes: number;
  readonly count: number;
}

/** What a block changed. */
export interface BlockUpdate {
  /** Hashes of the block's entries. */
  readonly included: Iterable<Hex>;
  /** The accounts of all `senders()` after the block, by address. */
  readonly accounts: ReadonlyMap<Hex, SenderAccount>;
  /** The rules from now on, where they changed. */
  readonly rules?: Rules;
}

interface Tail extends Rank {
  readonly chain: SenderChain;
  readonly version: number;
  readonly arrival: number;
}

/** The waiting transactions of one environment. */
export class Mempool {
  readonly #environmentId: Uint8Array;
  readonly #limits: MempoolLimits;
  #rules: Rules;
  /** By sender's address. */
  readonly #chains = new Map<Hex, SenderChain>();
  /** Sender by transaction hash. */
  readonly #senders = new Map<Hex, Hex>();
  /** The ends of the chains, the least worth first; what is out of date is left out when it comes up. */
  #tails = new PriceHeap<Tail>(goesBefore);
  #bytes = 0;
  #arrivals = 0;

  constructor(environmentId: Uint8Array, rules: Rules, limits: MempoolLimits = mempoolLimits) {
    this.#environmentId = environmentId;
    this.#rules = rules;
    this.#limits = limits;
  }

  get count(): number {
    return this.#senders.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Addresses of all accounts with waiting transactions. */
  senders(): Hex[] {
    return [...this.#chains.keys()];
  }

  /** The account as last told, where transactions of it wait. */
  account(sender: Hex): SenderAccount | undefined {
    return this.#chains.get(sender)?.account;
  }

  /** Takes a transaction apart and checks what needs no state. `bytes` must not change afterwards. */
  read(
    bytes: Uint8Array,
    signatureHolds: (transaction: Transaction) => boolean,
  ): Candidate | MempoolRefusal {
    const sizeMax = Math.min(TRANSACTION_BYTES_MAX, this.#rules.block.bodyBytesMax);
    if (bytes.length > sizeMax) {
      return refusal("MEMPOOL_TOO_LARGE", `got ${bytes.length} bytes, expected at most ${sizeMax}`);
    }
    const { hash, transaction, fault } = readEntry(bytes);
    if (transaction === undefined) {
      return refusal("MEMPOOL_DECODE", `got bytes that are no transaction: ${fault}`);
    }
    if (transaction.kind === "message") {
      return refusal("MEMPOOL_MESSAGE", "got a message, expected a call or a deploy");
    }
    if (!equalBytes(transaction.environmentId, this.#environmentId)) {
      const [got, own] = [transaction.environmentId, this.#environmentId].map(toHex);
      return refusal("MEMPOOL_ENVIRONMENT", `got a transaction for ${got}, expected ${own}`);
    }
    const refused = refusedByRules(transaction, this.#rules);
    if (refused !== undefined) return refused;
    const hex = toHex(hash);
    if (this.#senders.has(hex)) return refusal("MEMPOOL_KNOWN", `transaction ${hex} waits already`);
    if (!signatureHolds(transaction)) {
      return refusal("MEMPOOL_SIGNATURE", "the signature is not one of the key over the digest");
    }
    return { transaction, bytes, hash: hex, sender: toHex(transaction.sender) };
  }

  /** Admits what `read` took apart. `account` is the sender's now. */
  admit(candidate: Candidate, account: SenderAccount): Admission | MempoolRefusal {
    const { transaction, bytes, hash, sender } = candidate;
    const { gasLimit, price, value } = transaction;
    // Others may have come between reading and admitting.
    if (this.#senders.has(hash))
      return refusal("MEMPOOL_KNOWN", `transaction ${hash} waits already`);
    const chain = this.#chains.get(sender) ?? new SenderChain(account);
    const cost = BigInt(gasLimit) * price + value;
    const arrival = this.#arrivals++;
    const item = { ...candidate, size: countedBytes([bytes]), cost, arrival };
    const refused = this.#refusedBySender(item, chain, account);
    if (refused !== undefined) return refused;
    chain.account = account;
    return this.#place(chain, item);
  }

  /** By which it decides. */
  get rules(): Rules {
    return this.#rules;
  }

  /** The next transactions of a body: the highest price first, each sender's in the order of nonces. */
  select({ gas, bytes, count }: BodyRoom): Uint8Array[] {
    const heads = new PriceHeap<Head>(isTakenBefore);
    for (const chain of this.#chains.values()) {
      const ready = chain.readyCount();
      if (ready > 0) heads.push({ chain, index: 0, ready, item: chain.waiting[0]! });
    }
    const body: Uint8Array[] = [];
    let [gasLeft, bytesLeft] = [gas, bytes];
    const countMax = Math.min(count, TRANSACTIONS_MAX);
    while (body.length < countMax) {
      const head = heads.pop();
      if (head === undefined) break;
      const { chain, index, ready, item } = head;
      const gasLimit = BigInt(item.transaction.gasLimit);
      // What does not fit keeps those behind it back too: their nonces would not be next.
      if (gasLimit > gasLeft || item.size > bytesLeft) continue;
      gasLeft -= gasLimit;
      bytesLeft -= item.size;
      body.push(item.bytes);
      const next = index + 1;
      if (next < ready) heads.push({ chain, index: next, ready, item: chain.waiting[next]! });
    }
    return body;
  }

  /** After a block: what it included, what can no longer be valid and what the rules no longer allow goes. */
  update({ included, accounts, rules = this.#rules }: BlockUpdate): void {
    for (const hash of included) {
      const sender = this.#senders.get(hash);
      const chain = sender === undefined ? undefined : this.#chains.get(sender);
      const item = chain?.waiting.find((waiting) => waiting.hash === hash);
      if (chain !== undefined && item !== undefined) this.#drop(chain, item);
    }
    const isNew = rules !== this.#rules;
    this.#rules = rules;
    for (const [sender, chain] of [...this.#chains]) {
      chain.account = accounts.get(sender) ?? chain.account;
      this.#dropStale(chain, isNew);
      chain.version++;
      if (chain.waiting.length === 0) this.#chains.delete(sender);
      else this.#noteTail(chain);
    }
  }

  /** Drops spent nonces, then everything from the first that the rules or the balance no longer allow. */
  #dropStale(chain: SenderChain, rulesChanged: boolean): void {
    const { nonce, balance } = chain.account;
    let left = balance;
    let isOver = false;
    for (const item of [...chain.waiting]) {
      const { transaction } = item;
      if (transaction.nonce < nonce) {
        this.#drop(chain, item);
        continue;
      }
      left -= item.cost;
      isOver ||= left < 0n;
      isOver ||= rulesChanged && this.#isRefusedNow(item);
      if (isOver) this.#drop(chain, item);
    }
  }

  #isRefusedNow({ transaction, bytes }: Waiting): boolean {
    const isTooLarge = bytes.length > this.#rules.block.bodyBytesMax;
    return isTooLarge || refusedByRules(transaction, this.#rules) !== undefined;
  }

  #refusedBySender(
    item: Waiting,
    chain: SenderChain,
    account: SenderAccount,
  ): MempoolRefusal | undefined {
    const { nonce, price } = item.transaction;
    const { perSenderMax, perSenderBytesMax } = this.#limits;
    if (nonce < account.nonce) {
      return refusal("MEMPOOL_NONCE_LOW", `got nonce ${nonce}, expected at least ${account.nonce}`);
    }
    const end = account.nonce + BigInt(perSenderMax);
    if (nonce >= end) {
      return refusal("MEMPOOL_NONCE_HIGH", `got nonce ${nonce}, expected less than ${end}`);
    }
    const old = chain.at(nonce);
    if (old !== undefined) {
      const least = (old.transaction.price * REPLACEMENT_PERCENT + 99n) / 100n;
      if (price < least || price <= old.transaction.price) {
        const wanted = least > old.transaction.price ? least : old.transaction.price + 1n;
        const message = `got price ${price} for nonce ${nonce}, expected at least ${wanted}`;
        return refusal("MEMPOOL_REPLACEMENT", message);
      }
    }
    const cost = chain.cost + item.cost - (old?.cost ?? 0n);
    if (cost > account.balance) {
      const message = `got a cost of ${cost} with what waits, expected at most the balance ${account.balance}`;
      return refusal("MEMPOOL_BALANCE", message);
    }
    const count = chain.waiting.length + (old === undefined ? 1 : 0);
    const size = chain.size + item.size - (old?.size ?? 0);
    if (count > perSenderMax || size > perSenderBytesMax) {
      const message = `got ${count} transactions of ${size} bytes, expected at most ${perSenderMax} of ${perSenderBytesMax}`;
      return refusal("MEMPOOL_SENDER_FULL", message);
    }
    return undefined;
  }

  /** Puts an item in its chain and makes room for it, or leaves everything as it was. */
  #place(chain: SenderChain, item: Waiting): Admission | MempoolRefusal {
    const { sender } = item;
    const isNewChain = chain.waiting.length === 0;
    if (isNewChain) this.#chains.set(sender, chain);
    const old = this.#put(chain, item);
    const rank = chain.rank(chain.waiting.indexOf(item));
    const victims: { readonly chain: SenderChain; readonly item: Waiting }[] = [];
    while (this.#isOver()) {
      const tail = this.#leastWorth();
      if (!ranksBelow(tail, rank)) {
        for (const victim of victims.reverse()) this.#put(victim.chain, victim.item);
        this.#drop(chain, item);
        if (old !== undefined) this.#put(chain, old);
        else if (chain.waiting.length > 0) this.#noteTail(chain);
        if (isNewChain) this.#chains.delete(sender);
        const message = `the mempool is full of transactions that are worth ${rank.worth} or more`;
        return refusal("MEMPOOL_FULL", message);
      }
      const victim = tail.chain.waiting.at(-1)!;
      this.#drop(tail.chain, victim);
      victims.push({ chain: tail.chain, item: victim });
      if (tail.chain.waiting.length > 0) this.#noteTail(tail.chain);
    }
    for (const victim of victims) {
      if (victim.chain.waiting.length === 0) this.#chains.delete(victim.item.sender);
    }
    const gone = victims.map((victim) => victim.item);
    return { evicted: [...(old === undefined ? [] : [old]), ...gone].map(({ hash }) => hash) };
  }

  #put(chain: SenderChain, item: Waiting): Waiting | undefined {
    const old = chain.put(item);
    if (old !== undefined) this.#forget(old);
    this.#senders.set(item.hash, item.sender);
    this.#bytes += item.size;
    this.#noteTail(chain);
    return old;
  }

  #drop(chain: SenderChain, item: Waiting): void {
    chain.remove(item);
    this.#forget(item);
  }

  #forget(item: Waiting): void {
    this.#senders.delete(item.hash);
    this.#bytes -= item.size;
  }

  #isOver(): boolean {
    return this.count > this.#limits.transactionsMax || this.#bytes > this.#limits.bytesMax;
  }

  #noteTail(chain: SenderChain): void {
    // Out-of-date notes must not outnumber the chains by much.
    if (this.#tails.size > 4 * this.#chains.size + 64) {
      this.#tails = new PriceHeap<Tail>(goesBefore);
      for (const other of this.#chains.values()) {
        if (other.waiting.length > 0 && other !== chain) this.#tails.push(tailOf(other));
      }
    }
    this.#tails.push(tailOf(chain));
  }

  /** The end of the chain that goes first. There is one while anything waits. */
  #leastWorth(): Tail {
    for (;;) {
      const tail = this.#tails.peek()!;
      if (tail.version === tail.chain.version && tail.chain.waiting.length > 0) return tail;
      this.#tails.pop();
    }
  }
}

interface Head {
  readonly chain: SenderChain;
  readonly index: number;
  readonly ready: number;
  readonly item: Waiting;
}

/** Of equal prices the earlier. */
function isTakenBefore(a: Head, b: Head): boolean {
  const [first, second] = [a.item.transaction.price, b.item.transaction.price];
  return first === second ? a.item.arrival < b.item.arrival : first > second;
}

/** Of equal ranks the later. */
function goesBefore(a: Tail, b: Tail): boolean {
  if (ranksBelow(a, b)) return true;
  return !ranksBelow(b, a) && a.arrival > b.arrival;
}

function tailOf(chain: SenderChain): Tail {
  const last = chain.waiting.length - 1;
  const { arrival } = chain.waiting[last]!;
  return { ...chain.rank(last), chain, version: chain.version, arrival };
}
