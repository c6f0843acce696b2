// Orders, results, block hashes, receipts and events against their formats.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blockHash } from "../../../host/chain/block-hash.ts";
import {
  type BlockOrder,
  decodeOrder,
  encodeOrder,
  ORDER_BYTES,
  orderHash,
} from "../../../host/chain/order.ts";
import {
  decodeReceipt,
  encodeReceipt,
  eventLink,
  eventsHash,
  RECEIPT_BYTES,
  type Receipt,
  receiptLeaf,
} from "../../../host/chain/receipt.ts";
import {
  decodeResult,
  encodeResult,
  RESULT_BYTES,
  resultHash,
} from "../../../host/chain/result.ts";
import { toHex } from "../../../host/codec/hex.ts";
import { EngineError } from "../../../host/errors.ts";
import { Outcome } from "../../../host/outcome.ts";
import type { ContractEvent } from "../../../host/sandbox/event-list.ts";
import { join, keccak, naiveBytesRoot, pattern, seed, u32 } from "../codec/reference.ts";
import { order, receipt, result, word } from "./sample.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  }
  return "none";
};
const changed = (encoded: Uint8Array, at: number, byte: number): Uint8Array => {
  const copy = encoded.slice();
  copy[at] = byte;
  return copy;
};

/** Both sides of the exact length, and that every legal byte string is the one encoding of its value. */
function itIsCanonical<T>(
  size: number,
  sample: Uint8Array,
  decode: (encoded: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
): void {
  it("has exactly its size", () => {
    expect(sample.length).toBe(size);
    expect(codeOf(() => decode(sample))).toBe("none");
    expect(codeOf(() => decode(sample.subarray(0, size - 1)))).toBe("BYTES_TRUNCATED");
    expect(codeOf(() => decode(new Uint8Array(0)))).toBe("BYTES_TRUNCATED");
    expect(codeOf(() => decode(join(sample, Uint8Array.of(0))))).toBe("BYTES_TRAILING");
  });

  it("decodes mutated bytes to a value with that one encoding, or refuses them with a code", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(size - 1), fc.nat(255)), { maxLength: 3 }), (edits) => {
        const mutated = sample.slice();
        for (const [at, byte] of edits) mutated[at] = byte;
        if (codeOf(() => decode(mutated)) !== "none") return;
        expect(encode(decode(mutated))).toEqual(mutated);
      }),
      { seed, numRuns: 300 },
    );
  });
}

describe("an order", () => {
  const encoded = encodeOrder(order);
  itIsCanonical(ORDER_BYTES, encoded, decodeOrder, encodeOrder);

  it("has every field at the place that the format gives", () => {
    expect(encoded).toEqual(
      join(
        Uint8Array.of(1),
        order.environmentId,
        Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 12),
        order.parentOrder,
        Uint8Array.of(0, 0, 0, 0, 0x65, 0x53, 0xf1, 0),
        order.producer,
        order.rulesHash,
        Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7),
        order.transactionsRoot,
      ),
    );
    expect(decodeOrder(encoded)).toEqual(order);
    expect(orderHash(order)).toEqual(keccak(encoded));
  });

  it("survives encoding and decoding with any field values", () => {
    const orders: fc.Arbitrary<BlockOrder> = fc.record({
      environmentId: bytes(32),
      height: u64.filter((height) => height > 0n),
      parentOrder: bytes(32),
      time: u64,
      producer: bytes(20),
      rulesHash: bytes(32),
      inboxFirst: u64,
      inboxCount: fc.nat(),
      transactionCount: fc.nat(2 ** 20),
      transactionsRoot: bytes(32),
    });
    fc.assert(
      fc.property(orders, (value) => {
        expect(decodeOrder(encodeOrder(value))).toEqual(value);
      }),
      { seed, numRuns: 100 },
    );
  });

  it("is refused with another version, height 0 or more than 2^20 transactions", () => {
    expect(codeOf(() => decodeOrder(changed(encoded, 0, 2)))).toBe("ORDER_INVALID");
    expect(codeOf(() => decodeOrder(encodeOrder({ ...order, height: 0n })))).toBe("ORDER_INVALID");
    expect(codeOf(() => decodeOrder(encodeOrder({ ...order, height: 1n })))).toBe("none");
    const withCount = (transactionCount: number): string =>
      codeOf(() => decodeOrder(encodeOrder({ ...order, transactionCount })));
    expect(withCount(2 ** 20)).toBe("none");
    expect(withCount(2 ** 20 + 1)).toBe("ORDER_INVALID");
  });

  it("does not keep the file it was read from in memory", () => {
    const file = new Uint8Array(10_000);
    file.set(encoded);
    const decoded = decodeOrder(file.subarray(0, ORDER_BYTES));
    file.fill(0);
    expect(decoded).toEqual(order);
  });
});

describe("a result", () => {
  const encoded = encodeResult(result);
  itIsCanonical(RESULT_BYTES, encoded, decodeResult, encodeResult);

  it("has every field at the place that the format gives", () => {
    expect(encoded).toEqual(
      join(
        Uint8Array.of(1),
        result.stateRoot,
        result.receiptsRoot,
        result.outboxRoot,
        Uint8Array.of(0, 0, 0, 0, 0, 1, 0xe2, 0x40),
      ),
    );
    expect(decodeResult(encoded)).toEqual(result);
    expect(resultHash(result)).toEqual(keccak(encoded));
  });

  it("is refused with another version", () => {
    expect(codeOf(() => decodeResult(changed(encoded, 0, 0)))).toBe("RESULT_INVALID");
  });
});

describe("a block hash", () => {
  it("is over order, parent result and result, in this order", () => {
    const parent = { ...result, gasUsed: 1n };
    const expected = keccak(orderHash(order), resultHash(parent), resultHash(result));
    expect(blockHash(order, parent, result)).toEqual(expected);
    expect(blockHash(order, result, parent)).not.toEqual(expected);
  });
});

describe("a receipt", () => {
  const encoded = encodeReceipt(receipt);
  itIsCanonical(RECEIPT_BYTES, encoded, decodeReceipt, encodeReceipt);

  it("has every field at the place that the format gives", () => {
    expect(encoded).toEqual(
      join(
        Uint8Array.of(1),
        receipt.transactionHash,
        Uint8Array.of(2, 0, 3, 0, 0, 0, 0, 0, 1, 0x82, 0xb8),
        receipt.outputHash,
        receipt.eventsHash,
      ),
    );
    expect(decodeReceipt(encoded)).toEqual(receipt);
    expect(receiptLeaf(encoded)).toEqual(keccak(encoded));
  });

  it("survives encoding and decoding with any field values", () => {
    const receipts: fc.Arbitrary<Receipt> = fc.record({
      transactionHash: bytes(32),
      outcome: fc.constantFrom(...Object.values(Outcome)),
      code: fc.nat(0xffff),
      gasUsed: u64,
      outputHash: bytes(32),
      eventsHash: bytes(32),
    });
    fc.assert(
      fc.property(receipts, (value) => {
        expect(decodeReceipt(encodeReceipt(value))).toEqual(value);
      }),
      { seed, numRuns: 100 },
    );
  });

  it("is refused with another version or an unknown outcome", () => {
    expect(codeOf(() => decodeReceipt(changed(encoded, 0, 2)))).toBe("RECEIPT_INVALID");
    expect(codeOf(() => decodeReceipt(changed(encoded, 33, 3)))).toBe("none");
    expect(codeOf(() => decodeReceipt(changed(encoded, 33, 4)))).toBe("RECEIPT_INVALID");
  });
});

describe("an event", () => {
  const emitter = new Uint8Array(20).fill(0xaa);

  const chain = word(9);

  it("is a link of the format with zero to four topics", () => {
    for (let count = 0; count <= 4; count++) {
      const topics = Array.from({ length: count }, (_, i) => word(i + 1));
      const data = pattern(150 * count);
      const preimage = join(
        chain,
        emitter,
        Uint8Array.of(count),
        ...topics,
        new Uint8Array(32 * (4 - count)),
        u32(data.length),
        naiveBytesRoot(data),
      );
      expect(preimage.length).toBe(217);
      expect(toHex(eventLink(chain, { emitter, topics: join(...topics), data }))).toBe(
        toHex(keccak(preimage)),
      );
    }
  });

  it("is refused with five topics or one of a wrong size", () => {
    const link = (topics: Uint8Array[]): string =>
      codeOf(() => eventLink(chain, { emitter, topics: join(...topics), data: new Uint8Array(0) }));
    expect(link(new Array(4).fill(word(1)))).toBe("none");
    expect(link(new Array(5).fill(word(1)))).toBe("BYTES_OUT_OF_RANGE");
    expect(link([new Uint8Array(31)])).toBe("BYTES_OUT_OF_RANGE");
  });

  it("is chained to those before it, from 32 zero bytes on", () => {
    const events = [0, 1, 2].map((i) => ({ emitter, topics: word(i), data: pattern(i) }));
    const [first, second, third] = events as [ContractEvent, ContractEvent, ContractEvent];
    const zero = new Uint8Array(32);
    expect(eventsHash([])).toEqual(zero);
    expect(eventsHash(events)).toEqual(eventLink(eventLink(eventLink(zero, first), second), third));
    expect(eventsHash(events.slice().reverse())).not.toEqual(eventsHash(events));
    expect(eventsHash([first])).not.toEqual(eventsHash([first, first]));
  });
});
