// From a type that asc resolved to its name in the ABI: aliases are gone, generics are filled in. What the
// contract codec cannot carry has no name here and is refused where the author wrote it. Enums do not get
// here: to asc they are i32, so resolve-type.ts finds them by their name in the source.
import type { ResolvedClass, ResolvedType } from "./compiler.ts";

const SDK = "~lib/plasmavm/assembly/";

const plainTypes = new Set(["bool", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"]);

const classTypes: ReadonlyMap<string, string> = new Map([
  ["~lib/string/String", "string"],
  ["~lib/typedarray/Uint8Array", "bytes"],
  [`${SDK}math/u128/u128`, "u128"],
  [`${SDK}math/u256/u256`, "u256"],
  [`${SDK}math/i128/i128`, "i128"],
  [`${SDK}math/i256/i256`, "i256"],
  // Its units: the ABI knows numbers, and 18 decimals are how people read them.
  [`${SDK}math/fixed/Fixed`, "i256"],
  [`${SDK}runtime/address/Address`, "address"],
  [`${SDK}runtime/bytes/Bytes32`, "bytes32"],
  [`${SDK}runtime/bytes/Bytes64`, "bytes64"],
  [`${SDK}runtime/bytes/Bytes65`, "bytes65"],
]);

const storageKinds: ReadonlyMap<string, string> = new Map([
  [`${SDK}storage/value/Value`, "value"],
  [`${SDK}storage/map/StorageMap`, "map"],
  [`${SDK}storage/map/StorageMap2`, "map2"],
  [`${SDK}storage/list/StorageList`, "list"],
  [`${SDK}storage/set/StorageSet`, "set"],
]);

/**
 * The ABI's name of `type`, or undefined where the codec cannot carry it.
 * @param structOf the name of an author's struct, undefined for any other class
 */
export function abiTypeOf(
  type: ResolvedType,
  structOf: (resolved: ResolvedClass) => string | undefined,
): string | undefined {
  if (type.isNullableReference) return undefined;
  const name = type.toString();
  if (!type.isReference) return plainTypes.has(name) ? name : undefined;
  const resolved = type.getClass();
  if (resolved === null) return undefined;
  const prototype = resolved.prototype.internalName;
  const [element] = resolved.typeArguments ?? [];
  if (prototype === "~lib/staticarray/StaticArray" && element?.toString() === "u8") return "bytes";
  if (prototype === "~lib/array/Array" && element !== undefined) {
    const inner = abiTypeOf(element, structOf);
    return inner === undefined ? undefined : `${inner}[]`;
  }
  return classTypes.get(prototype) ?? structOf(resolved);
}

/** How the ABI calls the storage class of `type`, undefined for any other type. */
export function storageKindOf(type: ResolvedType): string | undefined {
  const resolved = type.isNullableReference ? null : type.getClass();
  return resolved === null ? undefined : storageKinds.get(resolved.prototype.internalName);
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
