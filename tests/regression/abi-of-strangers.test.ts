// ABIs out of strangers' modules: found by fixtures/hostile, kept here as the least input that failed.
import { describe, expect, it } from "vitest";
import { parseAbiType } from "../../host/abi/abi-type.ts";
import { parseAbi } from "../../host/abi/parse-abi.ts";

const abi = {
  abi: 1,
  contract: "C",
  asc: "0.28.20",
  types: {},
  methods: [],
  events: [],
  errors: [],
  storage: [],
};
const refusal = expect.objectContaining({ code: "ABI_SYNTAX" });
const struct = (...types: readonly string[]) => ({
  fields: types.map((type, i) => ({ name: `f${i}`, type })),
});

describe("the ABI of a stranger", () => {
  it("takes a struct apart once, however often others hold it", () => {
    // Each struct holds the next one ten times: 10^15 fields, which filled the heap.
    const definitions = Object.fromEntries(
      Array.from({ length: 16 }, (_, i) => [
        `S${i}`,
        struct(...new Array<string>(10).fill(i === 15 ? "u8" : `S${i + 1}`)),
      ]),
    );
    const type = parseAbiType("S0", definitions);
    if (type.kind !== "struct") throw new TypeError("S0 is a struct");
    expect(type.fields.length).toBe(10);
    expect(type.fields[0]?.type).toBe(type.fields[9]?.type);
  });

  it("is refused for a struct that is known but nests too deep where it stands", () => {
    const chain = Array.from({ length: 16 }, (_, i): [string, ReturnType<typeof struct>] => [
      `S${i}`,
      struct(i === 15 ? "u8" : `S${i + 1}`),
    ]);
    const definitions = Object.fromEntries(chain);
    expect(parseAbiType("S0", definitions)).toMatchObject({ kind: "struct" });
    expect(() => parseAbiType("S0[]", definitions)).toThrowError(refusal);
    expect(parseAbiType("S1[]", definitions)).toMatchObject({ kind: "array" });
  });

  it("is refused with a code when the version or a selector has no text", () => {
    const unprintable = JSON.parse('{"toString":1,"valueOf":1}') as unknown;
    const nested = JSON.parse("[".repeat(20_000) + "]".repeat(20_000)) as unknown;
    const method = { name: "a", kind: "call", params: [], returns: "void" };
    for (const value of [unprintable, nested]) {
      expect(() => parseAbi({ ...abi, abi: value })).toThrowError(refusal);
      const methods = [{ ...method, selector: value }];
      expect(() => parseAbi({ ...abi, methods })).toThrowError(refusal);
    }
  });
});
