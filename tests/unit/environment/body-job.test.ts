// Two threads that read one body, here two views of one job in one thread.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveKey } from "../../../host/chain/key.ts";
import { transactionsRootOf } from "../../../host/chain/read-body.ts";
import { readEntries } from "../../../host/chain/read-entries.ts";
import { readEntry, signTransaction } from "../../../host/chain/transaction.ts";
import type { SignatureChecker } from "../../../host/codec/signature.ts";
import { BodyJob } from "../../../host/environment/body-job.ts";
import { nativeSignatureChecker, nativeSigner } from "../../../host/environment/native.ts";

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
const holds = (job: BodyJob, index: number): boolean =>
  job.signatureHolds(readEntry(body[index]!).transaction!, index);

describe("a body that two threads read", () => {
  it("says of every entry what the checker says", () => {
    const job = BodyJob.over(body, nativeSignatureChecker);
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
    const job = BodyJob.over(body, mine);
    const beside = new BodyJob(job.buffer, other);
    while (beside.checkNext()) {
      // All of it.
    }
    expect([0, 1, 5].map((index) => holds(job, index))).toEqual([true, false, true]);
    // The entry that does not decode has no signature to check.
    expect({ mine: mine.asked(), other: other.asked() }).toEqual({ mine: 0, other: 5 });
  });

  it("is left alone by the other thread once it is given up, and answers all the same", () => {
    const other = counting();
    const job = BodyJob.over(body, nativeSignatureChecker);
    const beside = new BodyJob(job.buffer, other);
    beside.checkNext();
    job.giveUp();
    expect(beside.checkNext()).toBe(false);
    const before = new Uint8Array(job.buffer).slice(16);
    beside.hash();
    expect(new Uint8Array(job.buffer).slice(16)).toEqual(before);
    expect(other.asked()).toBe(1);
    expect([0, 1, 5].map((index) => holds(job, index))).toEqual([true, false, true]);
    expect(job.transactionsRoot()).toEqual(transactionsRootOf(readEntries(body)));
  });

  it("checks each entry once when both threads work", () => {
    const other = counting();
    const mine = counting();
    const job = BodyJob.over(body, mine);
    const beside = new BodyJob(job.buffer, other);
    beside.checkNext();
    expect(holds(job, 1)).toBe(false);
    beside.checkNext();
    beside.checkNext();
    expect(holds(job, 5)).toBe(true);
    expect(mine.asked() + other.asked()).toBe(5);
  });

  it("decides by itself what the other thread took and never finished", () => {
    const mine = counting();
    const job = BodyJob.over([signed(0)], mine);
    // As a thread does that is stopped between taking an entry and deciding it.
    Atomics.add(new Int32Array(job.buffer, 0, 1), 0, 1);
    expect(holds(job, 0)).toBe(true);
    expect(mine.asked()).toBe(1);
  });

  it("takes an empty body", () => {
    expect(BodyJob.over([], nativeSignatureChecker).checkNext()).toBe(false);
  });

  /** With an input of so many bytes. */
  const long = (length: number): Uint8Array => {
    const fields = {
      kind: "call",
      environmentId: new Uint8Array(32),
      to: new Uint8Array(20),
    } as const;
    const rest = { value: 0n, nonce: 0n, gasLimit: 100_000, price: 1n };
    return signTransaction(
      { ...fields, ...rest, input: new Uint8Array(length).fill(length) },
      signer,
    );
  };
  const [first, second] = [long(40), long(128)];
  const wrongRoot = first.slice();
  wrongRoot[161]! ^= 1;
  const entries = fc.constantFrom(first, second, wrongRoot, signed(7), long(129), Uint8Array.of(1));

  it("has the entries and the root that one thread reads, whoever hashed what", () => {
    fc.assert(
      fc.property(
        fc.array(entries, { maxLength: 12 }),
        fc.constantFrom("before", "after", "never"),
        (mixed, when) => {
          const job = BodyJob.over(mixed, nativeSignatureChecker);
          const beside = new BodyJob(job.buffer, nativeSignatureChecker);
          if (when === "before") beside.hash();
          const expected = readEntries(mixed);
          // Faults, hashes and what was decoded, field by field.
          expect(job.entries()).toEqual(expected);
          expect(job.entries().map(({ transaction }) => transaction?.sender)).toEqual(
            expected.map(({ transaction }) => transaction?.sender),
          );
          if (when === "after") beside.hash();
          expect(job.transactionsRoot()).toEqual(transactionsRootOf(expected));
        },
      ),
      { seed: 77_002, numRuns: 200 },
    );
  });

  it("hashes by itself what the other thread took and never finished", () => {
    const mixed = [first, second, first, first];
    const job = BodyJob.over(mixed, nativeSignatureChecker);
    Atomics.add(new Int32Array(job.buffer, 0, 1), 0, 1);
    expect(job.entries()).toEqual(readEntries(mixed));
    expect(job.transactionsRoot()).toEqual(transactionsRootOf(readEntries(mixed)));
  });

  it("has no signature for the other thread where nobody will ask for one", () => {
    const job = BodyJob.over(body, nativeSignatureChecker, false);
    expect(new BodyJob(job.buffer, nativeSignatureChecker).checkNext()).toBe(false);
  });
});
