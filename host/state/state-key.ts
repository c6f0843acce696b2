// What names a value in state: class, address and key, 53 bytes when packed, and the trie path made
// of them (docs/formats.md section 7). Everything in this room speaks either of the three parts or of
// the packed form. It must never hash a key of another length: paths would stop being unique.

import { assert } from "../errors.ts";
import type { StateHasher } from "./state-hasher.ts";

/** Class of a state value. Hashed into paths, so never renumbered. */
export const StateClass = { account: 0, storage: 1, system: 2 } as const;
export type StateClass = (typeof StateClass)[keyof typeof StateClass];

/**
 * Bytes of a packed key.
 * ```
 * 0      1          21        53
 * | class | address  | key     |
 * ```
 */
export const STATE_KEY_BYTES = 53;
export const PATH_BYTES = 32;

/** The key of class account: an account has one value. */
export const ACCOUNT_KEY = new Uint8Array(32);

/** A 32-byte key of class system from its ASCII name, zero-padded. */
export function systemKey(name: string): Uint8Array {
  assert(name.length <= 32, "a system key name has at most 32 characters");
  const key = new Uint8Array(32);
  for (let i = 0; i < name.length; i++) key[i] = name.charCodeAt(i);
  return key;
}

/** Packs class ‖ address ‖ key into 53 bytes at `offset` of `out`. */
export function packStateKey(
  out: Uint8Array,
  offset: number,
  cls: StateClass,
  address: Uint8Array,
  key: Uint8Array,
): void {
  assert(address.length === 20 && key.length === 32, "an address has 20 bytes and a key 32");
  out[offset] = cls;
  out.set(address, offset + 1);
  out.set(key, offset + 21);
}

/** The same in bytes of its own. */
export function packedStateKey(cls: StateClass, address: Uint8Array, key: Uint8Array): Uint8Array {
  const packed = new Uint8Array(STATE_KEY_BYTES);
  packStateKey(packed, 0, cls, address, key);
  return packed;
}

/** Path [32] of a value in the trie. */
export function statePath(
  hasher: StateHasher,
  cls: StateClass,
  address: Uint8Array,
  key: Uint8Array,
): Uint8Array {
  return hasher.sha256(packedStateKey(cls, address, key));
}
