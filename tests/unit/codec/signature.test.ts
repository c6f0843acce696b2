// The signature rule at its edges, for the pure and the native checker alike.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveKey, keySigner } from "../../../host/chain/key.ts";
import { nobleSignatureChecker } from "../../../host/codec/signature.ts";
import {
  nativeHostCrypto,
  nativeSignatureChecker,
  nativeSigner,
  signatureLibrary,
} from "../../../host/environment/native.ts";
import { EngineError } from "../../../host/errors.ts";
import { keccak, pattern, seed } from "./reference.ts";
import { N, otherRecovery, recoverVectors, verifyVectors, word } from "./signature-vectors.ts";

const checkers = [
  ["noble", nobleSignatureChecker],
  ["native", nativeSignatureChecker],
] as const;

describe.each(checkers)("the %s checker", (_name, checker) => {
  it.each(verifyVectors.map((vector) => [vector.name, vector] as const))(
    "verifies by the rule: %s",
    (_title, { digest, signature, publicKey, valid }) => {
      expect(checker.verify(digest, signature, publicKey)).toBe(valid);
    },
  );

  it.each(recoverVectors.map((vector) => [vector.name, vector] as const))(
    "recovers by the rule: %s",
    (_title, { digest, signature, publicKey }) => {
      expect(checker.recover(digest, signature)).toEqual(publicKey);
    },
  );

  it("recovers another key with the other v", () => {
    const key = checker.recover(otherRecovery.digest, otherRecovery.signature);
    expect(key?.length).toBe(64);
    expect(key).not.toEqual(otherRecovery.not);
  });

  it("says no to wrong lengths instead of throwing", () => {
    const { digest, signature, publicKey } = verifyVectors[0]!;
    expect(checker.verify(digest.subarray(1), signature, publicKey)).toBe(false);
    expect(checker.verify(digest, signature.subarray(1), publicKey)).toBe(false);
    expect(checker.verify(digest, new Uint8Array(65), publicKey)).toBe(false);
    expect(checker.verify(digest, signature, publicKey.subarray(1))).toBe(false);
    const recoverable = recoverVectors[0]!.signature;
    expect(checker.recover(digest.subarray(1), recoverable)).toBeUndefined();
    expect(checker.recover(digest, recoverable.subarray(1))).toBeUndefined();
  });

  it("leaves its arguments as they were", () => {
    const { digest, signature, publicKey } = verifyVectors[0]!;
    const copies = [digest.slice(), signature.slice(), publicKey.slice()];
    checker.verify(digest, signature, publicKey);
    expect([digest, signature, publicKey]).toEqual(copies);
  });
});

describe("both checkers", () => {
  it("agree on random signatures and on mutations of good ones", () => {
    const { digest, signature, publicKey } = verifyVectors[0]!;
    const mutation = fc.array(fc.tuple(fc.nat(159), fc.nat(255)), { maxLength: 2 });
    fc.assert(
      fc.property(mutation, fc.constantFrom(27, 28), (edits, v) => {
        const all = Uint8Array.from([...digest, ...signature, ...publicKey]);
        for (const [at, byte] of edits) all[at] = byte;
        const parts = [all.slice(0, 32), all.slice(32, 96), all.slice(96)] as const;
        expect(nativeSignatureChecker.verify(...parts)).toBe(
          nobleSignatureChecker.verify(...parts),
        );
        const recoverable = Uint8Array.from([...parts[1], v]);
        expect(nativeSignatureChecker.recover(parts[0], recoverable)).toEqual(
          nobleSignatureChecker.recover(parts[0], recoverable),
        );
      }),
      { seed, numRuns: 60 },
    );
  });

  it("are two different libraries here", () => {
    // A canary: without the add-on the comparisons above would compare noble with itself.
    expect(signatureLibrary).toBe("libsecp256k1");
  });
});

describe("signers", () => {
  it("make the same signatures natively and purely, and both verify", () => {
    for (let i = 0; i < 20; i++) {
      const key = deriveKey("signers", String(i));
      const digest = keccak(pattern(i));
      const pure = keySigner(key);
      const native = nativeSigner(key);
      expect(native.publicKey).toEqual(pure.publicKey);
      expect(native.address).toEqual(pure.address);
      const signature = native.sign(digest);
      expect(signature).toEqual(Uint8Array.from(pure.sign(digest)));
      expect(nativeSignatureChecker.verify(digest, signature, pure.publicKey)).toBe(true);
    }
  });

  it("take private keys from 1 to n − 1 and no others", () => {
    for (const make of [keySigner, nativeSigner]) {
      expect(make(word(1n)).publicKey.length).toBe(64);
      expect(make(word(N - 1n)).publicKey.length).toBe(64);
      for (const bad of [word(0n), word(N), word(2n ** 256n - 1n), new Uint8Array(31)]) {
        let code = "none";
        try {
          make(bad);
        } catch (error) {
          code = error instanceof EngineError ? error.code : "another error";
        }
        expect(code).toBe("KEY_INVALID");
      }
    }
  });

  it("keep their own copy of the key", () => {
    const key = deriveKey("signers", "copy");
    for (const make of [keySigner, nativeSigner]) {
      const given = key.slice();
      const signer = make(given);
      given.fill(1);
      expect(signer.sign(word(5n))).toEqual(make(key).sign(word(5n)));
    }
  });
});

describe("host crypto", () => {
  it("hashes and recovers as the codec does", () => {
    const { digest, signature, publicKey } = recoverVectors[0]!;
    expect(nativeHostCrypto.recover(digest, signature)).toEqual(publicKey);
    const hash = new Uint8Array(32);
    nativeHostCrypto.keccak256Into(pattern(9), 0, 9, hash, 0);
    expect(hash).toEqual(keccak(pattern(9)));
    expect(nativeHostCrypto.sha256(new Uint8Array(0))[0]).toBe(0xe3);
  });
});
