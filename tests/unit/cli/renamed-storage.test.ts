// What a build says where a stored field was likely renamed, and where it keeps silent.
import { describe, expect, it } from "vitest";
import { earlierAbi, renamedStorage } from "../../../cli/renamed-storage.ts";
import type { AbiSlot, ContractAbi } from "../../../host/abi/abi.ts";
import { canonicalJson } from "../../../host/abi/canonical-json.ts";

const slot = (name: string, type = "value<u64>", at = name): AbiSlot => ({ name, slot: at, type });
const abi = (...storage: AbiSlot[]): ContractAbi => ({
  ...{ abi: 1, contract: "Shop", asc: "0.28.20" },
  ...{ methods: [], events: [], errors: [], storage, types: {} },
});
const source = `@contract
export class Shop {
  owner: Value<Address>;
  @slot("x") sum: Value<u64>;
}
`;
const told = (before: ContractAbi, after: ContractAbi) =>
  renamedStorage(before, after, "assembly/shop.ts", source);

describe("storage renamed since the last build", () => {
  it("is warned of with its line and the slot to keep", () => {
    const owner = slot("owner", "value<address>");
    expect(told(abi(owner, slot("total")), abi(owner, slot("sum")))).toEqual([
      `WARNING assembly/shop.ts:4: sum starts empty: the last build stored value<u64> in slot "total" of total, which is gone
 fix: if it was renamed, write @slot("total") before sum`,
    ]);
  });

  it.each([
    ["a slot is kept", abi(slot("total")), abi(slot("sum", "value<u64>", "total"))],
    ["the type is another", abi(slot("total")), abi(slot("sum", "value<u128>"))],
    ["two could be meant", abi(slot("total")), abi(slot("sum"), slot("count"))],
    ["nothing is gone", abi(slot("total")), abi(slot("total"), slot("sum"))],
    ["another contract was there", abi(slot("total")), { ...abi(slot("sum")), contract: "Bank" }],
  ])("is silent where %s", (_, before, after) => {
    expect(told(before, after)).toEqual([]);
  });

  it("needs an earlier build that can be read", () => {
    const json = canonicalJson(abi(slot("total")));
    expect(earlierAbi(json)?.storage).toEqual([slot("total")]);
    for (const other of [undefined, "", "{", "{}"]) expect(earlierAbi(other)).toBeUndefined();
  });
});
