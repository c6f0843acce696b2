// Native code behind the pure rooms' parameters: SHA-256 for state (hashtree), signatures (libsecp256k1
// through the secp256k1 package, about forty times the speed of the pure checker). Each has a
// fallback with the same bytes, chosen once at start and checked against it, so a platform without
// the add-on is slower and never different. It must never be imported by a pure room.

import { createRequire } from "node:module";
import { addressOf, checkPrivateKey, keySigner, type TransactionSigner } from "../chain/key.ts";
import { keccak256Into } from "../codec/keccak.ts";
import {
  admitsRecover,
  admitsVerify,
  nobleSignatureChecker,
  type SignatureChecker,
  uncompressed,
} from "../codec/signature.ts";
import type { HostCrypto } from "../sandbox/frame.ts";
import { HANDFUL, Handful, pureStateHasher, type StateHasher } from "../state/state-hasher.ts";

const require = createRequire(import.meta.url);

interface Hashtree {
  hashInto(input: Uint8Array, output: Uint8Array): void;
}

function loadHashtree(): Hashtree | undefined {
  try {
    return require("@chainsafe/hashtree") as Hashtree;
  } catch {
    // No prebuilt binary for this platform.
    return undefined;
  }
}

function hashtreeHasher(hashtree: Hashtree): StateHasher {
  const lanes = quickestLanes(hashtree);
  return {
    sha256: pureStateHasher.sha256,
    hashPairs(input, output, count) {
      if (count === 0) return;
      hashtree.hashInto(input.subarray(0, count * 64), output.subarray(0, count * 32));
    },
    hashFew(few, count) {
      const hashed = lanes[count]!;
      hashtree.hashInto(few.inputs[hashed]!, few.outputs[hashed]!);
    },
  };
}

/**
 * For each number of pairs up to eight, how many to hash in their place. Vector instructions hash eight in the
 * time of two; a processor with instructions for SHA-256 hashes one in a third of the time of eight. It is
 * measured, which takes a millisecond, and decides about speed only.
 */
function quickestLanes(hashtree: Hashtree): readonly number[] {
  const few = new Handful();
  const nanoseconds = (count: number): number => {
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 8; round++) {
      const start = process.hrtime.bigint();
      for (let i = 0; i < 32; i++) hashtree.hashInto(few.inputs[count]!, few.outputs[count]!);
      best = Math.min(best, Number(process.hrtime.bigint() - start));
    }
    return best;
  };
  const all = nanoseconds(HANDFUL);
  const counts = Array.from({ length: HANDFUL + 1 }, (_, count) => count);
  return counts.map((count) => (count > 0 && nanoseconds(count) < all ? count : HANDFUL));
}

/** Whether a hasher agrees with another on batches of every small size (SIMD widths take different paths). */
function agree(a: StateHasher, b: StateHasher): boolean {
  const blocks = 33;
  const input = new Uint8Array(64 * blocks);
  for (let i = 0; i < input.length; i++) input[i] = i * 167 + (i >>> 6);
  const expected = new Uint8Array(32 * blocks);
  b.hashPairs(input, expected, blocks);
  const few = new Handful(input.slice(0, 64 * HANDFUL));
  for (let count = 0; count <= blocks; count++) {
    const output = new Uint8Array(32 * blocks);
    a.hashPairs(input, output, count);
    for (let i = 0; i < 32 * count; i++) if (output[i] !== expected[i]) return false;
    if (count === 0 || count > HANDFUL) continue;
    few.output.fill(0);
    a.hashFew(few, count);
    for (let i = 0; i < 32 * count; i++) if (few.output[i] !== expected[i]) return false;
  }
  return true;
}

let chosen: StateHasher | undefined;

/** SHA-256 through hashtree where it loads and agrees with the pure hasher, else the pure hasher. */
export function nativeStateHasher(): StateHasher {
  if (chosen === undefined) {
    const hashtree = loadHashtree();
    const native = hashtree && hashtreeHasher(hashtree);
    chosen = native && agree(native, pureStateHasher) ? native : pureStateHasher;
  }
  return chosen;
}

/** What we use of libsecp256k1's binding. Every method throws on what it cannot parse. */
interface Secp256k1 {
  publicKeyCreate(key: Uint8Array, compressed: boolean): Uint8Array;
  ecdsaSign(digest: Uint8Array, key: Uint8Array): { signature: Uint8Array };
  ecdsaVerify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean;
  ecdsaRecover(
    signature: Uint8Array,
    recoveryId: number,
    digest: Uint8Array,
    compressed: boolean,
  ): Uint8Array;
}

function loadSecp256k1(): Secp256k1 | undefined {
  try {
    // Its main file falls back to the elliptic package, whose verification has known errors at the
    // edges (CVE-2024-48948); ours falls back to noble instead.
    return require("secp256k1/bindings.js") as Secp256k1;
  } catch {
    // No prebuilt binary for this platform.
    return undefined;
  }
}

const secp256k1 = loadSecp256k1();

function libraryChecker(library: Secp256k1): SignatureChecker {
  return {
    verify(digest, signature, publicKey) {
      if (!admitsVerify(digest, signature, publicKey)) return false;
      try {
        return library.ecdsaVerify(signature, digest, uncompressed(publicKey));
      } catch {
        // A key that is no point of the curve.
        return false;
      }
    },
    recover(digest, signature) {
      if (!admitsRecover(digest, signature)) return undefined;
      try {
        const recoveryId = signature[64]! - 27;
        return library.ecdsaRecover(signature.subarray(0, 64), recoveryId, digest, false).slice(1);
      } catch {
        // r is no x coordinate, or the key would be the point at infinity.
        return undefined;
      }
    },
  };
}

/** The signature rule of docs/formats.md section 3 on libsecp256k1, else the pure checker. */
export const nativeSignatureChecker: SignatureChecker =
  secp256k1 === undefined ? nobleSignatureChecker : libraryChecker(secp256k1);

/** Which library checks signatures here; benchmarks print it. */
export const signatureLibrary: "libsecp256k1" | "noble" =
  secp256k1 === undefined ? "noble" : "libsecp256k1";

/** Hashes and recovery for host calls. */
export const nativeHostCrypto: HostCrypto = {
  keccak256Into,
  sha256: (bytes) => pureStateHasher.sha256(bytes),
  recover: nativeSignatureChecker.recover,
};

/**
 * A signer with the same signatures as `keySigner` (both RFC 6979 with SHA-256), for many of them.
 * @throws KEY_INVALID
 */
export function nativeSigner(privateKey: Uint8Array): TransactionSigner {
  if (secp256k1 === undefined) return keySigner(privateKey);
  checkPrivateKey(privateKey);
  const key = privateKey.slice();
  const publicKey = secp256k1.publicKeyCreate(key, false).slice(1);
  return {
    publicKey,
    address: addressOf(publicKey),
    sign: (digest) => secp256k1.ecdsaSign(digest, key).signature,
  };
}
