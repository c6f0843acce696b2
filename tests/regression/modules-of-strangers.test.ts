// What is shown of strangers' modules: found by fixtures/hostile, kept here as the least input that failed.
import { describe, expect, it } from "vitest";
import { printable } from "../../cli/output.ts";
import { wasmOverview } from "../../cli/wasm-overview.ts";
import { functionName, importNames } from "../../host/program/names.ts";

/** A module of `count` custom sections without name or content. */
function sections(count: number): Uint8Array {
  const bytes = new Uint8Array(8 + 3 * count);
  bytes.set([0, 0x61, 0x73, 0x6d, 1]);
  for (let i = 0; i < count; i++) bytes[8 + 3 * i + 1] = 1;
  return bytes;
}

describe("a module of a stranger", () => {
  it("is not listed beyond 100,000 sections, which took gigabytes", () => {
    expect(wasmOverview(sections(100_000)).sections.length).toBe(100_000);
    const many = sections(100_001);
    const tooLong = expect.objectContaining({ code: "BYTES_TOO_LONG" });
    expect(() => wasmOverview(many)).toThrowError(tooLong);
    expect(importNames(many)).toEqual([]);
    expect(functionName(many, 0)).toBeUndefined();
  });

  it("cannot steer the terminal by its names, and colours stay", () => {
    const red = "\u001b[31mrefused\u001b[39m";
    expect(printable(`${red}\tok\n`)).toBe(`${red}\tok\n`);
    expect(printable("\u001b[2Jgone\u001b]0;title\u0007\r\u009b")).toBe(
      "\ufffd[2Jgone\ufffd]0;title\ufffd\ufffd\ufffd",
    );
    expect(printable("a\u202eb\u2066c")).toBe("a\ufffdb\ufffdc");
  });
});
