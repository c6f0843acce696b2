// Values into bytes by their ABI type (docs/formats.md section 10). Accepts what JSON can say beside what
// JavaScript has: integers as number, bigint or decimal text, bytes as Uint8Array or hex text.
import { fromHex } from "../codec/hex.ts";
import type { ByteWriter } from "../codec/writer.ts";
import { EngineError } from "../errors.ts";
import type { AbiType } from "./abi-type.ts";

function refuse(field: string, got: unknown, expected: string): EngineError {
  const text =
    typeof got === "bigint" || typeof got === "number" || typeof got === "string"
      ? String(got).slice(0, 80)
      : got === null
        ? "null"
        : Array.isArray(got)
          ? `an array of ${got.length}`
          : typeof got;
  return new EngineError({
    code: "ABI_ARGUMENT",
    message: `${field}: got ${text}, expected ${expected}`,
    where: { field },
    details: { got: text, expected },
  });
}

/** Appends `value` of `type`. @param field its name, for the error. @throws ABI_ARGUMENT */
export function encodeValue(out: ByteWriter, type: AbiType, value: unknown, field: string): void {
  switch (type.kind) {
    case "bool":
      if (typeof value !== "boolean") throw refuse(field, value, "true or false");
      out.u8(value ? 1 : 0);
      return;
    case "integer":
      encodeInteger(out, type, value, field);
      return;
    case "fixed":
      out.raw(toBytes(value, type.size, field));
      return;
    case "bytes":
      out.bytes(toBytes(value, undefined, field));
      return;
    case "string":
      if (typeof value !== "string" || /\p{Surrogate}/u.test(value))
        throw refuse(field, value, "a text without unpaired surrogates");
      out.bytes(new TextEncoder().encode(value));
      return;
    case "array":
      encodeArray(out, type, value, field);
      return;
    case "option":
      if (value === null || value === undefined) out.u8(0);
      else encodeValue(out.u8(1), type.inner, value, field);
      return;
    case "struct":
      encodeStruct(out, type, value, field);
      return;
    case "enum": {
      const index = typeof value === "string" ? type.variants.indexOf(value) : -1;
      if (index < 0) throw refuse(field, value, `one of ${type.variants.join(", ")}`);
      out.u8(index);
    }
  }
}

function toInteger(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  // At most 78 digits: no 256-bit number has more, and converting longer ones takes quadratic time.
  return typeof value === "string" && /^-?\d{1,78}$/.test(value) ? BigInt(value) : undefined;
}

function encodeInteger(
  out: ByteWriter,
  { bits, signed }: { bits: number; signed: boolean },
  value: unknown,
  field: string,
): void {
  const number = toInteger(value);
  const low = signed ? -(1n << BigInt(bits - 1)) : 0n;
  const high = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  if (number === undefined || number < low || number > high)
    throw refuse(field, value, `an integer from ${low} to ${high} (${signed ? "i" : "u"}${bits})`);
  let rest = BigInt.asUintN(bits, number);
  const bytes = new Uint8Array(bits / 8);
  for (let at = bytes.length - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  out.raw(bytes);
}

function toBytes(value: unknown, size: number | undefined, field: string): Uint8Array {
  const expected =
    size === undefined ? "bytes (0x… or Uint8Array)" : `${size} bytes (0x… or Uint8Array)`;
  let bytes: Uint8Array | undefined;
  if (value instanceof Uint8Array) bytes = value;
  else if (typeof value === "string" && /^0x(?:[0-9a-fA-F]{2})*$/.test(value))
    bytes = fromHex(value.toLowerCase());
  if (bytes === undefined) throw refuse(field, value, expected);
  if (size !== undefined && bytes.length !== size)
    throw refuse(field, `${bytes.length} bytes`, expected);
  return bytes;
}

function encodeArray(
  out: ByteWriter,
  { element, length }: { element: AbiType; length: number | undefined },
  value: unknown,
  field: string,
): void {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length))
    throw refuse(field, value, length === undefined ? "an array" : `an array of ${length}`);
  if (length === undefined) out.u32(value.length);
  for (let i = 0; i < value.length; i++) encodeValue(out, element, value[i], `${field}[${i}]`);
}

function encodeStruct(
  out: ByteWriter,
  { fields }: { fields: readonly { name: string; type: AbiType }[] },
  value: unknown,
  field: string,
): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw refuse(field, value, `an object with ${fields.map((one) => one.name).join(", ")}`);
  for (const name of Object.keys(value))
    if (!fields.some((one) => one.name === name))
      throw refuse(
        `${field}.${name}`,
        "an unknown field",
        fields.map((one) => one.name).join(", "),
      );
  for (const { name, type } of fields) {
    const inner = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    encodeValue(out, type, inner, `${field}.${name}`);
  }
}
