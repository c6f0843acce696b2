// One field between JSON and its value in Rules. All range checks of the room are here, for JSON,
// for canonical bytes and for rules built in TypeScript alike. Errors name the JSON path and say
// `got X, expected Y`; a value is never corrected silently.
import type { Hex } from "../codec/hex.ts";
import { EngineError, type ErrorCode } from "../errors.ts";
import {
  ADDRESSES_MAX,
  type DecimalField,
  type Field,
  type IntegerField,
  pathText,
} from "./fields.ts";
import { type HostCallName, hostCallNames, hostCallsRequired } from "./host-call-names.ts";
import { nearestName } from "./nearest-name.ts";
import type { DataRules } from "./rules.ts";

/** An error of this room at a JSON path. */
export function rulesError(
  code: ErrorCode,
  path: string,
  message: string,
  hint?: string,
): EngineError {
  const input = {
    code,
    message: `${path === "" ? "rules" : path}: ${message}`,
    where: { field: path },
  };
  return new EngineError(hint === undefined ? input : { ...input, hint });
}

/** A JSON value in an error message: short, and safe for hostile nesting. */
export function describeJson(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > 48 ? `${value.slice(0, 45)}...` : value);
  }
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value === null) return "null";
  if (typeof value === "object") return "an object";
  if (value === undefined) return "nothing";
  return typeof value === "bigint" ? `${value}n` : String(value);
}

function readInteger(field: IntegerField, json: unknown): number {
  const path = pathText(field.path);
  if (typeof json !== "number") {
    throw rulesError("RULES_TYPE", path, `got ${describeJson(json)}, expected a number`);
  }
  if (field.path.length === 1 && json !== field.min) {
    throw rulesError("RULES_VERSION_UNKNOWN", path, `got ${json}, expected ${field.min}`);
  }
  if (!Number.isInteger(json) || json < field.min || json > field.max) {
    const expected =
      field.min === field.max ? `${field.min}` : `an integer from ${field.min} to ${field.max}`;
    throw rulesError("RULES_RANGE", path, `got ${json}, expected ${expected}`);
  }
  return json;
}

function readDecimal(field: DecimalField, json: unknown): bigint {
  const path = pathText(field.path);
  if (typeof json !== "string") {
    const hint =
      typeof json === "number" ? `write "${json}": u64 and wider are decimal strings` : undefined;
    throw rulesError(
      "RULES_TYPE",
      path,
      `got ${describeJson(json)}, expected a decimal string`,
      hint,
    );
  }
  if (!/^(0|[1-9][0-9]{0,39})$/.test(json)) {
    throw rulesError(
      "RULES_TYPE",
      path,
      `got ${describeJson(json)}, expected decimal digits without sign or leading zeros`,
    );
  }
  const value = BigInt(json);
  if (value < field.min || value > field.max) {
    throw rulesError("RULES_RANGE", path, `got ${json}, expected ${field.min} to ${field.max}`);
  }
  return value;
}

function readList(json: unknown, path: string, max: number, what: string): readonly unknown[] {
  if (!Array.isArray(json)) {
    throw rulesError("RULES_TYPE", path, `got ${describeJson(json)}, expected ${what}`);
  }
  if (json.length > max) {
    throw rulesError("RULES_RANGE", path, `got ${json.length} entries, expected at most ${max}`);
  }
  return json;
}

function refuseRepetition(values: readonly string[], path: string): void {
  const seen = new Set<string>();
  for (const [i, value] of values.entries()) {
    if (seen.has(value)) {
      throw rulesError("RULES_DUPLICATE", `${path}[${i}]`, `got ${value} again, expected it once`);
    }
    seen.add(value);
  }
}

function readAddress(json: unknown, path: string): Hex {
  if (typeof json !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(json)) {
    throw rulesError(
      "RULES_TYPE",
      path,
      `got ${describeJson(json)}, expected an address (0x and 40 hexadecimal digits)`,
    );
  }
  return json.toLowerCase() as Hex;
}

function readAddresses(json: unknown, path: string, what: string): readonly Hex[] {
  const list = readList(json, path, ADDRESSES_MAX, what);
  const addresses = list.map((entry, i) => readAddress(entry, `${path}[${i}]`));
  refuseRepetition(addresses, path);
  return addresses.sort();
}

function readHostCalls(json: unknown, path: string): readonly HostCallName[] {
  const list = readList(json, path, hostCallNames.length, "a list of host call names");
  const names = list.map((entry, i) => {
    const known = hostCallNames.find((name) => name === entry);
    if (known === undefined) {
      const near = typeof entry === "string" ? nearestName(entry, hostCallNames) : undefined;
      throw rulesError(
        "RULES_HOST_CALL_UNKNOWN",
        `${path}[${i}]`,
        `got ${describeJson(entry)}, expected the name of a host call`,
        near === undefined ? undefined : `did you mean "${near}"?`,
      );
    }
    return known;
  });
  refuseRepetition(names, path);
  const missing = hostCallsRequired.find((name) => !names.includes(name));
  if (missing !== undefined) {
    throw rulesError("RULES_HOST_CALL_REQUIRED", path, `got a list without ${missing}`);
  }
  return hostCallNames.filter((name) => names.includes(name));
}

function readData(json: unknown, path: string): DataRules {
  if (json === "settlement") return "settlement";
  const what = `"settlement" or {"committee": [addresses], "threshold": n}`;
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw rulesError("RULES_TYPE", path, `got ${describeJson(json)}, expected ${what}`);
  }
  const group = json as Record<string, unknown>;
  for (const key of Object.keys(group)) {
    if (key !== "committee" && key !== "threshold") {
      throw rulesError("RULES_FIELD_UNKNOWN", `${path}.${key}`, `no such field; expected ${what}`);
    }
  }
  for (const key of ["committee", "threshold"]) {
    if (!Object.hasOwn(group, key)) {
      throw rulesError("RULES_FIELD_MISSING", `${path}.${key}`, `got nothing, expected ${what}`);
    }
  }
  const committee = readAddresses(group.committee, `${path}.committee`, "a list of addresses");
  const threshold = group.threshold;
  if (typeof threshold !== "number") {
    throw rulesError(
      "RULES_TYPE",
      `${path}.threshold`,
      `got ${describeJson(threshold)}, expected a number`,
    );
  }
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > committee.length) {
    throw rulesError(
      "RULES_RANGE",
      `${path}.threshold`,
      `got ${threshold}, expected an integer from 1 to the ${committee.length} committee members`,
    );
  }
  return { committee, threshold };
}

/** The value in Rules for a field's JSON. @throws RULES_… with the field's path */
export function readField(field: Field, json: unknown): unknown {
  const path = pathText(field.path);
  switch (field.form) {
    case "integer":
      return readInteger(field, json);
    case "decimal":
      return readDecimal(field, json);
    case "hostCallsAllowed":
      return readHostCalls(json, path);
    case "deployers":
      return json === "anyone"
        ? json
        : readAddresses(json, path, '"anyone" or a list of at most 16 addresses');
    case "data":
      return readData(json, path);
    case "guardian":
      return json === null ? null : readAddress(json, path);
  }
}

/** A field's JSON for its value in Rules: bigints become decimal strings, all else is itself. */
export function writeField(field: Field, value: unknown): unknown {
  return field.form === "decimal" ? String(value) : value;
}
