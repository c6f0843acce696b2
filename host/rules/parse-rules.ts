// JSON -> Rules and back. A document is either complete, the name of a preset, or
// {"preset": name, …fields that differ}. Unknown fields are refused with the field that was
// probably meant: a misspelt limit that is silently ignored would be a limit that does not hold.
import { EngineError } from "../errors.ts";
import { refuseConflicts } from "./conflicts.ts";
import { type Field, fields, pathText, setAt, valueAt } from "./fields.ts";
import { nearestName } from "./nearest-name.ts";
import { isPresetName, presetNames, presetRules } from "./presets.ts";
import { describeJson, readField, rulesError, writeField } from "./read-field.ts";
import type { Rules } from "./rules.ts";

/** Characters of a rules document; the largest sensible one has about 8,000. */
const TEXT_LENGTH_MAX = 262_144;

type Json = Readonly<Record<string, unknown>>;

/** A group of fields: key -> group or field. */
type Shape = Map<string, Shape | Field>;

const shape: Shape = new Map();
for (const field of fields) {
  let group = shape;
  for (const key of field.path.slice(0, -1)) {
    const next = group.get(key) ?? new Map();
    group.set(key, next);
    group = next as Shape;
  }
  group.set(field.path.at(-1)!, field);
}

const leafNames = new Map(fields.map((field) => [field.path.at(-1)!, pathText(field.path)]));

function unknownField(key: string, path: string, group: Shape): EngineError {
  const near = nearestName(key, [...group.keys()]);
  const elsewhere = leafNames.get(key);
  const hint =
    near !== undefined
      ? `did you mean "${near}"?`
      : elsewhere !== undefined
        ? `the field is ${elsewhere}`
        : `the fields here are ${[...group.keys()].slice(0, 8).join(", ")}${group.size > 8 ? ", …" : ""}`;
  const shown = path.length > 120 ? `${path.slice(0, 117)}...` : path;
  return rulesError("RULES_FIELD_UNKNOWN", shown, "there is no such field", hint);
}

function refuseUnknown(json: unknown, group: Shape, path: string): void {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw rulesError("RULES_TYPE", path, `got ${describeJson(json)}, expected an object`);
  }
  for (const key of Object.keys(json)) {
    const inner = path === "" ? key : `${path}.${key}`;
    if (path === "" && (key === "preset" || key === "$schema")) continue;
    const next = group.get(key);
    if (next === undefined) throw unknownField(key, inner, group);
    if (next instanceof Map) refuseUnknown((json as Json)[key], next, inner);
  }
}

function presetNamed(name: unknown, path: string): Rules {
  if (typeof name === "string" && isPresetName(name)) return presetRules(name);
  const near = typeof name === "string" ? nearestName(name, presetNames) : undefined;
  throw rulesError(
    "RULES_PRESET_UNKNOWN",
    path,
    `got ${describeJson(name)}, expected ${presetNames.join(", ")}`,
    near === undefined ? undefined : `did you mean "${near}"?`,
  );
}

/**
 * Rules from parsed JSON: a preset's name, `{"preset": name, …}` with the fields that differ (lists
 * replace lists), or a complete document. Lists come out in canonical order, addresses in lower case.
 * @throws RULES_… naming the JSON path
 */
export function parseRules(json: unknown): Rules {
  if (typeof json === "string") return presetNamed(json, "");
  refuseUnknown(json, shape, "");
  const document = json as Json;
  const base = Object.hasOwn(document, "preset")
    ? presetNamed(document.preset, "preset")
    : undefined;
  const rules: Record<string, unknown> = {};
  for (const field of fields) {
    const given = valueAt(document, field.path);
    if (given !== undefined) {
      setAt(rules, field.path, readField(field, given));
    } else if (base !== undefined) {
      setAt(rules, field.path, valueAt(base, field.path));
    } else if (field.form === "integer" && field.optional) {
      setAt(rules, field.path, 0);
    } else {
      throw rulesError(
        "RULES_FIELD_MISSING",
        pathText(field.path),
        "got nothing, expected a value",
      );
    }
  }
  return refuseConflicts(rules as unknown as Rules);
}

/**
 * The same from JSON text.
 * @throws RULES_SYNTAX when the text is not JSON or longer than 262,144 characters; RULES_…
 */
export function parseRulesText(text: string): Rules {
  if (text.length > TEXT_LENGTH_MAX) {
    throw new EngineError({
      code: "RULES_SYNTAX",
      message: `got ${text.length} characters, expected at most ${TEXT_LENGTH_MAX}`,
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const message = `not JSON: ${cause instanceof Error ? cause.message.slice(0, 200) : "?"}`;
    throw new EngineError({ code: "RULES_SYNTAX", message, cause });
  }
  return parseRules(json);
}

/** The complete JSON document of rules, in canonical order; `parseRules` gives the same rules back. */
export function rulesToJson(rules: Rules): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const field of fields) {
    if (field.form === "integer" && field.optional) continue;
    setAt(json, field.path, writeField(field, valueAt(rules, field.path)));
  }
  return json;
}
