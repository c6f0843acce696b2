// Rules that change at a height: what was deployed before keeps its schedule, what is deployed from then on has the
// new one, and everything else of an order plays by its own rules at once. On V8, on the word interpreter, in the
// machine and from the bundle alike; and who goes on with the rules of before loses the dispute about it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Bundle, decodeBundle } from "../../../host/chain/bundle.ts";
import { PREPARE_RULES_KEY, SYSTEM_ADDRESS } from "../../../host/chain/genesis.ts";
import { encodeResult } from "../../../host/chain/result.ts";
import { joinDeployInput } from "../../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import { PRODUCTION_SHAPE } from "../../../host/dispute/commitment-shape.ts";
import { RecordedDispute } from "../../../host/dispute/dispute-log.ts";
import { judgeStep } from "../../../host/dispute/judge.ts";
import { playDispute } from "../../../host/dispute/play-dispute.ts";
import { RunPlayer } from "../../../host/dispute/player.ts";
import { accountOf } from "../../../host/dispute/saboteur-kinds.ts";
import { decodeStateProof } from "../../../host/dispute/state-proof-file.ts";
import { nativeStateHasher } from "../../../host/environment/native.ts";
import { BundleRun } from "../../../host/machine/bundle-run.ts";
import { RunCommitments } from "../../../host/machine/run-commitments.ts";
import { later } from "../../../host/machine/run-states.ts";
import { StepVerifier } from "../../../host/machine/verify-step.ts";
import { Outcome, SkipCode, TrapCode } from "../../../host/outcome.ts";
import { decodeRules, rulesHash } from "../../../host/rules/encode-rules.ts";
import { parseRules } from "../../../host/rules/parse-rules.ts";
import { prepareRulesBlob } from "../../../host/rules/prepare-rules.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import type { Rules } from "../../../host/rules/rules.ts";
import { openStore } from "../../../host/state/lmdb-store.ts";
import { BothRunners, ContractWords } from "../../support/both-runners.ts";
import { addressOfName, TestChain, type TestFields } from "../../support/test-chain.ts";
import { wasmOf } from "../../support/wat.ts";

const OLD = presetRules("general");
/** Dearer additions and writes, no `emit`, less gas for a transaction, a price. */
const NEW = parseRules({
  preset: "general",
  gas: {
    instructions: { alu: 7 },
    hostCalls: { storage_set: { base: 9_000, unit: 25 } },
    perTransaction: "50000000",
  },
  hostCallsAllowed: OLD.hostCallsAllowed.filter((name) => name !== "emit"),
  fees: { priceMin: "2" },
});
const hasher = nativeStateHasher();
const GAS_LIMIT = 40_000_000;
const NOTHING = new Uint8Array(0);
const SYSTEM = toHex(SYSTEM_ADDRESS);

const WRITER = wasmOf(`(module
  (import "env" "storage_set" (func $set (param i32 i32 i32)))
  (memory 1 1)
  (func (export "main")
    (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 5)))
    (call $set (i32.const 0) (i32.const 64) (i32.const 4))))`);
/** One that is not allowed any more. */
const EMITTER = wasmOf(`(module
  (import "env" "emit" (func $emit (param i32 i32 i32 i32)))
  (memory 1 1)
  (func (export "main")))`);
const TRAPPING = wasmOf(`(module (func (export "main") unreachable))`);

const same = (a: Uint8Array, b: Uint8Array): void => expect(toHex(a)).toBe(toHex(b));

const open = (): Promise<BothRunners> =>
  BothRunners.open(["alice", "bob"], OLD, new ContractWords(OLD, NEW));

function deploy(chain: TestChain, wasm: Uint8Array, fields: Partial<TestFields> = {}): Uint8Array {
  const input = joinDeployInput(wasm, NOTHING);
  return chain.sign("alice", { gasLimit: GAS_LIMIT, price: 2n, input, ...fields, kind: "deploy" });
}

const call = (chain: TestChain, to: Hex, input: Uint8Array = NOTHING): Uint8Array =>
  chain.sign("bob", { kind: "call", to: fromHex(to, 20), gasLimit: 30_000_000, price: 2n, input });

/** The prepare rules that the state of the head has. */
function rulesInState({ core }: TestChain): Uint8Array {
  const key = toHex(PREPARE_RULES_KEY);
  const { end } = decodeStateProof(core.proveState({ kind: "storage", address: SYSTEM, key }));
  return end.terminal === "value" ? end.value : NOTHING;
}

/** Runs a bundle in the machine, to the result that its block has. */
function runInMachine(bytes: Uint8Array): BundleRun {
  const bundle = decodeBundle(bytes);
  const run = new BundleRun(bundle, hasher);
  same(encodeResult(run.end().result), encodeResult(bundle.result));
  return run;
}

describe("rules that change at a height", () => {
  it("leave code of before as it is, and give code from then on the new schedule", async () => {
    const chain = await open();
    const [before] = (await chain.block([deploy(chain.native, WRITER)])).entries;
    const old = before!.contract as Hex;
    const first = await chain.block([call(chain.native, old)]);
    const changed = await chain.block([call(chain.native, old), deploy(chain.native, WRITER)], NEW);
    const [called, deployed] = changed.entries;
    expect(called).toMatchObject({ outcome: Outcome.success, gasUsed: first.entries[0]!.gasUsed });
    const later = await chain.block([
      call(chain.native, deployed!.contract as Hex),
      call(chain.native, old),
    ]);
    const [dear, cheap] = later.entries.map(({ gasUsed }) => gasUsed);
    expect(cheap).toBe(first.entries[0]!.gasUsed);
    const { storage_set: set } = OLD.gas.hostCalls;
    expect(dear).toBe((cheap as bigint) + BigInt(9_000 - set.base + 25 - set.unit) + 6n);
    for (const { bundle } of [changed, later]) {
      const { prepareRules, rules } = decodeBundle(bundle);
      expect(prepareRules.map(toHex)).toEqual([toHex(prepareRulesBlob(OLD))]);
      expect(decodeRules(rules)).toEqual(NEW);
      runInMachine(bundle).close();
    }
  });

  it("are those of a deployment's own order, on both sides of the height and back", async () => {
    const chain = await open();
    expect(toHex(rulesInState(chain.native))).toBe(toHex(prepareRulesBlob(OLD)));
    for (const rules of [OLD, NEW, OLD]) {
      const { bundle } = await chain.block([deploy(chain.native, WRITER)], rules);
      expect(toHex(rulesInState(chain.native))).toBe(toHex(prepareRulesBlob(rules)));
      same(decodeBundle(bundle).order.rulesHash, rulesHash(rules));
      expect(chain.native.core.rules).toEqual(rules);
    }
  });

  it("refuse a host call that is allowed no more, and accepted it the block before", async () => {
    const chain = await open();
    const [accepted] = (await chain.block([deploy(chain.native, EMITTER)])).entries;
    expect(accepted!.outcome).toBe(Outcome.success);
    const [refused] = (await chain.block([deploy(chain.native, EMITTER)], NEW)).entries;
    expect(refused!.outcome).toBe(Outcome.revert);
    expect(refused!.output[0]).toBe(4);
    const [called] = (await chain.block([call(chain.native, accepted!.contract as Hex)])).entries;
    expect(called!.outcome).toBe(Outcome.success);
  });

  it("leave no trace in the state where every deployment under them failed", async () => {
    const chain = await open();
    const failing = [
      deploy(chain.native, EMITTER),
      deploy(chain.native, TRAPPING),
      deploy(chain.native, WRITER, { gasLimit: 400_000 }),
    ];
    const { bundle, entries } = await chain.block(failing, NEW);
    expect(entries.map(({ outcome, code }) => [outcome, code])).toEqual([
      [Outcome.revert, 0],
      [Outcome.trap, TrapCode.wasm],
      [Outcome.trap, TrapCode.out_of_gas],
    ]);
    expect(toHex(rulesInState(chain.native))).toBe(toHex(prepareRulesBlob(OLD)));
    runInMachine(bundle).close();
  });

  it("bind checks and prices of the order at once", async () => {
    const chain = await open();
    const { perTransaction } = NEW.gas;
    const over = { gasLimit: Number(perTransaction) + 1 };
    const cheap = { price: 1n };
    const bodyOf = (nonce: bigint) => [
      deploy(chain.native, WRITER, { ...over, nonce }),
      deploy(chain.native, WRITER, { ...cheap, nonce }),
    ];
    const { entries } = await chain.block(bodyOf(0n), NEW);
    expect(entries.map(({ outcome, code }) => [outcome, code])).toEqual([
      [Outcome.skipped, SkipCode.gas_limit],
      [Outcome.skipped, SkipCode.price],
    ]);
    const back = await chain.block(bodyOf(0n).slice(1), OLD);
    expect(back.entries[0]!.outcome).toBe(Outcome.success);
  });

  it("are refused where they are none, and nothing is kept", async () => {
    const chain = await open();
    const { core } = chain.native;
    const rules = { ...NEW, gas: { ...NEW.gas, perBlock: 2n ** 40n } };
    await expect(chain.native.block([], 0, rules)).rejects.toMatchObject({ code: "RULES_RANGE" });
    expect([core.head().height, core.rules]).toEqual([0n, OLD]);
  });
});

describe("a store whose rules have changed", () => {
  const folder = mkdtempSync(join(tmpdir(), "plasma-rules-"));
  const reopened = async (): Promise<TestChain> =>
    TestChain.open(
      ["alice", "bob"],
      OLD,
      undefined,
      undefined,
      await openStore(folder, { hasher }),
    );

  it("goes on under the new ones when it is opened again, and runs code of both", async () => {
    let chain = await reopened();
    const first = await chain.block([deploy(chain, WRITER)]);
    const old = first.entries[0]!.contract as Hex;
    const second = await chain.block([deploy(chain, WRITER, { nonce: 1n })], 0, NEW);
    const recent = second.entries[0]!.contract as Hex;
    const seen = [old, recent].map((to) => chain.core.view({ to, input: NOTHING }));
    await chain.core.close();
    chain = await reopened();
    expect(chain.core.rules).toEqual(NEW);
    expect([old, recent].map((to) => chain.core.view({ to, input: NOTHING }))).toEqual(seen);
    const time = 9n;
    const transactions = [old, recent].map((to, i) =>
      chain.sign("bob", { kind: "call", to: fromHex(to, 20), nonce: BigInt(i), price: 2n }),
    );
    const producer = addressOfName("bob");
    const third = await chain.core.executeBlock({ time, producer, transactions, bundle: true });
    expect(third.entries.map(({ outcome }) => outcome)).toEqual([Outcome.success, Outcome.success]);
    const { order, prepareRules } = decodeBundle(third.bundle as Uint8Array);
    same(order.rulesHash, rulesHash(NEW));
    expect(prepareRules.map(toHex)).toEqual([toHex(prepareRulesBlob(OLD))]);
    expect(chain.replay(third.bundle as Uint8Array).verdict).toBe("valid");
    await chain.core.close();
    rmSync(folder, { recursive: true });
  });
});

describe("a dispute about a deployment after the change", () => {
  /** Prepare is called as a contract first, which shows the rules of before to everybody. */
  async function changedBlock(): Promise<Bundle> {
    const chain = await TestChain.open(["alice", "bob"], OLD);
    const { bundle, entries } = await chain.block(
      [call(chain, SYSTEM, WRITER), deploy(chain, WRITER)],
      0,
      NEW,
    );
    expect(entries.map(({ outcome }) => outcome)).toEqual([Outcome.success, Outcome.success]);
    return decodeBundle(bundle);
  }

  function player(run: BundleRun, name: string): RunPlayer {
    const commitments = new RunCommitments(later(run));
    return new RunPlayer({ commitments, account: accountOf(name), bondMax: 10n ** 30n });
  }

  it("is lost by who deploys under the rules of before, at the step that writes them", async () => {
    const bundle = await changedBlock();
    const honest = new BundleRun(bundle, hasher);
    // Entry, signature and sender come first; the state after has other rules.
    const step = honest.entryStart(1) + 3n;
    const { pre, proof, post } = honest.prove(step);
    expect(judgeStep(pre, proof)).toEqual({ post });
    expect(new StepVerifier().verify(pre, proof)).toEqual({ valid: true, post });
    const before = honest.viewAt(step).record.slice(0, 32);
    expect(toHex(honest.viewAt(step + 1n).record.slice(0, 32))).not.toBe(toHex(before));
    const liar = new BundleRun(bundle, hasher, undefined, [
      { step: step + 1n, alter: ({ record }) => record.set(before) },
    ]);
    expect(toHex(liar.end().result.stateRoot)).not.toBe(toHex(honest.end().result.stateRoot));

    const rules: Rules = decodeRules(bundle.rules);
    const { order, parentResult } = bundle;
    const dispute = new RecordedDispute({ order, parentResult, rules, shape: PRODUCTION_SHAPE });
    const seats = [
      { name: "liar", player: player(liar, "liar") },
      { name: "honest", player: player(honest, "honest") },
    ];
    let refuted: unknown;
    await playDispute(dispute, seats, 1_700_000_000n, ({ command }) => {
      if (command.kind === "step") refuted = command;
    });
    expect(refuted).toMatchObject({ proof });
    same(encodeResult(dispute.state.verdict!.result!), encodeResult(bundle.result));
  }, 60_000);
});
