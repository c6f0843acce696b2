// The state before a step: its hash is the one that judges know, transactions share the steps of a block without
// gaps, steps outside are refused with a code and the range, and what is told of host calls is the page's.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeBundle } from "../../../host/chain/bundle.ts";
import { joinDeployInput } from "../../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import { judgeStep } from "../../../host/dispute/judge.ts";
import { BundleRun } from "../../../host/machine/bundle-run.ts";
import { hostCallParameters } from "../../../host/trace/step-text.ts";
import { entrySteps, type StateRequest, traceState } from "../../../host/trace/trace-state.ts";
import { traceTransaction } from "../../../host/trace/trace-transaction.ts";
import type { TracedState } from "../../../host/trace/traced-state.ts";
import { Random } from "../../support/random.ts";
import { root } from "../../support/source-files.ts";
import { addressOfName, TestChain } from "../../support/test-chain.ts";
import { wasmOf } from "../../support/wat.ts";

/** Types of locals and globals, an indirect call, memory filled over several leaves. */
const WASM = wasmOf(`(module
  (type $two (func (param i32 i64) (result i64)))
  (memory (export "memory") 1 1)
  (global $small (mut i32) (i32.const -2))
  (global $wide (mut i64) (i64.const -3))
  (table 1 1 funcref)
  (elem (i32.const 0) $sum)
  (func $sum (type $two)
    (local $a i64) (local $b i32)
    (local.set $a (i64.const -5))
    (i64.add (local.get 1) (local.get $a)))
  (func (export "main")
    (memory.fill (i32.const 100) (i32.const 7) (i32.const 300))
    (drop (call_indirect (type $two) (i32.const -1) (i64.const 9) (i32.const 0)))))`);

let chain: TestChain;
let bytes: Uint8Array;
let states: readonly TracedState[];
beforeAll(async () => {
  chain = await TestChain.open();
  const input = joinDeployInput(WASM, new Uint8Array(0));
  const deployed = await chain.block([chain.sign("alice", { kind: "deploy", input })]);
  const to = fromHex(deployed.entries[0]?.contract as Hex, 20);
  const { bundle } = await chain.block([
    chain.sign("alice", { kind: "call", to: fromHex(addressOfName("bob"), 20), value: 3n }),
    Uint8Array.of(1),
    chain.sign("bob", { kind: "call", to }),
  ]);
  bytes = bundle;
  const { steps } = new BundleRun(decodeBundle(bytes), chain.ground.hasher).end();
  states = Array.from({ length: Number(steps) + 1 }, (_, step) => stateAt(BigInt(step)));
});

const stateAt = (step: bigint, more: Partial<StateRequest> = {}): TracedState =>
  traceState(bytes, { step, ...more }, chain.ground.hasher);

describe("the states of a block", () => {
  it("belong to its transactions one after another, as their traces say", () => {
    const traces = [0, 1, 2].map((transaction) => {
      const report = traceTransaction(bytes, { transaction }, chain.ground);
      if (report.verdict !== "traced") throw new TypeError(report.finding.message);
      return report.trace;
    });
    let next = 0n;
    for (const { firstStep, lastStep, steps, transaction } of traces) {
      expect(firstStep).toBe(next);
      expect(lastStep).toBe(firstStep + steps - 1n);
      next = lastStep + 1n;
      for (const state of states.slice(Number(firstStep), Number(next))) {
        expect(state).toMatchObject({ transaction, firstStep, lastStep });
      }
      expect(states[Number(firstStep)]).toMatchObject({ instruction: "phase 1 next" });
      expect(states[Number(lastStep)]).toMatchObject({ instruction: "phase 16 receipt" });
    }
    expect(states.slice(Number(next)).map(({ kind, transaction }) => [kind, transaction])).toEqual([
      ["phase", null],
      ["end", null],
    ]);
    expect(traces.map(({ words }) => words > 0n)).toEqual([false, false, true]);
  });

  it("have the hashes that judges come to, step by step", () => {
    const run = new BundleRun(decodeBundle(bytes), chain.ground.hasher);
    states.slice(0, -1).forEach((state, i) => {
      const { pre, proof } = run.prove(BigInt(i));
      expect(toHex(pre)).toBe(state.stateHash);
      const judged = judgeStep(pre, proof);
      expect("post" in judged && toHex(judged.post), `step ${i}`).toBe(states[i + 1]!.stateHash);
    });
    const random = new Random(16_001);
    for (let i = 0; i < 10; i++) {
      const step = random.below(states.length);
      expect(stateAt(BigInt(step))).toEqual(states[step]);
    }
  });

  it("show locals and globals with their types, once the function has made them", () => {
    const add = states.find(({ instruction }) => instruction === "i64.add")!;
    const slot = (value: bigint, bits = 64) => BigInt.asUintN(bits, value);
    expect(add.place).toMatchObject({
      locals: [
        { type: "i32", value: slot(-1n, 32) },
        { type: "i64", value: 9n },
        { type: "i64", value: slot(-5n) },
        { type: "i32", value: 0n },
      ],
      stack: [
        { type: "i64", value: slot(-5n) },
        { type: "i64", value: 9n },
      ],
      globals: [
        { type: "i32", value: slot(-2n, 32) },
        { type: "i64", value: slot(-3n) },
      ],
    });
    const entered = states.findIndex(({ instruction }) => instruction.startsWith("locals 2"));
    expect(states[entered]!.place?.locals).toHaveLength(2);
    expect(states[entered]!.place?.functions[0]).toMatchObject({ function: 0 });
    // The word of the directory runs in the frame of the function that it leads to.
    const led = states.find(({ instruction }) => instruction.startsWith("function at"))!;
    expect(led.place?.functions.map((fn) => fn.function)).toEqual([0, 1, null]);
  });

  it("tell how far a word is that takes several steps", () => {
    const fills = states.filter(({ instruction }) => instruction === "memory.fill");
    expect(fills.map(({ about }) => /the (\d+) bytes/.exec(about ?? "")?.[1])).toEqual([
      "300",
      "272",
      "144",
      "16",
    ]);
  });

  it("halt, and stay so to the end of what disputes count", () => {
    const end = states.at(-1)!;
    expect(end).toMatchObject({ kind: "end", instruction: "end", place: null, callDepth: 0 });
    const { step, ...late } = stateAt(2n ** 32n);
    expect({ ...late, step: end.step }).toEqual(end);
    expect(step).toBe(2n ** 32n);
  });
});

describe("a step that is not there", () => {
  const codeOf = (step: bigint, more: Partial<StateRequest> = {}) => {
    try {
      return stateAt(step, more).transaction;
    } catch (error) {
      const { code, message, hint } = error as { code: string; message: string; hint: string };
      return `${code}: ${message}; ${hint}`;
    }
  };

  it("of the named transaction is refused with its first and last", () => {
    const run = new BundleRun(decodeBundle(bytes), chain.ground.hasher);
    const { first, last } = entrySteps(run, 1);
    for (const step of [first, last]) expect(codeOf(step, { transaction: 1 })).toBe(1);
    for (const step of [first - 1n, last + 1n]) {
      const said = `TRACE_STEP: got step ${step}, expected ${first} to ${last}`;
      expect(codeOf(step, { transaction: 1 })).toContain(said);
      expect(codeOf(step, { transaction: 1 })).toContain("leave --tx away");
    }
  });

  it("of the run is refused with where it halts", () => {
    const steps = states.length - 1;
    for (const step of [-1n, 2n ** 32n + 1n]) {
      expect(codeOf(step)).toContain(`TRACE_STEP: got step ${step}, expected 0 to ${steps}`);
    }
  });

  it("belongs to a transaction of the block", () => {
    for (const transaction of [-1, 3, 0.5]) {
      expect(codeOf(0n, { transaction })).toContain("TRACE_TRANSACTION");
    }
  });
});

describe("arguments of host calls", () => {
  it("have the names of docs/host-calls.md", () => {
    const page = readFileSync(join(root, "docs/host-calls.md"), "utf8");
    const rows = [...page.matchAll(/^\| \d+ +\| `(\w+)\(([^)]*)\)/gm)];
    expect(rows.length).toBe(17);
    for (const [, name, parameters] of rows) {
      const names = hostCallParameters[name as keyof typeof hostCallParameters];
      expect(names.join(", "), name).toBe(parameters);
    }
  });
});
