// The fixed phases of an entry that executes (docs/formats.md section 5): who pays what on each outcome, where
// value goes, which accounts exist afterwards, and what the receipt says, field by field.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decodeBundle } from "../../../host/chain/bundle.ts";
import { joinDeployInput, transactionHash } from "../../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import { keccak256 } from "../../../host/codec/keccak.ts";
import { bytesHash, bytesRoot } from "../../../host/codec/trees.ts";
import { ByteWriter } from "../../../host/codec/writer.ts";
import type { ExecutedBlock } from "../../../host/environment/environment-core.ts";
import { Outcome, TrapCode } from "../../../host/outcome.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import { proberWasm, Script } from "../../support/prober.ts";
import { addressOfName, TestChain, type TestFields } from "../../support/test-chain.ts";

const BALANCE = 10n ** 24n;
const TRANSFER = BigInt(presetRules("general").gas.intrinsic.transaction);
const NOTHING = new Uint8Array(0);
const NOBODY: Hex = `0x${"77".repeat(20)}`;
const FEES: Hex = `0x${"fe".repeat(20)}`;
const [ALICE, BOB] = [addressOfName("alice"), addressOfName("bob")];

let chain: TestChain;
let contract: Hex;

const bytesOf = (address: Hex): Uint8Array => fromHex(address, 20);
const balance = (address: Hex): bigint => chain.core.account(address).balance;

/** Executes one block with a producer of choice, and replays it. */
async function block(
  producer: Hex,
  calls: readonly (Omit<TestFields, "kind" | "to"> & { readonly to: Hex })[],
  sender = "alice",
): Promise<ExecutedBlock & { readonly bundle: Uint8Array }> {
  const transactions = calls.map((fields) =>
    chain.sign(sender, { kind: "call", gasLimit: 400_000, ...fields, to: bytesOf(fields.to) }),
  );
  const input = { time: chain.core.head().height + 10n, producer, transactions, bundle: true };
  const executed = (await chain.core.executeBlock(input)) as ExecutedBlock & { bundle: Uint8Array };
  expect(chain.replay(executed.bundle)).toMatchObject({ verdict: "valid" });
  return executed;
}

/** Runs `body` on a new chain; the state root it leaves. */
async function rootAfter(body: () => Promise<unknown>): Promise<Hex> {
  chain = await TestChain.open();
  await body();
  return chain.core.head().stateRoot;
}

describe("a transfer", () => {
  beforeEach(async () => {
    chain = await TestChain.open();
  });

  it("moves value, takes what was used of the limit, and pays the producer", async () => {
    const { entries } = await block(FEES, [{ to: NOBODY, value: 9n, price: 3n }]);
    expect(entries[0]).toMatchObject({ outcome: Outcome.success, gasUsed: TRANSFER, events: [] });
    expect(entries[0]?.output).toHaveLength(0);
    const fee = 3n * TRANSFER;
    expect([balance(ALICE), balance(NOBODY), balance(FEES)]).toEqual([BALANCE - fee - 9n, 9n, fee]);
    expect(chain.core.account(ALICE).nonce).toBe(1n);
    expect(chain.core.account(NOBODY)).toEqual({ nonce: 0n, balance: 9n, hasCode: false });
  });

  it("to oneself leaves the value where it is", async () => {
    await block(FEES, [{ to: ALICE, value: BALANCE - 10n ** 9n, price: 1n }]);
    expect([balance(ALICE), balance(FEES)]).toEqual([BALANCE - TRANSFER, TRANSFER]);
  });

  it("pays the producer who sends, receives, or both", async () => {
    await block(ALICE, [{ to: BOB, value: 5n, price: 2n }]);
    expect([balance(ALICE), balance(BOB)]).toEqual([BALANCE - 5n, BALANCE + 5n]);
    await block(BOB, [{ to: BOB, value: 5n, price: 2n }]);
    const fee = 2n * TRANSFER;
    expect([balance(ALICE), balance(BOB)]).toEqual([BALANCE - 10n - fee, BALANCE + 10n + fee]);
    await block(ALICE, [{ to: ALICE, value: 5n, price: 2n }]);
    expect([balance(ALICE), balance(BOB)]).toEqual([BALANCE - 10n - fee, BALANCE + 10n + fee]);
  });

  it("may take the last coin; the next entry of the block sees that", async () => {
    const gasLimit = Number(TRANSFER);
    const { entries } = await block(FEES, [
      { to: BOB, value: BALANCE - 3n * TRANSFER, price: 3n, gasLimit },
      { to: BOB, value: 0n, price: 0n, gasLimit },
      { to: BOB, value: 1n, price: 0n, gasLimit },
    ]);
    expect(entries.map(({ outcome, code }) => [outcome, code])).toEqual([
      [0, 0],
      [0, 0],
      [3, 8],
    ]);
    expect(chain.core.account(ALICE)).toEqual({ nonce: 2n, balance: 0n, hasCode: false });
  });

  it("moves amounts beyond 64 bits", async () => {
    const value = 2n ** 79n + 2n ** 64n - 1n;
    await block(FEES, [{ to: NOBODY, value }]);
    expect([balance(ALICE), balance(NOBODY)]).toEqual([BALANCE - value, value]);
  });
});

describe("an account", () => {
  it("does not come to be by a transfer of nothing or a fee of nothing", async () => {
    const transfer = (to: Hex, producer: Hex) => () => block(producer, [{ to, price: 0n }]);
    const root = await rootAfter(transfer(BOB, BOB));
    expect(await rootAfter(transfer(NOBODY, FEES))).toBe(root);
    expect(await rootAfter(transfer(NOBODY, NOBODY))).toBe(root);
    expect(await rootAfter(transfer(ALICE, ALICE))).toBe(root);
    const paid = () => block(FEES, [{ to: NOBODY, value: 1n, price: 0n }]);
    expect(await rootAfter(paid)).not.toBe(root);
  });

  it("of a genesis without balance is not in the state", async () => {
    const { core } = await TestChain.open(["alice", "bob"]);
    expect(core.account(NOBODY)).toEqual({ nonce: 0n, balance: 0n, hasCode: false });
  });
});

describe("a call", () => {
  beforeAll(async () => {
    chain = await TestChain.open();
    const input = joinDeployInput(proberWasm(), NOTHING);
    const deploy = chain.sign("alice", { kind: "deploy", input, gasLimit: 60_000_000 });
    contract = (await chain.block([deploy])).entries[0]?.contract as Hex;
  });

  const emit = (script: Script) =>
    script.host("emit", new Uint8Array(64).fill(1), 2, Uint8Array.of(7, 8, 9), 3);
  const run = (script: Script, fields: Partial<Omit<TestFields, "to" | "kind">> = {}) =>
    block(FEES, [{ to: contract, input: script.bytes(), price: 2n, value: 100n, ...fields }]);

  it.each([
    ["success", emit(new Script()), Outcome.success, 0],
    ["revert", emit(new Script()).host("revert", Uint8Array.of(1, 2), 2), Outcome.revert, 0],
    ["trap of the contract", emit(new Script()).trap(), Outcome.trap, TrapCode.wasm],
    ["trap of the host", emit(new Script()).host("enter", 9), Outcome.trap, TrapCode.bad_argument],
    ["running out of gas", emit(new Script()).spin(), Outcome.trap, TrapCode.out_of_gas],
    ["running out of depth", emit(new Script()).recurse(9_999), Outcome.trap, TrapCode.depth],
  ])("takes fee and value as its outcome says: %s", async (_, script, outcome, code) => {
    const before = [ALICE, contract, FEES].map(balance);
    const { nonce } = chain.core.account(ALICE);
    const { entries, bundle, gasUsed } = await run(script, { gasLimit: 900_000 });
    const [entry] = entries;
    expect(entry).toMatchObject({ outcome, code, gasUsed });
    if (outcome === Outcome.trap) expect(gasUsed).toBe(900_000n);
    else expect(gasUsed).toBeLessThan(80_000n);
    const moved = outcome === Outcome.success ? 100n : 0n;
    const after = [ALICE, contract, FEES].map(balance);
    expect(after.map((now, i) => now - (before[i] as bigint))).toEqual([
      -moved - 2n * gasUsed,
      moved,
      2n * gasUsed,
    ]);
    expect(chain.core.account(ALICE).nonce).toBe(nonce + 1n);
    expect(entry?.events.length).toBe(outcome === Outcome.success ? 1 : 0);
    expect([...(entry?.output ?? [])]).toEqual(outcome === Outcome.revert ? [1, 2] : []);
    expect(toHex(decodeBundle(bundle).receipts[0] as Uint8Array)).toBe(
      toHex(receipt(bundle, outcome, code, gasUsed, entry?.output as Uint8Array)),
    );
  });

  /** The receipt of the page, written out here once more. */
  function receipt(
    bundle: Uint8Array,
    outcome: number,
    code: number,
    gasUsed: bigint,
    output: Uint8Array,
  ): Uint8Array {
    const event = new ByteWriter(217)
      .raw(new Uint8Array(32))
      .raw(bytesOf(contract))
      .u8(2)
      .raw(new Uint8Array(64).fill(1))
      .raw(new Uint8Array(64))
      .u32(3)
      .raw(bytesRoot(Uint8Array.of(7, 8, 9)))
      .finish();
    return new ByteWriter(108)
      .u8(1)
      .raw(transactionHash(decodeBundle(bundle).transactions[0] as Uint8Array))
      .u8(outcome)
      .u16(code)
      .u64(gasUsed)
      .raw(bytesHash(output))
      .raw(outcome === Outcome.success ? keccak256(event) : new Uint8Array(32))
      .finish();
  }

  it("chains its events in order of emission", async () => {
    const { entries, bundle } = await run(emit(emit(new Script()).host("emit", 0, 0, 0, 0)));
    expect(entries[0]?.events.map(({ topics }) => topics.length)).toEqual([2, 0, 2]);
    const hashes = (decodeBundle(bundle).receipts[0] as Uint8Array).slice(76);
    const other = await run(emit(emit(new Script())).host("emit", 0, 0, 0, 0));
    expect(toHex((decodeBundle(other.bundle).receipts[0] as Uint8Array).slice(76))).not.toBe(
      toHex(hashes),
    );
  });

  it("with exactly its intrinsic gas traps at the contract's first charge", async () => {
    const { entries } = await run(new Script(), { input: NOTHING, gasLimit: 30_000 });
    expect(entries[0]).toMatchObject({
      outcome: Outcome.trap,
      code: TrapCode.out_of_gas,
      gasUsed: TRANSFER,
    });
  });

  it("has as much gas as it needs and not one unit less", async () => {
    const script = new Script().host("storage_open", new Uint8Array(32));
    const { gasUsed } = await run(script);
    const limits = [Number(gasUsed), Number(gasUsed) - 1];
    const [exact] = (await run(script, { gasLimit: limits[0] as number })).entries;
    const [short] = (await run(script, { gasLimit: limits[1] as number })).entries;
    expect(exact).toMatchObject({ outcome: Outcome.success, gasUsed });
    expect(short).toMatchObject({ outcome: Outcome.trap, code: TrapCode.out_of_gas });
    expect(short?.gasUsed).toBe(gasUsed - 1n);
  });

  it("sees the fee taken and its value received", async () => {
    const before = balance(ALICE);
    const script = new Script().host("account", bytesOf(ALICE), 0x100).show(0x108, 8);
    const look = script.host("account", bytesOf(contract), 0x200).show(0x208, 8);
    const held = balance(contract);
    const { entries } = await run(look, { gasLimit: 1_500_000 });
    const shown = entries[0]?.output as Uint8Array;
    const view = new DataView(shown.buffer, shown.byteOffset);
    const low = (value: bigint) => BigInt.asUintN(64, value);
    expect(view.getBigUint64(0)).toBe(low(before - 3_000_000n - 100n));
    expect(view.getBigUint64(8)).toBe(low(held + 100n));
  });

  it("of prepare is a call like any other: a record, or its refusal", async () => {
    const system: Hex = `0x${"00".repeat(19)}01`;
    const [prepared, refused] = (
      await block(FEES, [
        { to: system, input: proberWasm(), gasLimit: 60_000_000 },
        { to: system, input: Uint8Array.of(1), gasLimit: 60_000_000 },
      ])
    ).entries;
    expect([prepared?.outcome, prepared?.output.length]).toEqual([Outcome.success, 235]);
    expect([refused?.outcome, refused?.output[0]]).toEqual([Outcome.revert, 4]);
    expect(chain.core.account(system).hasCode).toBe(true);
  });
});
