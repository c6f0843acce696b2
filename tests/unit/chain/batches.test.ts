// Hashing in pairs and batches comes to what hashing one by one comes to, for every mix of sizes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveKey, keySigner } from "../../../host/chain/key.ts";
import { readEntries } from "../../../host/chain/read-entries.ts";
import {
  eventsHash,
  eventsHashes,
  RECEIPT_BYTES,
  receiptLeaf,
  receiptLeaves,
} from "../../../host/chain/receipt.ts";
import { encodeTransaction, readEntry } from "../../../host/chain/transaction.ts";
import { bufferSize } from "../../../host/codec/crypto.ts";
import { keccak256Pair } from "../../../host/codec/keccak.ts";
import { bytesRoot, listRoot } from "../../../host/codec/trees.ts";

const { publicKey } = keySigner(deriveKey("batches", "alice"));
const entry = (input: Uint8Array): Uint8Array =>
  encodeTransaction({
    kind: "call",
    environmentId: new Uint8Array(32).fill(7),
    to: new Uint8Array(20).fill(9),
    value: 3n,
    nonce: 1n,
    gasLimit: 5_000,
    price: 1n,
    input,
    publicKey,
    signature: new Uint8Array(64).fill(1),
  });

const seen = (bytes: Uint8Array, read: ReturnType<typeof readEntry>) => ({
  hash: read.hash,
  fault: read.fault,
  sender: read.transaction?.sender,
  digest: read.transaction?.digest,
  input: read.transaction?.input,
  length: bytes.length,
});

describe("reading a body", () => {
  const damaged = fc
    .tuple(fc.uint8Array({ maxLength: 140 }), fc.nat(400), fc.nat(255))
    .map(([input, at, value]) => {
      const bytes = entry(input);
      if (at < bytes.length) bytes[at] = value;
      return bytes;
    });
  const anything = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(0, 40, 127, 128, 129).map((n) => entry(new Uint8Array(n).fill(n))),
    },
    { weight: 2, arbitrary: damaged },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  );

  it("gives what reading its entries one by one gives", () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 9 }), (body) => {
        const together = readEntries(body).map((read, i) => seen(body[i]!, read));
        expect(together).toEqual(body.map((bytes) => seen(bytes, readEntry(bytes))));
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe("hashing the receipts of a block", () => {
  const event = fc
    .tuple(
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
      fc.nat(4),
      fc.constantFrom(0, 1, 16, 128, 129, 300),
    )
    .map(([emitter, topics, data]) => ({
      emitter,
      topics: new Uint8Array(32 * topics).fill(emitter[0]!),
      data: new Uint8Array(data).fill(emitter[1]!),
    }));
  const lists = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.tuple(event) },
      { weight: 1, arbitrary: fc.array(event, { maxLength: 3 }) },
    ),
    { maxLength: 9 },
  );

  it("chains the events of many transactions as one by one", () => {
    fc.assert(
      fc.property(lists, (transactions) => {
        expect(eventsHashes(transactions)).toEqual(transactions.map(eventsHash));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("does so for more transactions than fit the buffer", () => {
    const one = (i: number) => [
      { emitter: new Uint8Array(20).fill(i), topics: new Uint8Array(32), data: Uint8Array.of(i) },
    ];
    const many = Array.from({ length: Math.ceil(bufferSize / 352) + 3 }, (_, i) => one(i));
    expect(eventsHashes(many)).toEqual(many.map(eventsHash));
  });

  it.each([0, 1, 2, 5, Math.ceil(bufferSize / 112) + 1])(
    "has the leaves of %i receipts",
    (count) => {
      const encoded = Array.from({ length: count }, (_, i) =>
        new Uint8Array(RECEIPT_BYTES).fill(i),
      );
      expect(receiptLeaves(encoded)).toEqual(encoded.map(receiptLeaf));
    },
  );
});

describe("the root of a list", () => {
  const naive = (depth: number, leaves: readonly Uint8Array[]): Uint8Array => {
    if (depth === 0) return leaves[0] ?? new Uint8Array(32);
    const half = 2 ** (depth - 1);
    return keccak256Pair(
      naive(depth - 1, leaves.slice(0, half)),
      naive(depth - 1, leaves.slice(half)),
    );
  };

  it.each([0, 1, 2, 3, 4, 5, 7, 8])("of %i leaves is that of its definition", (count) => {
    const leaves = Array.from({ length: count }, (_, i) => bytesRoot(Uint8Array.of(i)));
    for (const depth of [3, 4, 6]) expect(listRoot(depth, leaves)).toEqual(naive(depth, leaves));
  });

  it("is the same in one go and in pieces", () => {
    const most = bufferSize / 32;
    const leaves = Array.from({ length: most + 1 }, (_, i) => new Uint8Array(32).fill(i));
    for (const count of [most - 1, most, most + 1]) {
      const some = leaves.slice(0, count);
      expect(listRoot(12, some)).toEqual(naive(12, some));
    }
  });
});
