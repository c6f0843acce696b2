// Inputs of calls: selector ‖ arguments, and the argument bytes of a deployment. What a contract's
// dispatcher reads, made without a compiler.
import { fromHex } from "../codec/hex.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EngineError } from "../errors.ts";
import type { AbiMethod, AbiParameter, ContractAbi } from "./abi.ts";
import { parseAbiType } from "./abi-type.ts";
import { encodeValue } from "./encode-value.ts";

/** Whether transactions and other contracts may call it. */
export const isCallable = ({ kind }: AbiMethod): boolean => kind === "call" || kind === "view";

/** The method `name`, which can be called. @throws ABI_NAME_UNKNOWN */
export function methodOf(abi: ContractAbi, name: string): AbiMethod {
  const callable = abi.methods.filter(isCallable);
  const method = callable.find((one) => one.name === name);
  if (method !== undefined) return method;
  const names = callable.map((one) => one.name);
  throw new EngineError({
    code: "ABI_NAME_UNKNOWN",
    message: `${abi.contract} has no method ${name.slice(0, 80)}; its methods are ${names.join(", ") || "none"}`,
    where: { field: name.slice(0, 80) },
    details: { contract: abi.contract, got: name.slice(0, 80) },
  });
}

function encodeArguments(
  abi: ContractAbi,
  out: ByteWriter,
  what: string,
  params: readonly AbiParameter[],
  args: readonly unknown[],
): void {
  if (args.length !== params.length) {
    const names = params.map((param) => `${param.name}: ${param.type}`).join(", ");
    throw new EngineError({
      code: "ABI_ARGUMENT_COUNT",
      message: `${what}(${names}): got ${args.length} arguments, expected ${params.length}`,
      where: { field: what },
      details: { got: args.length, expected: params.length },
    });
  }
  params.forEach((param, i) => {
    encodeValue(out, parseAbiType(param.type, abi.types), args[i], param.name);
  });
}

/**
 * Input of a call of `method`.
 * @throws ABI_NAME_UNKNOWN, ABI_ARGUMENT_COUNT, ABI_ARGUMENT (its `where.field` is the parameter)
 */
export function encodeCall(
  abi: ContractAbi,
  method: string,
  args: readonly unknown[] = [],
): Uint8Array {
  const found = methodOf(abi, method);
  const out = new ByteWriter();
  out.raw(fromHex(found.selector ?? "0x", 4));
  encodeArguments(abi, out, found.name, found.params, args);
  return out.finish();
}

/**
 * Init arguments of a deployment: empty where the contract has no @init.
 * @throws ABI_ARGUMENT_COUNT, ABI_ARGUMENT
 */
export function encodeInit(abi: ContractAbi, args: readonly unknown[] = []): Uint8Array {
  const init = abi.methods.find((method) => method.kind === "init");
  const out = new ByteWriter();
  encodeArguments(abi, out, init?.name ?? "deployment", init?.params ?? [], args);
  return out.finish();
}

/**
 * Arguments for `upgradeTo` of a contract that goes over to the code with this ABI: those of its @upgrade
 * method, empty where it takes none.
 * @throws ABI_NAME_UNKNOWN where it has no such method, ABI_ARGUMENT_COUNT, ABI_ARGUMENT
 */
export function encodeUpgrade(abi: ContractAbi, args: readonly unknown[] = []): Uint8Array {
  const method = abi.methods.find(({ kind }) => kind === "upgrade");
  if (method === undefined) {
    throw new EngineError({
      code: "ABI_NAME_UNKNOWN",
      message: `${abi.contract} has no @upgrade method, so no contract can be upgraded to it`,
      where: { field: "@upgrade" },
      details: { contract: abi.contract, got: "@upgrade" },
    });
  }
  const out = new ByteWriter();
  encodeArguments(abi, out, method.name, method.params, args);
  return out.finish();
}
