// Arguments of a scenario against the ABI: names become addresses where the type is an address, and a
// refusal names the argument in the scenario. What a type accepts is the ABI room's business.
import type { ContractAbi } from "../../host/abi/abi.ts";
import { EngineError } from "../../host/errors.ts";
import type { Actors } from "./actors.ts";

/** `type` of one value, with every `@name` in the place of an address replaced by its address. */
export function resolveNames(
  value: unknown,
  type: string,
  abi: ContractAbi,
  actors: Actors,
  path: string,
): unknown {
  if (type === "address") {
    return typeof value === "string" && value.startsWith("@")
      ? actors.reference(value, path)
      : value;
  }
  if (type.endsWith("?")) {
    return value === null ? null : resolveNames(value, type.slice(0, -1), abi, actors, path);
  }
  const element = /^(.*)\[\d*\]$/.exec(type)?.[1];
  if (element !== undefined) {
    if (!Array.isArray(value)) return value;
    return value.map((item, i) => resolveNames(item, element, abi, actors, `${path}[${i}]`));
  }
  const definition = Object.hasOwn(abi.types, type) ? abi.types[type] : undefined;
  if (definition === undefined || !("fields" in definition)) return value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const types = new Map(definition.fields.map((field) => [field.name, field.type]));
  const entries = Object.entries(value).map(([name, item]) => {
    const inner = types.get(name);
    if (inner === undefined) return [name, item];
    return [name, resolveNames(item, inner, abi, actors, `${path}.${name}`)];
  });
  return Object.fromEntries(entries);
}

/** Runs `act` and puts `path` before the field of its ABI errors. */
export function atPath<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof EngineError) || !error.code.startsWith("ABI_")) throw error;
    const { code, message, where, hint, details } = error;
    const field =
      where.field === undefined || where.field === "" ? path : `${path}: ${where.field}`;
    throw new EngineError({
      code,
      message: `${path}: ${message}`,
      where: { ...where, field },
      hint,
      details,
      cause: error,
    });
  }
}
