// A deployment at each stage where it can end: decode, prepare, the record, the first call. What failed leaves no
// contract and no coin behind, what succeeded is a contract; and the bundle has the code that its block needs.
import { beforeAll, describe, expect, it } from "vitest";
import { decodeBundle } from "../../../host/chain/bundle.ts";
import { contractAddress, joinDeployInput } from "../../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import type { ExecutedEntry } from "../../../host/environment/environment-core.ts";
import { Outcome, TrapCode } from "../../../host/outcome.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import { WordRunner } from "../../oracle/word-runner.ts";
import { BothRunners, type BundledBlock } from "../../support/both-runners.ts";
import { proberWasm, Script } from "../../support/prober.ts";
import { addressOfName, PRODUCER, type TestFields } from "../../support/test-chain.ts";
import { wasmOf } from "../../support/wat.ts";

const GAS_LIMIT = 60_000_000;
const PRICE = 3n;
const VALUE = 1_000n;
const ALICE = addressOfName("alice");
const NOTHING = new Uint8Array(0);
const PROBER = proberWasm();

let chain: BothRunners;
beforeAll(async () => {
  const rules = presetRules("general");
  chain = await BothRunners.open(["alice", "bob"], rules, new WordRunner(rules));
});

const core = () => chain.native.core;
const balance = (address: Hex): bigint => core().account(address).balance;

function deploy(wasm: Uint8Array, init: Uint8Array, fields: Partial<TestFields> = {}): Uint8Array {
  const input = joinDeployInput(wasm, init);
  return chain.sign("alice", {
    gasLimit: GAS_LIMIT,
    price: PRICE,
    value: VALUE,
    input,
    ...fields,
    kind: "deploy",
  });
}

/** Where the next deployment of alice goes. */
function nextAddress(): Hex {
  const { nonce } = core().account(ALICE);
  return toHex(contractAddress(core().id, fromHex(ALICE, 20), nonce));
}

/** Runs one deployment alone, with the balances around it. */
async function run(wasm: Uint8Array, init: Uint8Array, fields: Partial<TestFields> = {}) {
  const address = nextAddress();
  const people: Hex[] = [ALICE, address, PRODUCER];
  const before = people.map(balance);
  const block = await chain.block([deploy(wasm, init, fields)]);
  const changes = people.map((person, i) => balance(person) - (before[i] as bigint));
  return { address, block, entry: block.entries[0] as ExecutedEntry, changes };
}

const trapping = wasmOf(`(module (func (export "main") unreachable))`);

describe("a deployment that succeeds", () => {
  it("has code and the value, its address as output, and was called once as a deployment", async () => {
    const init = new Script()
      .host("storage_set", new Uint8Array(32), Uint8Array.of(5), 1)
      .host("output", 0, 100);
    const { address, entry, changes } = await run(PROBER, init.bytes());
    expect(entry).toMatchObject({ outcome: Outcome.success, code: 0, contract: address });
    expect(toHex(entry.output)).toBe(address);
    const fee = PRICE * entry.gasUsed;
    expect(changes).toEqual([-VALUE - fee, VALUE, fee]);
    expect(core().account(address)).toEqual({ nonce: 0n, balance: VALUE, hasCode: true });
    const open = new Script().host("storage_open", new Uint8Array(32)).bytes();
    const [called] = await chain.calls("alice", [{ to: fromHex(address, 20), input: open }]);
    expect([...(called as ExecutedEntry).output]).toEqual([1, 0, 0, 0]);
  });

  it("pays for prepare by what prepare did: the same Wasm costs the same", async () => {
    const [first, second] = [await run(PROBER, NOTHING), await run(PROBER, NOTHING)];
    expect(second.entry.gasUsed).toBe(first.entry.gasUsed);
    expect(second.address).not.toBe(first.address);
  });

  it("takes over what its address already had", async () => {
    const address = nextAddress();
    await chain.calls("bob", [{ to: fromHex(address, 20), value: 7n, input: NOTHING }]);
    await run(PROBER, NOTHING);
    expect(core().account(address)).toEqual({ nonce: 0n, balance: VALUE + 7n, hasCode: true });
  });
});

describe("a deployment that fails", () => {
  it.each([
    ["Wasm that is none", Uint8Array.of(1, 2, 3), NOTHING, Outcome.revert, 0, 4],
    ["no Wasm at all", NOTHING, NOTHING, Outcome.revert, 0, 4],
    ["a module without main", wasmOf("(module)"), NOTHING, Outcome.revert, 0, 4],
    [
      "a float",
      wasmOf(`(module (func (export "main") (drop (f64.add (f64.const 1) (f64.const 2)))))`),
      NOTHING,
      ...([Outcome.revert, 0, 4] as const),
    ],
    [
      "a first call that reverts",
      PROBER,
      new Script()
        .host("emit", 0, 0, 0, 0)
        .host("storage_set", 0, 0, 0)
        .host("revert", Uint8Array.of(77), 1)
        .bytes(),
      ...([Outcome.revert, 0, 77] as const),
    ],
    ["a first call that traps", trapping, NOTHING, Outcome.trap, TrapCode.wasm, undefined],
    [
      "a first call that traps in the host",
      PROBER,
      new Script().host("emit", 0, 0, 0, 0).host("output", 0, 65_537).bytes(),
      ...([Outcome.trap, TrapCode.data_too_long, undefined] as const),
    ],
  ] as const)(
    "leaves nothing but a nonce and a fee: %s",
    async (_, wasm, init, outcome, code, first) => {
      const { nonce } = core().account(ALICE);
      const { address, entry, changes } = await run(wasm, init, { gasLimit: 40_000_000 });
      expect(entry).toMatchObject({ outcome, code, events: [] });
      expect(entry.contract).toBeUndefined();
      expect(entry.output[0]).toBe(first);
      if (outcome === Outcome.trap) expect(entry.gasUsed).toBe(40_000_000n);
      else expect(entry.gasUsed).toBeLessThan(40_000_000n);
      const fee = PRICE * entry.gasUsed;
      expect(changes).toEqual([-fee, 0n, fee]);
      expect(core().account(address)).toEqual({ nonce: 0n, balance: 0n, hasCode: false });
      expect(core().account(ALICE).nonce).toBe(nonce + 1n);
    },
  );

  it("for lack of gas does so at every stage: entry, prepare, first call", async () => {
    const { entry: whole } = await run(PROBER, NOTHING);
    const gas = Number(whole.gasUsed);
    const intrinsic = 330_000 + 450 * Math.ceil((PROBER.length + 4) / 128);
    const limits = [
      intrinsic,
      intrinsic + 1_000,
      Math.floor((intrinsic + gas) / 2),
      gas - 400,
      gas - 1,
      gas,
    ];
    for (const gasLimit of limits) {
      const { entry, address, changes } = await run(PROBER, NOTHING, { gasLimit });
      if (gasLimit === gas) {
        expect(entry).toMatchObject({ outcome: Outcome.success, gasUsed: BigInt(gas) });
        continue;
      }
      expect(entry).toMatchObject({
        outcome: Outcome.trap,
        code: TrapCode.out_of_gas,
        gasUsed: BigInt(gasLimit),
      });
      expect(changes[1]).toBe(0n);
      expect(core().account(address).hasCode).toBe(false);
    }
  });

  it("leaves what its address had before", async () => {
    const address = nextAddress();
    await chain.calls("bob", [{ to: fromHex(address, 20), value: 7n, input: NOTHING }]);
    await run(trapping, NOTHING, { gasLimit: 3_000_000 });
    expect(core().account(address)).toEqual({ nonce: 0n, balance: 7n, hasCode: false });
  });
});

describe("the code in a bundle", () => {
  const codeOf = ({ bundle }: BundledBlock): number => decodeBundle(bundle).code.length;
  const outcomes = ({ entries }: BundledBlock): number[] => entries.map(({ outcome }) => outcome);
  const call = (to: Hex, input: Uint8Array = NOTHING): Uint8Array =>
    chain.sign("bob", { kind: "call", to: fromHex(to, 20), input, gasLimit: 400_000 });
  const transfer = () => call(`0x${"77".repeat(20)}`);
  const failing = () => deploy(PROBER, new Script().host("revert", 0, 0).bytes());
  const short = () => deploy(PROBER, NOTHING, { gasLimit: 400_000 });
  let old: Hex;

  // BothRunners replays every one of these bundles twice: too little code and too much are both refused.
  it("is none for transfers, prepare's own for a deployment, a contract's for a call", async () => {
    ({ address: old } = await run(PROBER, NOTHING));
    expect(codeOf(await chain.block([transfer()]))).toBe(0);
    expect(codeOf(await chain.block([call(old), call(old), transfer()]))).toBe(1);
    expect(codeOf(await chain.block([deploy(trapping, NOTHING, { gasLimit: 2_000_000 })]))).toBe(1);
    const called = new Script().call(fromHex(old, 20), NOTHING).bytes();
    expect(codeOf(await chain.block([call(old, called)]))).toBe(1);
  });

  it("leaves out what the block itself deploys before it is used", async () => {
    const address = nextAddress();
    const block = await chain.block([deploy(PROBER, NOTHING), call(address), call(old)]);
    expect([outcomes(block), codeOf(block)]).toEqual([[0, 0, 0], 1]);
  });

  it("has what was used before the block deployed the same", async () => {
    const block = await chain.block([call(old), deploy(PROBER, NOTHING), call(old)]);
    expect([outcomes(block), codeOf(block)]).toEqual([[0, 0, 0], 2]);
  });

  it("suffices where a deployment of the same failed at its first call or in prepare", async () => {
    const reverted = await chain.block([failing(), call(old)]);
    expect(outcomes(reverted)).toEqual([Outcome.revert, Outcome.success]);
    const trapped = await chain.block([short(), call(old)]);
    expect(outcomes(trapped)).toEqual([Outcome.trap, Outcome.success]);
    expect(codeOf(trapped)).toBe(2);
    const after = await chain.block([call(old), failing(), short(), call(old)]);
    expect(outcomes(after)).toEqual([0, Outcome.revert, Outcome.trap, 0]);
  });

  it("is there for a frame that trapped or reverted, too", async () => {
    const input = new Script().trap().bytes();
    expect(codeOf(await chain.block([call(old, input)]))).toBe(1);
    const starved = chain.sign("bob", {
      kind: "call",
      to: fromHex(old, 20),
      input: NOTHING,
      gasLimit: 30_000,
    });
    expect(codeOf(await chain.block([starved]))).toBe(1);
  });

  it("is not there for a call that was refused before code was looked at", async () => {
    const { address } = await run(wasmOf(`(module (func (export "main")))`), NOTHING);
    const value = 2n ** 100n;
    const poor = new Script().call(fromHex(address, 20), NOTHING, { value }).bytes();
    expect(codeOf(await chain.block([call(old, poor)]))).toBe(1);
    const rich = new Script().call(fromHex(address, 20), NOTHING).bytes();
    expect(codeOf(await chain.block([call(old, rich)]))).toBe(2);
  });
});
