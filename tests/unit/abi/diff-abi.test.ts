// What counts as a break between two versions of a contract: removed methods, changed selectors or encodings,
// moved or retyped storage. Everything else is told and breaks nothing.
import { describe, expect, it } from "vitest";
import type { ContractAbi } from "../../../host/abi/abi.ts";
import { diffAbi } from "../../../host/abi/diff-abi.ts";
import { parseAbi } from "../../../host/abi/parse-abi.ts";
import { build } from "../contract/contract-source.ts";

const side = { variants: ["Buy", "Sell"] };
const order = {
  fields: [
    { name: "side", type: "Side" },
    { name: "amount", type: "u128" },
  ],
};
const base = {
  abi: 1,
  contract: "Book",
  asc: "0.28.20",
  types: { Side: side, Order: order },
  methods: [
    { name: "init", kind: "init", params: [{ name: "start", type: "u64" }], returns: "void" },
    { name: "place", kind: "call", params: [{ name: "order", type: "Order" }], returns: "u64" },
    { name: "best", kind: "view", params: [], returns: "Order[]" },
  ],
  events: [{ name: "Placed", fields: [{ name: "order", type: "Order", indexed: false }] }],
  errors: [{ name: "Full", fields: [] }],
  storage: [
    { name: "orders", slot: "orders", type: "map<u64,Order>" },
    { name: "count", slot: "count", type: "value<u64>" },
  ],
};
type Draft = typeof base;
const abi = (change: (draft: Draft) => unknown = () => undefined): ContractAbi => {
  const draft = structuredClone(base);
  change(draft);
  return parseAbi(draft);
};
const told = (change: (draft: Draft) => unknown): string[] =>
  diffAbi(abi(), abi(change)).map(
    (one) => `${one.breaking ? "breaks: " : ""}${one.part} ${one.change} ${one.name}`,
  );

describe("diffAbi", () => {
  it("finds nothing between equal ABIs, whatever compiler made them", () => {
    expect(told((draft) => Object.assign(draft, { asc: "0.29.0" }))).toEqual([]);
  });

  const method = (draft: Draft, index: number) => draft.methods[index] as Draft["methods"][number];
  const slot = (draft: Draft, index: number) => draft.storage[index] as Draft["storage"][number];
  const cases: readonly [string, (draft: Draft) => unknown, string[]][] = [
    ["a removed method", (d) => d.methods.splice(1, 1), ["breaks: method removed place"]],
    [
      "another argument",
      (d) => method(d, 1).params.push({ name: "by", type: "u8" }),
      ["breaks: method changed place"],
    ],
    [
      "another result",
      (d) => Object.assign(method(d, 2), { returns: "Order" }),
      ["breaks: method changed best"],
    ],
    [
      "a call that only reads now",
      (d) => Object.assign(method(d, 1), { kind: "view" }),
      ["method changed place"],
    ],
    [
      "a view that writes now",
      (d) => Object.assign(method(d, 2), { kind: "call" }),
      ["breaks: method changed best"],
    ],
    [
      "a renamed parameter",
      (d) => Object.assign(method(d, 1).params[0] ?? {}, { name: "o" }),
      ["method changed place"],
    ],
    ["another init", (d) => Object.assign(method(d, 0), { params: [] }), ["method changed init"]],
    ["no init", (d) => d.methods.splice(0, 1), ["method removed init"]],
    [
      "a struct with another field order, which keeps selectors",
      (d) => d.types.Order.fields.reverse(),
      [
        "breaks: method changed place",
        "breaks: method changed best",
        "breaks: storage changed orders",
        "event changed Placed",
      ],
    ],
    [
      "enum variants in another order",
      (d) => d.types.Side.variants.reverse(),
      [
        "breaks: method changed place",
        "breaks: method changed best",
        "breaks: storage changed orders",
        "event changed Placed",
      ],
    ],
    [
      "a moved slot",
      (d) => Object.assign(slot(d, 1), { slot: "c" }),
      ["breaks: storage moved count"],
    ],
    [
      "a renamed field without @slot",
      (d) => Object.assign(slot(d, 1), { name: "total", slot: "total" }),
      ["breaks: storage removed count", "storage added total"],
    ],
    [
      "a renamed field with @slot",
      (d) => Object.assign(slot(d, 1), { name: "total" }),
      ["storage changed count"],
    ],
    [
      "another stored type",
      (d) => Object.assign(slot(d, 1), { type: "value<u32>" }),
      ["breaks: storage changed count"],
    ],
    ["a removed field", (d) => d.storage.pop(), ["breaks: storage removed count"]],
    ["fields in another order", (d) => d.storage.reverse(), []],
    [
      "a removed event and error",
      (d) => Object.assign(d, { events: [], errors: [] }),
      ["event removed Placed", "error removed Full"],
    ],
    [
      "what is added",
      (d) => {
        d.methods.push({ name: "more", kind: "view", params: [], returns: "u8" });
        d.storage.push({ name: "more", slot: "more", type: "value<u8>" });
        d.events.push({ name: "More", fields: [] });
        d.errors.push({ name: "More", fields: [] });
      },
      ["method added more", "storage added more", "event added More", "error added More"],
    ],
  ];
  it.each(cases)("tells %s", (_, change, expected) => {
    expect(told(change)).toEqual(expected);
  });

  it("stays quick on structs that name more fields than there are atoms", () => {
    const types: Record<string, unknown> = { T0: { fields: [{ name: "a", type: "u8" }] } };
    for (let i = 1; i <= 14; i++)
      types[`T${i}`] = {
        fields: Array.from({ length: 30 }, (_, j) => ({ name: `f${j}`, type: `T${i - 1}` })),
      };
    const big = (last: string): ContractAbi =>
      parseAbi({
        ...base,
        types: { ...types, T0: { fields: [{ name: "a", type: last }] } },
        events: [],
        methods: [{ name: "go", kind: "view", params: [], returns: "T14" }],
        storage: [],
      });
    expect(diffAbi(big("u8"), big("u16")).map((one) => one.breaking)).toEqual([true]);
  });

  it("compares what the build makes", async () => {
    const source = (field: string): string =>
      `import { Value } from "plasmavm/assembly";
@contract export class Test { ${field} @view get(): u32 { return 1; } }`;
    const [one, two, three] = await Promise.all([
      build(source("count: Value<u32>;")),
      build(source('@slot("count") total: Value<u32>;')),
      build(source("total: Value<u32>;")),
    ]);
    expect(diffAbi(one.abi, two.abi).some((change) => change.breaking)).toBe(false);
    expect(diffAbi(one.abi, three.abi).some((change) => change.breaking)).toBe(true);
  });
});
