// The token and its caller: balances, allowances, typed errors, and what a sub-call that fails looks like.
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import type { ContractAbi } from "../../../host/abi/abi.ts";
import { decodeEvent } from "../../../host/abi/decode-event.ts";
import { decodeResult } from "../../../host/abi/decode-result.ts";
import { decodeRevert, describeRevert } from "../../../host/abi/decode-revert.ts";
import { encodeCall, encodeInit } from "../../../host/abi/encode-call.ts";
import { parseAbi } from "../../../host/abi/parse-abi.ts";
import { entryKey, slotKey } from "../../../host/abi/signature.ts";
import { toHex } from "../../../host/codec/hex.ts";
import { address, TinyHost } from "./tiny-host.ts";

const folder = new URL("../../../fixtures/contracts/build/", import.meta.url);
const load = (name: string): { wasm: Uint8Array; abi: ContractAbi } => ({
  wasm: readFileSync(new URL(`${name}.wasm`, folder)),
  abi: parseAbi(JSON.parse(readFileSync(new URL(`${name}.abi.json`, folder), "utf8"))),
});
const token = load("token");
const caller = load("caller");
const [TOKEN, CALLER, ALICE, BOB, CAROL] = [1, 2, 0xa1, 0xb0, 0xca].map(address) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const SUPPLY = 2n ** 100n;

describe("the token", () => {
  let host: TinyHost;
  const call = (from: Uint8Array, method: string, ...args: unknown[]): unknown => {
    const result = host.call(TOKEN, encodeCall(token.abi, method, args), from);
    if (result.status === 0) return decodeResult(token.abi, method, result.output);
    return describeRevert(decodeRevert(token.abi, result.output));
  };
  beforeEach(() => {
    host = new TinyHost();
    expect(host.deploy(TOKEN, token.wasm, encodeInit(token.abi, [SUPPLY]), ALICE).status).toBe(0);
  });

  it("takes at most 80 lines of source and 6 KiB of Wasm", () => {
    const source = readFileSync(new URL("../token.ts", folder), "utf8");
    expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(80);
    expect(token.wasm.length).toBeLessThanOrEqual(6144);
  });

  it("gives the supply to its deployer", () => {
    expect(call(BOB, "supply")).toBe(SUPPLY);
    expect(call(BOB, "balanceOf", ALICE)).toBe(SUPPLY);
    expect(call(BOB, "balanceOf", BOB)).toBe(0n);
  });

  it("moves an amount and emits the transfer", () => {
    expect(call(ALICE, "transfer", BOB, 5)).toBe(true);
    expect(call(BOB, "balanceOf", ALICE)).toBe(SUPPLY - 5n);
    expect(call(BOB, "balanceOf", BOB)).toBe(5n);
    const event = host.events.at(-1);
    expect(decodeEvent(token.abi, event?.topics ?? [], event?.data ?? ALICE)).toEqual({
      name: "Transfer",
      fields: { from: toHex(ALICE), to: toHex(BOB), amount: 5n },
    });
  });

  it("keeps a balance that is sent to oneself", () => {
    expect(call(ALICE, "transfer", ALICE, 5)).toBe(true);
    expect(call(ALICE, "balanceOf", ALICE)).toBe(SUPPLY);
  });

  it("transfers with twelve host calls", () => {
    call(ALICE, "transfer", BOB, 5);
    expect(host.calls).toEqual([
      ...["context", "input", "keccak256", "storage_open", "value_read", "storage_set"],
      ...["keccak256", "storage_open", "storage_set", "emit", "output"],
    ]);
    call(ALICE, "transfer", BOB, 5);
    expect(host.calls).toHaveLength(12);
  });

  it("refuses what is not there with both numbers", () => {
    expect(call(BOB, "transfer", ALICE, 1)).toBe('Insufficient(have: "0", need: "1")');
    expect(call(ALICE, "transfer", BOB, SUPPLY + 1n)).toContain(`need: "${SUPPLY + 1n}"`);
    expect(call(ALICE, "transfer", BOB, SUPPLY)).toBe(true);
  });

  it("spends an allowance down to nothing and not beyond", () => {
    expect(call(ALICE, "approve", BOB, 10)).toBe(true);
    expect(call(BOB, "transferFrom", ALICE, CAROL, 4)).toBe(true);
    expect(call(BOB, "allowance", ALICE, BOB)).toBe(6n);
    expect(call(BOB, "transferFrom", ALICE, CAROL, 7)).toBe('Insufficient(have: "6", need: "7")');
    expect(call(BOB, "transferFrom", ALICE, CAROL, 6)).toBe(true);
    expect(call(CAROL, "balanceOf", CAROL)).toBe(10n);
  });

  it("keeps entries where docs/formats.md section 10 says", () => {
    call(ALICE, "approve", BOB, 3);
    const storage = host.accounts.get(toHex(TOKEN))?.storage;
    const balance = storage?.get(toHex(entryKey(slotKey("balances"), ALICE)));
    const allowance = storage?.get(toHex(entryKey(entryKey(slotKey("allowances"), ALICE), BOB)));
    expect(BigInt(toHex(balance ?? ALICE))).toBe(SUPPLY);
    expect(BigInt(toHex(allowance ?? ALICE))).toBe(3n);
  });

  describe("seen by a contract that calls it", () => {
    const by = (method: string, ...args: unknown[]): unknown => {
      const result = host.call(CALLER, encodeCall(caller.abi, method, args), ALICE);
      if (result.status === 0) return decodeResult(caller.abi, method, result.output);
      return describeRevert(decodeRevert([caller.abi, token.abi], result.output));
    };
    beforeEach(() => {
      expect(host.deploy(CALLER, caller.wasm, encodeInit(caller.abi, [TOKEN]), ALICE).status).toBe(
        0,
      );
      call(ALICE, "transfer", CALLER, 100);
    });

    it("returns typed results", () => {
      expect(by("balance")).toBe(100n);
      expect(by("pay", BOB, 30)).toBe(true);
      expect(call(BOB, "balanceOf", BOB)).toBe(30n);
    });

    it("hands a typed error on to the caller's caller", () => {
      expect(by("pay", BOB, 101)).toBe('Insufficient(have: "100", need: "101")');
      expect(by("count")).toBe(1);
    });

    it("lets the caller handle a failure itself", () => {
      expect(by("payWhatIsThere", BOB, 500)).toBe(1);
      expect(call(BOB, "balanceOf", BOB)).toBe(100n);
      expect(by("payWhatIsThere", BOB, 0)).toBe(0);
    });

    it("is refused where it comes back into a locked contract, and let in where that is open", () => {
      expect(by("reenter")).toBe(3);
      expect(by("reenterOpenly")).toBe(1);
      expect(host.entered.filter((flag) => flag === 1)).toHaveLength(2);
    });

    it("succeeds with nothing where there is no code, and says what it cannot read", () => {
      const lost = host.call(CALLER, encodeCall(caller.abi, "forward", [CAROL, 7]), ALICE);
      expect(decodeRevert(caller.abi, lost.output)).toEqual({
        kind: "message",
        message: "bad result of a sub-call",
      });
    });
  });
});
