// The host call `upgrade`: on both runners and in replay, which calls run the new code and which go on with the
// old one, what stays, what goes back, what is refused; and every step of it in the machine, before both judges.
import { beforeAll, describe, expect, it } from "vitest";
import { decodeBundle } from "../../../host/chain/bundle.ts";
import { contractAddress, joinDeployInput } from "../../../host/chain/transaction.ts";
import { fromHex, toHex } from "../../../host/codec/hex.ts";
import { bytesHash } from "../../../host/codec/trees.ts";
import { judgeStep } from "../../../host/dispute/judge.ts";
import { nativeStateHasher } from "../../../host/environment/native.ts";
import { BundleRun } from "../../../host/machine/bundle-run.ts";
import { StepVerifier } from "../../../host/machine/verify-step.ts";
import { Outcome } from "../../../host/outcome.ts";
import { systemKey } from "../../../host/state/state-key.ts";
import { MachineChain, oneIn, runInMachine } from "../../support/machine-chain.ts";
import { MEMORY_END, numbersOf, proberWasm, Script } from "../../support/prober.ts";
import { addressOfName } from "../../support/test-chain.ts";
import { wasmOf } from "../../support/wat.ts";
import { Probers } from "./probers.ts";

const NOBODY = new Uint8Array(20).fill(0x6b);
const KEY = systemKey("greeting");

/** Puts out a number of its own and the first word of the value under KEY. */
const successor = (number: number): Uint8Array =>
  wasmOf(`(module
  (import "env" "output" (func $output (param i32 i32)))
  (import "env" "storage_open" (func $open (param i32) (result i32)))
  (import "env" "value_read" (func $read (param i32 i32 i32)))
  (memory (export "memory") 1 1)
  (data (i32.const 0) "greeting")
  (func (export "main")
    (i32.store (i32.const 64) (i32.const ${number}))
    (if (i32.eq (call $open (i32.const 0)) (i32.const 4))
      (then (call $read (i32.const 68) (i32.const 0) (i32.const 4))))
    (call $output (i32.const 64) (i32.const 8))))`);

let probers: Probers;
let second: Uint8Array;
let third: Uint8Array;
beforeAll(async () => {
  probers = await Probers.open(1);
  [second, third] = (await probers.chain.deploy("alice", [successor(2), successor(3)])) as [
    Uint8Array,
    Uint8Array,
  ];
});

/** A prober that nothing was done to yet. */
async function fresh(): Promise<Uint8Array> {
  const [address] = await probers.chain.deploy("alice", [proberWasm()]);
  return address as Uint8Array;
}

async function callAt(to: Uint8Array, script = new Script()) {
  const calls = [{ to, input: script.bytes(), gasLimit: 12_000_000 }];
  const [entry] = await probers.chain.calls("alice", calls);
  return { outcome: entry!.outcome, code: entry!.code, numbers: numbersOf(entry!.output) };
}

const upgrade = (script: Script, source: Uint8Array): Script => script.host("upgrade", source);

describe("an upgrade", () => {
  it("is what later calls run, while the frame goes on with the old code", async () => {
    const self = await fresh();
    const script = upgrade(new Script().host("enter", 1), second)
      .setGlobal(11)
      .showGlobal()
      .call(self, new Uint8Array(0))
      .returned(8)
      .showGlobal();
    const { outcome, numbers } = await callAt(self, script);
    expect(outcome).toBe(Outcome.success);
    // upgraded, the old code's global, the sub-call's status, length and output of the new code, and again.
    expect(numbers).toEqual([1, 11, 0, 8, 2, 0, 11]);
    expect((await callAt(self)).numbers).toEqual([2, 0]);
  });

  it("leaves storage, balance, nonce and other contracts as they are", async () => {
    const self = await fresh();
    const value = Uint8Array.of(9, 1, 0, 0);
    const script = new Script().host("storage_set", KEY, value, 4);
    await callAt(self, upgrade(script, second));
    const account = probers.chain.native.core.account(toHex(self));
    expect(account.balance).toBe(0n);
    expect((await callAt(self)).numbers).toEqual([2, 265]);
    expect((await callAt(second)).numbers).toEqual([2, 0]);
  });

  it("takes a copy: what becomes of the other contract means nothing to it", async () => {
    const [self, source] = [await fresh(), await fresh()];
    await callAt(self, upgrade(new Script(), source));
    await callAt(source, upgrade(new Script(), third));
    expect((await callAt(source)).numbers).toEqual([3, 0]);
    expect((await callAt(self, upgrade(new Script(), source))).numbers).toEqual([1]);
    expect((await callAt(self)).numbers).toEqual([3, 0]);
  });

  it("lets a contract name itself, and a frame upgrade more than once", async () => {
    const self = await fresh();
    const script = upgrade(upgrade(upgrade(new Script(), self), second), third);
    expect((await callAt(self, script)).numbers).toEqual([1, 1, 1]);
    expect((await callAt(self)).numbers).toEqual([3, 0]);
  });

  it("finds no code at an account that has none, and changes nothing", async () => {
    const self = await fresh();
    expect((await callAt(self, upgrade(new Script(), NOBODY))).numbers).toEqual([0]);
    expect((await callAt(self, new Script().showGlobal())).numbers).toEqual([7]);
  });

  it("goes back with a frame that reverts or traps, and with its caller", async () => {
    const [self, other] = [await fresh(), await fresh()];
    const ends = [new Script(), new Script()].map((script) => upgrade(script, second));
    ends[0]!.host("revert", 0, 0);
    ends[1]!.trap();
    for (const end of ends) {
      await callAt(other, new Script().call(self, end.bytes(), { gas: 500_000n }));
      await callAt(self, end);
    }
    const inner = upgrade(new Script(), second).bytes();
    const { outcome } = await callAt(other, new Script().call(self, inner).host("revert", 0, 0));
    expect(outcome).toBe(Outcome.revert);
    expect((await callAt(self, new Script().showGlobal())).numbers).toEqual([7]);
  });

  it("is refused in a read-only frame and for an address outside of memory, in this order", async () => {
    await probers.check([
      ["a view", upgrade(new Script().host("enter", 2), second), "read_only"],
      ["a view, outside", new Script().host("enter", 2).host("upgrade", MEMORY_END), "read_only"],
      ["outside", new Script().host("upgrade", MEMORY_END - 19), "memory_bounds"],
      ["at the end", new Script().host("upgrade", MEMORY_END - 20), [0]],
    ]);
  });

  it("works in the block that deploys the code, whose bundle does not carry it twice", async () => {
    const self = await fresh();
    const { core } = probers.chain.native;
    const nonce = core.account(addressOfName("bob")).nonce;
    const source = contractAddress(core.id, fromHex(addressOfName("bob"), 20), nonce);
    const call = (input: Uint8Array) =>
      probers.chain.sign("alice", { kind: "call", to: self, input, gasLimit: 12_000_000 });
    const block = await probers.chain.block([
      probers.chain.sign("bob", {
        kind: "deploy",
        input: joinDeployInput(successor(4), new Uint8Array(0)),
        gasLimit: 60_000_000,
      }),
      call(upgrade(new Script(), source).bytes()),
      call(new Uint8Array(0)),
    ]);
    expect(block.entries.slice(1).map(({ output }) => numbersOf(output))).toEqual([[1], [4, 0]]);
    const code = decodeBundle(block.bundle).code.map((bytes) => toHex(bytesHash(bytes)));
    expect(code).toContain(toHex(bytesHash(proberWasm())));
    expect(code).not.toContain(toHex(bytesHash(successor(4))));
  });
});

describe("an upgrade in the machine", () => {
  it("comes to the host's result, with every step of a host call and phase proven", async () => {
    const chain = await MachineChain.open();
    const [self, other, next] = (await chain.deploy([
      proberWasm(),
      proberWasm(),
      successor(2),
    ])) as [Uint8Array, Uint8Array, Uint8Array];
    const fields = { kind: "call", gasLimit: 12_000_000, price: 1n } as const;
    const call = (to: Uint8Array, script: Script) =>
      chain.chain.sign("alice", { ...fields, to, input: script.bytes() });
    const transient = upgrade(new Script(), next).host("revert", 0, 0).bytes();
    const block = await chain.block([
      call(self, upgrade(new Script(), NOBODY)),
      call(other, new Script().call(self, transient).call(self, new Script().showGlobal().bytes())),
      call(self, new Script().host("enter", 2).host("upgrade", next)),
      call(self, upgrade(new Script().host("enter", 1), next).call(self, new Uint8Array(0))),
      call(self, new Script()),
    ]);
    let upgrades = 0;
    runInMachine(block, oneIn(997, 1), (_, proof) => {
      // Phase 1 of a running frame, beyond its first step: only an upgrade goes on like this.
      if (proof[252] === 1 && proof[253] === 1 && proof[255] !== 0) upgrades += 1;
    });
    expect(upgrades).toBeGreaterThanOrEqual(4);

    const bundle = decodeBundle(block.bundle);
    const run = new BundleRun(bundle, nativeStateHasher());
    const { steps } = run.end();
    const verifier = new StepVerifier();
    let seen = 0;
    for (let step = 0n; step < steps; step += 1n) {
      const { header } = run.stateAt(step);
      if (header[252] !== 1 || header[253] !== 1) continue;
      seen += 1;
      const { pre, proof, post } = run.prove(step);
      expect(verifier.verify(pre, proof), `step ${step}`).toEqual({ valid: true, post });
      expect(judgeStep(pre, proof), `step ${step}`).toEqual({ post });
    }
    expect(seen).toBeGreaterThanOrEqual(7);
    run.close();
  });
});
