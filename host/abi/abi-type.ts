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

/**
 * The type that `text` names under the definitions of its ABI.
 * @throws ABI_SYNTAX where it names none, contains itself, or nests too deep
 */
export function parseAbiType(text: string, definitions: TypeDefinitions = {}): AbiType {
  return parse(text, definitions, []);
}

function parse(text: string, definitions: TypeDefinitions, path: readonly string[]): AbiType {
  if (path.length > NESTING_MAX) throw refuse(path[0] ?? text, `nests over ${NESTING_MAX} deep`);
  if (text === "bool" || text === "bytes" || text === "string") return { kind: text };
  if (text === "address") return { kind: "fixed", size: 20 };
  const integer = INTEGER.exec(text);
  if (integer !== null)
    return { kind: "integer", bits: Number(integer[2]), signed: integer[1] === "i" };
  const bytes = BYTES_N.exec(text);
  if (bytes !== null && Number(bytes[1]) <= LENGTH_MAX)
    return { kind: "fixed", size: Number(bytes[1]) };
  const inner = [...path, text];
  if (text.endsWith("?"))
    return { kind: "option", inner: parse(text.slice(0, -1), definitions, inner) };
  const array = ARRAY.exec(text);
  if (array !== null) {
    const length = array[2] === undefined ? undefined : Number(array[2]);
    if (length !== undefined && length > LENGTH_MAX) throw refuse(text, "is too long");
    return { kind: "array", element: parse(array[1] ?? "", definitions, inner), length };
  }
  const definition = Object.hasOwn(definitions, text) ? definitions[text] : undefined;
  if (definition === undefined) throw refuse(text, "is not a type of the ABI");
  if ("variants" in definition) return { kind: "enum", variants: definition.variants };
  if (path.includes(text)) throw refuse(text, "contains itself");
  return {
    kind: "struct",
    fields: definition.fields.map((field) => ({
      name: field.name,
      type: parse(field.type, definitions, inner),
    })),
  };
}
