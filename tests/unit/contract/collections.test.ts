// Maps of maps, lists and sets in storage, against plain arrays and sets: every sequence of operations gives
// what the model gives, and what was removed leaves nothing in the store.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeResult } from "../../../host/abi/decode-result.ts";
import { decodeRevert, describeRevert } from "../../../host/abi/decode-revert.ts";
import { encodeCall } from "../../../host/abi/encode-call.ts";
import { entryKey, slotKey } from "../../../host/abi/signature.ts";
import { toHex } from "../../../host/codec/hex.ts";
import { build, refusal } from "./contract-source.ts";
import { address, TinyHost } from "./tiny-host.ts";

const SOURCE = `
import { Address, Bytes32, StorageList, StorageMap, StorageSet, u128 } from "plasmavm/assembly";
enum Mode { Off, On }
@struct class Bid { constructor(public who: Address, public amount: u128, public memo: string) {} }

@contract export class Collections {
  allowances: StorageMap<Address, StorageMap<Address, u128>>;
  deep: StorageMap<u8, StorageMap<string, StorageMap<Bytes32, Mode>>>;
  blobs: StorageMap<StaticArray<u8>, u32>;
  views: StorageMap<Uint8Array, u32>;
  list: StorageList<string>;
  bids: StorageList<Bid>;
  set: StorageSet<u32>;
  owners: StorageSet<Address>;
  lists: StorageMap<Address, StorageList<u64>>;
  sets: StorageMap<u32, StorageSet<string>>;

  @call approve(a: Address, b: Address, amount: u128): u128 {
    const inner = this.allowances.get(a);
    inner.set(b, amount);
    return this.allowances.get(a).get(b).add(this.allowances.get(b).get(a));
  }
  @call mode(a: u8, b: string, c: Bytes32, mode: Mode): Mode {
    this.deep.get(a).get(b).set(c, mode);
    return this.deep.get(a).get(b).entry(c).get();
  }
  @call blob(key: StaticArray<u8>, value: u32): u32[] {
    this.blobs.set(key, value);
    const view = new Uint8Array(key.length);
    for (let i = 0; i < key.length; i++) view[i] = key[i];
    this.views.set(view, value + 1);
    return [this.blobs.get(key), this.views.get(view)];
  }

  @call push(value: string): i32 { return this.list.push(value); }
  @call pop(): string { return this.list.pop(); }
  @call swapRemove(index: i32): string { return this.list.swapRemove(index); }
  @call put(index: i32, value: string): void { this.list.set(index, value); }
  @call clearList(): void { this.list.clear(); }
  @view item(index: i32): string { return this.list.get(index); }
  @view items(from: i32, count: i32): string[] { return this.list.page(from, count); }
  @view joined(): string {
    let all = "";
    for (let i = 0; i < this.list.length; i++) all += this.list.get(i);
    return all;
  }
  @call bid(bid: Bid): Bid[] { this.bids.push(bid); return this.bids.page(0, 9); }

  @call add(value: u32): bool { return this.set.add(value); }
  @call drop(value: u32): bool { return this.set.remove(value); }
  @view hasValue(value: u32): bool { return this.set.has(value); }
  @view valueAt(index: i32): u32 { return this.set.at(index); }
  @view values(from: i32, count: i32): u32[] { return this.set.page(from, count); }
  @view size(): i32 { return this.set.size; }
  @call clearSet(): void { this.set.clear(); }
  @call own(who: Address): Address[] { this.owners.add(who); this.owners.add(who); return this.owners.page(0, 10); }

  @call nest(who: Address, value: u64): bool {
    this.lists.get(who).push(value);
    this.lists.get(who).push(value);
    this.sets.get(3).add(value.toString());
    return this.lists.has(who) && this.lists.get(who).get(1) == value;
  }
  @call unnest(who: Address): bool {
    this.lists.remove(who);
    this.sets.remove(3);
    return this.lists.has(who) || this.sets.has(3);
  }
}
`;

describe("collections in storage", () => {
  const AT = address(1);
  const built = build(SOURCE);
  const deployed = async () => {
    const { wasm, abi, warnings } = await built;
    expect(warnings).toBe("");
    const host = new TinyHost();
    host.deploy(AT, wasm, new Uint8Array());
    const call = (method: string, ...args: unknown[]): unknown => {
      const { status, output } = host.call(AT, encodeCall(abi, method, args));
      if (status === 0) return decodeResult(abi, method, output);
      return status === 1 ? describeRevert(decodeRevert(abi, output)) : `status ${status}`;
    };
    const storage = host.accounts.get(toHex(AT))?.storage ?? new Map<string, Uint8Array>();
    return { abi, call, storage };
  };

  it("are named in the ABI as they nest", async () => {
    const { abi } = await deployed();
    expect(abi.storage.map(({ type }) => type)).toEqual([
      "map<address,map<address,u128>>",
      "map<u8,map<string,map<bytes32,Mode>>>",
      "map<bytes,u32>",
      "map<bytes,u32>",
      "list<string>",
      "list<Bid>",
      "set<u32>",
      "set<address>",
      "map<address,list<u64>>",
      "map<u32,set<string>>",
    ]);
  });

  it("nest maps, whose keys are hashed one after the other", async () => {
    const { call, storage } = await deployed();
    expect(call("approve", address(2), address(3), 7)).toBe(7n);
    expect(call("approve", address(3), address(2), 5)).toBe(12n);
    const key = entryKey(entryKey(slotKey("allowances"), address(2)), address(3));
    expect(storage.get(toHex(key))?.at(-1)).toBe(7);
    expect(call("mode", 1, "x", new Uint8Array(32), "On")).toBe("On");
    expect(call("blob", "0x0102", 4)).toEqual([4, 5]);
    expect(call("blob", "0x", 6)).toEqual([6, 7]);
    expect(storage.size).toBe(2 + 1 + 4);
  });

  it("keep lists where docs/sdk.md says", async () => {
    const { call, storage } = await deployed();
    expect([call("push", "a"), call("push", "b")]).toEqual([0, 1]);
    expect(storage.get(toHex(slotKey("list")))).toEqual(Uint8Array.of(0, 0, 0, 2));
    const second = entryKey(slotKey("list"), Uint8Array.of(0, 0, 0, 1));
    expect(storage.get(toHex(second))).toEqual(Uint8Array.of(0, 0, 0, 1, 98));
    expect(call("item", 2)).toBe("index is beyond the end");
    expect(call("item", -1)).toBe("index is beyond the end");
    expect(call("put", 2, "x")).toBe("index is beyond the end");
    expect(call("swapRemove", 2)).toBe("index is beyond the end");
    expect(call("joined")).toBe("ab");
    const bid = { who: toHex(address(2)), amount: 5n, memo: "mine" };
    expect(call("bid", bid)).toEqual([bid]);
    storage.set(toHex(slotKey("list")), Uint8Array.of(0x7f, 255, 255, 255));
    expect(call("push", "x")).toBe("too many elements");
  });

  it("keep sets where docs/sdk.md says", async () => {
    const { call, storage } = await deployed();
    expect([call("add", 9), call("add", 9), call("add", 0)]).toEqual([true, false, true]);
    const root = slotKey("set");
    expect(storage.get(toHex(root))).toEqual(Uint8Array.of(0, 0, 0, 2));
    const index = entryKey(entryKey(root, Uint8Array.of(1)), Uint8Array.of(0, 0, 0, 9));
    expect(storage.get(toHex(index))).toEqual(Uint8Array.of(0, 0, 0, 0));
    expect(storage.size).toBe(5);
    expect(call("own", address(7))).toEqual([toHex(address(7))]);
    expect(call("valueAt", 2)).toBe("index is beyond the end");
  });

  const operation = fc.oneof(
    fc.record({ name: fc.constant("push"), value: fc.string({ maxLength: 3, unit: "binary" }) }),
    fc.record({ name: fc.constantFrom("pop", "clearList"), value: fc.constant(0) }),
    fc.record({ name: fc.constantFrom("swapRemove", "put"), value: fc.nat(6) }),
  );
  it("are lists like arrays, and leave nothing behind", async () => {
    const { call, storage } = await deployed();
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 25 }), (operations) => {
        call("clearList");
        expect(storage.size).toBe(0);
        const model: string[] = [];
        for (const { name, value } of operations) {
          const index = Number(value);
          if (name === "push") expect(call("push", value)).toBe(model.push(String(value)) - 1);
          else if (name === "clearList") {
            call("clearList");
            model.length = 0;
          } else if (name === "pop")
            expect(call("pop")).toBe(model.pop() ?? "index is beyond the end");
          else if (index >= model.length) continue;
          else if (name === "put") {
            call("put", index, "new");
            model[index] = "new";
          } else {
            expect(call("swapRemove", index)).toBe(model[index]);
            const last = model.pop() ?? "";
            if (index < model.length) model[index] = last;
          }
        }
        expect(call("items", 0, 2 ** 31 - 1)).toEqual(model);
        expect(call("items", 1, 2)).toEqual(model.slice(1, 3));
        expect(call("items", -1, 2)).toEqual([]);
        expect(storage.size).toBe(model.length === 0 ? 0 : model.length + 1);
      }),
      { seed: 7, numRuns: 40 },
    );
  });

  it("are sets like sets, and leave nothing behind", async () => {
    const { call, storage } = await deployed();
    const step = fc.tuple(fc.constantFrom("add", "add", "drop"), fc.nat(7));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, clears) => {
        call("clearSet");
        expect(storage.size).toBe(0);
        const model = new Set<number>();
        for (const [name, value] of steps) {
          const had = model.has(value);
          if (name === "add") model.add(value);
          else model.delete(value);
          expect(call(name, value)).toBe(name === "add" ? !had : had);
        }
        if (!clears)
          for (const value of [...model].reverse()) expect(call("hasValue", value)).toBe(true);
        const values = call("values", 0, 100) as number[];
        expect([...values].sort((a, b) => a - b)).toEqual([...model].sort((a, b) => a - b));
        expect(call("size")).toBe(model.size);
        expect(storage.size).toBe(model.size === 0 ? 0 : 1 + 2 * model.size);
      }),
      { seed: 8, numRuns: 40 },
    );
  });

  it("are emptied where a map removes them", async () => {
    const { call, storage } = await deployed();
    expect(call("nest", address(5), 6)).toBe(true);
    expect(storage.size).toBe(3 + 3);
    expect(call("unnest", address(5))).toBe(false);
    expect(storage.size).toBe(0);
  });
});

describe("a collection that would leave something behind is refused", () => {
  const contract = (fields: string, body: string): string =>
    `import { StorageList, StorageMap, StorageSet, Value } from "plasmavm/assembly";
@contract export class Test { ${fields}\n@call go(): void { ${body} } }`;
  const maps = "m: StorageMap<u8, StorageMap<u8, u8>>; l: StorageMap<u8, StorageList<u8>>;";
  it.each([
    ["removing an inner map", maps, "this.m.remove(1);", "a map does not know its keys"],
    ["asking for an inner map", maps, "this.m.has(1);", "a map does not know its keys"],
    [
      "putting an inner list",
      maps,
      "this.l.set(1, this.l.get(2));",
      "storage cannot be put into a map",
    ],
    [
      "the entry of an inner list",
      maps,
      "this.l.entry(1);",
      "a map of storage has no entries of values",
    ],
    [
      "a map of Value",
      "m: StorageMap<u8, Value<u8>>;",
      "",
      "a map stores values already; leave Value<…> out",
    ],
    ["a list of lists", "l: StorageList<StorageList<u8>>;", "", "StorageList<u8> cannot be stored"],
    [
      "a map in a set",
      "l: StorageSet<StorageMap<u8, u8>>;",
      "",
      "StorageMap<u8, u8> cannot be stored",
    ],
    [
      "a map as key",
      "l: StorageMap<StorageMap<u8, u8>, u8>;",
      "",
      "StorageMap<u8, u8> cannot be stored",
    ],
  ])("%s", async (_, fields, body, says) => {
    expect(await refusal(contract(fields, body))).toContain(says);
  });
});
