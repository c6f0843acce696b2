// The judge's own Keccak-256, SHA-256 and secp256k1 recovery, against the crypto module, node and noble.
import { createHash } from "node:crypto";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../host/codec/hex.ts";
import { keccak256 as wasmKeccak } from "../../../host/codec/keccak.ts";
import { nobleSignatureChecker } from "../../../host/codec/signature.ts";
import { keccak256, sha256 } from "../../../host/dispute/judge-hash.ts";
import { recover, signatureHolds } from "../../../host/dispute/judge-recover.ts";
import { Random } from "../../support/random.ts";

function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}

describe("the judge's hashes", () => {
  it("are Keccak-256 and SHA-256 for every length up to three blocks and a long one", () => {
    const random = new Random(1);
    for (const length of [...Array(420).keys(), 5_000]) {
      const bytes = randomBytes(random, length);
      expect(toHex(keccak256(bytes)), `${length}`).toBe(toHex(wasmKeccak(bytes)));
      const node = createHash("sha256").update(bytes).digest();
      expect(toHex(sha256(bytes)), `${length}`).toBe(toHex(new Uint8Array(node)));
    }
  });

  it("join the parts that they are given", () => {
    const bytes = randomBytes(new Random(2), 300);
    const parts = [bytes.subarray(0, 7), bytes.subarray(7, 7), bytes.subarray(7, 150)];
    expect(keccak256(...parts, bytes.subarray(150))).toEqual(keccak256(bytes));
    expect(sha256(...parts, bytes.subarray(150))).toEqual(sha256(bytes));
  });
});

describe("the judge's signatures", () => {
  const random = new Random(3);
  const key = randomBytes(random, 32);
  const publicKey = secp256k1.getPublicKey(key, false).slice(1);
  const sender = keccak256(publicKey).slice(12);
  const sign = (digest: Uint8Array): Uint8Array =>
    secp256k1.sign(digest, key, { prehash: false, lowS: true }) as Uint8Array;

  it("recover what noble recovers, v 27 and 28, signed, damaged or at the edges", () => {
    const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const word = (value: bigint) => Buffer.from(value.toString(16).padStart(64, "0"), "hex");
    const edges = [0n, 1n, 2n, n / 2n, n / 2n + 1n, n - 1n, n].map(word);
    const digests = [new Uint8Array(32), new Uint8Array(32).fill(255), randomBytes(random, 32)];
    for (const digest of digests) {
      const signed = sign(digest);
      const pairs = [signed, randomBytes(random, 64)];
      for (const r of edges) pairs.push(Buffer.concat([r, signed.subarray(32)]));
      for (const s of edges) pairs.push(Buffer.concat([signed.subarray(0, 32), s]));
      for (const pair of pairs) {
        for (const v of [26, 27, 28, 29]) {
          const signature = Uint8Array.from([...pair, v]);
          expect(recover(digest, signature)).toEqual(
            nobleSignatureChecker.recover(digest, signature),
          );
        }
      }
    }
  });

  it("hold for the sender's own signature and for nothing near it", () => {
    for (let i = 0; i < 5; i++) {
      const digest = randomBytes(random, 32);
      const signature = sign(digest);
      expect(signatureHolds(digest, signature, sender)).toBe(true);
      const other = sender.map((byte, k) => (k === i ? byte ^ 1 : byte));
      expect(signatureHolds(digest, signature, other)).toBe(false);
      const damaged = signature.map((byte, k) => (k === 40 + i ? byte ^ 1 : byte));
      expect(signatureHolds(digest, damaged, sender)).toBe(false);
    }
  });

  it("refuse r below p - n even where recovery works", () => {
    const digest = randomBytes(random, 32);
    // r = 1 is an x coordinate of the curve.
    const signature = new Uint8Array(64);
    signature[31] = 1;
    signature[63] = 1;
    const key1 = recover(digest, Uint8Array.from([...signature, 27]));
    expect(key1).toBeDefined();
    expect(signatureHolds(digest, signature, keccak256(key1!).slice(12))).toBe(false);
  });
});
