// What docs/rules.md and schema/rules.json must say, derived from the table of fields. The test
// beside the rules room compares them; UPDATE_GOLDEN=1 writes them anew.
import { type Field, fields, pathText, valueAt } from "../../host/rules/fields.ts";
import { hostCallNames } from "../../host/rules/host-call-names.ts";
import { presetNames, presetRules } from "../../host/rules/presets.ts";

function range(field: Field): string {
  switch (field.form) {
    case "integer":
    case "decimal": {
      const show = (n: number | bigint) => n.toLocaleString("en-US");
      return field.min === field.max ? show(field.min) : `${show(field.min)} … ${show(field.max)}`;
    }
    case "hostCallsAllowed":
      return "names, each once";
    case "deployers":
      return '"anyone" or 0 … 16 addresses';
    case "data":
      return '"settlement" or a committee of 1 … 16';
    case "guardian":
      return "null or an address";
  }
}

function bytes(field: Field): string {
  switch (field.form) {
    case "integer":
    case "decimal":
      return `u${field.bytes * 8}`;
    case "hostCallsAllowed":
      return "19 × u8";
    default:
      return "below";
  }
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `${value.length} names`;
  if (typeof value === "number" || typeof value === "bigint") return value.toLocaleString("en-US");
  return String(value);
}

/** The Markdown table of all fields in canonical order. */
export function fieldsTable(): string {
  const rows = fields.map((field) => {
    const presets = presetNames.map((name) => shown(valueAt(presetRules(name), field.path)));
    const values = new Set(presets).size === 1 ? [presets[0]!, "", ""] : presets;
    const cells = [
      `\`${pathText(field.path)}\``,
      field.unit,
      range(field),
      bytes(field),
      ...values,
    ];
    return `| ${[...cells, field.why].join(" | ")} |`;
  });
  return [
    "| field | unit | range | bytes | payments | general | data-heavy | what for, and why this range |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

type Schema = Record<string, unknown>;
const address = { type: "string", pattern: "^0x[0-9a-fA-F]{40}$" };

function fieldSchema(field: Field): Schema {
  const description = field.unit === "" ? field.why : `${field.unit}: ${field.why}`;
  switch (field.form) {
    case "integer":
      return { description, type: "integer", minimum: field.min, maximum: field.max };
    case "decimal":
      return { description, type: "string", pattern: "^(0|[1-9][0-9]{0,39})$" };
    case "hostCallsAllowed":
      return { description, type: "array", uniqueItems: true, items: { enum: hostCallNames } };
    case "deployers": {
      const list = { type: "array", maxItems: 16, items: address };
      return { description, anyOf: [{ const: "anyone" }, list] };
    }
    case "data": {
      const committee = { type: "array", minItems: 1, maxItems: 16, items: address };
      const threshold = { type: "integer", minimum: 1, maximum: 16 };
      const group = {
        type: "object",
        additionalProperties: false,
        required: ["committee", "threshold"],
        properties: { committee, threshold },
      };
      return { description, anyOf: [{ const: "settlement" }, group] };
    }
    case "guardian":
      return { description, anyOf: [{ type: "null" }, address] };
  }
}

/** The JSON schema of a rules document: a preset's name, a preset with changes, or complete. */
export function rulesSchema(): Schema {
  const properties: Schema = { $schema: { type: "string" }, preset: { enum: presetNames } };
  for (const field of fields) {
    let group = properties;
    for (const key of field.path.slice(0, -1)) {
      group[key] ??= { type: "object", additionalProperties: false, properties: {} };
      group = (group[key] as { properties: Schema }).properties;
    }
    group[field.path.at(-1)!] = fieldSchema(field);
  }
  const complete = Object.keys(properties).filter((key) => key !== "$schema" && key !== "preset");
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Plasma rules",
    description: "The rules of an execution environment; docs/rules.md explains every field.",
    anyOf: [
      { enum: presetNames },
      {
        type: "object",
        additionalProperties: false,
        properties,
        anyOf: [{ required: ["preset"] }, { required: complete }],
      },
    ],
  };
}
