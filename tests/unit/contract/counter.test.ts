// The counter from source to state: shape of the module, context, storage, events, refusals of the dispatcher.
import { describe, expect, it } from "vitest";
import { decodeEvent } from "../../../host/abi/decode-event.ts";
import { decodeResult } from "../../../host/abi/decode-result.ts";
import { decodeRevert } from "../../../host/abi/decode-revert.ts";
import { encodeCall, encodeInit } from "../../../host/abi/encode-call.ts";
import { parseAbi } from "../../../host/abi/parse-abi.ts";
import { sectionJson } from "../../../host/abi/section-json.ts";
import { slotKey } from "../../../host/abi/signature.ts";
import { toHex } from "../../../host/codec/hex.ts";
import { ABI_SECTION, readSection } from "../../../host/contract/index.ts";
import { buildFixture, exportsOf, importsOf } from "./contract-source.ts";
import { address, TinyHost } from "./tiny-host.ts";

const at = address(1);
const nothing = new Uint8Array();

describe("the counter contract", () => {
  const built = buildFixture("counter");
  const deployed = async () => {
    const { wasm, abi } = await built;
    const host = new TinyHost();
    expect(host.deploy(at, wasm, encodeInit(abi, [40]))).toEqual({ status: 0, output: nothing });
    return { host, abi };
  };

  it("exports main, _start and memory, imports only what it uses of env, and stays small", async () => {
    const { wasm, warnings } = await built;
    expect(warnings).toBe("");
    expect(exportsOf(wasm)).toEqual(["_start", "main", "memory"]);
    expect(importsOf(wasm)).toEqual(
      [
        "context",
        "emit",
        "enter",
        "input",
        "output",
        "revert",
        "storage_open",
        "storage_set",
        "value_read",
      ].map((name) => `env.${name}`),
    );
    expect(wasm.length).toBeLessThanOrEqual(2500);
  });

  it("carries its ABI as canonical JSON, without the hashes that follow from it", async () => {
    const { wasm, abi, abiJson } = await built;
    const section = new TextDecoder().decode(readSection(wasm, ABI_SECTION));
    expect(section).toBe(sectionJson(abi));
    expect(section).not.toContain("selector");
    expect(parseAbi(JSON.parse(section))).toEqual(abi);
    expect(parseAbi(JSON.parse(abiJson))).toEqual(abi);
    expect(readSection(wasm, "sourceMappingURL")).toBeUndefined();
  });

  it("counts, and keeps the count under keccak of its slot's name", async () => {
    const { host, abi } = await deployed();
    const result = host.call(at, encodeCall(abi, "increment", [2n]));
    expect(decodeResult(abi, "increment", result.output)).toBe(42n);
    expect(decodeResult(abi, "value", host.call(at, encodeCall(abi, "value")).output)).toBe(42n);
    const stored = host.accounts.get(toHex(at))?.storage.get(toHex(slotKey("count")));
    expect(stored).toEqual(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 42]));
  });

  it("emits a typed event with the caller as a topic", async () => {
    const { host, abi } = await deployed();
    host.call(at, encodeCall(abi, "increment", [5]), address(0xbb));
    const [event] = host.events;
    expect(decodeEvent(abi, event?.topics ?? [], event?.data ?? nothing)).toEqual({
      name: "Incremented",
      fields: { by: `0x${"bb".repeat(20)}`, amount: 5n, count: 45n },
    });
  });

  it("makes views read-only and leaves calls locked", async () => {
    const { host, abi } = await deployed();
    host.call(at, encodeCall(abi, "increment", [1]));
    expect(host.entered).toEqual([]);
    host.call(at, encodeCall(abi, "value"));
    expect(host.entered).toEqual([2]);
  });

  it("reverts a failed check with its message, file and line, and keeps the state", async () => {
    const { host, abi } = await deployed();
    const result = host.call(at, encodeCall(abi, "increment", [2n ** 64n - 1n]));
    expect(result.status).toBe(1);
    expect(decodeRevert(abi, result.output)).toMatchObject({
      kind: "abort",
      message: "the count is full",
      file: "counter.ts",
      line: 25,
    });
    expect(decodeResult(abi, "value", host.call(at, encodeCall(abi, "value")).output)).toBe(40n);
  });

  it.each([
    ["an unknown selector", "0xdeadbeef01", "unknown selector 0xdeadbeef"],
    ["an empty input", "0x", "unknown selector 0x"],
    ["a short input", "0x6092", "unknown selector 0x6092"],
  ])("names %s", async (_, input, message) => {
    const { host, abi } = await deployed();
    const bytes = Uint8Array.from(Buffer.from(input.slice(2), "hex"));
    const result = host.call(at, bytes);
    expect(decodeRevert(abi, result.output)).toEqual({ kind: "message", message });
  });

  it("names the method and argument that are missing, and bytes that are too many", async () => {
    const { host, abi } = await deployed();
    const call = encodeCall(abi, "increment", [1]);
    const cut = host.call(at, call.subarray(0, call.length - 1));
    expect(decodeRevert(abi, cut.output)).toMatchObject({
      message: "increment(amount): bad argument 1",
    });
    const long = host.call(at, Uint8Array.from([...call, 0]));
    expect(decodeRevert(abi, long.output)).toMatchObject({
      message: "increment(amount): too many bytes",
    });
  });

  it("refuses init arguments that are missing or too long", async () => {
    const { wasm, abi } = await built;
    const host = new TinyHost();
    const short = host.deploy(at, wasm, nothing);
    expect(decodeRevert(abi, short.output)).toMatchObject({
      message: "init(start): bad argument 1",
    });
    const long = host.deploy(at, wasm, new Uint8Array(9));
    expect(decodeRevert(abi, long.output)).toMatchObject({
      message: "init(start): too many bytes",
    });
  });
});
