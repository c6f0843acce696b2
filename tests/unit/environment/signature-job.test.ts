// Two threads that check the signatures of one body, here two views of one job in one thread.
import { describe, expect, it } from "vitest";
import { deriveKey } from "../../../host/chain/key.ts";
import { readEntry, signTransaction } from "../../../host/chain/transaction.ts";
import type { SignatureChecker } from "../../../host/codec/signature.ts";
import { nativeSignatureChecker, nativeSigner } from "../../../host/environment/native.ts";
import { SignatureJob } from "../../../host/environment/signature-job.ts";

const signer = nativeSigner(deriveKey("signature job", "alice"));
const signed = (nonce: number): Uint8Array =>
  signTransaction(
    {
      kind: "call",
      environmentId: new Uint8Array(32),
      to: new Uint8Array(20),
      value: 0n,
      nonce: BigInt(nonce),
      gasLimit: 100_000,
      price: 1n,
      input: Uint8Array.of(nonce),
    },
    signer,
  );
const forged = (nonce: number): Uint8Array => {
  const bytes = signed(nonce);
  bytes[250]! ^= 1;
  return bytes;
};

/** Counts what it is asked. */
function counting(): SignatureChecker & { readonly asked: () => number } {
  let asked = 0;
  return {
    verify: (digest, signature, publicKey) => {
      asked += 1;
      return nativeSignatureChecker.verify(digest, signature, publicKey);
    },
    recover: nativeSignatureChecker.recover,
    asked: () => asked,
  };
}

const body = [signed(0), forged(1), Uint8Array.of(1, 2, 3), signed(2), forged(3), signed(4)];
const holds = (job: SignatureJob, index: number): boolean =>
  job.holds(readEntry(body[index]!).transaction!, index);

describe("a signature job", () => {
  it("says of every entry what the checker says", () => {
    const job = SignatureJob.over(body, nativeSignatureChecker);
    expect([0, 1, 3, 4, 5].map((index) => holds(job, index))).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  it("is answered from the other thread's work without checking again", () => {
    const other = counting();
    const mine = counting();
    const job = SignatureJob.over(body, mine);
    const beside = new SignatureJob(job.buffer, other);
    while (beside.checkNext()) {
      // All of it.
    }
    expect([0, 1, 5].map((index) => holds(job, index))).toEqual([true, false, true]);
    // The entry that does not decode has no signature to check.
    expect({ mine: mine.asked(), other: other.asked() }).toEqual({ mine: 0, other: 5 });
  });

  it("checks each entry once when both threads work", () => {
    const other = counting();
    const mine = counting();
    const job = SignatureJob.over(body, mine);
    const beside = new SignatureJob(job.buffer, other);
    beside.checkNext();
    expect(holds(job, 1)).toBe(false);
    beside.checkNext();
    beside.checkNext();
    expect(holds(job, 5)).toBe(true);
    expect(mine.asked() + other.asked()).toBe(5);
  });

  it("decides by itself what the other thread took and never finished", () => {
    const mine = counting();
    const job = SignatureJob.over([signed(0)], mine);
    // As a thread does that is stopped between taking an entry and deciding it.
    Atomics.add(new Int32Array(job.buffer, 0, 1), 0, 1);
    expect(holds(job, 0)).toBe(true);
    expect(mine.asked()).toBe(1);
  });

  it("takes an empty body", () => {
    expect(SignatureJob.over([], nativeSignatureChecker).checkNext()).toBe(false);
  });
});
