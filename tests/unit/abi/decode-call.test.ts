// Inputs back into methods and arguments: what encodeCall makes comes back, and anything else is undefined.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCall, decodeInit } from "../../../host/abi/decode-call.ts";
import { encodeCall, encodeInit } from "../../../host/abi/encode-call.ts";
import { parseAbi } from "../../../host/abi/parse-abi.ts";

const file = new URL("../../../fixtures/contracts/build/token.abi.json", import.meta.url);
const token = parseAbi(JSON.parse(readFileSync(file, "utf8")));
const owner = `0x${"11".repeat(20)}`;
const spender = `0x${"22".repeat(20)}`;

describe("the input of a call", () => {
  it("comes back as method and named arguments", () => {
    const input = encodeCall(token, "transferFrom", [owner, spender, 5n]);
    const args = { from: owner, to: spender, amount: 5n };
    expect(decodeCall(token, input)).toEqual({ method: "transferFrom", args });
    expect(decodeCall(token, encodeCall(token, "supply"))).toEqual({ method: "supply", args: {} });
  });

  it("of another selector is of no method, and one cut or extended has no arguments", () => {
    const input = encodeCall(token, "balanceOf", [owner]);
    expect(decodeCall(token, Uint8Array.of(1, 2, 3, 4))).toBeUndefined();
    expect(decodeCall(token, new Uint8Array(0))).toBeUndefined();
    for (const bytes of [input.subarray(0, 23), Uint8Array.of(...input, 0)]) {
      expect(decodeCall(token, bytes)).toEqual({ method: "balanceOf", args: undefined });
    }
  });

  it("may be any bytes (seed 11)", () => {
    const selector = encodeCall(token, "transfer", [owner, 1n]).subarray(0, 4);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        decodeInit(token, bytes);
        expect(decodeCall(token, Uint8Array.of(...selector, ...bytes))?.method).toBe("transfer");
      }),
      { seed: 11 },
    );
  });
});

describe("the arguments of a deployment", () => {
  it("come back by name", () => {
    const args = { supply: 9n };
    expect(decodeInit(token, encodeInit(token, [9n]))).toEqual({ method: "init", args });
  });

  it("are none where the contract has no @init", () => {
    const methods = token.methods.filter(({ kind }) => kind !== "init");
    const bare = { ...token, methods };
    expect(decodeInit(bare, new Uint8Array(0))).toEqual({ method: "init", args: {} });
    expect(decodeInit(bare, Uint8Array.of(1)).args).toBeUndefined();
  });
});
