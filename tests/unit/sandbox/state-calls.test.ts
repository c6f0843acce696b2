// The host calls that read and change state: storage, accounts, events. Both sides of every limit of
// docs/host-calls.md, every trap, and which check comes first.
import { beforeAll, describe, expect, it } from "vitest";
import { joinDeployInput } from "../../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import { Outcome, TrapCode } from "../../../host/outcome.ts";
import { MEMORY_END, Script } from "../../support/prober.ts";
import { addressOfName, TestChain } from "../../support/test-chain.ts";
import { wasmOf } from "../../support/wat.ts";
import { Probers } from "./probers.ts";

const END = MEMORY_END;
const TOP = 0xffff_ffff;
const ABSENT = 0xffff_ffff;

/** Emits as many events as the input's first u32, then one more if the second is the address of its data. */
const EMITTER = wasmOf(`(module
  (import "env" "emit" (func $emit (param i32 i32 i32 i32)))
  (import "env" "input" (func $input (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1 1)
  (func (export "main") (local $n i32)
    (if (i32.eqz (call $input (i32.const 0) (i32.const 0) (i32.const 0))) (then (return)))
    (drop (call $input (i32.const 0) (i32.const 0) (i32.const 8)))
    (local.set $n (i32.load (i32.const 0)))
    (loop $next
      (call $emit (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (if (i32.load (i32.const 4)) (then
      (call $emit (i32.const 0) (i32.const 0) (i32.load (i32.const 4)) (i32.const 0))))))`);

let keys = 0;
/** A storage key that no other test uses. */
function freshKey(): Uint8Array {
  keys += 1;
  const key = new Uint8Array(32).fill(0xc0);
  new DataView(key.buffer).setUint32(28, keys);
  return key;
}

let probers: Probers;
beforeAll(async () => {
  probers = await Probers.open(2);
});

const set = (script: Script, key: Uint8Array, value: Uint8Array): Script =>
  script.host("storage_set", key, value, value.length);

describe("storage", () => {
  it("tells an absent value from an empty one", async () => {
    const key = freshKey();
    const empty = set(new Script().host("storage_open", key), key, new Uint8Array(0));
    expect(await probers.numbers(empty.host("storage_open", key))).toEqual([ABSENT, 0]);
    const deleted = new Script().host("storage_open", key).host("storage_delete", key);
    expect(await probers.numbers(deleted.host("storage_open", key))).toEqual([0, ABSENT]);
  });

  it("keeps values between transactions, deletes them, and is not shared by contracts", async () => {
    const key = freshKey();
    const value = Uint8Array.of(1, 2, 3, 4);
    await probers.run(set(new Script(), key, value));
    const read = new Script().host("storage_open", key).host("value_read", 0x100, 0, 4);
    expect(await probers.output(read.show(0x100, 4))).toEqual(Uint8Array.of(4, 0, 0, 0, ...value));
    const other = new Script().host("storage_open", key).bytes();
    const call = new Script().call(probers.at(1), other).returned(4);
    expect(await probers.numbers(call)).toEqual([0, 4, ABSENT]);
    const gone = new Script().host("storage_delete", key).host("storage_delete", key);
    expect(await probers.numbers(gone.host("storage_open", key))).toEqual([ABSENT]);
  });

  it("stores 65,536 bytes and not one more", async () => {
    const key = freshKey();
    const set65 = (length: number) =>
      new Script().fill(0, 9, length).host("storage_set", key, 0, length);
    await probers.check([
      ["65,537 bytes", set65(65_537), "data_too_long"],
      ["65,536 bytes", set65(65_536).host("storage_open", key), [65_536]],
      [
        "65,537 bytes outside memory",
        new Script().host("storage_set", END, END, 65_537),
        "data_too_long",
      ],
      ["the key outside memory", new Script().host("storage_set", END - 31, 0, 0), "memory_bounds"],
      [
        "the value outside memory",
        new Script().host("storage_set", 0, END - 1, 2),
        "memory_bounds",
      ],
      ["an empty value at the end", new Script().host("storage_set", key, END, 0), []],
      [
        "an empty value beyond the end",
        new Script().host("storage_set", key, END + 1, 0),
        "memory_bounds",
      ],
      ["deleting outside memory", new Script().host("storage_delete", END - 31), "memory_bounds"],
      ["opening outside memory", new Script().host("storage_open", END - 31), "memory_bounds"],
      ["opening at the end", new Script().host("storage_open", END - 32), [ABSENT]],
    ]);
  });

  it("copies: later stores into memory do not change a value or a key", async () => {
    const [key, moved] = [freshKey(), freshKey()];
    const script = new Script()
      .put(0, key)
      .put(0x100, Uint8Array.of(5))
      .host("storage_set", 0, 0x100, 1);
    const changed = script.put(0, moved).put(0x100, Uint8Array.of(6));
    const read = changed.host("storage_open", moved).host("storage_open", key);
    expect([
      ...(await probers.output(read.host("value_read", 0x200, 0, 1).show(0x200, 1))),
    ]).toEqual([...[255, 255, 255, 255], ...[1, 0, 0, 0], 5]);
  });

  it("opens read-only frames for reading alone", async () => {
    await probers.check([
      ["reading", new Script().host("enter", 2).host("storage_open", freshKey()), [ABSENT]],
      [
        "setting, whatever the arguments",
        new Script().host("enter", 2).host("storage_set", TOP, TOP, 65_537),
        "read_only",
      ],
      [
        "deleting, whatever the arguments",
        new Script().host("enter", 2).host("storage_delete", TOP),
        "read_only",
      ],
    ]);
  });
});

describe("value_read", () => {
  const value = Uint8Array.from({ length: 100 }, (_, i) => i);

  it("reads any part of the value opened last", async () => {
    const [key, other] = [freshKey(), freshKey()];
    await probers.run(set(set(new Script(), key, value), other, Uint8Array.of(77)));
    const open = () => new Script().host("storage_open", other).host("storage_open", key);
    const read = open().host("value_read", 0x100, 31, 66).show(0x100, 66);
    expect((await probers.output(read)).subarray(8)).toEqual(value.subarray(31, 97));
    await probers.check([
      ["the last byte", open().host("value_read", 0, 99, 1), [1, 100]],
      ["one byte beyond", open().host("value_read", 0, 99, 2), "data_bounds"],
      ["nothing at the end", open().host("value_read", 0, 100, 0), [1, 100]],
      ["nothing beyond the end", open().host("value_read", 0, 101, 0), "data_bounds"],
      ["an offset that wraps", open().host("value_read", 0, TOP, 1), "data_bounds"],
      ["a target outside memory", open().host("value_read", END - 1, 0, 2), "memory_bounds"],
      ["both wrong", open().host("value_read", END, 100, 1), "memory_bounds"],
    ]);
  });

  it("traps where no value is open", async () => {
    const [key, absent] = [freshKey(), freshKey()];
    const there = () => set(new Script(), key, value).host("storage_open", key);
    await probers.check([
      ["nothing opened", new Script().host("value_read", 0, 0, 0), "data_bounds"],
      [
        "an absent value",
        there().host("storage_open", absent).host("value_read", 0, 0, 0),
        "data_bounds",
      ],
      [
        "set after it was opened as absent",
        set(new Script().host("storage_open", absent), absent, value).host("value_read", 0, 0, 1),
        "data_bounds",
      ],
      ["memory first", new Script().host("value_read", END, 0, 1), "memory_bounds"],
    ]);
  });

  it("shows the content at opening after set and delete, before a new opening", async () => {
    const key = freshKey();
    await probers.run(set(new Script(), key, value));
    const show = (script: Script) => script.host("value_read", 0x100, 0, 100).show(0x100, 100);
    const changed = set(new Script().host("storage_open", key), key, Uint8Array.of(1));
    const inState = await probers.output(show(changed));
    expect(inState.subarray(4)).toEqual(value);
    const again = set(new Script(), key, value)
      .host("storage_open", key)
      .host("storage_delete", key);
    expect((await probers.output(show(again))).subarray(4)).toEqual(value);
    const reopened = set(new Script().host("storage_open", key), key, Uint8Array.of(1));
    await probers.check([
      [
        "the new value is shorter",
        reopened.host("storage_open", key).host("value_read", 0, 0, 2),
        "data_bounds",
      ],
    ]);
  });

  it("keeps the opening of a frame through sub-calls that open and write", async () => {
    const key = freshKey();
    await probers.run(set(new Script(), key, value));
    const inner = set(new Script().host("storage_open", freshKey()), key, Uint8Array.of(9));
    const failing = new Script().host("storage_open", key).host("storage_delete", key);
    const script = new Script()
      .host("storage_open", key)
      .host("enter", 1)
      .call(probers.at(0), failing.host("revert", 0, 0).bytes())
      .call(probers.at(0), inner.bytes())
      .host("value_read", 0x100, 0, 100)
      .host("storage_open", key)
      .show(0x100, 100);
    const output = await probers.output(script);
    expect(output).toEqual(
      Uint8Array.of(100, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, ...value),
    );
  });
});

describe("account", () => {
  const show = (script: Script, address: Uint8Array) =>
    script.fill(0x100, 0xff, 40).host("account", address, 0x100).show(0x100, 33);

  it("writes balance and whether there is code, and no more than 32 bytes", async () => {
    const self = probers.at(0);
    await probers.run(new Script(), { value: 2n ** 70n - 1n });
    const rich = await probers.output(show(new Script(), self));
    expect(toHex(rich)).toBe(`0x${"0".repeat(14)}3fffffffffffffffff01${"0".repeat(30)}ff`);
    const nobody = await probers.output(show(new Script(), new Uint8Array(20).fill(1)));
    expect(toHex(nobody)).toBe(`0x${"0".repeat(64)}ff`);
    const bob = await probers.output(show(new Script(), fromHex(addressOfName("bob"), 20)));
    expect([BigInt(toHex(bob.subarray(0, 16))), bob[16]]).toEqual([10n ** 24n, 0]);
    const system = await probers.output(
      show(new Script(), Uint8Array.of(...new Uint8Array(19), 1)),
    );
    expect(system[16]).toBe(1);
  });

  it("may write over its address, and traps where a range leaves memory", async () => {
    const over = new Script()
      .put(0x100, probers.at(1))
      .host("account", 0x100, 0x100)
      .show(0x110, 4);
    await probers.check([
      ["over the address", over, [1]],
      ["at the end", new Script().host("account", END - 20, END - 32), []],
      ["the address", new Script().host("account", END - 19, 0), "memory_bounds"],
      ["the result", new Script().host("account", 0, END - 31), "memory_bounds"],
    ]);
  });
});

describe("emit", () => {
  const topic = (byte: number) => new Uint8Array(32).fill(byte);

  it("appends events with up to four topics and 65,536 bytes, in order", async () => {
    const topics = Uint8Array.from(Buffer.concat([1, 2, 3, 4].map(topic)));
    const script = new Script()
      .host("emit", END, 0, END, 0)
      .host("emit", topics, 4, Uint8Array.of(7, 8), 2)
      .fill(0, 3, 65_536)
      .host("emit", topics, 1, 0, 65_536)
      .fill(0, 0, 16);
    const { outcome, events } = await probers.run(script);
    expect(outcome).toBe(Outcome.success);
    const emitter = toHex(probers.at(0));
    expect(events.map((event) => ({ ...event, data: toHex(event.data) }))).toEqual([
      { emitter, topics: [], data: "0x" },
      { emitter, topics: [1, 2, 3, 4].map((n) => toHex(topic(n))), data: "0x0708" },
      { emitter, topics: [toHex(topic(1))], data: `0x${"03".repeat(65_536)}` },
    ]);
  });

  it("checks permission, topics, length, memory, in this order", async () => {
    const emit = (...args: [number, number, number, number]) => new Script().host("emit", ...args);
    const view = (...args: [number, number, number, number]) =>
      new Script().host("enter", 2).host("emit", ...args);
    await probers.check([
      ["read-only, all wrong", view(TOP, 5, TOP, 65_537), "read_only"],
      ["read-only, all right", view(0, 0, 0, 0), "read_only"],
      ["five topics, the rest wrong", emit(TOP, 5, TOP, 65_537), "too_many_topics"],
      ["topics that wrap", emit(0, 2 ** 27, 0, 0), "too_many_topics"],
      ["most topics", emit(0, TOP, 0, 0), "too_many_topics"],
      ["65,537 bytes, memory wrong", emit(TOP, 4, TOP, 65_537), "data_too_long"],
      ["topics at the end", emit(END - 128, 4, 0, 0), []],
      ["topics outside memory", emit(END - 127, 4, 0, 0), "memory_bounds"],
      ["no topics beyond memory", emit(END + 1, 0, 0, 0), "memory_bounds"],
      ["data outside memory", emit(0, 4, END - 1, 2), "memory_bounds"],
    ]);
  });

  it("takes 65,536 events in a transaction and traps at the next, after memory", async () => {
    // On V8 alone: the limit is the host's, and the interpreter takes half a minute for it.
    const chain = await TestChain.open(["alice"]);
    const input = joinDeployInput(EMITTER, new Uint8Array(0));
    const deployed = await chain.block([chain.sign("alice", { kind: "deploy", input })]);
    const to = fromHex(deployed.entries[0]?.contract as Hex, 20);
    const call = (count: number, last: number) =>
      chain.sign("alice", {
        kind: "call",
        to,
        input: Uint8Array.from(Buffer.from(Uint32Array.of(count, last).buffer)),
        gasLimit: 44_000_000,
      });
    const body = [call(65_536, 0), call(65_537, 0), call(65_536, TOP)];
    const { entries, bundle } = await chain.block(body);
    expect(entries.map(({ outcome, code, events }) => [outcome, code, events.length])).toEqual([
      [Outcome.success, 0, 65_536],
      [Outcome.trap, TrapCode.events_full, 0],
      [Outcome.trap, TrapCode.memory_bounds, 0],
    ]);
    expect(chain.replay(bundle).verdict).toBe("valid");
  });
});
