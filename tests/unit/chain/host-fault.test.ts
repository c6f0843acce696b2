// When the engine under us fails: nothing is committed, and what it takes to look into it is kept.
import { describe, expect, it } from "vitest";
import { decodeBundle } from "../../../host/chain/bundle.ts";
import { joinDeployInput } from "../../../host/chain/transaction.ts";
import { toHex } from "../../../host/codec/hex.ts";
import { HostFault } from "../../../host/environment/environment-core.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import type { Frame, FrameEnd, FrameRunner } from "../../../host/sandbox/frame.ts";
import { hostFault } from "../../../host/sandbox/instance-pool.ts";
import type { Program } from "../../../host/sandbox/program-source.ts";
import { V8Runner } from "../../../host/sandbox/v8-runner.ts";
import { WitnessState } from "../../../host/state/witness-state.ts";
import { TestChain } from "../../support/test-chain.ts";

/** V8, but the frame number `failing` meets a native RangeError. */
class FailingRunner implements FrameRunner {
  readonly #native = new V8Runner();
  #frames = 0;
  readonly #failing: number;

  constructor(failing: number) {
    this.#failing = failing;
  }

  run(frame: Frame, program: Program): FrameEnd {
    this.#frames += 1;
    if (this.#frames !== this.#failing) return this.#native.run(frame, program);
    throw hostFault("the engine failed while a contract ran", new RangeError("stack"));
  }
}

const NO_WASM = joinDeployInput(Uint8Array.of(1, 2, 3), new Uint8Array(0));

describe("a host fault", () => {
  it("commits nothing and keeps the block with the witness of what it touched", async () => {
    const chain = await TestChain.open(["alice"], presetRules("general"), new FailingRunner(1));
    const before = chain.core.head();
    const deploy = chain.sign("alice", { kind: "deploy", input: NO_WASM });
    const fault = await chain.block([deploy]).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(HostFault);
    expect(fault).toMatchObject({ code: "HOST_FAULT" });
    expect(chain.core.head()).toEqual(before);

    const bundle = decodeBundle((fault as HostFault).bundle);
    expect(bundle.transactions.map(toHex)).toEqual([toHex(deploy)]);
    const root = bundle.parentResult.stateRoot;
    expect(() => WitnessState.decode(bundle.witness, root, chain.ground.hasher)).not.toThrow();

    const again = await chain.block([deploy]);
    expect(again.height).toBe(1n);
    expect(again.entries[0]?.outcome).toBe(1);
  });
});
