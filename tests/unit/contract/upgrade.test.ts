// Upgrades as authors write them: `upgradeTo` in the old contract, `@upgrade` in the new one, on a chain whose
// blocks replay. Who may, what stays, and everything that must not go through.
import { beforeAll, describe, expect, it } from "vitest";
import { decodeResult } from "../../../host/abi/decode-result.ts";
import { decodeRevert, describeRevert } from "../../../host/abi/decode-revert.ts";
import { encodeCall, encodeInit, encodeUpgrade } from "../../../host/abi/encode-call.ts";
import { UPGRADE_SELECTOR } from "../../../host/abi/signature.ts";
import { joinDeployInput } from "../../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import type { ContractBuild } from "../../../host/contract/index.ts";
import { Outcome } from "../../../host/outcome.ts";
import { addressOfName, TestChain } from "../../support/test-chain.ts";
import { build, refusal } from "./contract-source.ts";

const IMPORTS = `import { Address, Value, StorageMap, ctx, require, upgradeTo } from "plasmavm/assembly";`;

const FIRST = `${IMPORTS}
@contract export class Shop {
  owner: Value<Address>;
  sold: Value<u64>;
  @init open(): void { this.owner.set(ctx.caller); this.sold.set(3); }
  @view version(): u32 { return 1; }
  @call({ reentrant: true }) upgrade(code: Address, args: StaticArray<u8>): void {
    require(ctx.caller == this.owner.get(), "only the owner upgrades");
    upgradeTo(code, args);
  }
  @call locked(code: Address): void { upgradeTo(code); }
}`;

/** The successor counts in dozens and remembers who was its caller. */
const SECOND = `${IMPORTS}
@contract export class Shop {
  owner: Value<Address>;
  dozens: Value<u64>;
  sold: Value<u64>;
  by: Value<Address>;
  @upgrade migrate(size: u64, text: string): void {
    require(size > 0, "a dozen has some");
    this.dozens.set(this.sold.get() / size);
    this.by.set(ctx.caller);
  }
  @view version(): u32 { return 2; }
  @view total(): u64 { return this.dozens.get(); }
  @view migratedBy(): Address { return this.by.get(); }
}`;

const NO_HOOK = `${IMPORTS}
@contract export class Shop { owner: Value<Address>; @view version(): u32 { return 3; } }`;

let chain: TestChain;
let first: ContractBuild;
let second: ContractBuild;
let noHook: ContractBuild;
let target: Hex;
let plain: Hex;

async function send(name: string, to: Hex, input: Uint8Array) {
  const call = chain.sign(name, { kind: "call", to: fromHex(to, 20), input });
  const { entries, bundle } = await chain.block([call]);
  expect(chain.replay(bundle).verdict).toBe("valid");
  return entries[0]!;
}

async function deploy({ wasm, abi }: ContractBuild): Promise<Hex> {
  const input = joinDeployInput(wasm, encodeInit(abi, []));
  const { entries } = await chain.block([chain.sign("alice", { kind: "deploy", input })]);
  expect(entries[0]!.outcome).toBe(Outcome.success);
  return entries[0]!.contract as Hex;
}

function view(to: Hex, { abi }: ContractBuild, method: string): unknown {
  const input = encodeCall(abi, method);
  const { output, outcome } = chain.core.view({ to, input });
  expect(outcome).toBe(Outcome.success);
  return decodeResult(abi, method, output);
}

const upgrade = (code: Hex, args: Uint8Array): Uint8Array =>
  encodeCall(first.abi, "upgrade", [code, args]);

/** What the revert of an entry says. */
function said(entry: { outcome: number; output: Uint8Array }): string {
  expect(entry.outcome).toBe(Outcome.revert);
  return describeRevert(decodeRevert(first.abi, entry.output));
}

beforeAll(async () => {
  chain = await TestChain.open(["alice", "bob"]);
  [first, second, noHook] = await Promise.all([build(FIRST), build(SECOND), build(NO_HOOK)]);
  target = await deploy(second);
  plain = await deploy(noHook);
});

describe("upgradeTo", () => {
  it("takes the new code, runs its @upgrade method once on the old storage, and keeps the address", async () => {
    const shop = await deploy(first);
    expect(view(shop, first, "version")).toBe(1);
    const args = encodeUpgrade(second.abi, [2n, "dozen"]);
    expect((await send("alice", shop, upgrade(target, args))).outcome).toBe(Outcome.success);
    expect(view(shop, second, "version")).toBe(2);
    expect(view(shop, second, "total")).toBe(1n);
    expect(view(shop, second, "migratedBy")).toBe(shop);
    expect(view(target, second, "total")).toBe(0n);
  });

  it("goes back whole where the @upgrade method reverts, with its words", async () => {
    const shop = await deploy(first);
    const none = encodeUpgrade(second.abi, [0n, ""]);
    expect(said(await send("alice", shop, upgrade(target, none)))).toContain("a dozen has some");
    const short = await send("alice", shop, upgrade(target, none.subarray(0, 3)));
    expect(said(short)).toContain("migrate(size, text)");
    expect(view(shop, first, "version")).toBe(1);
  });

  it("refuses code without an @upgrade method, and an account without code", async () => {
    const shop = await deploy(first);
    const nothing = new Uint8Array(0);
    expect(said(await send("alice", shop, upgrade(plain, nothing)))).toContain(
      UPGRADE_SELECTOR.slice(2),
    );
    expect(said(await send("alice", shop, upgrade(addressOfName("bob"), nothing)))).toContain(
      "there is no contract to upgrade to",
    );
    expect(view(shop, first, "version")).toBe(1);
  });

  it("asks for a reentrant method, and leaves who may upgrade to the author", async () => {
    const shop = await deploy(first);
    const locked = encodeCall(first.abi, "locked", [target]);
    expect(said(await send("bob", shop, locked))).toContain("@call({ reentrant: true })");
    const stranger = await send("bob", shop, upgrade(target, encodeUpgrade(second.abi, [1n, ""])));
    expect(said(stranger)).toContain("only the owner upgrades");
  });
});

describe("an @upgrade method", () => {
  it("is called by nobody but the contract itself", async () => {
    const args = encodeUpgrade(second.abi, [1n, ""]);
    const input = Uint8Array.from([...fromHex(UPGRADE_SELECTOR, 4), ...args]);
    expect(said(await send("alice", target, input))).toContain(
      "only the contract itself calls its @upgrade method",
    );
    expect(() => encodeCall(second.abi, "migrate", [1n, ""])).toThrowError(
      expect.objectContaining({ code: "ABI_NAME_UNKNOWN" }),
    );
  });

  it("stands in the ABI with its parameters and the selector that all of them share", () => {
    expect(second.abi.methods.find(({ kind }) => kind === "upgrade")).toEqual({
      name: "migrate",
      kind: "upgrade",
      params: [
        { name: "size", type: "u64" },
        { name: "text", type: "string" },
      ],
      returns: "void",
      selector: UPGRADE_SELECTOR,
    });
    expect(toHex(fromHex(UPGRADE_SELECTOR, 4))).toBe("0xc8fe7073");
    expect(() => encodeUpgrade(noHook.abi)).toThrowError(
      expect.objectContaining({ code: "ABI_NAME_UNKNOWN" }),
    );
  });

  it("occurs once and returns nothing", async () => {
    const twice = SECOND.replace("@view version", "@upgrade again(): void {}\n  @view version");
    expect(await refusal(twice)).toContain("a contract has one @upgrade");
    const result = SECOND.replace("text: string): void {", "text: string): bool {\n return true;");
    expect(await refusal(result)).toContain("@upgrade returns nothing: declare it void");
  });
});
