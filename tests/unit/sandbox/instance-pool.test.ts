// Instances are used again, and nobody can tell: memory, globals and growth are as at the first call, a
// contract on the stack twice has two instances, and a trap leaves nothing behind.
import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../../host/codec/hex.ts";
import { keccak256 } from "../../../host/codec/keccak.ts";
import { nativeHostCrypto } from "../../../host/environment/native.ts";
import { CallStatus, Outcome, TrapCode } from "../../../host/outcome.ts";
import { prepareModule } from "../../../host/program/prepare.ts";
import { prepareRulesBlob } from "../../../host/rules/prepare-rules.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import { EnteredCode } from "../../../host/sandbox/entered-code.ts";
import { EventList } from "../../../host/sandbox/event-list.ts";
import { Frame, type FrameRunner } from "../../../host/sandbox/frame.ts";
import { InstancePool } from "../../../host/sandbox/instance-pool.ts";
import { Outbox } from "../../../host/sandbox/outbox.ts";
import type { Program } from "../../../host/sandbox/program-source.ts";
import { V8Runner } from "../../../host/sandbox/v8-runner.ts";
import { noState, Overlay } from "../../../host/state/overlay.ts";
import { MEMORY_END, Script } from "../../support/prober.ts";
import { wasmOf } from "../../support/wat.ts";
import { Probers } from "./probers.ts";

const EMPTY = new Uint8Array(0);
const { success, trap } = CallStatus;

let probers: Probers;
beforeAll(async () => {
  probers = await Probers.open(2);
});

describe("an instance that is used again", () => {
  it("has memory as at the first call: what a call stored is gone, data segments are whole", async () => {
    const dirty = () =>
      new Script()
        .fill(0, 0xff, 0x2_0000)
        .fill(MEMORY_END - 64, 0xff, 64)
        .stop();
    const look = () =>
      new Script()
        .load(0)
        .load(0x1_fff0)
        .load(0x1_fffc)
        .load(MEMORY_END - 4);
    const [, first, , , second] = await probers.runAll([
      dirty(),
      look(),
      dirty(),
      new Script().fill(0, 0xff, 0x2_0000).trap(),
      look(),
    ]);
    const clean = [0, 0x6174_6164, 0, 0].flatMap((word) => [...leBytes(word)]);
    expect([...(first?.output ?? [])]).toEqual(clean);
    expect(second?.output).toEqual(first?.output);
  });

  it("has globals as at the first call", async () => {
    const entries = await probers.runAll([
      new Script().showGlobal().setGlobal(1234).showGlobal(),
      new Script().showGlobal(),
      new Script().setGlobal(99).trap(),
      new Script().setGlobal(98).host("revert", 0, 0),
      new Script().showGlobal(),
    ]);
    const shown = (i: number) => [...(entries[i]?.output ?? [])];
    expect(shown(0)).toEqual([7, 0, 0, 0, ...leBytes(1234)]);
    expect([shown(1), shown(4)]).toEqual([leBytes(7), leBytes(7)]);
  });

  it("does not load what lies in the old growth: grow, return, call again, load: traps", async () => {
    const grow = new Script().grow(3).fill(MEMORY_END, 1, 4).load(MEMORY_END);
    const load = new Script().load(MEMORY_END);
    const [grown, again, small] = await probers.runAll([grow, load, new Script().grow(0)]);
    expect([...(grown?.output ?? [])]).toEqual([4, 0, 0, 0, 1, 1, 1, 1]);
    expect(again).toMatchObject({ outcome: Outcome.trap, code: TrapCode.wasm });
    expect([...(small?.output ?? [])]).toEqual(leBytes(4));
  });

  it("keeps that within one transaction, after success, revert and trap", async () => {
    const load = new Script().load(MEMORY_END).bytes();
    const gas = 100_000n;
    for (const end of ["success", "revert", "trap"]) {
      const script = new Script().grow(1).fill(MEMORY_END, 1, 4);
      if (end === "revert") script.host("revert", 0, 0);
      if (end === "trap") script.trap();
      const both = new Script().call(probers.at(1), script.bytes(), { gas });
      const [, last] = await probers.numbers(both.call(probers.at(1), load, { gas }));
      expect(last).toBe(trap);
    }
  });

  it("does not know the gas or depth of another call", async () => {
    const script = () => new Script().host("context", 0).recurse(10);
    const [alone] = await probers.runAll([script()]);
    const mixed = await probers.runAll(
      [
        new Script().spin(),
        new Script().recurse(100_000),
        script(),
        new Script().recurse(1_000),
        script(),
      ],
      { gasLimit: 4_000_000 },
    );
    expect(mixed.map(({ outcome }) => outcome)).toEqual([2, 2, 0, 0, 0]);
    expect([mixed[2]?.gasUsed, mixed[4]?.gasUsed]).toEqual([alone?.gasUsed, alone?.gasUsed]);
  });
});

describe("a contract that is on the stack twice", () => {
  it("has its own memory and globals in each frame, directly and through another contract", async () => {
    const a = probers.at(0);
    const inner = new Script().showGlobal().setGlobal(2).load(0x100).fill(0x100, 2, 4).bytes();
    const through = new Script().call(a, inner).returned(8).bytes();
    const script = () => new Script().host("enter", 1).setGlobal(1).fill(0x100, 1, 4);
    const state = [0x0101_0101, 1];
    const direct = script().call(a, inner).returned(8).load(0x100).showGlobal();
    expect(await probers.numbers(direct)).toEqual([success, 8, 7, 0, ...state]);
    const around = script().call(probers.at(1), through).returned(16).load(0x100).showGlobal();
    expect(await probers.numbers(around)).toEqual([success, 16, success, 8, 7, 0, ...state]);
  });

  it("keeps its memory and gas when the frame above grows, traps or runs out", async () => {
    const a = probers.at(0);
    for (const inner of [
      new Script().grow(5).fill(MEMORY_END, 9, 64),
      new Script().fill(0, 9, 0x1_0000).trap(),
      new Script().spin(),
    ]) {
      const script = new Script().host("enter", 1).put(0x100, Uint8Array.of(5, 6, 7, 8));
      script.call(a, inner.bytes(), { gas: 60_000n }).load(0x100).grow(0);
      expect((await probers.numbers(script)).slice(1)).toEqual([0x0807_0605, 4]);
    }
  });

  it("keeps its own growth while the frame above has none of it", async () => {
    const inner = new Script().grow(0).bytes();
    const script = new Script().host("enter", 1).grow(2).call(probers.at(0), inner).returned(4);
    const [first, status, length, above, still] = await probers.numbers(script.grow(0));
    expect([first, status, length, above, still]).toEqual([4, success, 4, 4, 6]);
  });
});

describe("a pool", () => {
  const rules = prepareRulesBlob(presetRules("general"));

  function program(pages: number): Program {
    const wasm = wasmOf(`(module (import "env" "output" (func $output (param i32 i32)))
      (memory (export "memory") ${pages} 256)
      (func (export "main") (call $output (i32.const 0) (i32.const 1))))`);
    const prepared = prepareModule(wasm, rules);
    const recordHash = keccak256(prepared.record);
    return { recordHash, prepared, pagesInitial: pages, compiled: undefined };
  }

  function frameOn(runner: FrameRunner): Frame {
    const address = new Uint8Array(20);
    return new Frame({
      transaction: {
        state: new Overlay(noState),
        events: new EventList(),
        outbox: new Outbox(presetRules("general").messages),
        enteredCode: new EnteredCode(16_384),
        programs: { get: () => program(1) },
        runner,
        crypto: nativeHostCrypto,
        environmentId: new Uint8Array(32),
        origin: address,
        producer: address,
        height: 0n,
        time: 0n,
        price: 0n,
        nonce: 0n,
        gasLimit: 10_000_000,
      },
      self: address,
      caller: address,
      value: 0n,
      input: EMPTY,
      gas: 10_000_000,
      callDepth: 1,
      livePages: 0,
      readOnly: false,
      deployment: false,
    });
  }

  it("shares no instance with another runner, though both have the same program", () => {
    const [first, second] = [new V8Runner(), new V8Runner()];
    const shared = program(1);
    for (const runner of [first, second, first, second]) {
      const frame = frameOn(runner);
      expect(runner.run(frame, shared).status).toBe(success);
      expect(toHex(frame.output)).toBe("0x00");
    }
  });

  it("gives the instance that was released last, and a new one while that is in use", () => {
    const pool = new InstancePool({ env: { output: () => undefined } });
    const small = program(1);
    const first = pool.acquire(small);
    const second = pool.acquire(small);
    expect(second).not.toBe(first);
    pool.release(first);
    pool.release(second);
    expect(pool.acquire(small)).toBe(second);
    expect(pool.acquire(small)).toBe(first);
    expect(pool.acquire(small)).not.toBe(first);
  });

  it("keeps at most 2,048 idle pages, the program that was idle longest goes first", () => {
    const pool = new InstancePool({ env: { output: () => undefined } });
    const [old, young, large] = [program(1), program(1), program(256)];
    const [oldInstance, youngInstance] = [pool.acquire(old), pool.acquire(young)];
    const largeInstances = Array.from({ length: 8 }, () => pool.acquire(large));
    pool.release(youngInstance);
    pool.release(oldInstance);
    pool.release(pool.acquire(young));
    for (const instance of largeInstances.slice(0, 7)) pool.release(instance);
    // 7 × 256 + 2 pages are idle; the eighth needs both small ones gone.
    pool.release(largeInstances[7] as (typeof largeInstances)[0]);
    expect(pool.acquire(old)).not.toBe(oldInstance);
    expect(pool.acquire(young)).not.toBe(youngInstance);
    expect(pool.acquire(large)).toBe(largeInstances[7]);
  });

  it("keeps at most 8 idle instances of one program", () => {
    const pool = new InstancePool({ env: { output: () => undefined } });
    const small = program(1);
    const instances = Array.from({ length: 9 }, () => pool.acquire(small));
    for (const instance of instances) pool.release(instance);
    const again = Array.from({ length: 9 }, () => pool.acquire(small));
    again.slice(0, 8).forEach((instance, i) => {
      expect(instance).toBe(instances[7 - i]);
    });
    expect(instances.some((instance) => instance === again[8])).toBe(false);
  });
});

function leBytes(word: number): number[] {
  return [...new Uint8Array(Uint32Array.of(word).buffer)];
}
