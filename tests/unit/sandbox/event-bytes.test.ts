// Copies of what events carry stay what they were, whatever is copied after them.
import { describe, expect, it } from "vitest";
import { EventBytes } from "../../../host/sandbox/event-bytes.ts";

describe("copies of event bytes", () => {
  it("are the bytes of their range, of any length, and never share a byte", () => {
    const source = Uint8Array.from({ length: 5_000 }, (_, i) => i * 31 + (i >>> 8));
    const bytes = new EventBytes();
    const lengths = [0, 1, 63, 64, 65, 96, 128, 1_023, 1_024, 1_025, 4_000];
    const copies = Array.from({ length: 20 }, (_, round) =>
      lengths.map((length) => bytes.copy(source, round, length)),
    );
    copies.forEach((row, round) => {
      for (const [i, copy] of row.entries()) {
        expect(copy).toEqual(source.slice(round, round + lengths[i]!));
      }
    });
    const untouched = copies.slice(1).map((row) => row.map((copy) => copy.slice()));
    for (const copy of copies[0]!) copy.fill(0xaa);
    source.fill(0xbb);
    expect(copies.slice(1)).toEqual(untouched);
  });
});
