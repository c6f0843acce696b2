// The two ends of a run (docs/machine.md section 2): the first state, which follows from the order, the
// parent's result and the rules, and the result that a halted state holds. A dispute compares claims with both.
import type { BlockOrder } from "../chain/order.ts";
import type { BlockResult } from "../chain/result.ts";
import { fromHex } from "../codec/hex.ts";
import { prepareRulesBlob } from "../rules/prepare-rules.ts";
import type { Rules } from "../rules/rules.ts";
import { concat, numberBytes, readBig } from "./judge-bytes.ts";
import { keccak256 } from "./judge-hash.ts";
import { type Header, REGION_DEPTHS, Region, Status } from "./judge-header.ts";
import { foldTree, keccakTree, LIST_DEPTH, listTree, OUTBOX_DEPTH } from "./judge-openings.ts";
import { valueCommitment } from "./judge-paths.ts";

const LEAF_BYTES = 128;
const RECORD_LEAVES = 16;

/** A machine that is not running a frame: its header and the 16 leaves of its host record. */
export interface RunState {
  readonly header: Header;
  readonly record: readonly Uint8Array[];
}

/** Root of a host record. */
export function recordRoot(record: readonly Uint8Array[]): Uint8Array {
  const indices = record.map((_, i) => i);
  const depth = REGION_DEPTHS[Region.record];
  return foldTree(keccakTree, depth, indices, record.map(keccakTree.leaf), []);
}

function leafOf(...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(...parts);
  return concat(content, new Uint8Array(LEAF_BYTES - content.length));
}

/** Leaf 0 of the run of an order. `rules` are those that the order names. */
export function initialRun(order: BlockOrder, parent: BlockResult, rules: Rules): RunState {
  const { intrinsic } = rules.gas;
  const deployersHash =
    rules.deployers === "anyone"
      ? new Uint8Array(32)
      : keccak256(...rules.deployers.map((address) => fromHex(address, 20)));
  const record: Uint8Array[] = Array.from(
    { length: RECORD_LEAVES },
    () => new Uint8Array(LEAF_BYTES),
  );
  record[0] = leafOf(parent.stateRoot, new Uint8Array(32), listTree.zero(OUTBOX_DEPTH));
  record[9] = leafOf(
    order.environmentId,
    order.transactionsRoot,
    listTree.zero(LIST_DEPTH),
    numberBytes(4, order.transactionCount),
    numberBytes(4, 0),
    numberBytes(8, order.height),
    numberBytes(8, order.time),
    numberBytes(8, 0),
  );
  record[10] = leafOf(
    order.producer,
    new Uint8Array(12),
    deployersHash,
    numberBytes(8, rules.gas.perTransaction),
    numberBytes(8, rules.gas.perBlock),
    numberBytes(4, intrinsic.transaction),
    numberBytes(4, intrinsic.transactionLeaf),
    numberBytes(4, intrinsic.deploy),
    new Uint8Array(4),
    numberBytes(8, rules.fees.priceMin),
    numberBytes(4, order.inboxCount),
    numberBytes(4, rules.messages.messageBytesMax),
    numberBytes(4, rules.messages.outboxPerBlockMax),
  );
  record[12] = leafOf(valueCommitment(prepareRulesBlob(rules)));
  const noTrie = new Uint8Array(32);
  record[13] = leafOf(noTrie, noTrie, new Uint8Array(32), numberBytes(4, rules.block.codeKiBMax));
  const header: Header = {
    roots: Array.from({ length: 6 }, () => new Uint8Array(32)),
    parent: new Uint8Array(32),
    pc: 0,
    sp: 0,
    fp: 0,
    pages: 0,
    depth: 0,
    gas: 0n,
    status: Status.phase,
    phase: 1,
    resume: 0,
  };
  header.roots[Region.record] = recordRoot(record);
  return { header, record };
}

/** The result that a halted state holds, or undefined where it has not halted. */
export function resultOfRun({ header, record }: RunState): BlockResult | undefined {
  if (header.status !== Status.halted) return undefined;
  const [world, block] = [record[0]!, record[9]!];
  return {
    stateRoot: world.slice(0, 32),
    receiptsRoot: block.slice(64, 96),
    outboxRoot: world.slice(64, 96),
    gasUsed: readBig(block, 120, 8),
  };
}
