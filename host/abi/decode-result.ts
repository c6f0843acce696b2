// The output of a successful call as a value of the method's return type.
import { ByteReader } from "../codec/reader.ts";
import type { ContractAbi } from "./abi.ts";
import { parseAbiType } from "./abi-type.ts";
import { type AbiValue, decodeValue, decodeWhole } from "./decode-value.ts";
import { methodOf } from "./encode-call.ts";

/** @returns the result, or undefined of a void method. @throws ABI_NAME_UNKNOWN, ABI_DATA */
export function decodeResult(
  abi: ContractAbi,
  method: string,
  output: Uint8Array,
): AbiValue | undefined {
  const { name, returns } = methodOf(abi, method);
  const reader = new ByteReader(output);
  return decodeWhole(reader, `result of ${name}`, () =>
    returns === "void" ? undefined : decodeValue(reader, parseAbiType(returns, abi.types)),
  );
}
