// What a contract is told about itself and its transaction, in every kind of frame, and the test kit's log.
import { beforeAll, describe, expect, it } from "vitest";
import { joinDeployInput } from "../../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import type { ExecutedEntry } from "../../../host/environment/environment-core.ts";
import { Outcome, TrapCode } from "../../../host/outcome.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import { BothRunners } from "../../support/both-runners.ts";
import { MEMORY_END, proberWasm, Script } from "../../support/prober.ts";
import { addressOfName, PRODUCER } from "../../support/test-chain.ts";
import { wasmOf } from "../../support/wat.ts";
import { Probers } from "./probers.ts";

const END = MEMORY_END;

let probers: Probers;
beforeAll(async () => {
  probers = await Probers.open(2);
});

describe("context", () => {
  interface Expected {
    readonly self: Uint8Array;
    readonly caller: Uint8Array;
    readonly value?: bigint;
    readonly price?: bigint;
    readonly nonce?: bigint;
    readonly gasLimit?: number;
    readonly inputLength: number;
    readonly flags: number;
    readonly origin?: Uint8Array;
    readonly producer?: Uint8Array;
    readonly height?: bigint;
  }
  const alice = fromHex(addressOfName("alice"), 20);
  const number = (value: bigint | number, bytes: number) =>
    Buffer.from(value.toString(16).padStart(bytes * 2, "0"), "hex");
  const show = () => new Script().host("context", 0x100).show(0x100, 208);

  function struct(expected: Expected): Uint8Array {
    const { height, time } = { height: probers.chain.native.core.head().height, time: 0n };
    return Uint8Array.from(
      Buffer.concat([
        expected.self,
        expected.caller,
        expected.origin ?? alice,
        expected.producer ?? fromHex(PRODUCER, 20),
        probers.chain.native.core.id,
        number(expected.value ?? 0n, 16),
        number(expected.height ?? height, 8),
        // The test chain's clock counts blocks.
        number((expected.height ?? height) + time, 8),
        number(expected.price ?? 0n, 8),
        number(expected.nonce ?? 0n, 8),
        number(expected.gasLimit ?? 0, 8),
        number(expected.inputLength, 4),
        number(expected.flags, 4),
        // No message, no source.
        new Uint8Array(32),
      ]),
    );
  }

  it("is the 208 bytes of the page in a top-level call", async () => {
    const script = show();
    const { nonce } = probers.chain.native.core.account(toHex(alice));
    const fields = { value: 2n ** 65n + 3n, price: 5n, gasLimit: 1_234_567 };
    const output = await probers.output(script, fields);
    const inputLength = script.bytes().length;
    expect(toHex(output)).toBe(
      toHex(
        struct({ self: probers.at(0), caller: alice, nonce, inputLength, flags: 4, ...fields }),
      ),
    );
  });

  it("tells a gas limit above 32 bits", () => {
    const to = toHex(probers.at(0));
    const view = { to, input: show().bytes(), gasLimit: 2n ** 40n - 1n };
    expect(toHex(probers.chain.view(view).output.subarray(160, 168))).toBe("0x000000ffffffffff");
  });

  it("tells a sub-call who called it, with what, and keeps the transaction's part", async () => {
    await probers.run(new Script(), { value: 100n });
    const inner = show().bytes();
    const { nonce } = probers.chain.native.core.account(toHex(alice));
    const outer = new Script().call(probers.at(1), inner, { value: 42n });
    const gasLimit = 900_000;
    const output = await probers.output(outer.returned(208), { gasLimit });
    const [self, caller, inputLength] = [probers.at(1), probers.at(0), inner.length];
    expect(toHex(output.subarray(8))).toBe(
      toHex(struct({ self, caller, value: 42n, nonce, gasLimit, inputLength, flags: 0 })),
    );
  });

  it("flags a deployment, a frame that entered as view, and what it calls", async () => {
    const emit = new Script().host("context", 0x100).host("emit", 0, 0, 0x100, 208).bytes();
    const { nonce } = probers.chain.native.core.account(toHex(alice));
    const deploy = probers.chain.sign("alice", {
      kind: "deploy",
      input: joinDeployInput(proberWasm(), emit),
      gasLimit: 50_000_000,
      value: 8n,
    });
    const { entries } = await probers.chain.block([deploy]);
    const entry = entries[0] as ExecutedEntry;
    const self = fromHex(entry.contract as Hex, 20);
    const fields = { self, caller: alice, value: 8n, nonce, gasLimit: 50_000_000 };
    expect(toHex(entry.events[0]?.data as Uint8Array)).toBe(
      toHex(struct({ ...fields, inputLength: emit.length, flags: 1 | 4 })),
    );
    expect(toHex(entry.output)).toBe(toHex(self));
    const flags = (script: Script) => script.host("context", 0x100).show(0x100 + 172, 4);
    const inner = flags(new Script()).bytes();
    const view = flags(new Script().host("enter", 2)).call(probers.at(1), inner).returned(4);
    const bigEndian = (value: number) => (value << 24) >>> 0;
    expect(await probers.numbers(view)).toEqual([bigEndian(2 | 4), 0, 4, bigEndian(2)]);
  });

  it("flags a view from outside, whose origin is its caller and whose producer is nobody", () => {
    const script = show();
    const { outcome, output } = probers.chain.view({
      to: toHex(probers.at(0)),
      input: script.bytes(),
      caller: toHex(alice),
      gasLimit: 1_000_000n,
    });
    expect(outcome).toBe(Outcome.success);
    const fields = { self: probers.at(0), caller: alice, producer: new Uint8Array(20) };
    const inputLength = script.bytes().length;
    expect(toHex(output)).toBe(
      toHex(struct({ ...fields, gasLimit: 1_000_000, inputLength, flags: 2 | 4 })),
    );
  });

  it("traps where its 208 bytes leave memory", async () => {
    await probers.check([
      ["at the end", new Script().host("context", END - 208), []],
      ["beyond the end", new Script().host("context", END - 207), "memory_bounds"],
    ]);
  });
});

describe("log", () => {
  const LOGGER = wasmOf(`(module (import "env" "log" (func $log (param i32 i32)))
    (import "env" "input" (func $input (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1 1)
    (func (export "main") (call $log (i32.const 65536)
      (call $input (i32.const 0) (i32.const 0) (i32.const 0)))))`);

  it("is refused by prepare where the rules do not list it", async () => {
    const input = joinDeployInput(LOGGER, new Uint8Array(0));
    const { entries } = await probers.chain.block([
      probers.chain.sign("alice", { kind: "deploy", input }),
    ]);
    expect(entries[0]?.outcome).toBe(Outcome.revert);
    expect(entries[0]?.output[0]).toBe(4);
  });

  it("does nothing to a block where they do, but checks its range", async () => {
    const general = presetRules("general");
    const hostCallsAllowed = [...general.hostCallsAllowed, "log" as const];
    const chain = await BothRunners.open(["alice"], { ...general, hostCallsAllowed });
    const [to] = (await chain.deploy("alice", [LOGGER])) as [Uint8Array];
    const [silent, outside] = await chain.calls("alice", [
      { to, input: new Uint8Array(0), gasLimit: 400_000 },
      { to, input: new Uint8Array(1), gasLimit: 400_000 },
    ]);
    expect(silent).toMatchObject({ outcome: Outcome.success, output: new Uint8Array(0) });
    expect(outside).toMatchObject({ outcome: Outcome.trap, code: TrapCode.memory_bounds });
  });
});
