// The mempool written again without any care for speed: a list, sorted anew for every question. What it says is what
// docs/environments.md section 3 says.
import { encodeTransaction } from "../../host/chain/transaction.ts";
import { type Hex, toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import type { MempoolLimits, SenderAccount } from "../../host/environment/mempool.ts";

export const ENVIRONMENT = new Uint8Array(32).fill(7);

export const publicKeyOf = (sender: number): Uint8Array => new Uint8Array(64).fill(sender + 1);
export const senderOf = (sender: number): Hex => toHex(keccak256(publicKeyOf(sender)).subarray(12));

export interface Draft {
  readonly sender: number;
  readonly nonce: bigint;
  readonly price: bigint;
  readonly gasLimit: number;
  readonly value: bigint;
  readonly inputBytes: number;
}

/** The bytes of a draft; its signature is for whoever believes it. */
export function bytesOf(draft: Draft, changes: object = {}): Uint8Array {
  const { sender, inputBytes, ...fields } = draft;
  return encodeTransaction({
    kind: "call",
    environmentId: ENVIRONMENT,
    to: new Uint8Array(20).fill(9),
    ...fields,
    input: new Uint8Array(inputBytes),
    publicKey: publicKeyOf(sender),
    signature: new Uint8Array(64),
    ...changes,
  });
}

interface Item extends Draft {
  readonly bytes: Uint8Array;
  readonly arrival: number;
}

interface Ranked {
  readonly item: Item;
  readonly isReady: boolean;
  readonly worth: bigint;
}

const costOf = ({ gasLimit, price, value }: Draft): bigint => BigInt(gasLimit) * price + value;

const leastPrice = (chain: readonly Draft[]): bigint =>
  chain.map(({ price }) => price).sort((a, b) => Number(a - b))[0]!;

export class MempoolModel {
  items: Item[] = [];
  readonly accounts: SenderAccount[];
  readonly #limits: MempoolLimits;
  #arrivals = 0;

  constructor(accounts: readonly SenderAccount[], limits: MempoolLimits) {
    this.accounts = [...accounts];
    this.#limits = limits;
  }

  /** All of one sender, by nonce. */
  chain(sender: number): Item[] {
    return this.items
      .filter((item) => item.sender === sender)
      .sort((a, b) => Number(a.nonce - b.nonce));
  }

  ranked(): Ranked[] {
    return this.accounts.flatMap(({ nonce }, sender) =>
      this.chain(sender).map((item, i, chain) => ({
        item,
        isReady: item.nonce === nonce + BigInt(i),
        worth: leastPrice(chain.slice(0, i + 1)),
      })),
    );
  }

  /** The last of each sender: what can go without leaving a gap before what stays. */
  tails(): Ranked[] {
    return this.ranked().filter(({ item }) => this.chain(item.sender).at(-1) === item);
  }

  get bytes(): number {
    return this.items.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  isOver(): boolean {
    return this.items.length > this.#limits.transactionsMax || this.bytes > this.#limits.bytesMax;
  }

  /** What leaves for the draft, or the code of the refusal. */
  admit(draft: Draft): readonly Item[] | string {
    const arrival = this.#arrivals++;
    const { nonce, balance } = this.accounts[draft.sender]!;
    const { perSenderMax, perSenderBytesMax } = this.#limits;
    if (draft.nonce < nonce) return "MEMPOOL_NONCE_LOW";
    if (draft.nonce >= nonce + BigInt(perSenderMax)) return "MEMPOOL_NONCE_HIGH";
    const old = this.chain(draft.sender).find((item) => item.nonce === draft.nonce);
    if (old !== undefined && draft.price * 100n < old.price * 110n) return "MEMPOOL_REPLACEMENT";
    if (old !== undefined && draft.price === old.price) return "MEMPOOL_REPLACEMENT";
    const item = { ...draft, bytes: bytesOf(draft), arrival };
    const before = this.items;
    this.items = [...before.filter((one) => one !== old), item];
    const chain = this.chain(draft.sender);
    const refuse = (code: string): string => {
      this.items = before;
      return code;
    };
    if (chain.reduce((sum, one) => sum + costOf(one), 0n) > balance)
      return refuse("MEMPOOL_BALANCE");
    const bytes = chain.reduce((sum, one) => sum + one.bytes.length, 0);
    if (chain.length > perSenderMax || bytes > perSenderBytesMax)
      return refuse("MEMPOOL_SENDER_FULL");
    const own = this.ranked().find((one) => one.item === item)!;
    while (this.isOver()) {
      const [least] = this.tails().sort(
        (a, b) =>
          Number(a.isReady) - Number(b.isReady) ||
          Number(a.worth - b.worth) ||
          b.item.arrival - a.item.arrival,
      );
      const isBelow = least!.isReady === own.isReady ? least!.worth < own.worth : own.isReady;
      if (!isBelow) return refuse("MEMPOOL_FULL");
      this.items = this.items.filter((one) => one !== least!.item);
    }
    return before.filter((one) => !this.items.includes(one));
  }

  /** The body by the same choice: best price first, each sender's in order, what does not fit ends its sender. */
  select(room: { readonly gas: bigint; readonly bytes: number; readonly count: number }): Item[] {
    const chains = this.accounts.map(({ nonce }, sender) =>
      this.chain(sender).filter((item, i) => item.nonce === nonce + BigInt(i)),
    );
    const body: Item[] = [];
    let { gas, bytes } = room;
    for (;;) {
      const heads = chains.filter((chain) => chain.length > 0);
      if (heads.length === 0 || body.length === room.count) return body;
      const [chain] = heads.sort(
        ([a], [b]) => Number(b!.price - a!.price) || a!.arrival - b!.arrival,
      );
      const item = chain!.shift()!;
      if (BigInt(item.gasLimit) > gas || item.bytes.length > bytes) {
        chain!.length = 0;
        continue;
      }
      gas -= BigInt(item.gasLimit);
      bytes -= item.bytes.length;
      body.push(item);
    }
  }

  /** After a block with this body that left the accounts so. */
  update(body: readonly Item[], accounts: readonly SenderAccount[]): void {
    this.items = this.items.filter((item) => !body.includes(item));
    for (const [sender, account] of accounts.entries()) {
      this.accounts[sender] = account;
      let left = account.balance;
      for (const item of this.chain(sender)) {
        const isSpent = item.nonce < account.nonce;
        if (!isSpent) left -= costOf(item);
        if (isSpent || left < 0n) this.items = this.items.filter((one) => one !== item);
      }
    }
  }
}
