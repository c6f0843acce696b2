// The mempool: every refusal on both sides of its limit, and long random histories against a model that does
// everything the slow way.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEntry } from "../../../host/chain/transaction.ts";
import { toHex } from "../../../host/codec/hex.ts";
import { bodyRoom } from "../../../host/environment/body-room.ts";
import {
  type Admission,
  isRefusal,
  Mempool,
  type MempoolLimits,
  type MempoolRefusal,
  mempoolLimits,
  type SenderAccount,
} from "../../../host/environment/mempool.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import type { Rules } from "../../../host/rules/rules.ts";
import {
  bytesOf,
  type Draft,
  ENVIRONMENT,
  MempoolModel,
  senderOf,
} from "../../support/mempool-model.ts";

const rules = presetRules("general");
const RICH: SenderAccount = { nonce: 0n, balance: 10n ** 30n };
const ROOM = { gas: 2n ** 40n, bytes: 2 ** 30, count: 1_000 };
const draft = (changes: Partial<Draft> = {}): Draft => ({
  ...{ sender: 0, nonce: 0n, price: 10n, gasLimit: 50_000, value: 0n, inputBytes: 0 },
  ...changes,
});
const hashOf = (bytes: Uint8Array) => toHex(readEntry(bytes).hash);

/** A mempool that believes every signature. */
class Tried {
  readonly pool: Mempool;

  constructor(limits: Partial<MempoolLimits> = {}, changed: Rules = rules) {
    this.pool = new Mempool(ENVIRONMENT, changed, { ...mempoolLimits, ...limits });
  }

  bytes(bytes: Uint8Array, account = RICH, holds = true): Admission | MempoolRefusal {
    const candidate = this.pool.read(bytes, () => holds);
    return isRefusal(candidate) ? candidate : this.pool.admit(candidate, account);
  }

  /** Undefined where it is admitted. */
  code(changes: Partial<Draft> = {}, account = RICH): string | undefined {
    const answer = this.bytes(bytesOf(draft(changes)), account);
    return isRefusal(answer) ? answer.code : undefined;
  }

  body(): string[] {
    return this.pool.select(ROOM).map(hashOf);
  }
}

describe("what a mempool refuses", () => {
  const refusal = (bytes: Uint8Array, changed = rules, holds = true): string | undefined => {
    const answer = new Tried({}, changed).bytes(bytes, RICH, holds);
    return isRefusal(answer) ? answer.code : undefined;
  };

  it("refuses bytes that are no transaction, a message, another environment's and a wrong signature", () => {
    expect(refusal(bytesOf(draft()))).toBeUndefined();
    expect(refusal(new Uint8Array(255))).toBe("MEMPOOL_DECODE");
    expect(refusal(bytesOf(draft(), { environmentId: new Uint8Array(32) }))).toBe(
      "MEMPOOL_ENVIRONMENT",
    );
    expect(refusal(bytesOf(draft()), rules, false)).toBe("MEMPOOL_SIGNATURE");
    const message = bytesOf(draft());
    message[1] = 3;
    message.fill(0, 66, 78);
    message.fill(0, 192, 256);
    message.fill(0, 148, 156);
    expect(refusal(message)).toBe("MEMPOOL_MESSAGE");
  });

  it("refuses more bytes than a body of the rules may have", () => {
    const small = { ...rules, block: { ...rules.block, bodyBytesMax: 1_000 } };
    expect(refusal(bytesOf(draft({ inputBytes: 744 })), small)).toBeUndefined();
    expect(refusal(bytesOf(draft({ inputBytes: 745 })), small)).toBe("MEMPOOL_TOO_LARGE");
  });

  it("refuses gas limits above the transaction's and below what is taken before anything runs", () => {
    const most = Number(rules.gas.perTransaction);
    expect(refusal(bytesOf(draft({ gasLimit: most })))).toBeUndefined();
    expect(refusal(bytesOf(draft({ gasLimit: most + 1 })))).toBe("MEMPOOL_GAS_LIMIT");
    const least = rules.gas.intrinsic.transaction;
    expect(refusal(bytesOf(draft({ gasLimit: least })))).toBeUndefined();
    expect(refusal(bytesOf(draft({ gasLimit: least - 1 })))).toBe("MEMPOOL_INTRINSIC_GAS");
  });

  it("refuses a price below the rules' lowest and a deploy of who may not", () => {
    const dear = { ...rules, fees: { priceMin: 10n } };
    expect(refusal(bytesOf(draft({ price: 10n })), dear)).toBeUndefined();
    expect(refusal(bytesOf(draft({ price: 9n })), dear)).toBe("MEMPOOL_PRICE");
    const closed = { ...rules, deployers: [senderOf(1)] };
    const deploy = (sender: number) =>
      bytesOf(draft({ sender, gasLimit: 1_000_000 }), {
        ...{ kind: "deploy", to: new Uint8Array(20), input: new Uint8Array(4) },
      });
    expect(refusal(deploy(1), closed)).toBeUndefined();
    expect(refusal(deploy(0), closed)).toBe("MEMPOOL_DEPLOYER");
  });

  it("refuses spent nonces, and nonces further ahead than one sender may have transactions", () => {
    const tried = new Tried({ perSenderMax: 4 });
    const account = { ...RICH, nonce: 5n };
    expect(tried.code({ nonce: 4n }, account)).toBe("MEMPOOL_NONCE_LOW");
    expect(tried.code({ nonce: 9n }, account)).toBe("MEMPOOL_NONCE_HIGH");
    expect(tried.code({ nonce: 8n }, account)).toBeUndefined();
    expect(tried.code({ nonce: 5n }, account)).toBeUndefined();
  });

  it("counts the cost of everything that waits against the balance", () => {
    const tried = new Tried();
    const account = { nonce: 0n, balance: 1_000_010n };
    expect(tried.code({ nonce: 0n, value: 5n }, account)).toBeUndefined();
    expect(tried.code({ nonce: 1n, value: 6n }, account)).toBe("MEMPOOL_BALANCE");
    expect(tried.code({ nonce: 1n, value: 5n }, account)).toBeUndefined();
  });

  it("refuses what waits already, and a replacement that offers less than 10 % more", () => {
    const tried = new Tried();
    expect(tried.code({ price: 100n })).toBeUndefined();
    expect(tried.code({ price: 100n })).toBe("MEMPOOL_KNOWN");
    expect(tried.code({ price: 109n })).toBe("MEMPOOL_REPLACEMENT");
    expect(tried.code({ price: 110n })).toBeUndefined();
    expect(tried.body()).toEqual([hashOf(bytesOf(draft({ price: 110n })))]);
    const free = new Tried();
    expect(free.code({ price: 0n })).toBeUndefined();
    expect(free.code({ price: 0n, value: 1n })).toBe("MEMPOOL_REPLACEMENT");
    expect(free.code({ price: 1n })).toBeUndefined();
  });

  it("refuses a candidate that was admitted while its account was asked for", () => {
    const { pool } = new Tried();
    const [first, second] = [0, 0].map(() => pool.read(bytesOf(draft()), () => true));
    expect([first, second].map((one) => isRefusal(one!))).toEqual([false, false]);
    expect(isRefusal(pool.admit(first as never, RICH))).toBe(false);
    expect(pool.admit(second as never, RICH)).toMatchObject({ code: "MEMPOOL_KNOWN" });
  });

  it("bounds the bytes of one sender", () => {
    const tried = new Tried({ perSenderBytesMax: 1_000 });
    expect(tried.code({ nonce: 0n, inputBytes: 244 })).toBeUndefined();
    expect(tried.code({ nonce: 1n, inputBytes: 245 })).toBe("MEMPOOL_SENDER_FULL");
    expect(tried.code({ nonce: 1n, inputBytes: 244 })).toBeUndefined();
  });
});

describe("a full mempool", () => {
  it("gives up the transaction that is worth least, and none for one that is worth as much", () => {
    const tried = new Tried({ transactionsMax: 2 });
    expect(tried.code({ sender: 0, price: 5n })).toBeUndefined();
    expect(tried.code({ sender: 1, price: 6n })).toBeUndefined();
    expect(tried.code({ sender: 2, price: 5n })).toBe("MEMPOOL_FULL");
    const answer = tried.bytes(bytesOf(draft({ sender: 2, price: 7n })));
    expect(answer).toEqual({ evicted: [hashOf(bytesOf(draft({ sender: 0, price: 5n })))] });
    expect(tried.pool.senders()).toEqual([senderOf(1), senderOf(2)]);
  });

  it("takes a high price behind a low one for no more than the low one", () => {
    const tried = new Tried({ transactionsMax: 3 });
    tried.code({ sender: 0, nonce: 0n, price: 1n });
    tried.code({ sender: 0, nonce: 1n, price: 1_000n });
    tried.code({ sender: 1, price: 2n });
    const answer = tried.bytes(bytesOf(draft({ sender: 2, price: 2n })));
    const gone = hashOf(bytesOf(draft({ sender: 0, nonce: 1n, price: 1_000n })));
    expect(answer).toEqual({ evicted: [gone] });
  });

  it("gives up what stands behind a gap before anything that could be in a block", () => {
    const tried = new Tried({ transactionsMax: 2 });
    tried.code({ sender: 0, nonce: 1n, price: 1_000n });
    tried.code({ sender: 1, price: 1n });
    expect(tried.code({ sender: 2, price: 1n })).toBeUndefined();
    expect(tried.pool.senders()).toEqual([senderOf(1), senderOf(2)]);
    expect(tried.code({ sender: 3, nonce: 1n, price: 9n })).toBe("MEMPOOL_FULL");
  });

  it("is as it was when even all that is worth less would not make room", () => {
    const tried = new Tried({ bytesMax: 1_100 });
    tried.code({ sender: 0, price: 9n, inputBytes: 300 });
    tried.code({ sender: 1, nonce: 0n, price: 3n });
    tried.code({ sender: 1, nonce: 1n, price: 2n });
    const before = tried.body();
    expect(tried.code({ sender: 2, price: 5n, inputBytes: 600 })).toBe("MEMPOOL_FULL");
    expect([tried.body(), tried.pool.count, tried.pool.bytes]).toEqual([before, 3, 1_068]);
    // And what is worth least is still known.
    expect(tried.code({ sender: 2, price: 5n, inputBytes: 100 })).toBeUndefined();
    expect(tried.pool.senders()).toEqual([senderOf(0), senderOf(2)]);
  });
});

describe("after a block", () => {
  it("drops what was included, spent nonces, and what the balance no longer covers with all behind it", () => {
    const tried = new Tried();
    for (const nonce of [0n, 1n, 2n, 3n]) tried.code({ nonce, value: 1_000_000n });
    tried.code({ sender: 1 });
    const account = { nonce: 1n, balance: 3_500_000n };
    tried.pool.update({ included: [], accounts: new Map([[senderOf(0), account]]) });
    expect(tried.body()).toHaveLength(3);
    expect(tried.pool.count).toBe(3);
    const skipped = hashOf(bytesOf(draft({ sender: 1 })));
    tried.pool.update({ included: [skipped], accounts: new Map() });
    expect(tried.pool.senders()).toEqual([senderOf(0)]);
  });

  it("drops what new rules refuse", () => {
    const tried = new Tried();
    tried.code({ sender: 0, price: 5n });
    tried.code({ sender: 1, price: 50n });
    tried.code({ sender: 2, price: 50n, inputBytes: 600 });
    const block = { ...rules.block, bodyBytesMax: 800 };
    const dear = { ...rules, fees: { priceMin: 10n }, block };
    tried.pool.update({ included: [], accounts: new Map(), rules: dear });
    expect(tried.pool.senders()).toEqual([senderOf(1)]);
    expect(tried.code({ sender: 0, price: 9n })).toBe("MEMPOOL_PRICE");
  });
});

it("leaves a body the room that messages of the inbox do not take", () => {
  const inbox = [bytesOf(draft({ gasLimit: 1_000 })), new Uint8Array(3)];
  expect(bodyRoom(rules, inbox)).toEqual({
    gas: rules.gas.perBlock - 1_000n,
    bytes: rules.block.bodyBytesMax - 512,
    count: 2 ** 20 - 2,
  });
});

const SENDERS = 4;
const limits: MempoolLimits = {
  ...{ transactionsMax: 7, bytesMax: 3_000, perSenderMax: 4, perSenderBytesMax: 1_500 },
};
type Act =
  | { readonly kind: "submit"; readonly draft: Draft }
  | {
      readonly kind: "block";
      readonly gas: bigint;
      readonly bytes: number;
      readonly count: number;
      readonly spend: readonly number[];
    };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("submit" as const),
      draft: fc.record({
        sender: fc.nat(SENDERS - 1),
        nonce: fc.bigInt(0n, 9n),
        price: fc.bigInt(0n, 12n),
        gasLimit: fc.integer({ min: 40_000, max: 60_000 }),
        value: fc.constantFrom(0n, 100_000n),
        inputBytes: fc.constantFrom(0, 0, 100, 500),
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("block" as const),
      gas: fc.bigInt(0n, 150_000n),
      bytes: fc.nat(2_000),
      count: fc.nat(4),
      spend: fc.array(fc.nat(900_000), { minLength: SENDERS, maxLength: SENDERS }),
    }),
  },
);

describe("a mempool in random histories", () => {
  it("does what the model does: never over its limits, never out of nonce order, never a better one for a worse", () => {
    const seen = { evicted: 0, full: 0, taken: 0 };
    fc.assert(
      fc.property(fc.array(act, { minLength: 30, maxLength: 80 }), (acts) => {
        const pool = new Mempool(ENVIRONMENT, rules, limits);
        const model = new MempoolModel(
          Array.from({ length: SENDERS }, () => ({ nonce: 0n, balance: 2_000_000n })),
          limits,
        );
        for (const one of acts) {
          if (one.kind === "submit") submitBoth(pool, model, one.draft, seen);
          else blockBoth(pool, model, one, seen);
          expect(pool.count).toBe(model.items.length);
          expect(pool.bytes).toBe(model.bytes);
          expect(model.isOver()).toBe(false);
        }
        expect(pool.select(ROOM).map(hashOf)).toEqual(
          model.select(ROOM).map(({ bytes }) => hashOf(bytes)),
        );
      }),
      { seed: 20_261_121, numRuns: 150 },
    );
    // The histories reach what they are for.
    expect(Math.min(seen.evicted, seen.full, seen.taken)).toBeGreaterThan(100);
  });
});

function submitBoth(
  pool: Mempool,
  model: MempoolModel,
  made: Draft,
  seen: { evicted: number; full: number },
): void {
  const candidate = pool.read(bytesOf(made), () => true);
  if (isRefusal(candidate)) {
    expect(candidate.code).toBe("MEMPOOL_KNOWN");
    return;
  }
  const answer = pool.admit(candidate, model.accounts[made.sender]!);
  const expected = model.admit(made);
  if (typeof expected === "string") {
    expect(answer).toMatchObject({ code: expected });
    if (expected === "MEMPOOL_FULL") seen.full++;
    return;
  }
  const gone = expected.map(({ bytes }) => hashOf(bytes));
  expect([...(answer as Admission).evicted].sort()).toEqual(gone.sort());
  seen.evicted += gone.length;
}

function blockBoth(
  pool: Mempool,
  model: MempoolModel,
  { spend, ...room }: Extract<Act, { kind: "block" }>,
  seen: { taken: number },
): void {
  const body = pool.select(room);
  const expected = model.select(room);
  expect(body.map(hashOf)).toEqual(expected.map(({ bytes }) => hashOf(bytes)));
  seen.taken += body.length;
  const gas = expected.reduce((sum, { gasLimit }) => sum + BigInt(gasLimit), 0n);
  const bytes = body.reduce((sum, { length }) => sum + length, 0);
  expect(gas <= room.gas && bytes <= room.bytes && body.length <= room.count).toBe(true);
  const accounts = model.accounts.map(({ nonce }, sender) => {
    const own = expected.filter((item) => item.sender === sender);
    expect(own.map((item) => item.nonce)).toEqual(own.map((_, i) => nonce + BigInt(i)));
    return { nonce: nonce + BigInt(own.length), balance: 2_000_000n - BigInt(spend[sender]!) };
  });
  model.update(expected, accounts);
  pool.update({
    included: body.map(hashOf),
    accounts: new Map(accounts.map((account, sender) => [senderOf(sender), account])),
  });
}
