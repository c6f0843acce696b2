// The rest of the SDK, part by part: context, hashes, events, errors, maps, sub-calls with value, memory.
import { readFileSync } from "node:fs";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeEvent } from "../../../host/abi/decode-event.ts";
import { decodeResult } from "../../../host/abi/decode-result.ts";
import { decodeRevert, describeRevert } from "../../../host/abi/decode-revert.ts";
import { encodeCall } from "../../../host/abi/encode-call.ts";
import { toHex } from "../../../host/codec/hex.ts";
import type { ContractBuild } from "../../../host/contract/index.ts";
import { build } from "./contract-source.ts";
import { address, TinyHost } from "./tiny-host.ts";

const SOURCE = `
import { Address, Bytes32, Bytes64, Bytes65, Result, Status, StorageMap, StorageMap2, Value, addressOf, at, ctx, decode, encode, fromHex,
  emit, fail, keccak256, lastOutput, recover, require, revert, sha256, tryRecover, u128, u256 } from "plasmavm/assembly";

@event("who", "name", "big") class Everything {
  constructor(public who: Address, public name: string, public amount: u64, public big: u256, public list: u16[]) {}
}
@event class Nothing {}
@event("flag", "small") class Small { constructor(public flag: bool, public small: i16) {} }
@error class Told { constructor(public text: string, public code: u8) {} }
@error class Plain {}

@remote abstract class Other {
  abstract deposit(): u128;
  abstract explode(kind: u32): void;
  abstract try_explode(kind: u32): Status;
  abstract try_deposit(): Result<u128>;
}

const words: string[] = ["made", "at", "start"];
let calls: u32 = 0;

@contract export class Parts {
  names: StorageMap<string, string>;
  pairs: StorageMap2<u32, Address, bool>;
  flag: Value<bool>;

  @view where(): Address[] { return [ctx.self, ctx.caller, ctx.origin, ctx.producer]; }
  @view when(): u64[] { return [ctx.height, ctx.time, ctx.price, ctx.nonce, ctx.gasLimit]; }
  @view environment(): Bytes32 { return ctx.environment; }
  @view flags(): bool[] { return [ctx.isView, ctx.isTopLevel, ctx.isContract(ctx.self), ctx.isContract(Address.zero)]; }
  @view balance(): u128 { return ctx.balanceOf(ctx.self); }
  @call deposit(): u128 { return ctx.value; }

  @view hashes(data: StaticArray<u8>): Bytes32[] { return [keccak256(data), sha256(data)]; }
  @view key(hash: Bytes32, signature: Bytes65): Bytes64 { return recover(hash, signature); }
  @view signer(hash: Bytes32, signature: Bytes65): Address {
    const key = tryRecover(hash, signature);
    return key ? addressOf(key) : Address.zero;
  }
  @view coded(owner: Address, amount: u256, text: string): StaticArray<u8>[] {
    return [encode(owner), encode(amount), encode(text), encode([amount])];
  }
  @view decoded(bytes: StaticArray<u8>): u256[] { return decode<u256[]>(bytes); }
  @view fixed(text: string): Address { return Address.from(fromHex(text)); }
  @view word(bytes: StaticArray<u8>): Bytes32 { return Bytes32.from(bytes); }
  @view byteOf(hash: Bytes32, index: u32): u8 { return hash.byte(index); }

  @call tell(name: string): void {
    emit(new Everything(ctx.caller, name, 7, u256.max, [1, 2]));
    emit(new Nothing());
    emit(new Small(true, -2));
  }
  @call explode(kind: u32): void {
    if (kind == 1) revert(new Told("grüße", 9));
    if (kind == 2) revert(new Plain());
    if (kind == 3) revert("plain words");
    if (kind == 4) fail("more words");
    if (kind == 5) require(false, "not met");
    if (kind == 6) throw new Error("thrown");
    if (kind == 7) fail(words[<i32>kind]);
    if (kind == 8) assert(kind == 9);
    if (kind == 9) fail("a\\ud800b");
    if (kind == 12) revert(new Told("\\udc00", 1));
    if (kind == 10) unreachable();
    require(kind != 0, "never");
  }

  @call name(key: string, value: string): string {
    const entry = this.names.entry(key);
    const before = entry.has() ? entry.get() : "none";
    entry.set(before + "," + value);
    return this.names.get(key);
  }
  @call forget(key: string): bool { this.names.remove(key); return this.names.has(key); }
  @call pair(a: u32, b: Address): bool[] {
    const before = this.pairs.has(a, b);
    this.pairs.at(a).set(b, true);
    const set = this.pairs.get(a, b);
    this.pairs.entry(a, b).remove();
    return [before, set, this.pairs.has(a, b), this.flag.get()];
  }

  @call send(to: Address, amount: u128): u128 { return at<Other>(to, amount).deposit(); }
  @call hand(to: Address, kind: u32): void { at<Other>(to).explode(kind); }
  @call attempt(to: Address, kind: u32): string {
    const status = at<Other>(to, null, 500).try_explode(kind);
    return (status.ok ? "ok" : "status " + status.status.toString()) + " " + lastOutput().length.toString();
  }
  @call attemptValue(to: Address): u128 { return at<Other>(to).try_deposit().value; }

  @view grow(pages: u32): u32 {
    let sum: u32 = 0;
    for (let i: u32 = 0; i < pages; i++) {
      const page = new StaticArray<u8>(0x10000);
      for (let at = 0; at < 0x10000; at += 4096) sum += page[at];
      memory.fill(changetype<usize>(page), 0xff, 0x10000);
    }
    return sum + memory.size();
  }
  @view started(): string { calls++; return words.join(" ") + " " + calls.toString(); }
  @view sorted(list: u32[]): u32[] { return list.sort((a, b) => a < b ? -1 : 1); }
}
`;

describe("the SDK", () => {
  const AT = address(1);
  const OTHER = address(2);
  let built: ContractBuild;
  let host: TinyHost;
  beforeAll(async () => {
    built = await build(SOURCE);
    // The one thing the compiler has to say: an event without fields is allowed, and pointed out.
    expect(built.warnings.match(/^WARNING .*$/gm)).toEqual([
      expect.stringContaining("Nothing has no fields"),
    ]);
    host = new TinyHost();
    for (const at of [AT, OTHER]) host.deploy(at, built.wasm, new Uint8Array());
  });
  const raw = (method: string, ...args: unknown[]) =>
    host.call(AT, encodeCall(built.abi, method, args), address(0xaa), 77n);
  const call = (method: string, ...args: unknown[]): unknown => {
    const { status, output } = raw(method, ...args);
    if (status === 0) return decodeResult(built.abi, method, output);
    return status === 1 ? describeRevert(decodeRevert(built.abi, output)) : `status ${status}`;
  };

  it("tells the context", () => {
    expect(call("where")).toEqual([AT, address(0xaa), address(0x0f), address(0x0e)].map(toHex));
    expect(call("when")).toEqual([7n, 1_700_000_000n, 3n, 5n, 1_000_000n]);
    expect(call("environment")).toBe(`0x${"e1".repeat(32)}`);
    expect(call("flags")).toEqual([false, false, true, false]);
    expect(call("balance")).toBe(9n);
    expect(call("deposit")).toBe(77n);
  });

  it("hashes and recovers through the host", () => {
    const data = Uint8Array.from({ length: 300 }, (_, i) => i);
    expect(call("hashes", data)).toEqual([toHex(keccak_256(data)), toHex(sha256(data))]);
    const signature = (v: number) => Uint8Array.from({ length: 65 }, (_, i) => (i === 64 ? v : 1));
    const key = `0x${"42".repeat(64)}`;
    expect(call("key", new Uint8Array(32), signature(27))).toBe(key);
    expect(call("key", new Uint8Array(32), signature(26))).toBe("the signature is not valid");
    const signer = toHex(keccak_256(new Uint8Array(64).fill(0x42)).subarray(12));
    expect(call("signer", new Uint8Array(32), signature(27))).toBe(signer);
    expect(call("signer", new Uint8Array(32), signature(26))).toBe(toHex(new Uint8Array(20)));
    expect(
      call(
        "byteOf",
        Uint8Array.from({ length: 32 }, (_, i) => i),
        31,
      ),
    ).toBe(31);
    expect(call("byteOf", new Uint8Array(32), 32)).toMatch(
      /^byte index is beyond the end \(~lib\/plasmavm\//,
    );
  });

  it("turns values into bytes and back", () => {
    const word = (value: number): string => value.toString(16).padStart(64, "0");
    expect(call("coded", address(3), 7, "hi")).toEqual([
      toHex(address(3)),
      `0x${word(7)}`,
      "0x000000026869",
      `0x00000001${word(7)}`,
    ]);
    expect(call("decoded", `0x00000002${word(5)}${word(6)}`)).toEqual([5n, 6n]);
    expect(call("decoded", `0x00000001${word(5)}00`)).toBe(
      "bytes do not fit their type: too many bytes",
    );
    expect(call("decoded", "0x000000")).toBe("bytes do not fit their type");
    const mixed = `0x${"aB".repeat(20)}`;
    expect(call("fixed", mixed)).toBe(mixed.toLowerCase());
    for (const wrong of ["", "0x", "0xab", mixed.slice(2), `${mixed}a`, mixed.replace("a", "g")])
      expect(call("fixed", wrong)).toBe("bytes do not fit their type");
    expect(call("word", new Uint8Array(32).fill(1))).toBe(`0x${"01".repeat(32)}`);
    expect(call("word", new Uint8Array(31))).toBe("bytes do not fit their type");
  });

  it("emits fields of every kind, indexed and not", () => {
    host.events.length = 0;
    call("tell", "name");
    const decoded = host.events.map((event) => decodeEvent(built.abi, event.topics, event.data));
    expect(decoded).toEqual([
      {
        name: "Everything",
        fields: {
          who: toHex(address(0xaa)),
          name: toHex(keccak_256(Uint8Array.from([0, 0, 0, 4, ...Buffer.from("name")]))),
          amount: 7n,
          big: 2n ** 256n - 1n,
          list: [1, 2],
        },
      },
      { name: "Nothing", fields: {} },
      { name: "Small", fields: { flag: true, small: -2 } },
    ]);
  });

  it.each([
    [1, 'Told(text: "grüße", code: 9)'],
    [2, "Plain()"],
    [3, "plain words"],
    [4, "more words"],
    [5, "not met"],
    [6, /^thrown \(test\.ts:\d+:\d+\)$/],
    [7, /^Index out of range \(~lib\/array\.ts:\d+:\d+\)$/],
    [8, /^a check failed \(test\.ts:\d+:\d+\)$/],
    [9, "a\ufffdb"],
    [10, "status 2"],
    [0, "never"],
    [12, "a text is not valid Unicode"],
    [11, undefined],
  ])("ends a call in way %i", (kind, told) => {
    const result = call("explode", kind);
    if (told instanceof RegExp) expect(result).toMatch(told);
    else expect(result).toBe(told);
  });

  it("keeps maps by text and by two keys", () => {
    expect(call("name", "ä", "1")).toBe("none,1");
    expect(call("name", "ä", "2")).toBe("none,1,2");
    expect(call("name", "", "x")).toBe("none,x");
    expect(call("forget", "ä")).toBe(false);
    expect(call("name", "ä", "3")).toBe("none,3");
    expect(call("pair", 5, address(9))).toEqual([false, true, false, false]);
  });

  it("sends value along and hands errors on", () => {
    expect(call("send", OTHER, 2n ** 70n)).toBe(2n ** 70n);
    expect(call("hand", OTHER, 1)).toBe('Told(text: "grüße", code: 9)');
    expect(call("hand", OTHER, 6)).toMatch(/^thrown \(test\.ts/);
    expect(call("hand", OTHER, 10)).toBe("a sub-call trapped");
    expect(call("hand", AT, 11)).toBe("a sub-call was refused");
    expect(call("hand", OTHER, 11)).toBeUndefined();
  });

  it("attempts calls and reads what they left", () => {
    expect(call("attempt", OTHER, 11)).toBe("ok 0");
    expect(call("attempt", OTHER, 2)).toBe("status 1 5");
    expect(call("attempt", OTHER, 10)).toBe("status 2 0");
    expect(call("attempt", AT, 11)).toBe("status 3 0");
    expect(call("attemptValue", OTHER)).toBe(0n);
    expect(call("attemptValue", AT)).toBe("the sub-call has no result");
  });

  it("hands out fresh zeroed memory up to its limit, and traps beyond", () => {
    expect(call("grow", 1)).toBeLessThanOrEqual(3);
    expect(call("grow", 100)).toBeGreaterThan(100);
    expect(call("grow", 254)).toBe(255);
    expect(call("grow", 255)).toBe(256);
    expect(call("grow", 256)).toBe("status 2");
  });

  it("runs initialisers before each call, and the standard library's functions", () => {
    expect(call("started")).toBe("made at start 1");
    expect(call("started")).toBe("made at start 1");
    expect(call("sorted", [3, 1, 2])).toEqual([1, 2, 3]);
  });

  it("writes its own messages as their bytes", () => {
    const source = readFileSync(
      new URL("../../../assembly/runtime/texts.ts", import.meta.url),
      "utf8",
    );
    const texts = [...source.matchAll(/`([^`]+)`[^[]*\[([\d,\s]+)\]\)/g)];
    expect(texts.length).toBe(source.split("memory.data").length - 1);
    for (const [, text = "", bytes = ""] of texts) {
      const [length, ...numbers] = bytes
        .split(",")
        .map((byte) => byte.trim())
        .filter((byte) => byte !== "");
      expect(String.fromCharCode(...numbers.map(Number))).toBe(text);
      expect(Number(length)).toBe(text.length);
    }
  });
});
