// Runs of blocks in the machine from their bundles alone: the sealed result at the halt, any step in any order
// with a proof that both judges accept, commitments, and lying bundles.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Bundle, decodeBundle } from "../../host/chain/bundle.ts";
import { encodeResult } from "../../host/chain/result.ts";
import { joinDeployInput } from "../../host/chain/transaction.ts";
import { toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { judgeStep } from "../../host/dispute/judge.ts";
import { encodeHeader } from "../../host/dispute/judge-header.ts";
import { initialRun } from "../../host/dispute/judge-run.ts";
import { nativeStateHasher } from "../../host/environment/native.ts";
import { BundleRun } from "../../host/machine/bundle-run.ts";
import { initialRecord } from "../../host/machine/initial-record.ts";
import { Machine } from "../../host/machine/machine.ts";
import { StepVerifier } from "../../host/machine/verify-step.ts";
import { decodeRules } from "../../host/rules/encode-rules.ts";
import { pureStateHasher } from "../../host/state/state-hasher.ts";
import { MachineChain } from "../support/machine-chain.ts";
import { proberWasm } from "../support/prober.ts";
import { proveSample } from "../support/proof-sampling.ts";
import { Random } from "../support/random.ts";
import { scriptCalls } from "../support/random-script.ts";
import { root } from "../support/source-files.ts";

const machine = new Machine();
const verifier = new StepVerifier();
const hasher = nativeStateHasher();
const fixture = (name: string): Bundle =>
  decodeBundle(new Uint8Array(readFileSync(join(root, "fixtures/hostile/base", name))));

let chain: MachineChain;
let probers: readonly Uint8Array[];
let scripts: Bundle;
beforeAll(async () => {
  chain = await MachineChain.open();
  probers = await chain.probers(3);
  const random = new Random(72_000);
  const { bundle } = await chain.block(scriptCalls(chain.chain, random, probers, 24));
  scripts = decodeBundle(bundle);
});

const hex = (bundle: Bundle): string => toHex(encodeResult(bundle.result));

function checkStep(run: BundleRun, step: bigint): void {
  const { pre, proof, post } = run.prove(step);
  expect(verifier.verify(pre, proof), `step ${step}`).toEqual({ valid: true, post });
  expect(judgeStep(pre, proof), `step ${step}`).toEqual({ post });
}

describe("the run of a bundle", () => {
  it("begins in the state that the judge knows", () => {
    for (const bundle of [fixture("transfers.bundle"), scripts]) {
      const { order, parentResult, rules } = bundle;
      const start = initialRun(order, parentResult, decodeRules(rules));
      const record = initialRecord(order, parentResult, decodeRules(rules));
      expect(toHex(record)).toBe(toHex(Buffer.concat(start.record)));
      const run = new BundleRun(bundle, hasher, machine);
      expect(toHex(run.stateAt(0n).header)).toBe(toHex(encodeHeader(start.header)));
      run.close();
    }
  });

  it("comes to the sealed result, with either hasher", () => {
    for (const bundle of [fixture("transfers.bundle"), scripts]) {
      for (const either of [hasher, pureStateHasher]) {
        const run = new BundleRun(bundle, either, machine);
        const { result, steps } = run.end();
        expect(toHex(encodeResult(result))).toBe(hex(bundle));
        expect(run.stateAt(steps).isRunning).toBe(false);
        expect(run.stateAt(steps - 1n).isRunning).toBe(true);
        run.close();
      }
    }
  });

  it("comes to the sealed result of deployments, whose steps both judges accept (seed 72020)", async () => {
    const deploy = (input: Uint8Array, gasLimit: number) =>
      chain.chain.sign("bob", { kind: "deploy", input, gasLimit });
    const wasm = proberWasm();
    const none = new Uint8Array(0);
    const { bundle: bytes } = await chain.block([
      deploy(joinDeployInput(wasm, none), 60_000_000),
      deploy(joinDeployInput(wasm.subarray(0, 99), none), 60_000_000),
      deploy(new Uint8Array(3), 60_000_000),
      deploy(joinDeployInput(wasm, none), 400_000),
    ]);
    const bundle = decodeBundle(bytes);
    const run = new BundleRun(bundle, hasher, machine);
    const { result, steps } = run.end();
    expect(toHex(encodeResult(result))).toBe(hex(bundle));
    run.close();
    expect(proveSample(bundle, 72_020)).toEqual({ steps, proven: 1_196 });
  });

  it("shows each step with a proof that both judges accept, in any order", () => {
    const run = new BundleRun(scripts, hasher, machine);
    const { steps } = run.end();
    const random = new Random(72_001);
    for (let i = 0; i < 60; i++) checkStep(run, BigInt(random.below(Number(steps))));
    checkStep(run, steps - 1n);
    checkStep(run, steps);
    checkStep(run, steps + 5n);
    run.close();
  });

  it("shows every step of short blocks and a sample of others to both judges (seed 72010)", () => {
    for (const bundle of [fixture("transfers.bundle"), scripts]) {
      expect(proveSample(bundle, 72_010).proven).toBeGreaterThan(18);
    }
  });

  it("shows the same states whether it comes from before or begins again", () => {
    const run = new BundleRun(scripts, hasher, machine);
    const random = new Random(72_002);
    const { steps } = run.end();
    const places = Array.from({ length: 20 }, () => BigInt(random.below(Number(steps))));
    const back = places.map((step) => toHex(run.stateAt(step).hash));
    run.close();
    const forward = new BundleRun(scripts, hasher, machine);
    const seen = new Map<bigint, string>();
    for (const step of places.toSorted((a, b) => Number(a - b))) {
      const { header, hash } = forward.stateAt(step);
      expect(toHex(keccak256(header))).toBe(toHex(hash));
      seen.set(step, toHex(hash));
    }
    expect(places.map((step) => seen.get(step))).toEqual(back);
    forward.close();
  });

  it("commits to states at any stride, the halted tail included", () => {
    const run = new BundleRun(scripts, hasher, machine);
    const { steps } = run.end();
    const at = (step: bigint) => toHex(run.stateAt(step).hash);
    const leaf = (leaves: Uint8Array, i: number) => toHex(leaves.slice(32 * i, 32 * i + 32));
    const dense = run.commit(0n, 1n, Number(steps) + 3);
    const wide = run.commit(7n, 97n, 200);
    for (let i = 0; i < 200; i++) {
      const step = 7n + 97n * BigInt(i);
      expect(leaf(wide, i)).toBe(step < steps ? leaf(dense, Number(step)) : at(steps));
    }
    const random = new Random(72_003);
    for (let i = 0; i < 40; i++) {
      const step = random.below(Number(steps));
      expect(leaf(dense, step)).toBe(at(BigInt(step)));
    }
    for (const i of [0, 1, 2]) expect(leaf(dense, Number(steps) + i)).toBe(at(steps));
    run.close();
  });

  it("comes to the right result where the bundle claims another", () => {
    const claimed = { ...scripts.result, gasUsed: 1n, stateRoot: new Uint8Array(32).fill(9) };
    const run = new BundleRun({ ...scripts, result: claimed }, hasher, machine);
    expect(toHex(encodeResult(run.end().result))).toBe(hex(scripts));
    run.close();
  });

  it("refuses a body that the order does not name, a witness of another state, and missing code", () => {
    const transactions = [...scripts.transactions.slice(1), scripts.transactions[0]!];
    const other = { ...scripts.parentResult, stateRoot: new Uint8Array(32) };
    const open = (bundle: Bundle) => () => new BundleRun(bundle, hasher, machine).end();
    const cases: [Bundle, string][] = [
      [{ ...scripts, transactions }, "TRANSACTIONS_ROOT_MISMATCH"],
      [{ ...scripts, parentResult: other }, "WITNESS_ROOT_MISMATCH"],
      [{ ...scripts, code: [] }, "CODE_MISSING"],
    ];
    for (const [bundle, code] of cases)
      expect(open(bundle)).toThrow(expect.objectContaining({ code }));
  });

  it("refuses steps, strides and counts that are not of a run", () => {
    const run = new BundleRun(fixture("transfers.bundle"), hasher, machine);
    const code = "BYTES_OUT_OF_RANGE";
    for (const step of [-1n, 2n ** 32n + 1n]) {
      expect(() => run.stateAt(step)).toThrow(expect.objectContaining({ code }));
    }
    for (const [stride, count] of [
      [0n, 1],
      [1n, 0],
      [1n, 2 ** 20 + 1],
      [2n ** 31n, 4],
    ] as const) {
      expect(() => run.commit(0n, stride, count)).toThrow(expect.objectContaining({ code }));
    }
    expect(run.commit(0n, 2n ** 31n, 3)).toHaveLength(96);
    run.close();
  });
});
