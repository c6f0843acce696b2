// The machine where V8 would be: kernels as single frames, and whole blocks in which everything, prepare at
// 0x…01 included, runs on machine words. Equal to the last byte of every bundle.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encodeCall, encodeInit } from "../../host/abi/encode-call.ts";
import { parseAbi } from "../../host/abi/parse-abi.ts";
import { joinDeployInput } from "../../host/chain/transaction.ts";
import { fromHex, type Hex } from "../../host/codec/hex.ts";
import { MachineRunner } from "../../host/machine/machine-runner.ts";
import { CallStatus, TrapCode } from "../../host/outcome.ts";
import { presetRules } from "../../host/rules/presets.ts";
import { V8Runner } from "../../host/sandbox/v8-runner.ts";
import { BothRunners } from "../support/both-runners.ts";
import { type KernelName, kernelFrame, runKernel } from "../support/kernel-frames.ts";

const sizes: Readonly<Record<KernelName, number>> = {
  fib: 12,
  sieve: 2_000,
  matrix: 12,
  sha256: 20,
  sort: 200,
  map: 100,
  text: 40,
  wide: 30,
  table: 500,
  bulk: 200,
};

const machine = new MachineRunner();
const v8 = new V8Runner();

describe("kernels", () => {
  for (const [name, n] of Object.entries(sizes) as [KernelName, number][]) {
    it(`come out alike: ${name}`, () => {
      const kernel = kernelFrame(name, n);
      const native = runKernel(v8, kernel);
      expect(native.status).toBe(CallStatus.success);
      expect(runKernel(machine, kernel)).toEqual(native);
    });
  }

  it("run out of gas at the same place", () => {
    const kernel = kernelFrame("sort", 50);
    for (let gas = 0; gas < 40_000; gas += 997) {
      const native = runKernel(v8, kernel, gas);
      expect(runKernel(machine, kernel, gas)).toEqual(native);
    }
    expect(runKernel(machine, kernel, 1_000).trap).toBe(TrapCode.out_of_gas);
  });
});

function fixture(name: string) {
  const path = `fixtures/contracts/build/${name}`;
  const abi = parseAbi(JSON.parse(readFileSync(`${path}.abi.json`, "utf8")));
  return { wasm: new Uint8Array(readFileSync(`${path}.wasm`)), abi };
}

describe("blocks on the machine", () => {
  it("deploy and call contracts with the bundle that V8 gives", async () => {
    const rules = presetRules("general");
    const chains = await BothRunners.open(["alice", "bob"], rules, new MachineRunner());
    const counter = fixture("counter");
    const token = fixture("token");
    const block = await chains.block([
      chains.sign("alice", {
        kind: "deploy",
        input: joinDeployInput(counter.wasm, encodeInit(counter.abi, [1n])),
      }),
      chains.sign("alice", {
        kind: "deploy",
        input: joinDeployInput(token.wasm, encodeInit(token.abi, [1_000_000n])),
      }),
      chains.sign("bob", {
        kind: "deploy",
        input: joinDeployInput(counter.wasm.subarray(0, 200), new Uint8Array(0)),
      }),
    ]);
    expect(block.entries.map(({ outcome }) => outcome)).toEqual([0, 0, 1]);
    const to = fromHex(block.entries[0]?.contract as Hex, 20);
    const calls = await chains.calls(
      "bob",
      Array.from({ length: 12 }, (_, i) => ({
        to,
        gasLimit: 36_000 + 3_000 * i,
        input: encodeCall(counter.abi, "increment", [BigInt(i)]),
      })),
    );
    expect(new Set(calls.map(({ outcome }) => outcome)).size).toBeGreaterThanOrEqual(2);
  });
});
