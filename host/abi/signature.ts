// Names that become numbers: selectors of methods and errors, topics of events, keys of storage slots
// (docs/formats.md section 10). Always over resolved type names, so an alias in the source changes nothing.
import { type Hex, toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import type { AbiMethod, AbiParameter } from "./abi.ts";

const encoder = new TextEncoder();

/** `name(t1,t2)`. */
export function signatureOf(name: string, params: readonly AbiParameter[]): string {
  return `${name}(${params.map((param) => param.type).join(",")})`;
}

/** The four selector bytes of a method or an error. */
export function selectorOf(name: string, params: readonly AbiParameter[]): Hex {
  return toHex(keccak256(encoder.encode(signatureOf(name, params))).subarray(0, 4));
}

/**
 * The selector of the @upgrade method, whatever its name and parameters: the old code calls it without knowing
 * the new one. No method has it by its signature, since no name begins with `@`.
 */
export const UPGRADE_SELECTOR: Hex = selectorOf("@upgrade", []);

/** The selector of a method by its kind; undefined for @init, which has none. */
export function methodSelector(
  method: Pick<AbiMethod, "kind" | "name" | "params">,
): Hex | undefined {
  if (method.kind === "init") return undefined;
  return method.kind === "upgrade" ? UPGRADE_SELECTOR : selectorOf(method.name, method.params);
}

/** The first topic of an event. */
export function topicOf(name: string, fields: readonly AbiParameter[]): Hex {
  return toHex(keccak256(encoder.encode(signatureOf(name, fields))));
}

/** The 32-byte key of a storage slot; of a map the root of its entries' keys. */
export function slotKey(slot: string): Uint8Array {
  return keccak256(encoder.encode(`slot:${slot}`));
}

/** The key of a map's entry: `encodedKey` under the slot or outer entry `root`. */
export function entryKey(root: Uint8Array, encodedKey: Uint8Array): Uint8Array {
  const preimage = new Uint8Array(root.length + encodedKey.length);
  preimage.set(root);
  preimage.set(encodedKey, root.length);
  return keccak256(preimage);
}
