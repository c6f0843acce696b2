// The host call `send_message`: on both runners and in replay, what a message takes along and leaves behind, what
// goes back with a reverted call, and every refusal at its limit. The outbox is compared with its format.
import { beforeAll, describe, expect, it } from "vitest";
import { encodeMessage } from "../../../host/chain/message.ts";
import { toHex } from "../../../host/codec/hex.ts";
import { keccak256 } from "../../../host/codec/keccak.ts";
import { bytesRoot } from "../../../host/codec/trees.ts";
import { ByteWriter } from "../../../host/codec/writer.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import { MEMORY_END, Script } from "../../support/prober.ts";
import { Probers } from "./probers.ts";

const general = presetRules("general");
const rules = {
  ...general,
  messages: { ...general.messages, messageBytesMax: 300, outboxPerBlockMax: 3 },
};
const TARGET = new Uint8Array(32).fill(0xe7);
const TO = new Uint8Array(20).fill(0x70);

function request(value: bigint): Uint8Array {
  return new ByteWriter(68).raw(TARGET).raw(TO).u128(value).finish();
}

const send = (value: bigint, ptr = 0x100, length = 0): Script =>
  new Script().host("send_message", request(value), ptr, length);

let probers: Probers;
beforeAll(async () => {
  probers = await Probers.open(2, rules);
});

const balance = () => probers.chain.native.core.account(toHex(probers.at(0))).balance;

describe("send_message", () => {
  it("takes the value from the contract and hands out what it was given, in order", async () => {
    const before = balance();
    const script = send(5n, 0x100, 300).host("send_message", request(0n), 0, 0);
    const block = await probers.chain.block([
      probers.chain.sign("alice", {
        ...{ kind: "call", to: probers.at(0), value: 9n, gasLimit: 12_000_000 },
        input: script.bytes(),
      }),
    ]);
    expect(balance()).toBe(before + 9n - 5n);
    expect(block.messages).toEqual(
      [5n, 0n].map((value, i) => ({
        ...{ target: toHex(TARGET), sender: toHex(probers.at(0)), to: toHex(TO), value },
        input: new Uint8Array(i === 0 ? 300 : 0),
      })),
    );
  });

  it("is refused, and sends nothing, where the balance is less than the value", async () => {
    const poor = balance();
    expect(
      await probers.numbers(send(poor + 1n).host("send_message", request(poor), 0, 0)),
    ).toEqual([3, 0]);
    expect(balance()).toBe(0n);
  });

  it("goes back with the call that sent it", async () => {
    const inner = send(0n).host("revert", 0, 0).bytes();
    const block = await probers.chain.block([
      probers.chain.sign("alice", {
        ...{ kind: "call", to: probers.at(0), gasLimit: 12_000_000 },
        input: new Script()
          .call(probers.at(1), inner)
          .host("send_message", request(0n), 7, 2)
          .bytes(),
      }),
      probers.chain.sign("alice", {
        ...{ kind: "call", to: probers.at(0), gasLimit: 12_000_000 },
        input: send(0n).trap().bytes(),
      }),
    ]);
    expect(block.messages.map(({ input }) => input.length)).toEqual([2]);
  });

  it("traps at each limit, in the order of the page", async () => {
    const at = (requestPtr: number, ptr: number, length: number) =>
      new Script().host("send_message", requestPtr, ptr, length);
    await probers.check([
      [
        "read-only first of all",
        new Script().host("enter", 2).host("send_message", MEMORY_END, 0, 301),
        "read_only",
      ],
      ["as long as may be", at(0, 0, 300), [0]],
      ["a byte too long, wherever", at(MEMORY_END, 0, 301), "data_too_long"],
      ["request at the end", at(MEMORY_END - 68, 0, 0), [0]],
      ["request beyond the end", at(MEMORY_END - 67, 0, 0), "memory_bounds"],
      ["input beyond the end", at(0, MEMORY_END - 1, 2), "memory_bounds"],
      ["the third of the block", send(0n), [0]],
      ["a fourth whose request is nowhere", at(MEMORY_END, 0, 0), "memory_bounds"],
      ["a fourth", send(0n), "outbox_full"],
    ]);
  });
});

describe("a message", () => {
  it("is hashed as 157 bytes, its input by root", () => {
    const input = Uint8Array.from({ length: 200 }, (_, i) => i);
    const source = new Uint8Array(32).fill(1);
    const sender = new Uint8Array(20).fill(2);
    const bytes = encodeMessage({ source, target: TARGET, sender, to: TO, value: 258n, input });
    const value = new Uint8Array(16);
    value.set([1, 2], 14);
    const length = [0, 0, 0, 200];
    expect(toHex(bytes)).toBe(
      toHex(
        Uint8Array.from([
          ...[1, ...source, ...TARGET, ...sender, ...TO, ...value],
          ...[...length, ...bytesRoot(input)],
        ]),
      ),
    );
    expect(keccak256(bytes)).toHaveLength(32);
  });
});
