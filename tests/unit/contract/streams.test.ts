// Hashes of data of any length, in any parts: those of a library, on both sides of every block's end.
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeResult } from "../../../host/abi/decode-result.ts";
import { encodeCall } from "../../../host/abi/encode-call.ts";
import { toHex } from "../../../host/codec/hex.ts";
import { build } from "./contract-source.ts";
import { address, TinyHost } from "./tiny-host.ts";

const SOURCE = `
import { Bytes32, Keccak256, Sha256 } from "plasmavm/assembly";
@contract export class Streams {
  @view hash(parts: StaticArray<u8>[]): Bytes32[] {
    const keccak = new Keccak256();
    const sha = new Sha256();
    for (let i = 0; i < parts.length; i++) {
      keccak.update(parts[i]);
      sha.update(parts[i]);
    }
    return [keccak.digest(), sha.digest()];
  }
  @view together(a: StaticArray<u8>, b: StaticArray<u8>): Bytes32[] {
    const first = new Keccak256().update(a);
    const second = new Keccak256().update(b);
    const sha = new Sha256().update(a);
    return [first.digest(), first.update(b).digest(), second.digest(), sha.digest(), sha.update(b).digest()];
  }
}`;

describe("streaming hashes", () => {
  const ready = build(SOURCE).then(({ wasm, abi }) => {
    const host = new TinyHost();
    host.deploy(address(1), wasm, new Uint8Array());
    const call = (method: string, ...args: unknown[]): unknown =>
      decodeResult(abi, method, host.call(address(1), encodeCall(abi, method, args)).output);
    return { wasm, call };
  });
  const bytes = (length: number): Uint8Array =>
    Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 255);

  it.each([
    0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 135, 136, 137, 271, 272, 273, 1024, 1025, 20_000,
  ])("are right for %i bytes", async (length) => {
    const { call } = await ready;
    const data = bytes(length);
    expect(call("hash", [data])).toEqual([toHex(keccak_256(data)), toHex(sha256(data))]);
  });

  it("do not depend on how the data is cut", async () => {
    const { call } = await ready;
    const lengths = fc.array(fc.oneof(fc.nat(300), fc.constantFrom(0, 1, 63, 64, 135, 136)), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(lengths, (list) => {
        const parts = list.map(bytes);
        const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
        expect(call("hash", parts)).toEqual([toHex(keccak_256(whole)), toHex(sha256(whole))]);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it("run beside one another, and go on after a digest", async () => {
    const { call } = await ready;
    const [a, b] = [bytes(200), bytes(70)];
    const both = Uint8Array.from([...a, ...b]);
    expect(call("together", a, b)).toEqual(
      [keccak_256(a), keccak_256(both), keccak_256(b), sha256(a), sha256(both)].map(toHex),
    );
  });
});
