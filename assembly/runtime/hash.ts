// Hashes and signature recovery done by the host. One hash takes at most 1,024 bytes, so that its step
// proof stays small; a longer input traps.
import * as env from "../env";
import { Address } from "./address";
import { Bytes32, Bytes64, Bytes65 } from "./bytes";
import { alloc } from "./memory";
import { badSignature } from "./texts";

function digest(): usize {
  return alloc(32);
}

/** Keccak-256 of at most 1,024 bytes. */
export function keccak256(data: StaticArray<u8>): Bytes32 {
  const out = digest();
  env.keccak256(changetype<usize>(data), data.length, out);
  return Bytes32.at(out);
}

/** SHA-256 of at most 1,024 bytes. */
export function sha256(data: StaticArray<u8>): Bytes32 {
  const out = digest();
  env.sha256(changetype<usize>(data), data.length, out);
  return Bytes32.at(out);
}

/** The secp256k1 public key x ‖ y that signed `hash`, or null where the signature r ‖ s ‖ v is not valid. */
export function tryRecover(hash: Bytes32, signature: Bytes65): Bytes64 | null {
  const out = alloc(64);
  return env.secp256k1_recover(changetype<usize>(hash), changetype<usize>(signature), out) != 0
    ? Bytes64.at(out)
    : null;
}

/** The same; reverts where the signature is not valid. */
export function recover(hash: Bytes32, signature: Bytes65): Bytes64 {
  const key = tryRecover(hash, signature);
  if (!key) badSignature();
  return changetype<Bytes64>(changetype<usize>(key));
}

/** The account of a public key: the last twenty bytes of its keccak. */
export function addressOf(key: Bytes64): Address {
  const out = digest();
  env.keccak256(changetype<usize>(key), 64, out);
  return Address.at(out + 12);
}
