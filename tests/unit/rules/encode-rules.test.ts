// Canonical bytes and hashes of rules, and the blob that prepare reads.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../host/codec/hex.ts";
import { EngineError } from "../../../host/errors.ts";
import { diffRules } from "../../../host/rules/diff-rules.ts";
import { decodeRules, encodeRules, rulesHash } from "../../../host/rules/encode-rules.ts";
import {
  type Field,
  fields,
  type IntegerField,
  setAt,
  valueAt,
} from "../../../host/rules/fields.ts";
import { hostCallNames, hostCallsRequired } from "../../../host/rules/host-call-names.ts";
import { parseRules } from "../../../host/rules/parse-rules.ts";
import { checkPrepareRules, prepareRulesBlob } from "../../../host/rules/prepare-rules.ts";
import { presetNames, presetRules } from "../../../host/rules/presets.ts";
import type { Rules } from "../../../host/rules/rules.ts";

const SEED = 0x9a5;

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  }
  return "none";
}

const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => toHex(bytes));
const addresses = fc.uniqueArray(address, { maxLength: 16 });
const optionalCalls = hostCallNames.filter(
  (name) => !hostCallsRequired.includes(name) && name !== "send_message",
);

function fieldJson(field: Field): fc.Arbitrary<unknown> {
  switch (field.form) {
    case "integer":
      return fc.integer({ min: field.min, max: field.max });
    case "decimal":
      return fc.bigInt({ min: field.min, max: field.max }).map(String);
    case "hostCallsAllowed":
      return fc.subarray(optionalCalls).map((names) => [...names, ...hostCallsRequired]);
    case "deployers":
      return fc.oneof(fc.constant("anyone"), addresses);
    case "data":
      return fc.oneof(
        fc.constant("settlement"),
        fc
          .uniqueArray(address, { minLength: 1, maxLength: 16 })
          .chain((committee) =>
            fc
              .integer({ min: 1, max: committee.length })
              .map((threshold) => ({ committee, threshold })),
          ),
      );
    case "guardian":
      return fc.option(address);
  }
}

const anyRules: fc.Arbitrary<Rules> = fc
  .tuple(...fields.map(fieldJson))
  .map((values) => {
    const json: Record<string, unknown> = {};
    for (const [i, field] of fields.entries()) setAt(json, field.path, values[i]);
    return json;
  })
  .filter((json) => codeOf(() => parseRules(json)) !== "RULES_CONFLICT")
  .map(parseRules);

describe("the canonical encoding of rules", () => {
  it("decodes what it encodes, for any rules", () => {
    fc.assert(
      fc.property(anyRules, (rules) => {
        expect(decodeRules(encodeRules(rules))).toEqual(rules);
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  it("gives two rules one hash only when no field differs", () => {
    fc.assert(
      fc.property(anyRules, anyRules, (a, b) => {
        const same = toHex(rulesHash(a)) === toHex(rulesHash(b));
        expect(same).toBe(diffRules(a, b).length === 0);
      }),
      { seed: SEED, numRuns: 30 },
    );
  });

  it("decodes nothing but canonical bytes when one byte is changed", () => {
    const bytes = encodeRules(
      parseRules({
        preset: "general",
        deployers: [`0x${"11".repeat(20)}`, `0x${"22".repeat(20)}`],
        guardian: `0x${"33".repeat(20)}`,
      }),
    );
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(bytes);
        changed[at]! ^= flip;
        try {
          expect(toHex(encodeRules(decodeRules(changed)))).toBe(toHex(changed));
        } catch (error) {
          if (!(error instanceof EngineError)) throw error;
        }
      }),
      { seed: SEED, numRuns: 400 },
    );
  });

  it("refuses truncated, trailing, unsorted and badly flagged bytes", () => {
    const bytes = encodeRules(presetRules("general"));
    for (const length of [0, 1, 2, 100, bytes.length - 1]) {
      expect(codeOf(() => decodeRules(bytes.subarray(0, length)))).toBe("BYTES_TRUNCATED");
    }
    expect(codeOf(() => decodeRules(Uint8Array.from([...bytes, 0])))).toBe("BYTES_TRAILING");
    const two = encodeRules(
      parseRules({
        preset: "general",
        deployers: [`0x${"11".repeat(20)}`, `0x${"22".repeat(20)}`],
      }),
    );
    const first = two.findIndex((_, i) => two.subarray(i, i + 20).every((byte) => byte === 0x11));
    const swapped = Uint8Array.from(two);
    swapped.fill(0x22, first, first + 20).fill(0x11, first + 20, first + 40);
    expect(codeOf(() => decodeRules(swapped))).toBe("BYTES_NOT_CANONICAL");
    const flagged = Uint8Array.from(two);
    flagged[first - 2] = 2;
    expect(codeOf(() => decodeRules(flagged))).toBe("BYTES_NOT_CANONICAL");
  });

  it("refuses a version or semantics it does not know before reading on", () => {
    const bytes = encodeRules(presetRules("general"));
    expect(codeOf(() => decodeRules(Uint8Array.from([2])))).toBe("RULES_VERSION_UNKNOWN");
    const later = Uint8Array.from(bytes);
    later[2] = 1;
    expect(codeOf(() => decodeRules(later))).toBe("RULES_VERSION_UNKNOWN");
  });

  it("refuses to encode values outside their range", () => {
    const general = presetRules("general");
    const wrong: Rules = { ...general, fees: { priceMin: 2n ** 64n } };
    expect(codeOf(() => encodeRules(wrong))).toBe("RULES_RANGE");
  });

  it("pins the bytes of the presets' heads and the distinctness of their hashes", () => {
    const bytes = encodeRules(presetRules("payments"));
    expect(toHex(bytes.subarray(0, 11))).toBe("0x0100000001000200040006");
    expect(new Set(presetNames.map((name) => toHex(rulesHash(presetRules(name))))).size).toBe(3);
  });
});

describe("prepareRulesBlob", () => {
  it("is laid out as docs/program.md section 7", () => {
    const blob = prepareRulesBlob(presetRules("general"));
    expect(blob.length).toBe(1 + 2 + (1 + 20 * 2) + (1 + 19 * 9) + 12 + (1 + 18 * 4));
    const view = new DataView(blob.buffer, blob.byteOffset);
    expect([blob[0], view.getUint16(1), blob[3]]).toEqual([1, 1, 20]);
    expect(view.getUint16(4 + 2 * 13)).toBe(30_000);
    const calls = 44;
    expect(blob[calls]).toBe(19);
    // storage_set is call 7.
    const at = calls + 1 + 6 * 9;
    expect([blob[at], view.getUint32(at + 1), view.getUint32(at + 5)]).toEqual([1, 4_500, 60]);
    // log is call 17: priced, not allowed.
    expect(blob[calls + 1 + 16 * 9]).toBe(0);
    const entry = calls + 1 + 19 * 9;
    expect([0, 4, 8].map((i) => view.getUint32(entry + i))).toEqual([5_000, 250, 1_500]);
    expect(blob[entry + 12]).toBe(18);
    expect(view.getUint32(entry + 13)).toBe(262_144);
    expect(view.getUint32(entry + 13 + 16 * 4)).toBe(256);
  });

  it("changes with the schedule, not with fees or times", () => {
    const general = presetRules("general");
    const blob = (json: object) =>
      toHex(prepareRulesBlob(parseRules({ preset: "general", ...json })));
    const same = toHex(prepareRulesBlob(general));
    expect(blob({ fees: { priceMin: "9" }, block: { intervalSeconds: 9 } })).toBe(same);
    expect(blob({ gas: { instructions: { alu: 2 } } })).not.toBe(same);
    expect(blob({ module: { pages: 255 } })).not.toBe(same);
  });
});

describe("checkPrepareRules", () => {
  const general = presetRules("general");
  const prices = fields.filter(
    (field): field is IntegerField =>
      field.form === "integer" &&
      ["gas.instructions", "gas.hostCalls", "gas.entry"].includes(field.path.slice(0, 2).join(".")),
  );
  /** The blob of rules with one price that parseRules would not let through. */
  function checkWith(field: IntegerField, value: number): string {
    const rules = structuredClone(general) as unknown as Record<string, unknown>;
    setAt(rules, field.path, value);
    return codeOf(() => checkPrepareRules(prepareRulesBlob(rules as unknown as Rules)));
  }

  it("lets every preset through", () => {
    for (const name of presetNames) {
      expect(codeOf(() => checkPrepareRules(prepareRulesBlob(presetRules(name))))).toBe("none");
    }
  });

  it("lets both ends of every price through, and refuses what lies beyond", () => {
    expect(prices.length).toBe(20 + 2 * 19 + 3);
    for (const field of prices) {
      const path = field.path.join(".");
      expect(checkWith(field, field.min), path).toBe("none");
      expect(checkWith(field, field.max), path).toBe("none");
      if (field.min > 0) expect(checkWith(field, field.min - 1), path).toBe("RULES_RANGE");
      if (field.bytes === 4) expect(checkWith(field, field.max + 1), path).toBe("RULES_RANGE");
    }
  });

  it("leaves to prepare what prepare refuses", () => {
    const blob = prepareRulesBlob(general);
    const wrongCount = blob.slice();
    wrongCount[3] = 19;
    for (const bytes of [new Uint8Array(0), Uint8Array.of(1), blob.subarray(1), wrongCount]) {
      expect(codeOf(() => checkPrepareRules(bytes))).toBe("none");
    }
  });
});

describe("the least prices", () => {
  it("lie below those of every preset, or are the price of one instruction", () => {
    const gas = fields.filter(
      (field): field is IntegerField =>
        field.form === "integer" && field.path[0] === "gas" && field.max > 0,
    );
    for (const field of gas) {
      for (const name of presetNames) {
        const value = valueAt(presetRules(name), field.path) as number;
        if (value > 1) expect(field.min, field.path.join(".")).toBeLessThan(value);
      }
    }
  });
});
