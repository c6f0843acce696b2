// Entries that do not execute: every skip code on both sides of its check, the order of the checks, and
// that a skipped entry costs nothing, changes nothing and says so in its receipt.
import { beforeEach, describe, expect, it } from "vitest";
import { decodeBundle } from "../../../host/chain/bundle.ts";
import { deriveKey } from "../../../host/chain/key.ts";
import { decodeReceipt } from "../../../host/chain/receipt.ts";
import {
  joinDeployInput,
  signTransaction,
  type TransactionFields,
  transactionHash,
} from "../../../host/chain/transaction.ts";
import { fromHex, toHex } from "../../../host/codec/hex.ts";
import { bytesHash } from "../../../host/codec/trees.ts";
import { nativeSigner } from "../../../host/environment/native.ts";
import { Outcome, SkipCode } from "../../../host/outcome.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import type { Rules } from "../../../host/rules/rules.ts";
import { addressOfName, TestChain } from "../../support/test-chain.ts";

const general = presetRules("general");
const PER_TRANSACTION = 400_000;
const PER_BLOCK = 480_000;
const PRICE_MIN = 5n;
/** A transfer without input, and a deploy with one leaf of input. */
const TRANSFER = general.gas.intrinsic.transaction;
const LEAF = general.gas.intrinsic.transactionLeaf;
const DEPLOY = TRANSFER + LEAF + general.gas.intrinsic.deploy;
const BALANCE = 10n ** 24n;
const NOTHING = new Uint8Array(0);
const JUNK = joinDeployInput(Uint8Array.of(1, 2, 3), NOTHING);
const bob = fromHex(addressOfName("bob"), 20);

const rules: Rules = {
  ...general,
  gas: { ...general.gas, perTransaction: BigInt(PER_TRANSACTION), perBlock: BigInt(PER_BLOCK) },
  deployers: [addressOfName("bob")],
  fees: { priceMin: PRICE_MIN },
  messages: { ...general.messages, inboxPerBlockMax: 0 },
};

let chain: TestChain;
beforeEach(async () => {
  chain = await TestChain.open(["alice", "bob", "carol"], rules);
});

/** A signed entry with the nonce 0 of someone new to the chain, a transfer unless told otherwise. */
function entry(name: string, fields: Partial<TransactionFields> = {}): Uint8Array {
  const kind = fields.kind ?? "call";
  return signTransaction(
    {
      kind,
      environmentId: chain.core.id,
      ...(kind === "call" ? { to: bob } : {}),
      value: 0n,
      nonce: 0n,
      gasLimit: TRANSFER,
      price: PRICE_MIN,
      input: NOTHING,
      ...fields,
    },
    nativeSigner(deriveKey("test", name)),
  );
}

/** The bytes with one of them changed. */
function changed(bytes: Uint8Array, at: number, to?: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = to ?? (copy[at] as number) ^ 1;
  return copy;
}

/** Executes and replays a body; outcome or skip code of each entry. */
async function codesOf(body: readonly Uint8Array[]): Promise<(number | "executed")[]> {
  const { entries, bundle } = await chain.block(body);
  expect(chain.replay(bundle)).toMatchObject({ verdict: "valid" });
  return entries.map(({ outcome, code }) => (outcome === Outcome.skipped ? code : "executed"));
}

describe("a skipped entry", () => {
  it("costs nothing, changes nothing, and has the receipt of the page", async () => {
    const before = chain.core.head().stateRoot;
    const body = [
      Uint8Array.of(1, 2, 3),
      entry("alice", { environmentId: new Uint8Array(32) }),
      changed(entry("alice"), 200),
      entry("alice", { nonce: 1n }),
      entry("alice", { gasLimit: PER_TRANSACTION + 1 }),
      entry("alice", { gasLimit: TRANSFER - 1 }),
      entry("alice", { value: BALANCE }),
      entry("alice", { kind: "deploy", gasLimit: DEPLOY, input: JUNK }),
      entry("alice", { price: PRICE_MIN - 1n }),
    ];
    const { entries, bundle, gasUsed, stateRoot } = await chain.block(body);
    expect(stateRoot).toBe(before);
    expect(gasUsed).toBe(0n);
    const codes = [1, 2, 3, 4, 5, 7, 8, 9, 10];
    expect(entries.map(({ code }) => code)).toEqual(codes);
    expect(decodeBundle(bundle).receipts.map(decodeReceipt)).toEqual(
      codes.map((code, i) => ({
        transactionHash: transactionHash(body[i] as Uint8Array),
        outcome: Outcome.skipped,
        code,
        gasUsed: 0n,
        outputHash: bytesHash(NOTHING),
        eventsHash: new Uint8Array(32),
      })),
    );
    for (const { output, events, contract } of entries) {
      expect([output.length, events, contract]).toEqual([0, [], undefined]);
    }
    const alice = addressOfName("alice");
    expect(entries.map(({ sender }) => sender)).toEqual([undefined, ...Array(8).fill(alice)]);
    expect(chain.core.account(addressOfName("alice"))).toEqual({
      nonce: 0n,
      balance: BALANCE,
      hasCode: false,
    });
    expect(chain.replay(bundle)).toMatchObject({ verdict: "valid" });
  });
});

describe("what does not decode", () => {
  it("is skipped(decode) whatever it is", async () => {
    const call = entry("alice", { input: Uint8Array.of(1, 2, 3) });
    const deploy = (input: Uint8Array) => entry("bob", { kind: "deploy", gasLimit: DEPLOY, input });
    const body = [
      NOTHING,
      call.subarray(0, 255),
      new Uint8Array(256),
      changed(call, 0, 0),
      changed(call, 0, 2),
      changed(call, 1, 0),
      changed(call, 1, 3),
      changed(call, 1, 4),
      changed(call, 159),
      call.subarray(0, call.length - 1),
      Uint8Array.from([...call, 0]),
      changed(call, 160),
      changed(call, 256),
      changed(deploy(JUNK), 98),
      changed(deploy(JUNK), 117),
      deploy(NOTHING),
      deploy(new Uint8Array(3)),
      deploy(Uint8Array.of(0, 0, 0, 1)),
      deploy(Uint8Array.of(255, 255, 255, 255, 1)),
    ];
    expect(await codesOf(body)).toEqual(body.map(() => SkipCode.decode));
    expect(await codesOf([deploy(Uint8Array.of(0, 0, 0, 0))])).toEqual(["executed"]);
  });
});

describe("each check", () => {
  it("environment: of this one alone", async () => {
    const other = changed(chain.core.id, 31);
    expect(await codesOf([entry("alice", { environmentId: other }), entry("alice")])).toEqual([
      SkipCode.environment,
      "executed",
    ]);
  });

  it("signature: of exactly these fields by exactly this key, with low s", async () => {
    const good = entry("alice");
    const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = BigInt(toHex(good.subarray(224, 256)));
    const high = good.slice();
    high.set(fromHex(`0x${(n - s).toString(16).padStart(64, "0")}`, 32), 224);
    const otherKey = good.slice();
    otherKey.set(entry("carol").subarray(34, 98), 34);
    const body = [
      changed(good, 34),
      changed(good, 133),
      changed(good, 192),
      changed(good, 255),
      high,
      otherKey,
      good.slice().fill(0, 192),
      good.slice().fill(0, 34, 98),
      good,
    ];
    expect(await codesOf(body)).toEqual([...Array(8).fill(SkipCode.signature), "executed"]);
  });

  it("nonce: the account's, so a second copy and a gap are skipped", async () => {
    const first = entry("alice");
    const body = [
      entry("alice", { nonce: 1n }),
      first,
      first,
      entry("alice", { nonce: 2n }),
      entry("alice", { nonce: 1n }),
      entry("alice", { nonce: 2n ** 64n - 1n }),
    ];
    const { nonce } = SkipCode;
    expect(await codesOf(body)).toEqual([nonce, "executed", nonce, nonce, "executed", nonce]);
    expect(await codesOf([first])).toEqual([nonce]);
  });

  it("gas_limit: at most what a transaction may have", async () => {
    const most = [0, 1].map((more) => entry("alice", { gasLimit: PER_TRANSACTION + more }));
    expect(await codesOf([most[1] as Uint8Array])).toEqual([SkipCode.gas_limit]);
    expect(await codesOf([most[0] as Uint8Array])).toEqual(["executed"]);
    const top = entry("alice", { nonce: 1n, gasLimit: 2 ** 48 - 1 });
    expect(await codesOf([top])).toEqual([SkipCode.gas_limit]);
  });

  it("block_gas: at most what the entries before left, counted by what they used", async () => {
    const used = [0n, 1n, 2n].map((nonce) =>
      entry("alice", { nonce, gasLimit: PER_TRANSACTION - 3 * TRANSFER }),
    );
    const left = PER_BLOCK - 3 * TRANSFER;
    const last = (gasLimit: number) => entry("carol", { gasLimit });
    expect(await codesOf([...used, last(left + 1), last(left)])).toEqual([
      ...Array(3).fill("executed"),
      SkipCode.block_gas,
      "executed",
    ]);
  });

  it("intrinsic_gas: the head, the leaves of the input, the deployment", async () => {
    const call = (length: number, gasLimit: number, nonce = 0n) =>
      entry("alice", { input: new Uint8Array(length), gasLimit, nonce });
    const skip = SkipCode.intrinsic_gas;
    expect(await codesOf([call(0, TRANSFER - 1), call(0, TRANSFER)])).toEqual([skip, "executed"]);
    for (const [nonce, length, gas] of [
      [1n, 1, TRANSFER + LEAF],
      [2n, 128, TRANSFER + LEAF],
      [3n, 129, TRANSFER + 2 * LEAF],
    ] as const) {
      const body = [call(length, gas - 1, nonce), call(length, gas, nonce)];
      const { entries } = await chain.block(body);
      expect(entries.map(({ outcome, code }) => [outcome, code])).toEqual([
        [3, skip],
        [0, 0],
      ]);
      expect(entries[1]?.gasUsed).toBe(BigInt(gas));
    }
    const deploy = (gasLimit: number) => entry("bob", { kind: "deploy", input: JUNK, gasLimit });
    expect(await codesOf([deploy(DEPLOY - 1), deploy(DEPLOY)])).toEqual([skip, "executed"]);
  });

  it("balance: gas limit × price + value, though less may be used", async () => {
    const fee = BigInt(TRANSFER * 2) * PRICE_MIN;
    const send = (value: bigint) => entry("alice", { value, gasLimit: TRANSFER * 2 });
    expect(await codesOf([send(BALANCE - fee + 1n), send(BALANCE - fee)])).toEqual([
      SkipCode.balance,
      "executed",
    ]);
    const highest = { value: 2n ** 128n - 1n, price: 2n ** 64n - 1n, gasLimit: PER_TRANSACTION };
    expect(await codesOf([entry("carol", highest)])).toEqual([SkipCode.balance]);
    expect(await codesOf([entry("nobody with coins")])).toEqual([SkipCode.balance]);
  });

  it("deployer: those that the rules name, for deployments only", async () => {
    const deploy = (name: string) => entry(name, { kind: "deploy", input: JUNK, gasLimit: DEPLOY });
    expect(await codesOf([deploy("alice")])).toEqual([SkipCode.deployer]);
    expect(await codesOf([deploy("bob")])).toEqual(["executed"]);
    expect(await codesOf([entry("alice")])).toEqual(["executed"]);
  });

  it("price: at least the rules' minimum", async () => {
    const body = [entry("alice", { price: PRICE_MIN - 1n }), entry("alice", { price: PRICE_MIN })];
    expect(await codesOf(body)).toEqual([SkipCode.price, "executed"]);
  });
});

describe("the order of the checks", () => {
  it("is that of the page: with all faults from one on, the first tells", async () => {
    const used = [0n, 1n, 2n].map((nonce) => entry("alice", { nonce, gasLimit: TRANSFER }));
    const left = PER_BLOCK - 3 * TRANSFER;
    /** A deploy that fails check `first` and every later one. */
    const faulty = (first: number): Uint8Array => {
      const gasLimits: Record<number, number> = {
        [SkipCode.block_gas]: left + 1,
        [SkipCode.intrinsic_gas]: DEPLOY - 1,
      };
      const deployer = first <= SkipCode.deployer ? "carol" : "bob";
      const bytes = entry(deployer, {
        kind: "deploy",
        input: JUNK,
        environmentId: first <= SkipCode.environment ? new Uint8Array(32) : chain.core.id,
        nonce: first <= SkipCode.nonce ? 7n : 0n,
        gasLimit: gasLimits[first] ?? (first < SkipCode.block_gas ? PER_TRANSACTION + 1 : DEPLOY),
        value: first <= SkipCode.balance ? BALANCE : 0n,
        price: PRICE_MIN - 1n,
      });
      if (first > SkipCode.signature) return bytes;
      return changed(bytes, first === SkipCode.decode ? 1 : 200, first === 1 ? 9 : undefined);
    };
    const codes = Object.values(SkipCode);
    expect(await codesOf([...used, ...codes.map(faulty)])).toEqual([
      ...Array(3).fill("executed"),
      ...codes,
    ]);
  });
});
