// The contracts of fixtures/ in the machine: deployed with their arguments, prepare included, and called to
// success, revert and out of gas; phases and host calls are proven one by one.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encodeCall, encodeInit } from "../../../host/abi/encode-call.ts";
import { contractAddress, joinDeployInput } from "../../../host/chain/transaction.ts";
import { fromHex } from "../../../host/codec/hex.ts";
import { buildContract } from "../../../host/contract/build.ts";
import { MachineChain, oneIn, runInMachine } from "../../support/machine-chain.ts";
import { addressOfName } from "../../support/test-chain.ts";

async function build(name: string) {
  const entry = `fixtures/contracts/${name}.ts`;
  return buildContract({ entry, files: { [entry]: readFileSync(entry, "utf8") } });
}

describe("fixture contracts in the machine", () => {
  it("are deployed, count, and run out of gas as on the host", { timeout: 300_000 }, async () => {
    const { wasm, abi } = await build("counter");
    const chain = await MachineChain.open();
    const input = joinDeployInput(wasm, encodeInit(abi, [1n]));
    const first = await chain.block([
      chain.chain.sign("alice", { kind: "deploy", input, gasLimit: 60_000_000 }),
    ]);
    const deployed = runInMachine(first, oneIn(20_011, 7));
    const sender = fromHex(addressOfName("alice"), 20);
    const to = contractAddress(chain.chain.core.id, sender, 0n);
    const call = (gasLimit: number, amount: bigint) =>
      chain.chain.sign("bob", {
        ...{ kind: "call", to, gasLimit },
        input: encodeCall(abi, "increment", [amount]),
      });
    const limits = Array.from({ length: 12 }, (_, i) => 33_000 + 1_700 * i);
    const body = limits.map((limit) => call(limit, 1n));
    const run = runInMachine(
      await chain.block([...body, call(100_000, 2n ** 64n - 1n)]),
      oneIn(61, 1),
    );
    console.log(`deployment ${deployed.steps} steps, calls ${run.steps}, proven ${run.proven}`);
    expect(run.proven).toBeGreaterThan(100);
  });
});
