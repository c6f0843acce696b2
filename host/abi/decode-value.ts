// Bytes back into values by their ABI type. Integers of at most 32 bits come out as number, wider ones as
// bigint; addresses and byte strings as 0x text; options as null or the value. Refuses every encoding that
// encode-value.ts would not have made.
import { toHex } from "../codec/hex.ts";
import type { ByteReader } from "../codec/reader.ts";
import { EngineError } from "../errors.ts";
import type { AbiType } from "./abi-type.ts";

export type AbiValue =
  | boolean
  | number
  | bigint
  | string
  | null
  | readonly AbiValue[]
  | { readonly [name: string]: AbiValue };

/** A failure of data that came from a contract. */
export function badData(message: string, byteOffset?: number): EngineError {
  return new EngineError({
    code: "ABI_DATA",
    message,
    where: byteOffset === undefined ? {} : { byteOffset },
  });
}

/** Runs `read` on `reader` and refuses bytes after it. @throws ABI_DATA */
export function decodeWhole<T>(reader: ByteReader, what: string, read: () => T): T {
  try {
    const value = read();
    reader.end();
    return value;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError({
      code: "ABI_DATA",
      message: `${what}: ${error.message}`,
      where: { ...error.where, field: what },
      cause: error,
    });
  }
}

/** Reads one value of `type`. @throws ABI_DATA or BYTES_* (decodeWhole turns these into ABI_DATA) */
export function decodeValue(reader: ByteReader, type: AbiType): AbiValue {
  switch (type.kind) {
    case "bool":
      return decodeSmall(reader, 2, "a bool") === 1;
    case "integer":
      return decodeInteger(reader, type.bits, type.signed);
    case "fixed":
      return toHex(reader.fixed(type.size));
    case "bytes":
      return toHex(reader.bytes(reader.remaining()));
    case "string":
      return decodeText(reader);
    case "array":
      return decodeArray(reader, type.element, type.length);
    case "option":
      return decodeSmall(reader, 2, "an option") === 1 ? decodeValue(reader, type.inner) : null;
    case "struct":
      return Object.fromEntries(
        type.fields.map((field) => [field.name, decodeValue(reader, field.type)]),
      );
    case "enum":
      return type.variants[decodeSmall(reader, type.variants.length, "an enum")] ?? "";
  }
}

function decodeSmall(reader: ByteReader, bound: number, what: string): number {
  const at = reader.offset;
  const byte = reader.u8();
  if (byte >= bound) throw badData(`got ${byte} for ${what}, expected less than ${bound}`, at);
  return byte;
}

function decodeInteger(reader: ByteReader, bits: number, signed: boolean): number | bigint {
  let value = 0n;
  for (const byte of reader.fixed(bits / 8)) value = (value << 8n) | BigInt(byte);
  if (signed) value = BigInt.asIntN(bits, value);
  return bits <= 32 ? Number(value) : value;
}

/** A u32-prefixed text; invalid UTF-8 is refused. */
export function decodeText(reader: ByteReader): string {
  const at = reader.offset;
  const bytes = reader.bytes(reader.remaining());
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw badData("got bytes that are not UTF-8 for a string", at);
  }
}

function decodeArray(reader: ByteReader, element: AbiType, length: number | undefined): AbiValue {
  const at = reader.offset;
  const count = length ?? reader.u32();
  // Every element takes at least one byte, so this bounds the work by the bytes at hand.
  if (count > reader.remaining())
    throw badData(
      `got a count of ${count}, expected at most the ${reader.remaining()} bytes left`,
      at,
    );
  return Array.from({ length: count }, () => decodeValue(reader, element));
}
