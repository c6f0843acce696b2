// Type names of the ABI as data. The set is closed (docs/formats.md section 10); a struct or an enum is a
// name that the ABI's `types` defines. Parsing bounds nesting and refuses cycles, so that every later
// walk over a type ends.
import { EngineError } from "../errors.ts";
import type { AbiTypeDefinition } from "./abi.ts";

export type AbiType =
  | { readonly kind: "bool" | "bytes" | "string" }
  | { readonly kind: "integer"; readonly bits: number; readonly signed: boolean }
  | { readonly kind: "fixed"; readonly size: number }
  | { readonly kind: "array"; readonly element: AbiType; readonly length: number | undefined }
  | { readonly kind: "option"; readonly inner: AbiType }
  | { readonly kind: "struct"; readonly fields: readonly { name: string; type: AbiType }[] }
  | { readonly kind: "enum"; readonly variants: readonly string[] };

/** Deepest nesting of arrays, options and structs. */
const NESTING_MAX = 16;
/** Longest T[N] and bytesN: nothing longer fits into one output. */
const LENGTH_MAX = 65_536;
const INTEGER = /^([ui])(8|16|32|64|128|256)$/;
const BYTES_N = /^bytes([1-9]\d{0,4})$/;
const ARRAY = /^(.+)\[([1-9]\d{0,4})?\]$/s;

export type TypeDefinitions = Readonly<Record<string, AbiTypeDefinition>>;

function refuse(text: string, why: string): EngineError {
  return new EngineError({
    code: "ABI_SYNTAX",
    message: `type ${JSON.stringify(text.slice(0, 80))} ${why}`,
    details: { type: text.slice(0, 80) },
  });
}

/** A parsed type and how many levels of arrays, options and structs it has. */
interface Parsed {
  readonly type: AbiType;
  readonly height: number;
}

/**
 * Structs and enums by name, once per set of definitions: structs that hold one another name in 2 KB more
 * fields than there are atoms, so a struct must not be taken apart at each of its uses.
 */
const parsedDefinitions = new WeakMap<TypeDefinitions, Map<string, Parsed>>();

/**
 * The type that `text` names under the definitions of its ABI, which must not change afterwards.
 * @throws ABI_SYNTAX where it names none, contains itself, or nests too deep
 */
export function parseAbiType(text: string, definitions: TypeDefinitions = {}): AbiType {
  let known = parsedDefinitions.get(definitions);
  if (known === undefined) {
    known = new Map();
    parsedDefinitions.set(definitions, known);
  }
  return new TypeParser(text, definitions, known).parse(text, []).type;
}

class TypeParser {
  readonly #whole: string;
  readonly #definitions: TypeDefinitions;
  readonly #known: Map<string, Parsed>;

  constructor(whole: string, definitions: TypeDefinitions, known: Map<string, Parsed>) {
    this.#whole = whole;
    this.#definitions = definitions;
    this.#known = known;
  }

  /** @param path the types around this one, outermost first. */
  parse(text: string, path: readonly string[]): Parsed {
    this.#refuseDeep(path.length);
    const simple = simpleType(text);
    if (simple !== undefined) return { type: simple, height: 0 };
    const around = [...path, text];
    // A present null could not be told from an absent one.
    if (text.endsWith("??")) throw refuse(text, "is an option of an option");
    if (text.endsWith("?")) {
      const { type, height } = this.parse(text.slice(0, -1), around);
      return { type: { kind: "option", inner: type }, height: height + 1 };
    }
    const array = ARRAY.exec(text);
    if (array === null) return this.#defined(text, path);
    const length = array[2] === undefined ? undefined : Number(array[2]);
    if (length !== undefined && length > LENGTH_MAX) throw refuse(text, "is too long");
    const { type, height } = this.parse(array[1] ?? "", around);
    return { type: { kind: "array", element: type, length }, height: height + 1 };
  }

  #defined(text: string, path: readonly string[]): Parsed {
    const known = this.#known.get(text);
    if (known !== undefined) {
      this.#refuseDeep(path.length + known.height);
      return known;
    }
    const definition = Object.hasOwn(this.#definitions, text) ? this.#definitions[text] : undefined;
    if (definition === undefined) throw refuse(text, "is not a type of the ABI");
    if ("variants" in definition) {
      return { type: { kind: "enum", variants: definition.variants }, height: 0 };
    }
    if (path.includes(text)) throw refuse(text, "contains itself");
    let height = 0;
    const fields = definition.fields.map((field) => {
      const inner = this.parse(field.type, [...path, text]);
      height = Math.max(height, inner.height + 1);
      return { name: field.name, type: inner.type };
    });
    const parsed: Parsed = { type: { kind: "struct", fields }, height };
    this.#known.set(text, parsed);
    return parsed;
  }

  #refuseDeep(depth: number): void {
    if (depth > NESTING_MAX) throw refuse(this.#whole, `nests over ${NESTING_MAX} deep`);
  }
}

/** A type without other types inside, or undefined. */
function simpleType(text: string): AbiType | undefined {
  if (text === "bool" || text === "bytes" || text === "string") return { kind: text };
  if (text === "address") return { kind: "fixed", size: 20 };
  const integer = INTEGER.exec(text);
  if (integer !== null)
    return { kind: "integer", bits: Number(integer[2]), signed: integer[1] === "i" };
  const bytes = BYTES_N.exec(text);
  if (bytes !== null && Number(bytes[1]) <= LENGTH_MAX)
    return { kind: "fixed", size: Number(bytes[1]) };
  return undefined;
}

/** Encoded bytes of every value of `type`; undefined where they vary. */
export function fixedSize(type: AbiType): number | undefined {
  switch (type.kind) {
    case "bool":
    case "enum":
      return 1;
    case "integer":
      return type.bits / 8;
    case "fixed":
      return type.size;
    case "array": {
      const size = fixedSize(type.element);
      return size === undefined || type.length === undefined ? undefined : size * type.length;
    }
    case "struct": {
      const sizes = type.fields.map((field) => fixedSize(field.type));
      return sizes.some((size) => size === undefined)
        ? undefined
        : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
    }
    default:
      return undefined;
  }
}
