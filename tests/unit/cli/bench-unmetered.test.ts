// Contracts without metering: the same state and receipts as with it, through the same host, and nothing
// that only gas or depth would end. Each script runs on two chains, one that records how its frames end
// and one that follows the record.
import { beforeAll, describe, expect, it } from "vitest";
import { emitPlain } from "../../../cli/bench/emit-plain.ts";
import {
  endsUnmetered,
  type FrameEnds,
  RecordingRunner,
  UnmeteredRunner,
} from "../../../cli/bench/unmetered-runner.ts";
import { contractAddress, joinDeployInput } from "../../../host/chain/transaction.ts";
import { fromHex } from "../../../host/codec/hex.ts";
import { CallStatus, Outcome, TrapCode } from "../../../host/outcome.ts";
import { prepareModule } from "../../../host/program/prepare.ts";
import { prepareModule as prepareWasm } from "../../../host/program/prepare-module.ts";
import { prepareRulesBlob } from "../../../host/rules/prepare-rules.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import { V8Runner } from "../../../host/sandbox/v8-runner.ts";
import { numbersOf, PROBER_PAGES, proberWasm, Script } from "../../support/prober.ts";
import { addressOfName, TestChain, type TestFields } from "../../support/test-chain.ts";

const rules = presetRules("general");
const wasm = proberWasm(rules.module.pages);
const GAS_LIMIT = 4_000_000;
/** For 256 pages. */
const GROWN = 10_000_000;

let metered: TestChain;
let plain: TestChain;
let prober: Uint8Array;
const recording = new RecordingRunner(new V8Runner());
const unmetered = new UnmeteredRunner(new V8Runner());

/** One transaction on both chains; returns what it came to, and how its frames ended. */
async function run(fields: TestFields) {
  const block = await metered.block([metered.sign("alice", fields)]);
  const ends: FrameEnds = recording.take();
  unmetered.follow(ends);
  const followed = await plain.block([plain.sign("alice", fields)]);
  expect(followed.stateRoot).toBe(block.stateRoot);
  expect(followed.blockHash).toBe(block.blockHash);
  return { entry: followed.entries[0]!, ends };
}

const call = (script: Script, to = prober, gasLimit = GAS_LIMIT) =>
  run({ kind: "call", to, input: script.bytes(), gasLimit });

beforeAll(async () => {
  metered = await TestChain.open(["alice"], rules, recording);
  plain = await TestChain.open(["alice"], rules, unmetered);
  const { entry } = await run({ kind: "deploy", input: joinDeployInput(wasm, new Uint8Array(0)) });
  expect(entry.outcome).toBe(Outcome.success);
  prober = contractAddress(metered.core.id, fromHex(addressOfName("alice"), 20), 0n);
});

describe("a transaction without metering", () => {
  it("comes to the same block when it writes, emits and calls itself", async () => {
    const inner = new Script().host("enter", 1).load(0).stop();
    const script = new Script()
      .host("enter", 1)
      .put(0, new Uint8Array(64).fill(7))
      .host("storage_set", 0, 32, 32)
      .host("emit", 0, 1, 32, 16)
      .call(prober, inner.bytes())
      .stop();
    const { entry, ends } = await call(script);
    expect(entry.outcome).toBe(Outcome.success);
    expect(entry.events).toHaveLength(1);
    expect(ends.map(({ status }) => status)).toEqual([CallStatus.success, CallStatus.success]);
  });

  it("comes to the same block when it reverts or traps", async () => {
    const reverted = await call(new Script().host("revert", 0, 8));
    expect(reverted.entry.outcome).toBe(Outcome.revert);
    const trapped = await call(new Script().trap());
    expect(trapped.entry).toMatchObject({ outcome: Outcome.trap, code: TrapCode.wasm });
    const outside = await call(new Script().host("keccak256", 0xffff_ff00, 512, 0));
    expect(outside.entry).toMatchObject({ outcome: Outcome.trap, code: TrapCode.memory_bounds });
    for (const { ends } of [reverted, trapped, outside]) expect(endsUnmetered(ends)).toBe(true);
  });

  it("may grow its memory as far as with metering and not a page further", async () => {
    const room = rules.module.pages - PROBER_PAGES;
    const most = await call(new Script().grow(room).grow(1), prober, GROWN);
    expect(numbersOf(most.entry.output)).toEqual([PROBER_PAGES, 0xffff_ffff]);
    const more = await call(new Script().grow(room + 1), prober, GROWN);
    expect(numbersOf(more.entry.output)).toEqual([0xffff_ffff]);
  });

  it("finds memory and globals as at the first call", async () => {
    await call(new Script().fill(0, 0xff, 256).setGlobal(99).stop());
    const { entry } = await call(new Script().load(0).showGlobal());
    await call(new Script().fill(0, 0xff, 256).setGlobal(98).trap());
    const again = await call(new Script().load(0).showGlobal());
    expect(numbersOf(entry.output)).toHaveLength(2);
    expect(again.entry.output).toEqual(entry.output);
  });

  it("runs metered where only gas or depth ends it, even in a frame that its caller survives", async () => {
    const spun = await call(new Script().spin());
    expect(spun.entry).toMatchObject({ outcome: Outcome.trap, code: TrapCode.out_of_gas });
    const deep = await call(new Script().recurse(100_000));
    expect(deep.entry).toMatchObject({ outcome: Outcome.trap, code: TrapCode.depth });
    const survived = await call(
      new Script()
        .host("enter", 1)
        .call(prober, new Script().spin().bytes(), { gas: 50_000n })
        .stop(),
    );
    expect(survived.entry.outcome).toBe(Outcome.success);
    for (const { ends } of [spun, deep, survived]) expect(endsUnmetered(ends)).toBe(false);
  });
});

describe("a module without metering", () => {
  it("is what V8 compiles, with the bodies of the original, for prepare itself too", () => {
    const blob = prepareRulesBlob(rules);
    for (const original of [wasm, prepareWasm]) {
      const prepared = prepareModule(original, blob);
      const bytes = emitPlain(prepared);
      const exported = WebAssembly.Module.exports(new WebAssembly.Module(bytes));
      expect(exported.map(({ name }) => name).sort()).toEqual(
        ["depth", "enter", "gas", "memory", "reset", "trap"].map((name) => `plasma:${name}`),
      );
      const { bodyOffset, end } = prepared.layout.functions[0]!;
      expect(Buffer.from(bytes).includes(Buffer.from(original.subarray(bodyOffset, end)))).toBe(
        true,
      );
    }
  });
});
