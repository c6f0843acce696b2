// What a block is refused for before anything of it executes, what the genesis is refused for, and that a
// refused block leaves the head where it was.
import { describe, expect, it } from "vitest";
import { decodeBundle, encodeBundle } from "../../../host/chain/bundle.ts";
import { writeGenesis } from "../../../host/chain/genesis.ts";
import { fromHex, type Hex } from "../../../host/codec/hex.ts";
import { TRANSACTIONS_MAX } from "../../../host/limits.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import { readAccount } from "../../../host/sandbox/account.ts";
import { noState, Overlay } from "../../../host/state/overlay.ts";
import { PRODUCER, TestChain } from "../../support/test-chain.ts";

const general = presetRules("general");
const EMPTY = new Uint8Array(0);
const withCode = (code: string) => expect.objectContaining({ code });

/** Executes a block of raw entries. */
function produce(chain: TestChain, transactions: readonly Uint8Array[], time = 5n) {
  return chain.core.executeBlock({ time, producer: PRODUCER, transactions });
}

describe("a block", () => {
  it("has at most the bytes that the rules allow, a short entry counting as a head", async () => {
    const bodyBytesMax = 1_048_576;
    const rules = { ...general, block: { ...general.block, bodyBytesMax } };
    const chain = await TestChain.open(["alice"], rules);
    const head = chain.core.head();
    const half = new Uint8Array(bodyBytesMax / 2);
    const nearly = new Uint8Array(bodyBytesMax / 2 - 2 * 256);
    const tooLarge = [
      [half, half, Uint8Array.of(1)],
      [half, half, EMPTY],
      [half, nearly, EMPTY, EMPTY, EMPTY],
      [half, nearly, EMPTY, new Uint8Array(257)],
    ];
    for (const body of tooLarge) {
      await expect(produce(chain, body)).rejects.toThrowError(withCode("BODY_TOO_LARGE"));
    }
    expect(chain.core.head()).toEqual(head);
    const { entries, height } = await produce(chain, [half, EMPTY, nearly, new Uint8Array(256)]);
    expect([height, entries.map(({ code }) => code)]).toEqual([1n, [1, 1, 1, 1]]);
  });

  it("of a bundle has no more either: a larger body is no block, whatever was claimed of it", async () => {
    const rules = { ...general, block: { ...general.block, bodyBytesMax: 1_024 } };
    const chain = await TestChain.open(["alice"], rules);
    const { bundle } = await chain.block([EMPTY, EMPTY, new Uint8Array(256), EMPTY]);
    expect(chain.replay(bundle).verdict).toBe("valid");
    const honest = decodeBundle(bundle);
    const larger = encodeBundle({
      ...honest,
      order: { ...honest.order, transactionCount: 5 },
      transactions: [...honest.transactions, EMPTY],
      receipts: [...honest.receipts, honest.receipts[0] as Uint8Array],
    });
    expect(chain.replay(larger)).toMatchObject({
      verdict: "unusable",
      finding: { code: "BODY_TOO_LARGE" },
    });
  });

  it("has at most 2^20 entries", async () => {
    const chain = await TestChain.open(["alice"]);
    const body = Array<Uint8Array>(TRANSACTIONS_MAX + 1).fill(EMPTY);
    await expect(produce(chain, body)).rejects.toThrowError(withCode("BODY_TOO_LARGE"));
  });

  it("may have no entry at all: the state stays, the height does not", async () => {
    const chain = await TestChain.open(["alice"]);
    const before = chain.core.head();
    const block = await produce(chain, []);
    expect(block).toMatchObject({ height: 1n, stateRoot: before.stateRoot, gasUsed: 0n });
  });

  it("is not before its parent; it may be at the same second", async () => {
    const chain = await TestChain.open(["alice"]);
    await produce(chain, [], 7n);
    await produce(chain, [], 7n);
    const head = chain.core.head();
    await expect(produce(chain, [], 6n)).rejects.toThrowError(withCode("ORDER_TIME"));
    expect(chain.core.head()).toEqual(head);
    expect((await produce(chain, [], 2n ** 64n - 1n)).height).toBe(3n);
  });
});

describe("a genesis", () => {
  const address = (byte: number) => new Uint8Array(20).fill(byte);
  const write = (accounts: readonly (readonly [Uint8Array, bigint])[]) => () => {
    const state = new Overlay(noState);
    writeGenesis(
      state,
      general,
      accounts.map(([of, balance]) => ({ address: of, balance })),
    );
    return state;
  };

  it("gives each account its balance, and none to an account without", () => {
    const state = write([
      [address(1), 2n ** 128n - 2n],
      [address(2), 1n],
      [address(3), 0n],
    ])();
    expect(readAccount(state, address(1)).balance).toBe(2n ** 128n - 2n);
    expect(readAccount(state, address(2)).balance).toBe(1n);
    const keys = 1 + 1 + 3;
    expect(state.changes().values.filter((value) => value !== undefined)).toHaveLength(keys);
  });

  it.each([
    ["a sum of 2^128", [[address(1), 2n ** 128n - 1n] as const, [address(2), 1n] as const]],
    ["a negative balance", [[address(1), 5n] as const, [address(2), -1n] as const]],
    ["an address twice", [[address(1), 5n] as const, [address(1), 5n] as const]],
    ["prepare's address", [[fromHex(`0x${"00".repeat(19)}01` as Hex, 20), 5n] as const]],
  ])("is refused with %s", (_, accounts) => {
    expect(write(accounts)).toThrowError(withCode("GENESIS_BALANCES"));
  });
});
