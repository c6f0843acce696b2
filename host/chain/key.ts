// Keys of senders: private key to public key and address, and signers that transactions are signed
// with. Scenario keys derive from text, so that a scenario is reproducible without any secret; they
// are public by construction and must never hold anything of value.
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak256 } from "../codec/keccak.ts";
import { isPrivateKey } from "../codec/signature.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EngineError } from "../errors.ts";

/** Signs digests for one account. */
export interface TransactionSigner {
  /** x ‖ y [64]. */
  readonly publicKey: Uint8Array;
  /** [20] */
  readonly address: Uint8Array;
  /** r ‖ s [64] by the rule of docs/formats.md section 3, deterministic (RFC 6979). */
  sign(digest: Uint8Array): Uint8Array;
}

/** Address [20] of a public key x ‖ y [64]. */
export function addressOf(publicKey: Uint8Array): Uint8Array {
  return keccak256(publicKey).slice(12);
}

/** @throws KEY_INVALID unless `privateKey` is 32 bytes, above zero and below the group's order */
export function checkPrivateKey(privateKey: Uint8Array): void {
  if (isPrivateKey(privateKey)) return;
  // The bytes of a key are never put into a message, valid or not.
  throw new EngineError({
    code: "KEY_INVALID",
    message: `got ${privateKey.length} bytes that are no private key of secp256k1`,
  });
}

/** Public key x ‖ y [64] of a private key [32]. @throws KEY_INVALID */
export function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  checkPrivateKey(privateKey);
  return secp256k1.getPublicKey(privateKey, false).slice(1);
}

/** A signer in pure TypeScript. @throws KEY_INVALID */
export function keySigner(privateKey: Uint8Array): TransactionSigner {
  const publicKey = publicKeyOf(privateKey);
  const key = privateKey.slice();
  return {
    publicKey,
    address: addressOf(publicKey),
    sign: (digest) => secp256k1.sign(digest, key, { prehash: false }),
  };
}

/**
 * Private key [32] of the account `name` of a scenario with `seed`:
 * keccak(ASCII "plasma scenario key" ‖ bytes(seed) ‖ bytes(name)) over UTF-8, hashed again while it is
 * no private key.
 */
export function deriveKey(seed: string, name: string): Uint8Array {
  const utf8 = new TextEncoder();
  const writer = new ByteWriter();
  writer.raw(utf8.encode("plasma scenario key"));
  writer.bytes(utf8.encode(seed)).bytes(utf8.encode(name));
  let key = keccak256(writer.finish());
  while (!isPrivateKey(key)) key = keccak256(key);
  return key;
}
