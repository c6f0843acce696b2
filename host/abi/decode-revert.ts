// Revert data for people and programs: nothing, a message, a typed error, or a failed check of the language
// with its place in the source. Revert data comes from contracts, so what does not decode is data too.
import { toHex } from "../codec/hex.ts";
import { ByteReader } from "../codec/reader.ts";
import { EngineError } from "../errors.ts";
import { NO_FUNCTION } from "../outcome.ts";
import type { ContractAbi } from "./abi.ts";
import { parseAbiType } from "./abi-type.ts";
import { type AbiValue, decodeText, decodeValue } from "./decode-value.ts";

export type DecodedRevert =
  | { readonly kind: "empty" }
  | { readonly kind: "message"; readonly message: string }
  | {
      readonly kind: "error";
      readonly name: string;
      readonly fields: Readonly<Record<string, AbiValue>>;
    }
  | {
      readonly kind: "abort";
      readonly message: string;
      readonly file: string;
      readonly line: number;
      readonly column: number;
    }
  | {
      readonly kind: "refusal";
      readonly code: number;
      /** Null where it is about the module as a whole. */
      readonly function: number | null;
      readonly byteOffset: number;
      readonly detail: number;
    }
  /** An error that no given ABI has, or bytes of no known form. */
  | { readonly kind: "unknown"; readonly data: string };

/** What the contract said. @param abis of the contract and of those it calls: an error may come from below. */
export function decodeRevert(
  abis: ContractAbi | readonly ContractAbi[],
  data: Uint8Array,
): DecodedRevert {
  const reader = new ByteReader(data);
  try {
    const decoded = read(Array.isArray(abis) ? abis : [abis as ContractAbi], reader);
    if (decoded !== undefined) {
      reader.end();
      return decoded;
    }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
  }
  return { kind: "unknown", data: toHex(data) };
}

function read(abis: readonly ContractAbi[], reader: ByteReader): DecodedRevert | undefined {
  switch (reader.u8()) {
    case 0:
      return { kind: "empty" };
    case 1:
      return { kind: "message", message: decodeText(reader) };
    case 2:
      return readError(abis, reader);
    case 3:
      return {
        kind: "abort",
        message: decodeText(reader),
        file: decodeText(reader),
        line: reader.u32(),
        column: reader.u32(),
      };
    case 4:
      return {
        kind: "refusal",
        code: reader.u16(),
        function: functionOrNone(reader.u32()),
        byteOffset: reader.u32(),
        detail: reader.u32(),
      };
    default:
      return undefined;
  }
}

const functionOrNone = (index: number): number | null => (index === NO_FUNCTION ? null : index);

/** Where in a module a refusal of prepare points. */
export function placeText(refusal: Extract<DecodedRevert, { readonly kind: "refusal" }>): string {
  const { function: index, byteOffset } = refusal;
  const at = `byte 0x${byteOffset.toString(16)}`;
  return index === null ? at : `function ${index}, ${at}`;
}

function readError(abis: readonly ContractAbi[], reader: ByteReader): DecodedRevert | undefined {
  const selector = toHex(reader.fixed(4));
  for (const abi of abis) {
    const error = abi.errors.find((one) => one.selector === selector);
    if (error === undefined) continue;
    const fields = error.fields.map((field): [string, AbiValue] => [
      field.name,
      decodeValue(reader, parseAbiType(field.type, abi.types)),
    ]);
    return { kind: "error", name: error.name, fields: Object.fromEntries(fields) };
  }
  return undefined;
}

/** One line: the message, `Name(field: value, …)`, or the failed check with its source place. */
export function describeRevert(revert: DecodedRevert): string {
  switch (revert.kind) {
    case "empty":
      return "reverted without a message";
    case "message":
      return revert.message;
    case "error": {
      const fields = Object.entries(revert.fields).map(
        ([name, value]) => `${name}: ${show(value)}`,
      );
      return `${revert.name}(${fields.join(", ")})`;
    }
    case "abort":
      return `${revert.message || "a check failed"} (${revert.file}:${revert.line}:${revert.column})`;
    case "refusal":
      return `module refused: code ${revert.code}, ${placeText(revert)}`;
    case "unknown":
      return `reverted with ${revert.data}`;
  }
}

function show(value: AbiValue): string {
  return JSON.stringify(value, (_, item) => (typeof item === "bigint" ? item.toString() : item));
}
