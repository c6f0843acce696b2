// Deployments in the machine, prepare included: refused, successful with and without value, and one whose
// first call fails. Prepare's words are proven at a stride, phases and host calls one by one.
import { describe, expect, it } from "vitest";
import { joinDeployInput } from "../../../host/chain/transaction.ts";
import { MachineChain, oneIn, runInMachine } from "../../support/machine-chain.ts";
import { SMALL } from "../../support/proof-samples.ts";
import { wasmOf } from "../../support/wat.ts";

const TRAPPING = wasmOf(`(module (func (export "main") unreachable))`);

describe("a deployment in the machine", () => {
  it("comes to the host's receipt, whether it is refused, succeeds or fails in its first call", async () => {
    const chain = await MachineChain.open();
    const deploy = (wasm: Uint8Array, value: bigint, gasLimit = 8_000_000) =>
      chain.chain.sign("alice", {
        ...{ kind: "deploy", value, gasLimit, price: 1n },
        input: joinDeployInput(wasm, Uint8Array.of(1, 2, 3)),
      });
    const block = await chain.block([
      deploy(SMALL, 5n),
      deploy(SMALL, 0n),
      deploy(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8), 5n),
      deploy(new Uint8Array(0), 0n),
      deploy(TRAPPING, 7n),
      deploy(SMALL, 1n, 70_000),
    ]);
    const { proven } = runInMachine(block, oneIn(499, 1));
    expect(proven).toBeGreaterThan(200);
  });
});
