// The host record of a run as it stands in the machine's memory, what the module asks for, and the receipt that
// phase 16 makes of it. The module works on the same bytes; here they change only where a caller goes on.
import { encodeReceipt } from "../chain/receipt.ts";
import { keccak256 } from "../codec/keccak.ts";
import { bytesHash } from "../codec/trees.ts";
import { ByteWriter } from "../codec/writer.ts";
import { Outcome } from "../outcome.ts";
import { enteredRootOf, RECORD_BYTES } from "./initial-record.ts";
import type { Machine } from "./machine.ts";
import type { PieceRequest } from "./run-pieces.ts";

const LEAF_BYTES = 128;
const KIND_DEPLOY = 2;
const NO_HASH = new Uint8Array(32);
const Place = { record: 0, need: 1 } as const;
const Need = {
  state: 1,
  entry: 2,
  head: 3,
  deployers: 4,
  output: 5,
  receipts: 6,
  leaves: 7,
  chunks: 8,
  outbox: 9,
} as const;
const READS = ["commitment", "storage", "account", "code"] as const;
const Leaf = {
  world: 0,
  frame: 1,
  data: 2,
  work: 3,
  transaction: 7,
  block: 9,
  entered: 13,
} as const;

export class RunRecord {
  readonly #machine: Machine;
  readonly #at: number;

  /** `record` [2,048] is put into the machine's memory. */
  constructor(machine: Machine, record: Uint8Array) {
    this.#machine = machine;
    this.#at = machine.module.placeOf(Place.record);
    this.view().set(record);
  }

  /** All of it; a view that is good until something is placed. */
  view(): Uint8Array {
    return this.#machine.bytes(this.#at, RECORD_BYTES);
  }

  /** [32] */
  stateRoot(): Uint8Array {
    return this.#leaf(Leaf.world).slice(0, 32);
  }

  /** Of the trie of entered code [32]. */
  enteredRoot(): Uint8Array {
    return enteredRootOf(this.view());
  }

  /** [32] */
  outboxRoot(): Uint8Array {
    return this.#leaf(Leaf.world).slice(64, 96);
  }

  /** Leaf [32] of the message that `send_message` appends in its last step. */
  messageLeaf(): Uint8Array {
    const work = this.#leaf(Leaf.work);
    return keccak256(
      new ByteWriter(157)
        .u8(1)
        .raw(this.#leaf(Leaf.block).slice(0, 32))
        .raw(work.slice(0, 32))
        .raw(this.#leaf(Leaf.frame).slice(0, 20))
        .raw(work.slice(32, 104))
        .finish(),
    );
  }

  /** Entries done. */
  entryIndex(): number {
    return this.#u32(Leaf.block, 100);
  }

  /** What stands for the output of the frame. */
  output(): PieceRequest {
    return {
      kind: "output",
      root: this.#leaf(Leaf.data).slice(0, 32),
      length: this.#u32(Leaf.data, 32),
    };
  }

  /** What the module asked for in the step that it could not take. */
  request(): PieceRequest {
    const need = this.#machine.bytes(this.#machine.module.placeOf(Place.need), 20).slice();
    const view = new DataView(need.buffer);
    const field = (i: number): number => view.getUint32(4 * i, true);
    const hash = (i = 1): Uint8Array => this.#machine.bytes(field(i), 32).slice();
    switch (field(0)) {
      case Need.state:
        return { kind: "state path", path: hash(), reads: READS[field(2)]!, root: hash(3) };
      case Need.entry:
        return { kind: "entry", index: field(1), roots: [this.stateRoot(), this.enteredRoot()] };
      case Need.head:
        return { kind: "head", index: this.entryIndex() };
      case Need.deployers:
        return { kind: "deployers" };
      case Need.output:
        return this.output();
      case Need.receipts:
        return { kind: "receipt path", index: field(1) };
      case Need.outbox:
        return { kind: "outbox path", root: this.outboxRoot() };
      default: {
        const indices = Array.from({ length: field(4) }, (_, i) => field(3) + i);
        const kind = field(0) === Need.chunks ? "chunks" : "leaves";
        return { kind, root: hash(), length: field(2), indices };
      }
    }
  }

  /**
   * Takes up a caller's record after its callee was left: it keeps its own, but for the code that was entered, the
   * callee's world (`how` 0) and output (`how` 0 and 1).
   */
  returnTo(caller: Uint8Array, how: number): void {
    const callee = this.view();
    const data = LEAF_BYTES * Leaf.data;
    const entered = LEAF_BYTES * Leaf.entered;
    caller.set(callee.subarray(entered, entered + LEAF_BYTES), entered);
    if (how === 0) caller.set(callee.subarray(0, LEAF_BYTES));
    if (how <= 1) caller.set(callee.subarray(data, data + 36), data + 36);
    else {
      // The root of no bytes is Z(0).
      caller.set(this.#machine.bytes(this.#machine.module.zerosAddress(), 32), data + 36);
      caller.fill(0, data + 68, data + 72);
    }
    callee.set(caller);
  }

  /** Leaf [32] of the receipt that phase 16 appends, with this much gas left. */
  receiptLeaf(gas: bigint): Uint8Array {
    const transaction = this.#leaf(Leaf.transaction);
    const view = new DataView(transaction.buffer, transaction.byteOffset, LEAF_BYTES);
    const outcome = transaction[114] as Outcome;
    const isSkipped = outcome === Outcome.skipped;
    const receipt = encodeReceipt({
      transactionHash: transaction.slice(0, 32),
      outcome,
      code: view.getUint16(116),
      gasUsed: view.getBigUint64(96) - gas,
      outputHash: this.#outputHash(outcome, transaction),
      eventsHash: isSkipped ? NO_HASH : this.#leaf(Leaf.world).slice(32, 64),
    });
    return keccak256(receipt);
  }

  #outputHash(outcome: Outcome, transaction: Uint8Array): Uint8Array {
    if (outcome === Outcome.success && transaction[112] === KIND_DEPLOY) {
      return bytesHash(transaction.slice(52, 72));
    }
    if (outcome !== Outcome.success && outcome !== Outcome.revert) {
      return bytesHash(new Uint8Array(0));
    }
    const data = this.#leaf(Leaf.data);
    return keccak256(new ByteWriter(36).raw(data.slice(32, 36)).raw(data.slice(0, 32)).finish());
  }

  #leaf(index: number): Uint8Array {
    return this.#machine.bytes(this.#at + LEAF_BYTES * index, LEAF_BYTES);
  }

  #u32(leaf: number, at: number): number {
    const bytes = this.#leaf(leaf);
    return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
  }
}
