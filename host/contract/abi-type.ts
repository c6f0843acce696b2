// From a type that asc resolved to its name in the ABI: aliases are gone, generics are filled in. What the
// contract codec cannot carry has no name here and is refused where the author wrote it.
import type { ResolvedType } from "./compiler.ts";

const SDK = "~lib/plasmavm/assembly/";

const plainTypes = new Set(["bool", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"]);

const classTypes: ReadonlyMap<string, string> = new Map([
  ["~lib/string/String", "string"],
  ["~lib/typedarray/Uint8Array", "bytes"],
  [`${SDK}math/u128/u128`, "u128"],
  [`${SDK}math/u256/u256`, "u256"],
  [`${SDK}runtime/address/Address`, "address"],
  [`${SDK}runtime/bytes/Bytes32`, "bytes32"],
  [`${SDK}runtime/bytes/Bytes64`, "bytes64"],
  [`${SDK}runtime/bytes/Bytes65`, "bytes65"],
]);

const storageKinds: ReadonlyMap<string, string> = new Map([
  [`${SDK}storage/value/Value`, "value"],
  [`${SDK}storage/map/StorageMap`, "map"],
  [`${SDK}storage/map/StorageMap2`, "map2"],
]);

/** The ABI's name of `type`, or undefined where the codec cannot carry it. */
export function abiTypeOf(type: ResolvedType): string | undefined {
  if (type.isNullableReference) return undefined;
  const name = type.toString();
  if (!type.isReference) return plainTypes.has(name) ? name : undefined;
  const resolved = type.getClass();
  if (resolved === null) return undefined;
  const prototype = resolved.prototype.internalName;
  const [element] = resolved.typeArguments ?? [];
  if (prototype === "~lib/staticarray/StaticArray" && element?.toString() === "u8") return "bytes";
  if (prototype === "~lib/array/Array" && element !== undefined) {
    const inner = abiTypeOf(element);
    return inner === undefined ? undefined : `${inner}[]`;
  }
  return classTypes.get(prototype);
}

/** What a stored field holds: `value<u64>`, `map<address,u128>`; undefined for anything else. */
export function storageTypeOf(type: ResolvedType): string | undefined {
  const resolved = type.isNullableReference ? null : type.getClass();
  if (resolved === null) return undefined;
  const kind = storageKinds.get(resolved.prototype.internalName);
  if (kind === undefined) return undefined;
  const inner = (resolved.typeArguments ?? []).map(abiTypeOf);
  return inner.includes(undefined) ? undefined : `${kind}<${inner.join(",")}>`;
}

/** Whether the class of `type` is a storage class, whatever it stores. */
export function isStorageType(type: ResolvedType): boolean {
  const resolved = type.getClass();
  return resolved !== null && storageKinds.has(resolved.prototype.internalName);
}

/** For the return type of a trying remote method: `result` with the type it wraps, or `status`. */
export function attemptOf(
  type: ResolvedType,
): { kind: "result"; inner: ResolvedType } | { kind: "status" } | undefined {
  const resolved = type.getClass();
  if (resolved === null) return undefined;
  const prototype = resolved.prototype.internalName;
  const [inner] = resolved.typeArguments ?? [];
  if (prototype === `${SDK}runtime/call/Result` && inner !== undefined)
    return { kind: "result", inner };
  return prototype === `${SDK}runtime/call/Status` ? { kind: "status" } : undefined;
}
