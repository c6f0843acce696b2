// ABI JSON from strangers, arguments from people, data from contracts: each is refused with its own code
// and the place, and nothing but an EngineError comes out.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ContractAbi } from "../../../host/abi/abi.ts";
import { parseAbiType } from "../../../host/abi/abi-type.ts";
import { canonicalJson } from "../../../host/abi/canonical-json.ts";
import { decodeEvent } from "../../../host/abi/decode-event.ts";
import { decodeResult } from "../../../host/abi/decode-result.ts";
import { decodeRevert, describeRevert } from "../../../host/abi/decode-revert.ts";
import { decodeValue, decodeWhole } from "../../../host/abi/decode-value.ts";
import { encodeCall, encodeInit } from "../../../host/abi/encode-call.ts";
import { encodeValue } from "../../../host/abi/encode-value.ts";
import { parseAbi } from "../../../host/abi/parse-abi.ts";
import { sectionJson } from "../../../host/abi/section-json.ts";
import { selectorOf, topicOf } from "../../../host/abi/signature.ts";
import { fromHex, toHex } from "../../../host/codec/hex.ts";
import { ByteReader } from "../../../host/codec/reader.ts";
import { ByteWriter } from "../../../host/codec/writer.ts";
import { EngineError } from "../../../host/errors.ts";

const SEED = 0xab1;
const file = new URL("../../../fixtures/contracts/build/token.abi.json", import.meta.url);
const json = readFileSync(file, "utf8").trim();
const token = parseAbi(JSON.parse(json));
interface Mutable {
  [key: string]: Mutable | undefined;
}
const changed = (change: (abi: Mutable) => void): unknown => {
  const copy = JSON.parse(json) as Mutable;
  change(copy);
  return copy;
};
const code = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof EngineError) return `${error.code} ${error.where.field ?? ""}`.trim();
    throw error;
  }
  return "nothing";
};

describe("parseAbi", () => {
  it("gives back what the build wrote, byte for byte", () => {
    expect(canonicalJson(token)).toBe(json);
  });

  it("computes selectors and topics that are left out, as they are inside a module", () => {
    expect(parseAbi(JSON.parse(sectionJson(token)))).toEqual(token);
  });

  const cases: readonly [string, (abi: Mutable) => void, string][] = [
    ["another version", (abi) => Object.assign(abi, { abi: 2 }), "abi"],
    ["an unknown field", (abi) => Object.assign(abi, { extra: 1 }), ".extra"],
    ["a missing list", (abi) => delete abi.events, "events"],
    ["a bad contract name", (abi) => Object.assign(abi, { contract: "a b" }), "contract"],
    ["a prototype for a name", (abi) => Object.assign(abi, { contract: "__proto__" }), "contract"],
    [
      "a wrong selector",
      (abi) => Object.assign(abi.methods![1]!, { selector: "0x00000000" }),
      "methods[1].selector",
    ],
    [
      "a selector of init",
      (abi) => Object.assign(abi.methods![0]!, { selector: "0x00000000" }),
      "methods[0].selector",
    ],
    ["a wrong kind", (abi) => Object.assign(abi.methods![1]!, { kind: "pure" }), "methods[1].kind"],
    [
      "a reentrant view",
      (abi) => Object.assign(abi.methods![1]!, { reentrant: true }),
      "methods[1].reentrant",
    ],
    [
      "an unknown type",
      (abi) => Object.assign(abi.methods![1]!, { returns: "u129" }),
      "methods[1].returns",
    ],
    [
      "a wrong topic",
      (abi) => Object.assign(abi.events![0]!, { topic: "0x00" }),
      "events[0].topic",
    ],
    [
      "indexed as text",
      (abi) => Object.assign(abi.events![0]!.fields![0]!, { indexed: "yes" }),
      "events[0].fields[0].indexed",
    ],
    [
      "a wrong error selector",
      (abi) => Object.assign(abi.errors![0]!, { selector: "0x" }),
      "errors[0].selector",
    ],
    [
      "the same parameter twice",
      (abi) =>
        Object.assign(abi.errors![0]!, {
          fields: [
            { name: "a", type: "u8" },
            { name: "a", type: "u8" },
          ],
        }),
      "errors[0].fields",
    ],
    [
      "the same method twice",
      (abi) => Object.assign(abi, { methods: [abi.methods![1], abi.methods![1]] }),
      "methods",
    ],
    [
      "two inits",
      (abi) => Object.assign(abi, { methods: [abi.methods![0], abi.methods![0]] }),
      "methods",
    ],
    [
      "a struct of itself",
      (abi) => Object.assign(abi, { types: { A: { fields: [{ name: "a", type: "A[]" }] } } }),
      "types.A.fields[0].type",
    ],
    ["a type of neither form", (abi) => Object.assign(abi, { types: { A: {} } }), "types.A"],
    ["an empty struct", (abi) => Object.assign(abi, { types: { A: { fields: [] } } }), "types.A"],
    ["an empty enum", (abi) => Object.assign(abi, { types: { A: { variants: [] } } }), "types.A"],
    [
      "too many methods",
      (abi) => Object.assign(abi, { methods: new Array(2000).fill({}) }),
      "methods",
    ],
  ];
  it.each(cases)("refuses %s", (_, change, field) => {
    expect(code(() => parseAbi(changed(change)))).toBe(`ABI_SYNTAX ${field}`);
  });

  it.each([null, 1, "x", [], {}])("refuses %j", (value) => {
    expect(code(() => parseAbi(value))).toMatch(/^ABI_SYNTAX/);
  });

  it("reads structs, enums and whatever order they come in", () => {
    const types = {
      Order: {
        fields: [
          { name: "side", type: "Side" },
          { name: "at", type: "Point?" },
        ],
      },
      Point: { fields: [{ name: "x", type: "i256[2]" }] },
      Side: { variants: ["buy", "sell"] },
    };
    expect(parseAbi(changed((abi) => Object.assign(abi, { types }))).types).toEqual(types);
  });

  it.each([
    "",
    "u7",
    "u512",
    "uint256",
    "bytes0",
    "bytes65537",
    "bytes01",
    "u8[0]",
    "u8[65537]",
    "u8[-1]",
    "u8[",
    "[]",
    "?",
    `u8${"[]".repeat(17)}`,
    "void",
    "__proto__",
    "constructor",
    "u8??",
  ])("refuses the type %j", (type) => {
    expect(code(() => parseAbiType(type))).toBe("ABI_SYNTAX");
  });

  it("accepts sixteen levels of nesting", () => {
    expect(parseAbiType(`u8${"[]".repeat(16)}`).kind).toBe("array");
  });
});

describe("encodeCall", () => {
  const alice = `0x${"a1".repeat(20)}`;

  it("takes bigint, number and decimal text for integers, hex and bytes for addresses", () => {
    const expected = `${selectorOf("transfer", token.methods.find((m) => m.name === "transfer")?.params ?? [])}${"a1".repeat(20)}${"00".repeat(15)}05`;
    for (const amount of [5, 5n, "5"])
      for (const to of [alice, alice.toUpperCase().replace("0X", "0x"), fromHex(alice)])
        expect(toHex(encodeCall(token, "transfer", [to, amount]))).toBe(expected);
  });

  it.each([
    ["an unknown method", "trnsfer", [], "ABI_NAME_UNKNOWN trnsfer"],
    ["init as a method", "init", [1], "ABI_NAME_UNKNOWN init"],
    ["too few arguments", "transfer", [alice], "ABI_ARGUMENT_COUNT transfer"],
    ["too many arguments", "supply", [1], "ABI_ARGUMENT_COUNT supply"],
    ["a short address", "balanceOf", ["0xa1"], "ABI_ARGUMENT owner"],
    ["a name for an address", "balanceOf", ["alice"], "ABI_ARGUMENT owner"],
    ["odd hex", "balanceOf", ["0xa"], "ABI_ARGUMENT owner"],
    ["a negative amount", "transfer", [alice, -1], "ABI_ARGUMENT amount"],
    ["too large an amount", "transfer", [alice, 2n ** 128n], "ABI_ARGUMENT amount"],
    ["a fraction", "transfer", [alice, 1.5], "ABI_ARGUMENT amount"],
    ["an inexact number", "transfer", [alice, 2 ** 60], "ABI_ARGUMENT amount"],
    ["text that is no number", "transfer", [alice, "5 coins"], "ABI_ARGUMENT amount"],
    ["digits without end", "transfer", [alice, "1".repeat(10_000)], "ABI_ARGUMENT amount"],
    ["nothing", "transfer", [alice, undefined], "ABI_ARGUMENT amount"],
  ])("refuses %s", (_, method, args, expected) => {
    expect(code(() => encodeCall(token, method, args))).toBe(expected);
  });

  it("encodes init arguments without a selector, and none where there is no init", () => {
    expect(toHex(encodeInit(token, ["1"]))).toBe(`0x${"00".repeat(15)}01`);
    expect(code(() => encodeInit(token, []))).toBe("ABI_ARGUMENT_COUNT init");
    const bare: ContractAbi = { ...token, methods: [] };
    expect(encodeInit(bare)).toHaveLength(0);
    expect(code(() => encodeInit(bare, [1]))).toBe("ABI_ARGUMENT_COUNT deployment");
  });

  it("names the place inside nested values", () => {
    const types = { P: { fields: [{ name: "x", type: "u8" }] } };
    const encode = (type: string, value: unknown) =>
      code(() => encodeValue(new ByteWriter(), parseAbiType(type, types), value, "p"));
    expect(encode("P[]", [{ x: 1 }, { x: 256 }])).toBe("ABI_ARGUMENT p[1].x");
    expect(encode("P", { x: 1, y: 2 })).toBe("ABI_ARGUMENT p.y");
    expect(encode("P", {})).toBe("ABI_ARGUMENT p.x");
    expect(encode("P", [1])).toBe("ABI_ARGUMENT p");
    expect(encode("u8[2]", [1])).toBe("ABI_ARGUMENT p");
    expect(encode("string", "\ud800")).toBe("ABI_ARGUMENT p");
    expect(encode("bool", 1)).toBe("ABI_ARGUMENT p");
  });
});

describe("decoding what contracts say", () => {
  it("refuses results that are cut, too long, or of a void method", () => {
    expect(decodeResult(token, "supply", new Uint8Array(16))).toBe(0n);
    for (const length of [0, 15, 17]) {
      expect(code(() => decodeResult(token, "supply", new Uint8Array(length)))).toBe(
        "ABI_DATA result of supply",
      );
    }
    expect(code(() => decodeResult(token, "transfer", Uint8Array.of(2)))).toBe(
      "ABI_DATA result of transfer",
    );
    expect(code(() => decodeResult(token, "nothing", new Uint8Array()))).toBe(
      "ABI_NAME_UNKNOWN nothing",
    );
  });

  it("knows only events of the ABI, and refuses topics that do not fit", () => {
    const topic = fromHex(token.events[0]?.topic ?? "0x");
    const word = new Uint8Array(32);
    expect(decodeEvent(token, [], new Uint8Array())).toBeUndefined();
    expect(decodeEvent(token, [word], new Uint8Array())).toBeUndefined();
    expect(decodeEvent(token, [topic, word, word], new Uint8Array(16))?.name).toBe("Transfer");
    expect(code(() => decodeEvent(token, [topic, word], new Uint8Array(16)))).toBe("ABI_DATA");
    expect(code(() => decodeEvent(token, [topic, word, word], new Uint8Array(15)))).toMatch(
      /^ABI_DATA/,
    );
    const dirty = Uint8Array.from({ length: 32 }, () => 1);
    expect(code(() => decodeEvent(token, [topic, dirty, word], new Uint8Array(16)))).toMatch(
      /^ABI_DATA/,
    );
  });

  it("gives hashes for indexed fields that are longer than a topic", () => {
    const fields = [{ name: "text", type: "string", indexed: true }];
    const abi = { ...token, events: [{ name: "Said", fields, topic: topicOf("Said", fields) }] };
    const hash = Uint8Array.from({ length: 32 }, (_, i) => i);
    expect(decodeEvent(abi, [fromHex(abi.events[0]!.topic), hash], new Uint8Array())).toEqual({
      name: "Said",
      fields: { text: toHex(hash) },
    });
  });

  it.each([
    ["0x00", "reverted without a message"],
    ["0x0100000002686f", "ho"],
    [
      `0x02${token.errors[0]?.selector.slice(2)}${"00".repeat(31)}07`,
      'Insufficient(have: "0", need: "7")',
    ],
    ["0x0300000001780000000179000000050000000a", "x (y:5:10)"],
    ["0x03000000000000000179000000050000000a", "a check failed (y:5:10)"],
    ["0x040007000000020000000300000004", "module refused: code 7, function 2, byte 0x3"],
    ["0x040007ffffffff0000002000000004", "module refused: code 7, byte 0x20"],
    ["0x", "reverted with 0x"],
    ["0x0000", "reverted with 0x0000"],
    ["0x09", "reverted with 0x09"],
    ["0x0100000002ff", "reverted with 0x0100000002ff"],
    ["0x0211223344", "reverted with 0x0211223344"],
  ])("describes the revert %s", (data, text) => {
    expect(describeRevert(decodeRevert(token, fromHex(data)))).toBe(text);
  });

  it("never throws on revert data", () => {
    const law = fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(4), (bytes, kind) => {
      const data = Uint8Array.from([kind, ...bytes]);
      expect(describeRevert(decodeRevert([token], data))).toBeTypeOf("string");
    });
    fc.assert(law, { seed: SEED, numRuns: 2_000 });
  });
});

describe("values", () => {
  const { type } = fc.letrec<{ type: string }>((tie) => ({
    type: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom(
        "bool",
        "u8",
        "u32",
        "u64",
        "u256",
        "i16",
        "i32",
        "i64",
        "i128",
        "address",
        "bytes4",
        "bytes",
        "string",
        "Side",
        "Point",
      ),
      tie("type").map((inner) => `${inner}[]`),
      tie("type").map((inner) => `${inner}[2]`),
      tie("type").map((inner) => (inner.endsWith("?") ? inner : `${inner}?`)),
    ),
  }));
  const types = {
    Side: { variants: ["buy", "sell"] },
    Point: {
      fields: [
        { name: "x", type: "i8" },
        { name: "s", type: "string?" },
      ],
    },
  };

  it("decode to what was encoded, and every shorter or longer string of bytes is refused", () => {
    const law = fc.property(type, fc.infiniteStream(fc.nat(0xffff)), (name, stream) => {
      const parsed = parseAbiType(name, types);
      const value = anyValue(parsed, () => stream.next().value as number);
      const out = new ByteWriter();
      encodeValue(out, parsed, value, "value");
      const bytes = out.finish();
      const decode = (data: Uint8Array) => {
        const reader = new ByteReader(data);
        return decodeWhole(reader, "value", () => decodeValue(reader, parsed));
      };
      expect(decode(bytes)).toEqual(value);
      if (bytes.length > 0)
        expect(code(() => decode(bytes.subarray(0, -1)))).toBe("ABI_DATA value");
      expect(code(() => decode(Uint8Array.from([...bytes, 0])))).toBe("ABI_DATA value");
    });
    fc.assert(law, { seed: SEED, numRuns: 1_000 });
  });

  it("decode or are refused, and what decodes encodes to the same bytes", () => {
    const law = fc.property(type, fc.uint8Array({ maxLength: 40 }), (name, data) => {
      const parsed = parseAbiType(name, types);
      const reader = new ByteReader(data);
      let value: unknown;
      try {
        value = decodeWhole(reader, "value", () => decodeValue(reader, parsed));
      } catch (error) {
        expect(error).toMatchObject({ code: "ABI_DATA" });
        return;
      }
      const out = new ByteWriter();
      encodeValue(out, parsed, value, "value");
      expect(out.finish()).toEqual(data);
    });
    fc.assert(law, { seed: SEED, numRuns: 3_000 });
  });
});

/** A value of `type` from a stream of numbers, as decodeValue gives it. */
function anyValue(type: ReturnType<typeof parseAbiType>, next: () => number): unknown {
  switch (type.kind) {
    case "bool":
      return next() % 2 === 1;
    case "integer": {
      let value = 0n;
      for (let bits = 0; bits < type.bits; bits += 16) value = (value << 16n) | BigInt(next());
      value = type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
      return type.bits <= 32 ? Number(value) : value;
    }
    case "fixed":
    case "bytes": {
      const size = type.kind === "fixed" ? type.size : next() % 5;
      return toHex(Uint8Array.from({ length: size }, () => next()));
    }
    case "string":
      return String.fromCodePoint(...Array.from({ length: next() % 4 }, () => next() % 0xd800));
    case "array":
      return Array.from({ length: type.length ?? next() % 3 }, () => anyValue(type.element, next));
    case "option":
      return next() % 2 === 0 ? null : anyValue(type.inner, next);
    case "struct":
      return Object.fromEntries(
        type.fields.map((field) => [field.name, anyValue(field.type, next)]),
      );
    case "enum":
      return type.variants[next() % type.variants.length];
  }
}
