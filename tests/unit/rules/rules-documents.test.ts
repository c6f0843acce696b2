// docs/rules.md and schema/rules.json against the table of fields that parsing and encoding use.
import { readFileSync, writeFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { rulesToJson } from "../../../host/rules/parse-rules.ts";
import { presetNames, presetRules } from "../../../host/rules/presets.ts";
import { fieldsTable, rulesSchema } from "../../support/rules-documents.ts";

const update = process.env.UPDATE_GOLDEN === "1";
const marked = /(<!-- fields: .* -->\n)[\s\S]*(<!-- end of fields -->)/;

describe("the documents of the rules", () => {
  it("has a row with range, bytes and reason for every field in docs/rules.md", () => {
    const page = readFileSync("docs/rules.md", "utf8");
    expect(page).toMatch(marked);
    const wanted = page.replace(
      marked,
      (_, open, close) => `${open}\n${fieldsTable()}\n\n${close}`,
    );
    if (update) writeFileSync("docs/rules.md", wanted);
    expect(update ? wanted : page).toBe(wanted);
  });

  it("describes every field in schema/rules.json", () => {
    // As JSON, not as text: the formatter has its own idea of line breaks.
    const wanted = JSON.parse(JSON.stringify(rulesSchema())) as unknown;
    const read = () => JSON.parse(readFileSync("schema/rules.json", "utf8")) as unknown;
    if (update && JSON.stringify(read()) !== JSON.stringify(wanted)) {
      writeFileSync("schema/rules.json", `${JSON.stringify(wanted, null, 2)}\n`);
    }
    expect(read()).toEqual(wanted);
  });

  it("accepts every preset, complete or with changes, under the schema", () => {
    const validate = new Ajv().compile(rulesSchema());
    for (const name of presetNames) {
      expect(validate(name)).toBe(true);
      expect(validate(rulesToJson(presetRules(name))), JSON.stringify(validate.errors)).toBe(true);
    }
    expect(validate({ preset: "payments", gas: { perBlock: "1000" } })).toBe(true);
    expect(validate({ preset: "payments", gaz: {} })).toBe(false);
    expect(validate({ gas: {} })).toBe(false);
  });
});
