// Foreign ABI JSON into a ContractAbi, or a refusal that names the field. Strict: unknown fields, wrong
// selectors or topics, and types that do not parse are refused, because a client that encodes by a
// damaged ABI calls the wrong method. Selectors and topics may be left out: they follow from the names.
import { EngineError } from "../errors.ts";
import { describeJson } from "../rules/read-field.ts";
import type {
  AbiError,
  AbiEvent,
  AbiMethod,
  AbiParameter,
  AbiSlot,
  AbiTypeDefinition,
  ContractAbi,
} from "./abi.ts";
import { parseAbiType } from "./abi-type.ts";
import { methodSelector, selectorOf, topicOf } from "./signature.ts";

/** Bounds of lists: no contract that fits into a module has more. */
const LIST_MAX = 1_024;
const NAME = /^[A-Za-z_$][A-Za-z0-9_$]{0,127}$/;

type Fields = Readonly<Record<string, unknown>>;

function refuse(field: string, message: string): EngineError {
  return new EngineError({
    code: "ABI_SYNTAX",
    message: `${field === "" ? "the ABI" : field}: ${message}`,
    where: { field },
  });
}

function object(value: unknown, field: string, known: readonly string[]): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw refuse(field, "got no object");
  for (const name of Object.keys(value))
    if (!known.includes(name))
      throw refuse(`${field}.${name.slice(0, 40)}`, "is not a field of the ABI");
  return value as Fields;
}

function list<T>(value: unknown, field: string, read: (item: unknown, field: string) => T): T[] {
  if (!Array.isArray(value)) throw refuse(field, "got no array");
  if (value.length > LIST_MAX)
    throw refuse(field, `got ${value.length} entries, expected at most ${LIST_MAX}`);
  return value.map((item, i) => read(item, `${field}[${i}]`));
}

function name(value: unknown, field: string): string {
  // An object key of this name would set a prototype.
  if (typeof value !== "string" || !NAME.test(value) || value === "__proto__")
    throw refuse(field, "got no name");
  return value;
}

function text(value: unknown, field: string): string {
  if (typeof value !== "string" || value.length > 256) throw refuse(field, "got no short text");
  return value;
}

function unique(names: readonly string[], field: string): void {
  const seen = new Set<string>();
  for (const one of names) {
    if (seen.has(one)) throw refuse(field, `${one} is listed twice`);
    seen.add(one);
  }
}

/** Reads one ABI; `types` is complete before anything that names a type is read. */
class AbiParser {
  types: Record<string, AbiTypeDefinition> = {};

  type(value: unknown, field: string): string {
    const type = text(value, field);
    try {
      parseAbiType(type, this.types);
    } catch (error) {
      throw refuse(field, error instanceof EngineError ? error.message : "got no type");
    }
    return type;
  }

  parameters(value: unknown, field: string): AbiParameter[] {
    const params = list(value, field, (item, at) => {
      const raw = object(item, at, ["name", "type"]);
      return { name: name(raw.name, `${at}.name`), type: this.type(raw.type, `${at}.type`) };
    });
    unique(
      params.map((param) => param.name),
      field,
    );
    return params;
  }

  definitions(value: unknown): void {
    const raw = object(value, "types", Object.keys(value ?? {}));
    if (Object.keys(raw).length > LIST_MAX) throw refuse("types", "got too many types");
    const later: [string, Fields][] = [];
    for (const [key, item] of Object.entries(raw)) {
      const field = `types.${name(key, "types")}`;
      const definition = object(item, field, ["fields", "variants"]);
      if (Object.keys(definition).length !== 1)
        throw refuse(field, "got neither fields nor variants");
      if (definition.variants !== undefined) {
        const variants = list(definition.variants, `${field}.variants`, name);
        unique(variants, `${field}.variants`);
        if (variants.length === 0 || variants.length > 256)
          throw refuse(field, `got ${variants.length} variants, expected 1 to 256`);
        this.types[key] = { variants };
      } else {
        // Names first, types later: a struct may use one that is defined after it.
        const fields = list(definition.fields, `${field}.fields`, (one, at) => {
          const entry = object(one, at, ["name", "type"]);
          return { name: name(entry.name, `${at}.name`), type: text(entry.type, `${at}.type`) };
        });
        if (fields.length === 0) throw refuse(field, "a struct has at least one field");
        this.types[key] = { fields };
        later.push([key, definition]);
      }
    }
    for (const [key, definition] of later)
      this.types[key] = { fields: this.parameters(definition.fields, `types.${key}.fields`) };
  }

  method(value: unknown, field: string): AbiMethod {
    const known = ["name", "kind", "params", "returns", "selector", "reentrant"];
    const raw = object(value, field, known);
    const { kind } = raw;
    if (kind !== "init" && kind !== "call" && kind !== "view" && kind !== "upgrade")
      throw refuse(`${field}.kind`, "expected init, call, view or upgrade");
    const method = {
      name: name(raw.name, `${field}.name`),
      kind,
      params: this.parameters(raw.params, `${field}.params`),
      returns: raw.returns === "void" ? "void" : this.type(raw.returns, `${field}.returns`),
    } as const;
    if (raw.reentrant !== undefined && (raw.reentrant !== true || kind !== "call"))
      throw refuse(`${field}.reentrant`, "expected true, on a call");
    const expected = methodSelector(method);
    if (raw.selector !== undefined && raw.selector !== expected)
      throw refuse(`${field}.selector`, `got ${describeJson(raw.selector)}, expected ${expected}`);
    return {
      ...method,
      ...(expected === undefined ? {} : { selector: expected }),
      ...(raw.reentrant === true ? { reentrant: true as const } : {}),
    };
  }

  event(value: unknown, field: string): AbiEvent {
    const raw = object(value, field, ["name", "fields", "topic"]);
    const fields = list(raw.fields, `${field}.fields`, (item, at) => {
      const one = object(item, at, ["name", "type", "indexed"]);
      if (typeof one.indexed !== "boolean") throw refuse(`${at}.indexed`, "expected true or false");
      const type = this.type(one.type, `${at}.type`);
      return { name: name(one.name, `${at}.name`), type, indexed: one.indexed };
    });
    unique(
      fields.map((one) => one.name),
      `${field}.fields`,
    );
    if (fields.filter((one) => one.indexed).length > 3)
      throw refuse(`${field}.fields`, "an event has at most three indexed fields");
    const event = { name: name(raw.name, `${field}.name`), fields };
    const topic = topicOf(event.name, fields);
    if (raw.topic !== undefined && raw.topic !== topic)
      throw refuse(`${field}.topic`, `expected ${topic}`);
    return { ...event, topic };
  }

  error(value: unknown, field: string): AbiError {
    const raw = object(value, field, ["name", "fields", "selector"]);
    const error = {
      name: name(raw.name, `${field}.name`),
      fields: this.parameters(raw.fields, `${field}.fields`),
    };
    const selector = selectorOf(error.name, error.fields);
    if (raw.selector !== undefined && raw.selector !== selector)
      throw refuse(`${field}.selector`, `expected ${selector}`);
    return { ...error, selector };
  }

  slot(value: unknown, field: string): AbiSlot {
    const raw = object(value, field, ["name", "slot", "type"]);
    return {
      name: name(raw.name, `${field}.name`),
      slot: text(raw.slot, `${field}.slot`),
      type: text(raw.type, `${field}.type`),
    };
  }
}

/**
 * Checks parsed JSON and gives it its type.
 * @param json the value, not its text. @throws ABI_SYNTAX with the field
 */
export function parseAbi(json: unknown): ContractAbi {
  const known = ["abi", "contract", "asc", "types", "methods", "events", "errors", "storage"];
  const raw = object(json, "", known);
  if (raw.abi !== 1) throw refuse("abi", `got version ${describeJson(raw.abi)}, expected 1`);
  const parser = new AbiParser();
  parser.definitions(raw.types);
  const abi: ContractAbi = {
    abi: 1,
    contract: name(raw.contract, "contract"),
    asc: text(raw.asc, "asc"),
    types: parser.types,
    methods: list(raw.methods, "methods", (item, at) => parser.method(item, at)),
    events: list(raw.events, "events", (item, at) => parser.event(item, at)),
    errors: list(raw.errors, "errors", (item, at) => parser.error(item, at)),
    storage: list(raw.storage, "storage", (item, at) => parser.slot(item, at)),
  };
  const selectors = abi.methods.flatMap((method) => method.selector ?? []);
  unique(selectors, "methods");
  if (abi.methods.length - selectors.length > 1) throw refuse("methods", "got two init methods");
  return abi;
}
