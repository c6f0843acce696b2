// Receipts that are made from packed entries, by whichever thread.
import fc from "fast-check";
import { expect, it } from "vitest";
import { blockReceipts } from "../../../host/chain/block-receipts.ts";
import type { Execution } from "../../../host/chain/execute-transaction.ts";
import type { Transaction } from "../../../host/chain/transaction.ts";
import { toHex } from "../../../host/codec/hex.ts";
import {
  countOutcomes,
  packEntries,
  unpackEntries,
  unpackReceiptParts,
} from "../../../host/environment/executed-entries.ts";
import { ReceiptJob } from "../../../host/environment/shared-receipts.ts";
import type { Outcome } from "../../../host/outcome.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const execution: fc.Arbitrary<Execution> = fc.record({
  transactionHash: bytes(32),
  transaction: fc.option(
    fc.record({
      kind: fc.constantFrom("call", "deploy", "message"),
      sender: bytes(20),
    }) as unknown as fc.Arbitrary<Transaction>,
    { nil: undefined },
  ),
  outcome: fc.nat(3) as fc.Arbitrary<Outcome>,
  code: fc.nat(0xffff),
  gasUsed: fc.maxSafeNat(),
  output: fc.uint8Array({ maxLength: 200 }),
  events: fc.array(
    fc.record({
      emitter: bytes(20),
      topics: fc.nat(4).chain((count) => bytes(32 * count)),
      data: fc.uint8Array({ maxLength: 200 }),
    }),
    { maxLength: 3 },
  ),
});
/** Few, and enough for the second thread. */
const few = fc.array(execution, { maxLength: 6 });
const many = fc.array(execution, { minLength: 32, maxLength: 40 });

it("are those of the executions themselves", () => {
  fc.assert(
    fc.property(fc.oneof(few, many), (list) => {
      const packed = packEntries(list);
      const expected = blockReceipts(list);
      expect(blockReceipts(unpackReceiptParts(packed))).toEqual(expected);
      const made = ReceiptJob.over(list);
      expect(made.packedEntries.slice()).toEqual(packed);
      const { receipts, root } = made.finish();
      expect(receipts.map(toHex)).toEqual(expected.receipts.map(toHex));
      expect(root).toEqual(expected.root);
      const counts = [0, 1, 2, 3].map(
        (outcome) => list.filter((one) => one.outcome === outcome).length,
      );
      expect(Object.values(countOutcomes(packed))).toEqual(counts);
      const seen = unpackEntries(packed);
      expect(seen.map(({ gasUsed, code }) => [gasUsed, code])).toEqual(
        list.map(({ gasUsed, code }) => [BigInt(gasUsed), code]),
      );
      expect(seen.map(({ contract }) => contract !== undefined)).toEqual(
        list.map(({ transaction, outcome }) => transaction?.kind === "deploy" && outcome === 0),
      );
    }),
    { seed: 77_003, numRuns: 100 },
  );
});

it("are made once, by whoever comes first", () => {
  fc.assert(
    fc.property(many, (list) => {
      const job = ReceiptJob.over(list);
      const beside = new ReceiptJob(job.packedEntries.buffer as SharedArrayBuffer);
      beside.make();
      // What is made already is not made again.
      job.packedEntries.fill(0);
      expect(job.finish().root).toEqual(blockReceipts(list).root);
    }),
    { seed: 77_004, numRuns: 20 },
  );
});
