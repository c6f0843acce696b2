// The integer encodings of the emitted module against the definition of LEB128, and against what an
// engine reads.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WasmReader } from "../../../host/program/wasm-reader.ts";
import { WasmWriter } from "../../../host/program/wasm-writer.ts";

/** Shortest signed LEB128, by definition. */
function signedLeb(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const byte = Number(rest & 0x7fn);
    const done = rest >> 6n === 0n || rest >> 6n === -1n;
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
}

const seed = 7;

describe("WasmWriter", () => {
  test("writes u32 so that it reads back, in the fewest bytes", () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), (value) => {
        const bytes = new WasmWriter().u32(value).finish();
        expect(new WasmReader(bytes).u32()).toBe(value);
        expect(bytes.length).toBe(Math.max(1, Math.ceil(value.toString(2).length / 7)));
      }),
      { seed },
    );
  });

  test("writes signed integers as LEB128 defines them", () => {
    const edges = [0, 63, 64, -64, -65, 127, 128, -128, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 40];
    const check = (value: number) => {
      expect([...new WasmWriter().s64(value).finish()]).toEqual(signedLeb(BigInt(value)));
      if (Math.abs(value) < 2 ** 31) {
        expect([...new WasmWriter().s32(value).finish()]).toEqual(signedLeb(BigInt(value)));
      }
    };
    for (const edge of edges) check(edge);
    fc.assert(fc.property(fc.maxSafeInteger(), check), { seed });
  });

  test("copies ranges of any length, and grows", () => {
    const source = Uint8Array.from({ length: 5_000 }, (_, i) => i);
    const out = new WasmWriter();
    for (const [from, to] of [
      [0, 0],
      [3, 4],
      [0, 24],
      [10, 35],
      [0, 5_000],
    ] as const) {
      const before = out.length;
      out.range(source, from, to);
      expect(out.finish().subarray(before)).toEqual(source.subarray(from, to));
    }
  });
});
