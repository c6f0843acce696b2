// Storage keys by name: fields at once, entries of maps once the contract has hashed them, and nothing that
// only looks like one.
import { describe, expect, it } from "vitest";
import type { ContractAbi } from "../../../host/abi/abi.ts";
import { keccak256 } from "../../../host/codec/keccak.ts";
import { decodeAll, StorageNames } from "../../../host/trace/storage-names.ts";

const abi: ContractAbi = {
  abi: 1,
  contract: "Test",
  asc: "0.28.20",
  types: { Pair: { fields: [{ name: "a", type: "u8" }] } },
  methods: [],
  events: [],
  errors: [],
  storage: [
    { name: "total", slot: "total", type: "value<u64>" },
    { name: "renamed", slot: "before", type: "map<string,Pair>" },
    { name: "deep", slot: "deep", type: "map2<u8,address,bool>" },
    { name: "odd", slot: "odd", type: "list<u8>" },
    { name: "unknown", slot: "unknown", type: "value<Nothing>" },
  ],
};
const slot = (name: string) => keccak256(new TextEncoder().encode(`slot:${name}`));
const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

describe("a storage key", () => {
  it("of a field has its name, by the slot that is hashed", () => {
    const names = new StorageNames(abi);
    expect(names.place(slot("total"))).toMatchObject({ text: "total", keyTypes: [] });
    expect(names.place(slot("before"))?.text).toBe("renamed");
    for (const other of ["renamed", "odd", "unknown"]) {
      expect(names.place(slot(other))).toBeUndefined();
    }
  });

  it("of an entry is known once the contract has hashed it", () => {
    const names = new StorageNames(abi);
    const preimage = join(slot("before"), Uint8Array.of(0, 0, 0, 2, 0x68, 0x69));
    const key = keccak256(preimage);
    expect(names.place(key)).toBeUndefined();
    names.noteHash(preimage, key);
    const place = names.place(key);
    expect(place).toMatchObject({ text: 'renamed["hi"]', keyTypes: [] });
    expect(decodeAll(place!.valueType, Uint8Array.of(7))).toEqual({ a: 7 });
  });

  it("of an entry two levels deep takes two hashes", () => {
    const names = new StorageNames(abi);
    const outer = join(slot("deep"), Uint8Array.of(3));
    const inner = join(keccak256(outer), new Uint8Array(20).fill(0xab));
    names.noteHash(inner, keccak256(inner));
    expect(names.place(keccak256(inner))).toBeUndefined();
    names.noteHash(outer, keccak256(outer));
    names.noteHash(inner, keccak256(inner));
    expect(names.place(keccak256(inner))?.text).toBe(`deep[3][0x${"ab".repeat(20)}]`);
  });

  it("is not made of what is hashed otherwise: another length, a field that is no map", () => {
    const names = new StorageNames(abi);
    for (const preimage of [
      join(slot("deep"), Uint8Array.of(3, 3)),
      join(slot("total"), Uint8Array.of(1)),
      slot("deep"),
      Uint8Array.of(1, 2),
    ]) {
      names.noteHash(preimage, keccak256(preimage));
      expect(names.place(keccak256(preimage))).toBeUndefined();
    }
  });
});
