// The bundle file: its fields, its one encoding, and everything it must be refused for.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bundle, decodeBundle, encodeBundle } from "../../../host/chain/bundle.ts";
import { encodeOrder } from "../../../host/chain/order.ts";
import { encodeReceipt } from "../../../host/chain/receipt.ts";
import { encodeResult } from "../../../host/chain/result.ts";
import { compareBytes } from "../../../host/codec/hex.ts";
import { bytesHash } from "../../../host/codec/trees.ts";
import { ByteWriter } from "../../../host/codec/writer.ts";
import { EngineError } from "../../../host/errors.ts";
import { join, keccak, pattern, seed, u32 } from "../codec/reference.ts";
import { order, receipt, result, word } from "./sample.ts";

const parentResult = { ...result, gasUsed: 1n };
const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values);

const full: Bundle = {
  order,
  parentResult,
  result,
  rules: pattern(40),
  transactions: [pattern(300), new Uint8Array(0), pattern(3)],
  receipts: [encodeReceipt(receipt), encodeReceipt({ ...receipt, code: 4 })],
  witness: pattern(77),
  code: [pattern(10), pattern(11), pattern(12)].sort((a, b) =>
    compareBytes(bytesHash(a), bytesHash(b)),
  ),
  prepareRules: [pattern(20), pattern(21)].sort((a, b) => compareBytes(keccak(a), keccak(b))),
  debug: [
    { wasmHash: word(1), abi: pattern(4), sourceMap: new Uint8Array(0) },
    { wasmHash: word(2), abi: new Uint8Array(0), sourceMap: pattern(9) },
  ],
};
const least: Bundle = {
  ...full,
  rules: new Uint8Array(0),
  transactions: [],
  receipts: [],
  witness: new Uint8Array(0),
  code: [],
  prepareRules: [],
  debug: [],
};

/** Everything before the rules. */
const headOfFile = join(
  new TextEncoder().encode("PLASMAVM"),
  bytes(1, 0, 1),
  encodeOrder(order),
  encodeResult(parentResult),
  encodeResult(result),
);
const prefixed = (content: Uint8Array): Uint8Array => join(u32(content.length), content);

const errorOf = (action: () => unknown): EngineError | undefined => {
  try {
    action();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  return undefined;
};
const codeOf = (file: Uint8Array): string | undefined => errorOf(() => decodeBundle(file))?.code;

/** A file with these bytes after the parts that are fixed. */
const fileOf = (...rest: Uint8Array[]): Uint8Array => join(headOfFile, ...rest);
const zero = u32(0);

describe("a bundle", () => {
  it("is the fields of the format one after another", () => {
    expect(encodeBundle(least)).toEqual(fileOf(zero, zero, zero, zero, zero, zero, bytes(0)));
    expect(encodeBundle(full)).toEqual(
      fileOf(
        prefixed(full.rules),
        u32(3),
        ...full.transactions.map(prefixed),
        u32(2),
        ...full.receipts,
        prefixed(full.witness),
        u32(3),
        ...full.code.map(prefixed),
        u32(2),
        ...full.prepareRules.map(prefixed),
        bytes(1),
        u32(2),
        ...full.debug.flatMap(({ wasmHash, abi, sourceMap }) => [
          wasmHash,
          prefixed(abi),
          prefixed(sourceMap),
        ]),
      ),
    );
  });

  it("decodes to what it was made of", () => {
    expect(decodeBundle(encodeBundle(full))).toEqual(full);
    expect(decodeBundle(encodeBundle(least))).toEqual(least);
  });

  it("is the same file whatever order code, prepare rules and debug entries are given in", () => {
    const shuffled: Bundle = {
      ...full,
      code: [full.code[2]!, full.code[0]!, full.code[1]!],
      prepareRules: [...full.prepareRules].reverse(),
      debug: [...full.debug].reverse(),
    };
    expect(encodeBundle(shuffled)).toEqual(encodeBundle(full));
  });

  it("survives encoding and decoding with any content", () => {
    const some = fc.uint8Array({ maxLength: 40 });
    const distinct = fc.uniqueArray(some, { maxLength: 5, selector: String });
    const bundles = fc.record({
      rules: some,
      transactions: fc.array(some, { maxLength: 6 }),
      witness: some,
      code: distinct,
      prepareRules: distinct,
    });
    fc.assert(
      fc.property(bundles, (parts) => {
        const file = encodeBundle({ ...full, ...parts });
        const decoded = decodeBundle(file);
        expect(decoded.transactions).toEqual(parts.transactions);
        expect(decoded.code.map(String).sort()).toEqual(parts.code.map(String).sort());
        expect(encodeBundle(decoded)).toEqual(file);
      }),
      { seed, numRuns: 100 },
    );
  });

  it("is refused when cut at any byte or followed by one", () => {
    const file = encodeBundle(full);
    for (let length = 0; length < file.length; length++) {
      const expected = length < 8 ? "FILE_MAGIC" : "BYTES_TRUNCATED";
      expect(codeOf(file.subarray(0, length)), `${length} bytes`).toBe(expected);
    }
    expect(codeOf(join(file, bytes(0)))).toBe("BYTES_TRAILING");
  });

  it("is refused with another header or a part that is none", () => {
    const file = encodeBundle(full);
    const changed = (at: number, byte: number): string | undefined => {
      const copy = file.slice();
      copy[at] = byte;
      return codeOf(copy);
    };
    expect(changed(0, 0)).toBe("FILE_MAGIC");
    expect(changed(8, 2)).toBe("FILE_KIND");
    expect(changed(10, 2)).toBe("FILE_FORMAT");
    expect(changed(11, 2)).toBe("ORDER_INVALID");
    expect(changed(11 + 181, 2)).toBe("RESULT_INVALID");
    expect(changed(11 + 181 + 105, 2)).toBe("RESULT_INVALID");
  });

  it("is refused when a list is out of order, repeats an item or is empty where it must not be", () => {
    const [a, b] = [full.code[0]!, full.code[1]!];
    const withCode = (...code: Uint8Array[]): Uint8Array =>
      fileOf(zero, zero, zero, zero, u32(code.length), ...code.map(prefixed), zero, bytes(0));
    expect(codeOf(withCode(a, b))).toBeUndefined();
    expect(codeOf(withCode(b, a))).toBe("BUNDLE_INVALID");
    expect(codeOf(withCode(a, a))).toBe("BUNDLE_INVALID");
    const [c, d] = [full.prepareRules[0]!, full.prepareRules[1]!];
    const withRules = (...rules: Uint8Array[]): Uint8Array =>
      fileOf(zero, zero, zero, zero, zero, u32(rules.length), ...rules.map(prefixed), bytes(0));
    expect(codeOf(withRules(c, d))).toBeUndefined();
    expect(codeOf(withRules(d, c))).toBe("BUNDLE_INVALID");
    const withDebug = (...debug: Uint8Array[]): Uint8Array =>
      fileOf(zero, zero, zero, zero, zero, zero, ...debug);
    const entry = (hash: Uint8Array): Uint8Array => join(hash, zero, zero);
    expect(codeOf(withDebug(bytes(1), u32(2), entry(word(1)), entry(word(2))))).toBeUndefined();
    expect(codeOf(withDebug(bytes(1), u32(2), entry(word(2)), entry(word(1))))).toBe(
      "BUNDLE_INVALID",
    );
    expect(codeOf(withDebug(bytes(1), u32(2), entry(word(1)), entry(word(1))))).toBe(
      "BUNDLE_INVALID",
    );
    expect(codeOf(withDebug(bytes(1), zero))).toBe("BUNDLE_INVALID");
    expect(codeOf(withDebug(bytes(2)))).toBe("BUNDLE_INVALID");
  });

  it("is not written when code, prepare rules or a debug entry occurs twice", () => {
    const twice = (change: Partial<Bundle>): string | undefined =>
      errorOf(() => encodeBundle({ ...full, ...change }))?.code;
    expect(twice({})).toBeUndefined();
    expect(twice({ code: [pattern(5), pattern(5)] })).toBe("BUNDLE_INVALID");
    expect(twice({ prepareRules: [pattern(5), pattern(5)] })).toBe("BUNDLE_INVALID");
    expect(twice({ debug: [full.debug[0]!, full.debug[0]!] })).toBe("BUNDLE_INVALID");
    expect(twice({ receipts: [new Uint8Array(107)] })).toBe("BYTES_OUT_OF_RANGE");
  });

  it("allocates nothing for items that a forged count or length only claims", () => {
    const huge = u32(0xffff_ffff);
    const claimed = [
      fileOf(huge),
      fileOf(zero, huge),
      fileOf(zero, u32(2 ** 20)),
      fileOf(zero, u32(1), huge),
      fileOf(zero, zero, u32(2 ** 20)),
      fileOf(zero, zero, zero, huge),
      fileOf(zero, zero, zero, zero, u32(2 ** 20)),
      fileOf(zero, zero, zero, zero, zero, u32(2 ** 20)),
      fileOf(zero, zero, zero, zero, zero, zero, bytes(1), u32(2 ** 20)),
    ];
    for (const [i, file] of claimed.entries()) {
      expect(["BYTES_TRUNCATED", "BYTES_TOO_LONG"], `case ${i}`).toContain(codeOf(file));
    }
    const many = new ByteWriter()
      .u32(2 ** 20 + 1)
      .raw(new Uint8Array(4 * (2 ** 20 + 1)))
      .finish();
    expect(codeOf(fileOf(zero, many))).toBe("BYTES_TOO_LONG");
  });

  it("names the file and the place of what it refuses", () => {
    const file = join(encodeBundle(least), bytes(0));
    const error = errorOf(() => decodeBundle(file, { file: "12.bundle" }));
    expect(error?.where).toEqual({ file: "12.bundle", byteOffset: file.length - 1 });
  });

  it("decodes mutated files to one with that encoding, or refuses them with a code", () => {
    const file = encodeBundle(full);
    const edits = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(edits, (changes) => {
        const mutated = file.slice();
        for (const [at, byte] of changes) mutated[at] = byte;
        let decoded: Bundle | undefined;
        const error = errorOf(() => {
          decoded = decodeBundle(mutated);
        });
        if (error === undefined) expect(encodeBundle(decoded!)).toEqual(mutated);
      }),
      { seed, numRuns: 500 },
    );
  });
});
