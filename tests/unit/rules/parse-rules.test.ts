// JSON -> Rules: the three forms of a document, and one test for every code with its path and text.
import { describe, expect, it } from "vitest";
import { EngineError } from "../../../host/errors.ts";
import { diffRules } from "../../../host/rules/diff-rules.ts";
import { fields, pathText, setAt, valueAt } from "../../../host/rules/fields.ts";
import { parseRules, parseRulesText, rulesToJson } from "../../../host/rules/parse-rules.ts";
import { presetNames, presetRules } from "../../../host/rules/presets.ts";

const general = () => structuredClone(rulesToJson(presetRules("general")));

function failure(act: () => unknown): {
  code: string;
  field: string | undefined;
  text: string;
  hint: string;
} {
  try {
    act();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { code: error.code, field: error.where.field, text: error.message, hint: error.hint };
  }
  return { code: "none", field: undefined, text: "", hint: "" };
}

const a = `0x${"0a".repeat(20)}`;
const b = `0x${"0b".repeat(20)}`;

describe("parseRules", () => {
  it("gives back each preset from its complete document", () => {
    for (const name of presetNames) {
      expect(parseRules(rulesToJson(presetRules(name)))).toEqual(presetRules(name));
      expect(parseRules(name)).toEqual(presetRules(name));
    }
  });

  it("merges changes into a preset field by field and replaces lists", () => {
    const rules = parseRules({
      preset: "payments",
      gas: { hostCalls: { emit: { unit: 70 } }, perBlock: "100000000" },
      hostCallsAllowed: [
        "value_read",
        "log",
        "input",
        "output",
        "revert",
        "keccak256",
        "storage_open",
      ],
    });
    expect(rules.gas.hostCalls.emit).toEqual({ base: 600, unit: 70 });
    expect(rules.gas.perBlock).toBe(100_000_000n);
    expect(rules.hostCallsAllowed).toEqual([
      "input",
      "output",
      "revert",
      "storage_open",
      "value_read",
      "keccak256",
      "log",
    ]);
    expect(diffRules(presetRules("payments"), rules).map((d) => d.path)).toEqual([
      "gas.hostCalls.emit.unit",
      "gas.perBlock",
      "hostCallsAllowed",
    ]);
  });

  it("sorts addresses and makes them lower case", () => {
    const rules = parseRules({
      preset: "general",
      deployers: [b.toUpperCase().replace("0X", "0x"), a],
      data: { committee: [b, a], threshold: 2 },
      guardian: a.toUpperCase().replace("0X", "0x"),
    });
    expect(rules.deployers).toEqual([a, b]);
    expect(rules.data).toEqual({ committee: [a, b], threshold: 2 });
    expect(rules.guardian).toBe(a);
  });

  it("accepts both ends of every range and refuses one beyond", () => {
    for (const field of fields) {
      if (field.form !== "integer" && field.form !== "decimal") continue;
      const at = (value: number | bigint) => {
        const json = general();
        setAt(json, ["gas", "perTransaction"], "1");
        setAt(json, ["messages", "inboxPerBlockMax"], 0);
        setAt(json, ["gas", "perBlock"], "10000000");
        setAt(json, ["module", "wasmBytes"], 1);
        setAt(json, ["block", "codeKiBMax"], 16_384);
        if (field.path.at(-1) === "perTransaction" || field.path.at(-1) === "perBlock") {
          setAt(json, ["gas", "perBlock"], String(field.max));
          setAt(json, ["gas", "entry", "base"], 2 ** 30);
          setAt(json, ["module", "bodyInstructions"], 1);
        }
        setAt(json, field.path, field.form === "integer" ? Number(value) : String(value));
        return failure(() => parseRules(json)).code;
      };
      const path = pathText(field.path);
      const beyond = field.path.length === 1 ? "RULES_VERSION_UNKNOWN" : "RULES_RANGE";
      expect(at(field.min), path).toBe("none");
      // A message of an inbox must be paid for: with this many, none can be.
      const most = path === "messages.inboxPerBlockMax" ? "RULES_CONFLICT" : "none";
      expect(at(field.max), path).toBe(most);
      expect(at(BigInt(field.max) + 1n), path).toBe(beyond);
      const below = field.form === "decimal" && field.min === 0n ? "RULES_TYPE" : beyond;
      expect(at(BigInt(field.min) - 1n), path).toBe(below);
    }
  });

  it("names the missing field, whichever it is", () => {
    for (const field of fields) {
      if (field.form === "integer" && field.optional) continue;
      const json = general();
      const group = field.path.slice(0, -1);
      const parent = group.length === 0 ? json : (valueAt(json, group) as Record<string, unknown>);
      delete parent[field.path.at(-1)!];
      expect(failure(() => parseRules(json))).toMatchObject({
        code: "RULES_FIELD_MISSING",
        field: pathText(field.path),
      });
    }
  });
});

describe("the errors of parseRules", () => {
  it("refuses text that is not JSON or too long", () => {
    expect(failure(() => parseRulesText("{")).code).toBe("RULES_SYNTAX");
    expect(failure(() => parseRulesText(" ".repeat(262_145))).code).toBe("RULES_SYNTAX");
    expect(parseRulesText('"general"')).toEqual(presetRules("general"));
  });

  it("suggests the field that was probably meant", () => {
    const at = (json: object) => failure(() => parseRules({ preset: "general", ...json }));
    expect(at({ gaz: {} })).toMatchObject({ code: "RULES_FIELD_UNKNOWN", field: "gaz" });
    expect(at({ gaz: {} }).hint).toBe('did you mean "gas"?');
    expect(at({ gas: { perBlok: "1" } }).hint).toBe('did you mean "perBlock"?');
    expect(at({ priceMin: "1" }).hint).toBe("the field is fees.priceMin");
    expect(at({ quux: 1 }).hint).toContain("the fields here are version, semantics");
    expect(failure(() => parseRules(JSON.parse('{"__proto__": 1}'))).code).toBe(
      "RULES_FIELD_UNKNOWN",
    );
  });

  it("refuses an unknown preset and suggests one", () => {
    expect(failure(() => parseRules("payment"))).toMatchObject({
      code: "RULES_PRESET_UNKNOWN",
      hint: 'did you mean "payments"?',
    });
    expect(failure(() => parseRules({ preset: 3 }))).toMatchObject({
      code: "RULES_PRESET_UNKNOWN",
      field: "preset",
      text: "preset: got 3, expected payments, general, data-heavy",
    });
  });

  it("says what was got and expected for a wrong type", () => {
    const at = (json: object) => failure(() => parseRules({ preset: "general", ...json }));
    expect(failure(() => parseRules(null)).code).toBe("RULES_TYPE");
    expect(failure(() => parseRules([])).text).toBe("rules: got an array of 0, expected an object");
    expect(at({ gas: 5 }).text).toBe("gas: got 5, expected an object");
    expect(at({ gas: { perBlock: 5 } })).toMatchObject({
      code: "RULES_TYPE",
      field: "gas.perBlock",
      text: "gas.perBlock: got 5, expected a decimal string",
      hint: 'write "5": u64 and wider are decimal strings',
    });
    for (const text of ["", "-1", "01", "0x10", "1e3", " 1", "9".repeat(41)]) {
      expect(at({ fees: { priceMin: text } }).code, text).toBe("RULES_TYPE");
    }
    expect(at({ gas: { instructions: { alu: "1" } } }).code).toBe("RULES_TYPE");
    expect(at({ gas: { instructions: { alu: 1.5 } } }).code).toBe("RULES_RANGE");
    expect(at({ guardian: "0x12" }).code).toBe("RULES_TYPE");
    expect(at({ deployers: "someone" }).code).toBe("RULES_TYPE");
    expect(at({ hostCallsAllowed: {} }).code).toBe("RULES_TYPE");
    expect(at({ data: "committee" }).code).toBe("RULES_TYPE");
    expect(at({ data: { committee: [a], threshold: "1" } }).code).toBe("RULES_TYPE");
    expect(at({ data: { committee: [a] } }).field).toBe("data.threshold");
    expect(at({ data: { committee: [a], threshold: 1, more: 1 } }).field).toBe("data.more");
  });

  it("bounds address lists and thresholds on both sides", () => {
    const at = (json: object) => failure(() => parseRules({ preset: "general", ...json }));
    const many = (count: number) =>
      Array.from({ length: count }, (_, i) => `0x${(i + 1).toString(16).padStart(40, "0")}`);
    expect(at({ deployers: [] }).code).toBe("none");
    expect(at({ deployers: many(16) }).code).toBe("none");
    expect(at({ deployers: many(17) })).toMatchObject({ code: "RULES_RANGE", field: "deployers" });
    expect(at({ data: { committee: many(3), threshold: 3 } }).code).toBe("none");
    expect(at({ data: { committee: many(3), threshold: 4 } }).code).toBe("RULES_RANGE");
    expect(at({ data: { committee: many(3), threshold: 0 } }).code).toBe("RULES_RANGE");
    expect(at({ data: { committee: [], threshold: 0 } }).code).toBe("RULES_RANGE");
  });

  it("refuses an entry given twice", () => {
    const at = (json: object) => failure(() => parseRules({ preset: "general", ...json }));
    expect(at({ deployers: [a, b, a.toUpperCase().replace("0X", "0x")] })).toMatchObject({
      code: "RULES_DUPLICATE",
      field: "deployers[2]",
    });
    expect(at({ hostCallsAllowed: ["input", "input"] }).code).toBe("RULES_DUPLICATE");
  });

  it("refuses unknown and missing host calls by name", () => {
    const allow = (names: readonly string[]) =>
      failure(() => parseRules({ preset: "general", hostCallsAllowed: names }));
    const all = presetRules("general").hostCallsAllowed;
    expect(allow([...all, "storage_get"])).toMatchObject({
      code: "RULES_HOST_CALL_UNKNOWN",
      hint: 'did you mean "storage_set"?',
    });
    expect(allow(all.filter((name) => name !== "keccak256"))).toMatchObject({
      code: "RULES_HOST_CALL_REQUIRED",
      text: "hostCallsAllowed: got a list without keccak256",
    });
  });

  it("refuses a block limit beyond 2^32 steps of frames that run on unpaid to their next check", () => {
    const gas = (perBlock: bigint, base: number) =>
      failure(() =>
        parseRules({
          preset: "payments",
          gas: { perTransaction: "1", perBlock: String(perBlock), entry: { base } },
          messages: { inboxPerBlockMax: 0 },
        }),
      );
    // A frame costs at least call.base 4,000 and entry.base, and runs at most 2 x 16,384 words.
    const most = ((2n ** 32n - 2n ** 24n - 2n ** 16n) * 4_500n) / (4_500n + 32_768n);
    expect(gas(most, 500).code).toBe("none");
    expect(gas(most + 1n, 500)).toMatchObject({ code: "RULES_CONFLICT", field: "gas.perBlock" });
    expect(gas(most + 1n, 501).code).toBe("none");
  });

  it("refuses a limit of code that has no room for the largest module", () => {
    const code = (codeKiBMax: number, wasmBytes: number) =>
      failure(() =>
        parseRules({ preset: "general", module: { wasmBytes }, block: { codeKiBMax } }),
      );
    // 32 KiB and 5 of each code; a started KiB counts whole.
    expect(code(37, 32_768).code).toBe("none");
    expect(code(36, 32_768)).toMatchObject({ code: "RULES_CONFLICT", field: "block.codeKiBMax" });
    expect(code(37, 32_769).code).toBe("RULES_CONFLICT");
    expect(code(38, 32_769).code).toBe("none");
  });

  it("refuses a transaction limit over the block limit", () => {
    const gas = (perTransaction: string) =>
      failure(() =>
        parseRules({
          preset: "general",
          gas: { perTransaction, perBlock: "100" },
          messages: { inboxPerBlockMax: 0 },
        }),
      );
    expect(gas("100").code).toBe("none");
    expect(gas("101")).toMatchObject({ code: "RULES_CONFLICT", field: "gas.perTransaction" });
  });

  it("refuses a message gas that would skip a message of the inbox, unless there is no inbox", () => {
    const messages = (gas: number, more: object = {}) =>
      failure(() =>
        parseRules({
          preset: "general",
          gas: { perTransaction: "300000", perBlock: "1000000" },
          messages: { gas: String(gas), inboxPerBlockMax: 4, messageBytesMax: 1_000, ...more },
        }),
      );
    // 30,000 and 450 for each of 8 leaves; a quarter of the block; what a transaction may have.
    expect(messages(33_600).code).toBe("none");
    expect(messages(33_599)).toMatchObject({ code: "RULES_CONFLICT", field: "messages.gas" });
    expect(messages(250_000).code).toBe("none");
    expect(messages(250_001).code).toBe("RULES_CONFLICT");
    expect(messages(300_000, { inboxPerBlockMax: 1 }).code).toBe("none");
    expect(messages(300_001, { inboxPerBlockMax: 1 }).code).toBe("RULES_CONFLICT");
    expect(messages(1, { inboxPerBlockMax: 0 }).code).toBe("none");
  });
});
