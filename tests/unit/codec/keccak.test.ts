// Keccak of the crypto module against noble, at every padding and around the module's buffer.
import { keccak_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bufferSize } from "../../../host/codec/crypto.ts";
import { fromHex, toHex } from "../../../host/codec/hex.ts";
import { keccak256, keccak256Into, keccak256Pair } from "../../../host/codec/keccak.ts";
import { pattern, seed } from "./reference.ts";

describe("keccak256", () => {
  it("gives the published hashes of the empty string and of abc", () => {
    expect(toHex(keccak256(new Uint8Array(0)))).toBe(
      "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
    );
    expect(toHex(keccak256(fromHex("0x616263")))).toBe(
      "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
    );
  });

  it("equals noble for every length around one and two blocks and the paddings between", () => {
    for (let length = 0; length <= 300; length++) {
      const bytes = pattern(length);
      expect(toHex(keccak256(bytes)), `length ${length}`).toBe(toHex(keccak_256(bytes)));
    }
  });

  it("equals noble on both sides of the module's buffer, where input goes through in pieces", () => {
    for (const around of [bufferSize, 2 * bufferSize]) {
      for (const length of [around - 1, around, around + 1, around + 135, around + 136]) {
        const bytes = pattern(length);
        expect(toHex(keccak256(bytes)), `length ${length}`).toBe(toHex(keccak_256(bytes)));
      }
    }
  });

  it("equals noble on random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(keccak256(bytes)).toEqual(Uint8Array.from(keccak_256(bytes)));
      }),
      { seed, numRuns: 300 },
    );
  });

  it("returns bytes of its own that later hashes leave alone", () => {
    const first = keccak256(pattern(10));
    const copy = first.slice();
    keccak256(pattern(11));
    expect(first).toEqual(copy);
  });
});

describe("keccak256Into", () => {
  it("hashes a range of one array into a place of another and writes nothing else", () => {
    const source = pattern(200);
    const target = new Uint8Array(40).fill(9);
    keccak256Into(source, 30, 130, target, 4);
    expect(target.subarray(4, 36)).toEqual(Uint8Array.from(keccak_256(source.subarray(30, 130))));
    expect([...target.subarray(0, 4), ...target.subarray(36)]).toEqual(new Array(8).fill(9));
  });

  it("hashes in place where the ranges overlap", () => {
    const bytes = pattern(64);
    const expected = Uint8Array.from(keccak_256(bytes));
    keccak256Into(bytes, 0, 64, bytes, 16);
    expect(bytes.subarray(16, 48)).toEqual(expected);
  });
});

describe("keccak256Pair", () => {
  it("hashes left before right", () => {
    const bytes = pattern(64);
    const left = bytes.subarray(0, 32);
    const right = bytes.subarray(32);
    expect(keccak256Pair(left, right)).toEqual(Uint8Array.from(keccak_256(bytes)));
    expect(keccak256Pair(right, left)).not.toEqual(keccak256Pair(left, right));
  });
});
