// The limit of distinct code that a block enters (docs/decisions/0034-code-of-a-block.md) at its edges: what counts,
// what does not, what is refused. Each block is executed on V8, replayed, run in the reference machine with each
// step of a phase or host call proven to both judges, and run in the machine module.
import { beforeAll, describe, expect, it } from "vitest";
import { decodeBundle } from "../../host/chain/bundle.ts";
import { decodeReceipt } from "../../host/chain/receipt.ts";
import {
  contractAddress,
  encodeMessageEntry,
  joinDeployInput,
} from "../../host/chain/transaction.ts";
import { fromHex, toHex } from "../../host/codec/hex.ts";
import { readU32 } from "../../host/codec/reader.ts";
import type { ExecutedEntry } from "../../host/environment/environment-core.ts";
import { nativeStateHasher } from "../../host/environment/native.ts";
import { BundleRun } from "../../host/machine/bundle-run.ts";
import { describeOutcome } from "../../host/outcome.ts";
import { presetRules } from "../../host/rules/presets.ts";
import { MachineChain, oneIn, runInMachine } from "../support/machine-chain.ts";
import { numbersOf, Script, sizedProber as sized } from "../support/prober.ts";
import { addressOfName } from "../support/test-chain.ts";

const general = presetRules("general");
/** The least there can be beside modules of 24 KiB: room for three codes of 9 KiB, and 2 KiB more. */
const KIB = 29;
const rules = {
  ...general,
  module: { ...general.module, wasmBytes: 24 * 1_024 },
  block: { ...general.block, codeKiBMax: KIB },
};
const GAS = 4_000_000;
const FULL = "trap(code_full)";
const NOTHING = new Uint8Array(0);

let chain: MachineChain;
/** Contracts of 9 KiB: 4 of code and 5 for each. */
let nine: readonly Uint8Array[];

/** Deploys in a block for each: the limit holds for the first calls too. */
async function deployed(wasms: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const addresses: Uint8Array[] = [];
  for (const wasm of wasms) addresses.push(...(await chain.deploy([wasm])));
  return addresses;
}

beforeAll(async () => {
  chain = await MachineChain.open(["alice", "bob"], rules);
  nine = await deployed([1, 2, 3, 4].map((mark) => sized(4_096, mark)));
});

function call(to: Uint8Array, script = new Script(), value = 0n, gasLimit = GAS): Uint8Array {
  const input = script.bytes();
  return chain.chain.sign("bob", { kind: "call", to, input, value, gasLimit });
}

interface Ended {
  readonly outcomes: readonly string[];
  /** KiB that the block could still enter. */
  readonly left: number;
  readonly entries: readonly ExecutedEntry[];
  /** How many codes its bundle carries. */
  readonly codes: number;
}

/** Executes a block everywhere. */
async function block(transactions: readonly Uint8Array[], inboxCount = 0): Promise<Ended> {
  const state = await chain.block(transactions, inboxCount);
  expect(chain.chain.replay(state.bundle)).toMatchObject({ verdict: "valid" });
  runInMachine(state, oneIn(997, 1));
  const bundle = decodeBundle(state.bundle);
  const run = new BundleRun(bundle, nativeStateHasher());
  const { record, result } = run.end();
  expect(result).toEqual(bundle.result);
  run.close();
  const receipts = bundle.receipts.map(decodeReceipt);
  return {
    outcomes: receipts.map(({ outcome, code }) => describeOutcome(outcome, code)),
    left: readU32(record, 13 * 128 + 96),
    entries: state.entries,
    codes: bundle.code.length,
  };
}

describe("a block enters so much distinct code", () => {
  it("and no more: what is new then fails for its intrinsic gas, what was entered goes on", async () => {
    const [a, b, c, d] = nine as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const order = [a, b, c, d, a, d];
    const before = chain.chain.core.account(toHex(d)).balance;
    const first = await block(order.map((to) => call(to, undefined, to === d ? 5n : 0n)));
    const fits = "success";
    expect(first.outcomes).toEqual([fits, fits, fits, FULL, fits, FULL]);
    expect(first.left).toBe(2);
    expect(first.codes).toBe(3);
    const { transaction, transactionLeaf } = rules.gas.intrinsic;
    expect(first.entries[3]!.gasUsed).toBe(BigInt(transaction + transactionLeaf));
    expect(chain.chain.core.account(toHex(d)).balance).toBe(before);
    // The next block starts afresh.
    const second = await block(order.reverse().map((to) => call(to)));
    expect(second.outcomes).toEqual([fits, fits, fits, fits, FULL, fits]);
  });

  it("to the last KiB, a started one counting whole", async () => {
    const tens = await deployed([sized(4_097, 5), sized(5_120, 6)]);
    const { outcomes, left } = await block([nine[0]!, ...tens].map((to) => call(to)));
    expect(outcomes).toEqual(["success", "success", "success"]);
    expect(left).toBe(0);
    const eleven = await deployed([sized(5_121, 7)]);
    const over = await block([nine[0]!, tens[0]!, eleven[0]!].map((to) => call(to)));
    expect(over.outcomes).toEqual(["success", "success", FULL]);
    expect(over.left).toBe(10);
  });

  it("and refuses a call of a contract to more, with its value and gas", async () => {
    const [a, b, c, d] = nine as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const script = [b, c, d, b, d].reduce(
      (calls, to) => calls.call(to, new Script().bytes(), { value: to === d ? 1n : 0n }),
      new Script(),
    );
    const { entries, left, codes } = await block([call(a, script, 3n)]);
    expect(numbersOf(entries[0]!.output)).toEqual([0, 0, 3, 0, 3]);
    expect([left, codes]).toEqual([2, 3]);
  });

  it("and counts what was entered in a call that was undone, once", async () => {
    const [a, b, c, d] = nine as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const failing = new Script().trap().bytes();
    const reverting = new Script().host("revert", 0, 0).bytes();
    const { outcomes, entries, left } = await block([
      call(a, new Script().call(b, failing).call(b, reverting).host("revert", 0, 0)),
      call(c, new Script().trap()),
      call(d),
      call(a, new Script().call(b, new Script().bytes()).call(d, new Script().bytes())),
    ]);
    expect(outcomes).toEqual(["revert", "trap(wasm)", FULL, "success"]);
    expect(numbersOf(entries[3]!.output)).toEqual([0, 3]);
    expect(left).toBe(2);
  });

  it("which is code and not contracts: those with the same code count once", async () => {
    const twins = await deployed(Array(3).fill(sized(4_096, 1)));
    const { outcomes, left } = await block([nine[0]!, ...twins].map((to) => call(to)));
    expect(outcomes).toEqual(Array(4).fill("success"));
    expect(left).toBe(KIB - 9);
  });

  it("also by one contract that takes one code after the other", async () => {
    const [upgraded] = (await deployed([sized(4_096, 8)])) as [Uint8Array];
    const [a, b, c] = nine as [Uint8Array, Uint8Array, Uint8Array];
    const take = (source: Uint8Array) => call(upgraded, new Script().host("upgrade", source));
    const { outcomes, left } = await block([take(a), take(b), take(c), call(upgraded)]);
    expect(outcomes).toEqual(["success", "success", "success", FULL]);
    expect(left).toBe(2);
    const self = new Script().call(upgraded, new Script().bytes());
    expect((await block([call(upgraded, self)])).left).toBe(KIB - 9);
  });

  it("does not count a call that is refused for its memory", async () => {
    const twins = await deployed(Array(4).fill(sized(4_096, 1)));
    const [, b, c] = nine as [Uint8Array, Uint8Array, Uint8Array];
    const grown = () => new Script().grow(252);
    const nested = twins
      .slice(1)
      .reduceRight(
        (inner, to) => grown().call(to, inner.bytes()),
        grown().host("enter", 0).call(b, new Script().bytes()).returned(0),
      );
    const { outcomes, left } = await block([
      call(twins[0]!, nested, 0n, 40_000_000),
      chain.chain.sign("bob", deployment(sized(4_096, 9))),
      call(c),
    ]);
    expect(outcomes).toEqual(["success", "success", "success"]);
    expect(left).toBe(2);
  });

  it("and fails a deployment whose first call has no room, all of it", async () => {
    const [a, b, c] = nine as [Uint8Array, Uint8Array, Uint8Array];
    const nonce = chain.chain.core.account(addressOfName("alice")).nonce;
    const address = contractAddress(
      chain.chain.core.id,
      fromHex(addressOfName("alice"), 20),
      nonce,
    );
    const deploy = () => chain.chain.sign("alice", { ...deployment(sized(4_096, 10)), value: 7n });
    const { outcomes } = await block([call(a), call(b), call(c), deploy(), deploy()]);
    expect(outcomes.slice(3)).toEqual([FULL, FULL]);
    expect(chain.chain.core.account(toHex(address))).toMatchObject({ balance: 0n, nonce: 0n });
    expect((await block([deploy(), deploy()])).outcomes).toEqual(["success", "success"]);
  });

  it("and leaves what a message brings with a contract that it has no room for", async () => {
    const [a, b, c, d] = nine as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const message = (to: Uint8Array) =>
      encodeMessageEntry({
        source: new Uint8Array(32).fill(0x50),
        target: chain.chain.core.id,
        sender: new Uint8Array(20).fill(0x51),
        ...{ to, value: 6n, input: NOTHING, number: 7n, gasLimit: GAS },
      });
    const before = chain.chain.core.account(toHex(d)).balance;
    const { outcomes } = await block([a, b, c, d].map(message), 4);
    expect(outcomes).toEqual(["success", "success", "success", FULL]);
    expect(chain.chain.core.account(toHex(d)).balance).toBe(before + 6n);
  });
});

function deployment(wasm: Uint8Array) {
  return {
    kind: "deploy",
    input: joinDeployInput(wasm, NOTHING),
    gasLimit: 20_000_000,
  } as const;
}
