// The one signature rule of docs/formats.md section 3 and its pure checker on @noble/curves. The native
// checker (environment/native.ts) shares the range checks below, so that libraries only ever see what
// the rule admits and their own habits at the edges cannot matter. Nothing here throws on bad bytes.
import { secp256k1 } from "@noble/curves/secp256k1.js";

/** Verifies and recovers secp256k1 signatures; both methods are total. */
export interface SignatureChecker {
  /** The rule of section 3: digest [32], signature r ‖ s [64], public key x ‖ y [64]. */
  verify(digest: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean;
  /**
   * The public key x ‖ y [64] of a signature r ‖ s ‖ v [65] over digest [32], v 27 or 28, 0 < r < n,
   * 0 < s <= n/2; undefined if there is none (docs/host-calls.md number 16).
   */
  recover(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined;
}

const bound = (hex: string): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));

/** Order of the group, its floored half, and p − n: below it r would not tell the x coordinate. */
const N = bound("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
const HALF_N = bound("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
const P_MINUS_N = bound("000000000000000000000000000000014551231950b75fc4402da1722fc9baee");

/** Sign of (the 32 bytes at `at`) − limit, as unsigned big-endian numbers. */
function compareAt(bytes: Uint8Array, at: number, limit: Uint8Array): number {
  for (let i = 0; i < 32; i++) {
    const difference = bytes[at + i]! - limit[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function isZero(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 32; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Lengths, 0 < s <= n/2 and p − n <= r < n: what `verify` asks before any curve arithmetic. */
export function admitsVerify(
  digest: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  return (
    digest.length === 32 &&
    signature.length === 64 &&
    publicKey.length === 64 &&
    !isZero(signature, 32) &&
    compareAt(signature, 32, HALF_N) <= 0 &&
    compareAt(signature, 0, P_MINUS_N) >= 0 &&
    compareAt(signature, 0, N) < 0
  );
}

/** Lengths, v, 0 < r < n and 0 < s <= n/2: what `recover` asks before any curve arithmetic. */
export function admitsRecover(digest: Uint8Array, signature: Uint8Array): boolean {
  return (
    digest.length === 32 &&
    signature.length === 65 &&
    (signature[64] === 27 || signature[64] === 28) &&
    !isZero(signature, 0) &&
    compareAt(signature, 0, N) < 0 &&
    !isZero(signature, 32) &&
    compareAt(signature, 32, HALF_N) <= 0
  );
}

/** Whether `key` is a private key: 32 bytes, 0 < key < n. */
export function isPrivateKey(key: Uint8Array): boolean {
  return key.length === 32 && !isZero(key, 0) && compareAt(key, 0, N) < 0;
}

/** x ‖ y with the prefix of an uncompressed point, as libraries take it. */
export function uncompressed(publicKey: Uint8Array): Uint8Array {
  const point = new Uint8Array(65);
  point[0] = 4;
  point.set(publicKey, 1);
  return point;
}

/** The pure checker: slow (about 1.5 ms), runs anywhere. */
export const nobleSignatureChecker: SignatureChecker = {
  verify(digest, signature, publicKey) {
    if (!admitsVerify(digest, signature, publicKey)) return false;
    try {
      return secp256k1.verify(signature, digest, uncompressed(publicKey), { prehash: false });
    } catch {
      // A key that is no point of the curve.
      return false;
    }
  },

  recover(digest, signature) {
    if (!admitsRecover(digest, signature)) return undefined;
    try {
      const parsed = secp256k1.Signature.fromBytes(signature.subarray(0, 64)).addRecoveryBit(
        signature[64]! - 27,
      );
      const point = parsed.recoverPublicKey(digest);
      if (point.is0()) return undefined;
      return point.toBytes(false).slice(1);
    } catch {
      // r is no x coordinate, or the key would be the point at infinity.
      return undefined;
    }
  },
};
