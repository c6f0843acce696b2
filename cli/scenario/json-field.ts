// Reading parts of a scenario's JSON. Every refusal names the JSON path and says `got X, expected Y`;
// nothing is corrected silently, since a scenario that means something else than it says proves nothing.
import { fromHex } from "../../host/codec/hex.ts";
import { EngineError, type ErrorCode } from "../../host/errors.ts";
import { nearestName } from "../../host/rules/nearest-name.ts";
import { describeJson } from "../../host/rules/read-field.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** An error of a scenario at a JSON path. */
export function scenarioError(
  code: ErrorCode,
  path: string,
  message: string,
  hint?: string,
): EngineError {
  const shown = path.length > 120 ? `${path.slice(0, 117)}...` : path;
  return new EngineError({
    code,
    message: shown === "" ? message : `${shown}: ${message}`,
    where: { field: shown },
    ...(hint === undefined ? {} : { hint }),
  });
}

const wrongType = (path: string, json: unknown, expected: string, hint?: string): EngineError =>
  scenarioError("SCENARIO_TYPE", path, `got ${describeJson(json)}, expected ${expected}`, hint);

/** "did you mean", or the list of what there is. */
export function suggestion(word: string, names: readonly string[], what: string): string {
  const near = nearestName(word, names);
  if (near !== undefined) return `did you mean "${near}"?`;
  if (names.length === 0) return `there are no ${what} here`;
  return `the ${what} here are ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", …" : ""}`;
}

/** @throws SCENARIO_TYPE where `json` is no object */
export function readObject(json: unknown, path: string): JsonObject {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw wrongType(path, json, "an object");
  }
  return json as JsonObject;
}

/** @throws SCENARIO_FIELD_UNKNOWN for a field that is not in `known` */
export function refuseUnknown(object: JsonObject, known: readonly string[], path: string): void {
  for (const key of Object.keys(object)) {
    if (known.includes(key)) continue;
    const inner = path === "" ? key : `${path}.${key}`;
    const hint = suggestion(key, known, "fields");
    throw scenarioError("SCENARIO_FIELD_UNKNOWN", inner, "there is no such field", hint);
  }
}

/** @throws SCENARIO_FIELD_MISSING */
export function required(object: JsonObject, key: string, path: string, expected: string): unknown {
  if (Object.hasOwn(object, key)) return object[key];
  const inner = path === "" ? key : `${path}.${key}`;
  throw scenarioError("SCENARIO_FIELD_MISSING", inner, `got nothing, expected ${expected}`);
}

/** @throws SCENARIO_TYPE */
export function readList(json: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(json)) throw wrongType(path, json, "a list");
  return json;
}

/** @throws SCENARIO_TYPE, SCENARIO_RANGE */
export function readText(json: unknown, path: string, lengthMax: number): string {
  if (typeof json !== "string") throw wrongType(path, json, "a string");
  if (json.length === 0 || json.length > lengthMax) {
    const expected = `1 to ${lengthMax} characters`;
    throw scenarioError("SCENARIO_RANGE", path, `got ${json.length}, expected ${expected}`);
  }
  return json;
}

/** One of `names`. @throws SCENARIO_TYPE, SCENARIO_RANGE */
export function readChoice<T extends string>(json: unknown, names: readonly T[], path: string): T {
  const found = names.find((name) => name === json);
  if (found !== undefined) return found;
  if (typeof json !== "string") throw wrongType(path, json, `one of ${names.join(", ")}`);
  const near = nearestName(json, names);
  throw scenarioError(
    "SCENARIO_RANGE",
    path,
    `got ${describeJson(json)}, expected ${names.join(", ")}`,
    near === undefined ? undefined : `did you mean "${near}"?`,
  );
}

/** A decimal string below `bound`. @throws SCENARIO_TYPE, SCENARIO_RANGE */
export function readDecimal(json: unknown, path: string, bound: bigint): bigint {
  if (typeof json !== "string") {
    const hint =
      typeof json === "number" ? `write "${json}": numbers here are decimal strings` : undefined;
    throw wrongType(path, json, "a decimal string", hint);
  }
  if (!/^(0|[1-9][0-9]{0,77})$/.test(json)) {
    throw wrongType(path, json, "decimal digits without sign or leading zeros");
  }
  const value = BigInt(json);
  if (value < bound) return value;
  const bits = bound.toString(2).length - 1;
  throw scenarioError("SCENARIO_RANGE", path, `got ${json}, expected less than 2^${bits}`);
}

/** Bytes from `0x…`. @throws SCENARIO_TYPE, SCENARIO_RANGE */
export function readHex(json: unknown, path: string, byteLength?: number): Uint8Array {
  const bytes = typeof json === "string" ? hexBytes(json) : undefined;
  if (bytes === undefined) throw wrongType(path, json, "0x and pairs of hexadecimal digits");
  if (byteLength === undefined || bytes.length === byteLength) return bytes;
  const message = `got ${bytes.length} bytes, expected ${byteLength}`;
  throw scenarioError("SCENARIO_RANGE", path, message);
}

function hexBytes(text: string): Uint8Array | undefined {
  try {
    return fromHex(text);
  } catch {
    return undefined;
  }
}
