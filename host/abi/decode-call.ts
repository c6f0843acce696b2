// The input of a call as method and arguments: what encode-call.ts made, for people who look at a
// transaction. Inputs come from anybody, so what does not decode is no error but undefined.
import { toHex } from "../codec/hex.ts";
import { ByteReader } from "../codec/reader.ts";
import { EngineError } from "../errors.ts";
import type { AbiMethod, ContractAbi } from "./abi.ts";
import { parseAbiType } from "./abi-type.ts";
import { type AbiValue, decodeValue } from "./decode-value.ts";

export interface DecodedCall {
  readonly method: string;
  /** By parameter, in their order; undefined where the bytes are no arguments of the method. */
  readonly args: Readonly<Record<string, AbiValue>> | undefined;
}

/** The method that the first four bytes name; undefined where the ABI has none of that selector. */
export function decodeCall(abi: ContractAbi, input: Uint8Array): DecodedCall | undefined {
  const selector = toHex(input.subarray(0, 4));
  const method = abi.methods.find((one) => one.kind !== "init" && one.selector === selector);
  if (method === undefined) return undefined;
  return { method: method.name, args: decodeArguments(abi, method, input.subarray(4)) };
}

/** The arguments of a deployment; a contract without @init takes none and is named `init` all the same. */
export function decodeInit(abi: ContractAbi, input: Uint8Array): DecodedCall {
  const method = abi.methods.find((one) => one.kind === "init");
  return {
    method: method?.name ?? "init",
    args: decodeArguments(abi, { params: method?.params ?? [] }, input),
  };
}

function decodeArguments(
  abi: ContractAbi,
  { params }: Pick<AbiMethod, "params">,
  bytes: Uint8Array,
): Readonly<Record<string, AbiValue>> | undefined {
  const reader = new ByteReader(bytes);
  try {
    const args = params.map((param): [string, AbiValue] => [
      param.name,
      decodeValue(reader, parseAbiType(param.type, abi.types)),
    ]);
    reader.end();
    return Object.fromEntries(args);
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}
