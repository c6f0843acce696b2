// The host record in which the run of an order starts, and the result that it holds when the run has halted
// (docs/machine.md section 2). Written apart from the judge's, which a test compares with it.
import type { BlockOrder } from "../chain/order.ts";
import type { BlockResult } from "../chain/result.ts";
import { fromHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { readU32 } from "../codec/reader.ts";
import { listRoot } from "../codec/trees.ts";
import { ByteWriter } from "../codec/writer.ts";
import { prepareRulesBlob } from "../rules/prepare-rules.ts";
import type { Rules } from "../rules/rules.ts";
import { pureStateHasher } from "../state/state-hasher.ts";
import { valueCommitment } from "../state/value-commitment.ts";
import { join } from "./prove-word.ts";

export const RECORD_BYTES = 2_048;
const LEAF_BYTES = 128;
const LIST_DEPTH = 20;
const OUTBOX_DEPTH = 16;
const NO_HASH = new Uint8Array(32);
const Leaf = { world: 0, block: 9, terms: 10, rules: 12, entered: 13 } as const;

function deployersHash({ deployers }: Rules): Uint8Array {
  if (deployers === "anyone") return NO_HASH;
  return keccak256(join(deployers.map((address) => fromHex(address, 20))));
}

/** The host record [2,048] of leaf 0. `rules` are those that the order names. */
export function initialRecord(order: BlockOrder, parent: BlockResult, rules: Rules): Uint8Array {
  const record = new Uint8Array(RECORD_BYTES);
  const put = (leaf: number, writer: ByteWriter): void => {
    record.set(writer.finish(), LEAF_BYTES * leaf);
  };
  put(
    Leaf.world,
    new ByteWriter().raw(parent.stateRoot).raw(NO_HASH).raw(listRoot(OUTBOX_DEPTH, [])),
  );
  put(
    Leaf.block,
    new ByteWriter()
      .raw(order.environmentId)
      .raw(order.transactionsRoot)
      .raw(listRoot(LIST_DEPTH, []))
      .u32(order.transactionCount)
      .u32(0)
      .u64(order.height)
      .u64(order.time),
  );
  const { gas, fees, messages } = rules;
  put(
    Leaf.terms,
    new ByteWriter()
      .raw(order.producer)
      .raw(new Uint8Array(12))
      .raw(deployersHash(rules))
      .u64(BigInt(gas.perTransaction))
      .u64(BigInt(gas.perBlock))
      .u32(gas.intrinsic.transaction)
      .u32(gas.intrinsic.transactionLeaf)
      .u32(gas.intrinsic.deploy)
      .u32(0)
      .u64(BigInt(fees.priceMin))
      .u32(order.inboxCount)
      .u32(messages.messageBytesMax)
      .u32(messages.outboxPerBlockMax),
  );
  const prepareRules = valueCommitment(pureStateHasher, prepareRulesBlob(rules));
  put(Leaf.rules, new ByteWriter().raw(prepareRules));
  // The roots of an empty trie, and no code.
  put(Leaf.entered, new ByteWriter().raw(new Uint8Array(96)).u32(rules.block.codeKiBMax));
  return record;
}

/** Root of the trie of the code that the block has entered. */
export function enteredRootOf(record: Uint8Array): Uint8Array {
  const at = LEAF_BYTES * Leaf.entered;
  return record.slice(at, at + 32);
}

/** How many entries are done in the state that has this record. */
export function entryIndexOf(record: Uint8Array): number {
  return readU32(record, LEAF_BYTES * Leaf.block + 100);
}

/** The result that the record of a halted run holds. */
export function resultOfRecord(record: Uint8Array): BlockResult {
  const world = LEAF_BYTES * Leaf.world;
  const block = LEAF_BYTES * Leaf.block;
  return {
    stateRoot: record.slice(world, world + 32),
    receiptsRoot: record.slice(block + 64, block + 96),
    outboxRoot: record.slice(world + 64, world + 96),
    gasUsed: new DataView(record.buffer, record.byteOffset + block + 120, 8).getBigUint64(0),
  };
}

/** A copy of the record of a halted run that holds another result. */
export function withResult(record: Uint8Array, result: BlockResult): Uint8Array {
  const other = record.slice();
  const world = LEAF_BYTES * Leaf.world;
  const block = LEAF_BYTES * Leaf.block;
  other.set(result.stateRoot, world);
  other.set(result.outboxRoot, world + 64);
  other.set(result.receiptsRoot, block + 64);
  new DataView(other.buffer, block + 120, 8).setBigUint64(0, result.gasUsed);
  return other;
}
