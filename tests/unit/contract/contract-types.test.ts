// The TypeScript that a build writes for a contract: every type of the ABI, and that it means what it says to the
// TypeScript compiler.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAbi } from "../../../host/abi/parse-abi.ts";
import { contractTypes } from "../../../host/contract/contract-types.ts";
import { expectGolden } from "../../support/golden.ts";

const method = (name: string, kind: string, types: readonly string[], returns: string) => ({
  name,
  kind,
  params: types.map((type, i) => ({ name: ["a", "b", "c", "d"][i], type })),
  returns,
});

const abi = parseAbi({
  abi: 1,
  contract: "Shop",
  asc: "0.28.20",
  types: {
    Side: { variants: ["Buy", "Sell"] },
    Order: {
      fields: [
        { name: "maker", type: "address" },
        { name: "side", type: "Side" },
      ],
    },
  },
  methods: [
    method("open", "init", ["u128", "string"], "void"),
    method("place", "call", ["Order", "u8[]", "bytes32"], "Order"),
    method("take", "call", ["u64?", "Order[]", "bytes", "i256[2]"], "bool"),
    method("list", "view", [], "Order[]"),
    method("count", "view", ["address"], "u32"),
  ],
  events: [{ name: "Placed", fields: [{ name: "by", type: "address", indexed: true }] }],
  errors: [{ name: "Closed", fields: [] }],
  storage: [],
});

const use = `import { createWorld, type TestContract } from "plasmavm/testing";
import { Shop } from "./shop.ts";
const world = await createWorld();
const alice = world.account("alice");
const shop: TestContract<Shop> = await world.deploy(Shop, [1n, "name"]);
const order = { maker: alice, side: "Buy" } as const;
const placed: { maker: string; side: "Buy" | "Sell" } = await shop.as(alice).place(order, [1, 2n], "0x00");
const taken: boolean = await shop.as(alice).take(null, [order], new Uint8Array(2), [1n, -1]);
const count: number = await shop.view.count(shop);
// @ts-expect-error: no such method
shop.view.place;
// @ts-expect-error: a text is no number
await world.deploy(Shop, ["1", "name"]);
// @ts-expect-error: no such variant
await shop.as(alice).place({ maker: alice, side: "Hold" }, [], "0x");
export { count, placed, taken };
`;

describe("the types of a contract", () => {
  const text = contractTypes(abi, "assembly/shop.ts");

  it("name what a test gives and what it gets", () => {
    expectGolden("contract-types.txt", text);
  });

  it("are understood by the compiler, which refuses what does not fit", () => {
    const folder = mkdtempSync(join(tmpdir(), "plasma-types-"));
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(resolve("."), join(folder, "node_modules/plasmavm"), "junction");
    writeFileSync(join(folder, "package.json"), '{"type": "module"}');
    writeFileSync(join(folder, "shop.ts"), text);
    writeFileSync(join(folder, "use.ts"), use);
    const tsc = resolve("node_modules/typescript/bin/tsc");
    const flags = [
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "--target",
      "es2022",
      "--module",
      "nodenext",
    ];
    const args = [tsc, ...flags, "--allowImportingTsExtensions", "use.ts"];
    const { stdout, status } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
    rmSync(folder, { recursive: true, force: true });
    expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
  });
});
