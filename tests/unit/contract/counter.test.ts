// The counter from source to state: what the walking skeleton needs.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { selectorOf } from "../../../host/abi/signature.ts";
import { fromHex, toHex } from "../../../host/codec/hex.ts";
import { buildContract } from "../../../host/contract/index.ts";
import { address, TinyHost } from "./tiny-host.ts";

const source = readFileSync(
  new URL("../../../fixtures/contracts/counter.ts", import.meta.url),
  "utf8",
);
const u64 = (value: bigint): Uint8Array => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
};
const concat = (...parts: Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
const increment = fromHex(selectorOf("increment", [{ name: "amount", type: "u64" }]));
const value = fromHex(selectorOf("value", []));

describe("the counter contract", () => {
  const built = buildContract({
    entry: "assembly/counter.ts",
    files: { "assembly/counter.ts": source },
  });

  it("exports main, _start and memory and imports only env", async () => {
    const { wasm, warnings } = await built;
    const module = new WebAssembly.Module(wasm as BufferSource);
    expect(warnings).toBe("");
    expect(
      WebAssembly.Module.exports(module)
        .map((one) => one.name)
        .sort(),
    ).toEqual(["_start", "main", "memory"]);
    expect(new Set(WebAssembly.Module.imports(module).map((one) => one.module))).toEqual(
      new Set(["env"]),
    );
    expect(wasm.length).toBeLessThanOrEqual(6144);
  });

  it("counts", async () => {
    const { wasm } = await built;
    const host = new TinyHost();
    expect(host.deploy(address(1), wasm, u64(40n))).toEqual({
      status: 0,
      output: new Uint8Array(),
    });
    expect(host.call(address(1), concat(increment, u64(2n)))).toEqual({
      status: 0,
      output: u64(42n),
    });
    expect(host.call(address(1), value)).toEqual({ status: 0, output: u64(42n) });
    expect(host.entered).toEqual([2]);
    expect(host.events.map((event) => event.topics.map(toHex))).toHaveLength(1);
  });
});
