// Whole blocks on V8 and on the word interpreter: same receipts, same state roots, and in every successful
// frame the charged gas is the sum of what the executed words cost.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encodeCall, encodeInit } from "../../host/abi/encode-call.ts";
import { joinDeployInput } from "../../host/chain/transaction.ts";
import { fromHex, type Hex } from "../../host/codec/hex.ts";
import { buildContract } from "../../host/contract/build.ts";
import type { ExecutedBlock } from "../../host/environment/environment-core.ts";
import { presetRules } from "../../host/rules/presets.ts";
import { WordRunner } from "../oracle/word-runner.ts";
import { TestChain } from "../support/test-chain.ts";

const rules = presetRules("general");

/** Runs the same blocks on both runners; `blocks` signs with whichever chain it is given. */
async function onBoth(
  blocks: (chain: TestChain) => Promise<readonly ExecutedBlock[]>,
): Promise<{ readonly frames: number; readonly blocks: readonly ExecutedBlock[] }> {
  const runner = new WordRunner(rules);
  const native = await blocks(await TestChain.open(["alice", "bob"], rules));
  const interpreted = await blocks(await TestChain.open(["alice", "bob"], rules, runner));
  expect(interpreted).toEqual(native);
  return { frames: runner.framesChecked, blocks: native };
}

async function build(name: string) {
  const entry = `fixtures/contracts/${name}.ts`;
  return buildContract({ entry, files: { [entry]: readFileSync(entry, "utf8") } });
}

describe("V8 and the word interpreter", () => {
  it("agree on deploying and calling a counter, out of gas included", async () => {
    const { wasm, abi } = await build("counter");
    const { frames, blocks } = await onBoth(async (chain) => {
      const input = joinDeployInput(wasm, encodeInit(abi, [1n]));
      const first = await chain.block([chain.sign("alice", { kind: "deploy", input })]);
      const to = fromHex(first.entries[0]?.contract as Hex, 20);
      const call = (gasLimit: number, amount: bigint) =>
        chain.sign("bob", {
          kind: "call",
          to,
          gasLimit,
          input: encodeCall(abi, "increment", [amount]),
        });
      const limits = Array.from({ length: 40 }, (_, i) => 32_000 + 600 * i);
      const body = limits.map((limit) => call(limit, 1n));
      return [first, await chain.block([...body, call(100_000, 2n ** 64n - 1n)])];
    });
    expect(frames).toBeGreaterThan(5);
    const outcomes = new Set(blocks[1]?.entries.map(({ outcome }) => outcome));
    expect(outcomes.size).toBeGreaterThanOrEqual(3);
  });

  it("agree that a module which is no Wasm is refused by prepare", async () => {
    const { blocks } = await onBoth(async (chain) => {
      const input = joinDeployInput(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8), new Uint8Array(0));
      return [await chain.block([chain.sign("alice", { kind: "deploy", input })])];
    });
    expect(blocks[0]?.entries[0]?.outcome).toBe(1);
  });
});
