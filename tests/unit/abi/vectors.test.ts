// fixtures/vectors/abi.json against both codecs: host/abi, and a contract that reads and writes each type.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { type AbiType, parseAbiType, type TypeDefinitions } from "../../../host/abi/abi-type.ts";
import { decodeRevert } from "../../../host/abi/decode-revert.ts";
import { decodeValue, decodeWhole } from "../../../host/abi/decode-value.ts";
import { methodOf } from "../../../host/abi/encode-call.ts";
import { encodeValue } from "../../../host/abi/encode-value.ts";
import { entryKey, selectorOf, slotKey, topicOf } from "../../../host/abi/signature.ts";
import { fromHex, toHex } from "../../../host/codec/hex.ts";
import { ByteReader } from "../../../host/codec/reader.ts";
import { ByteWriter } from "../../../host/codec/writer.ts";
import type { ContractBuild } from "../../../host/contract/index.ts";
import { build } from "../contract/contract-source.ts";
import { address, TinyHost } from "../contract/tiny-host.ts";

interface Vectors {
  readonly types: TypeDefinitions;
  readonly values: readonly { type: string; value: unknown; bytes: string }[];
  readonly refused: readonly { type: string; bytes: string; why: string }[];
  readonly signatures: readonly {
    name: string;
    types: string[];
    selector: string;
    topic: string;
  }[];
  readonly slots: readonly { slot: string; key: string }[];
  readonly entries: readonly {
    slot: string;
    keys: { type: string; bytes: string }[];
    key: string;
  }[];
}
const file = new URL("../../../fixtures/vectors/abi.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;

function encode(type: AbiType, value: unknown): string {
  const out = new ByteWriter();
  encodeValue(out, type, value, "value");
  return toHex(out.finish());
}

/** Decoded values as the vectors write them: wide integers as decimal text. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, item) => (typeof item === "bigint" ? item.toString() : item)),
  );

describe("host/abi on the vectors", () => {
  it.each(vectors.values)("$type $value is $bytes", ({ type, value, bytes }) => {
    const parsed = parseAbiType(type, vectors.types);
    expect(encode(parsed, value)).toBe(bytes);
    const reader = new ByteReader(fromHex(bytes));
    expect(plain(decodeWhole(reader, "value", () => decodeValue(reader, parsed)))).toEqual(value);
  });

  it.each(vectors.refused)("$type refuses $bytes: $why", ({ type, bytes }) => {
    const reader = new ByteReader(fromHex(bytes));
    const parsed = parseAbiType(type, vectors.types);
    expect(() => decodeWhole(reader, "value", () => decodeValue(reader, parsed))).toThrowError(
      expect.objectContaining({ code: "ABI_DATA" }),
    );
  });

  it.each(vectors.signatures)(
    "hashes the signature of $name",
    ({ name, types, selector, topic }) => {
      const params = types.map((type, i) => ({ name: `p${i}`, type }));
      expect(selectorOf(name, params)).toBe(selector);
      expect(topicOf(name, params)).toBe(topic);
    },
  );

  it("derives slots and entries", () => {
    for (const { slot, key } of vectors.slots) expect(toHex(slotKey(slot))).toBe(key);
    for (const { slot, keys, key } of vectors.entries)
      expect(toHex(keys.reduce((at, one) => entryKey(at, fromHex(one.bytes)), slotKey(slot)))).toBe(
        key,
      );
  });
});

/** The types that contracts have, as their sources write them. */
const inContracts: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      "bool",
      "u8",
      "u16",
      "u32",
      "u64",
      "u128",
      "u256",
      "i128",
      "i256",
      "i8",
      "i16",
      "i32",
      "i64",
      "string",
    ].map((name) => [name, name]),
  ),
  address: "Address",
  bytes32: "Bytes32",
  bytes64: "Bytes64",
  bytes65: "Bytes65",
  bytes: "StaticArray<u8>",
  "u16[]": "u16[]",
  "bool[]": "bool[]",
  "string[]": "string[]",
  "u64[][]": "u64[][]",
  "address[]": "Address[]",
  "u128[]": "u128[]",
  "bytes[]": "StaticArray<u8>[]",
  Side: "Side",
  Point: "Point",
  Trade: "Trade",
  "Point[]": "Point[]",
  "Trade[]": "Trade[]",
};

const ownTypes = `
enum Side { buy, sell }
@struct class Point { constructor(public x: i32, public y: u64) {} }
@struct class Trade { constructor(public side: Side, public at: Point, public memo: string, public path: Point[]) {} }
`;

describe("a contract on the vectors", () => {
  const names = Object.keys(inContracts);
  const method = (type: string): string => `echo${names.indexOf(type)}`;
  const slots = names.map((type, i) => `stored${i}: Value<${inContracts[type]}>;`);
  const methods = names.map((type, i) => {
    const text = inContracts[type];
    return `@call echo${i}(x: ${text}): ${text} { this.stored${i}.set(x); return this.stored${i}.get(); }`;
  });
  const source = `import { Address, Bytes32, Bytes64, Bytes65, i128, i256, StorageMap, u128, u256, Value } from "plasmavm/assembly";
${ownTypes}
@contract export class Echo {
  ${slots.join("\n")}
  names: StorageMap<string, u8>;
  ${methods.join("\n")}
  @call view8(x: Uint8Array): Uint8Array { return x; }
  @call name(x: string): void { this.names.set(x, 9); }
}`;
  let built: ContractBuild;
  let host: TinyHost;
  beforeAll(async () => {
    built = await build(source);
    host = new TinyHost();
    host.deploy(address(1), built.wasm, new Uint8Array());
  });
  const call = (name: string, bytes: Uint8Array) => {
    const selector = fromHex(methodOf(built.abi, name).selector ?? "0x");
    return host.call(address(1), Uint8Array.from([...selector, ...bytes]));
  };

  it("names the same types", () => {
    expect(built.abi.methods.slice(0, names.length).map((one) => one.returns)).toEqual(names);
  });

  it.each(vectors.values.filter(({ type }) => type in inContracts))(
    "$type $value comes back through storage",
    ({ type, bytes }) => {
      const result = call(method(type), fromHex(bytes));
      expect(result).toEqual({ status: 0, output: fromHex(bytes) });
      const key = toHex(slotKey(`stored${names.indexOf(type)}`));
      expect(host.accounts.get(toHex(address(1)))?.storage.get(key)).toEqual(fromHex(bytes));
    },
  );

  it.each(vectors.refused.filter(({ type }) => type in inContracts))(
    "$type refuses $bytes: $why",
    ({ type, bytes, why }) => {
      const result = call(method(type), fromHex(bytes));
      const reverted = decodeRevert(built.abi, result.output);
      const expected = /too many/.test(why) ? "(x): too many bytes" : "(x): bad argument 1";
      const text =
        type === "string" && !/shorter/.test(why)
          ? "a text is not valid Unicode"
          : method(type) + expected;
      expect(reverted).toEqual({ kind: "message", message: text });
    },
  );

  it("takes Uint8Array for bytes, and keys of any length for maps", () => {
    const bytes = fromHex("0x00000003010203");
    expect(call("view8", bytes).output).toEqual(bytes);
    expect(call("name", fromHex("0x000000026869")).status).toBe(0);
    const entry = vectors.entries.find((one) => one.slot === "names");
    const storage = host.accounts.get(toHex(address(1)))?.storage;
    expect(storage?.get(entry?.key ?? "")).toEqual(Uint8Array.of(9));
  });
});
