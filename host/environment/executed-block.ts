// An executed block as the environment hands it out: here, in its own thread, text and entries are made only for
// those who look; what crosses to another thread is packed.
import type { ProducedBlock } from "../chain/produce-block.ts";
import type { HostFaultNote } from "../chain/repeat-in-machine.ts";
import type { BlockResult } from "../chain/result.ts";
import { type Hex, toHex } from "../codec/hex.ts";
import type { OutboxMessage } from "../sandbox/outbox.ts";
import { type ExecutedEntry, unpackEntries } from "./executed-entries.ts";

export interface Head {
  readonly height: bigint;
  /** 32 zero bytes at genesis. */
  readonly blockHash: Hex;
  readonly orderHash: Hex;
  readonly resultHash: Hex;
  readonly stateRoot: Hex;
}

export interface ExecutedBlock extends Head {
  /** What a claim about the block says. */
  readonly result: BlockResult;
  readonly gasUsed: bigint;
  /** What its contracts sent to other environments and to settlement. */
  readonly messages: readonly ExecutedMessage[];
  readonly entries: readonly ExecutedEntry[];
  /** Transactions on which V8 failed and that the machine executed; worth a report to us. */
  readonly hostFaults: readonly HostFaultNote[];
  readonly bundle?: Uint8Array;
}

/** The head after a block. */
export function headIn({ height, blockHash, orderHash, resultHash, stateRoot }: Head): Head {
  return { height, blockHash, orderHash, resultHash, stateRoot };
}

/** What remains to be known of a block after it was executed. */
export interface KeptBlock {
  readonly height: bigint;
  readonly orderHash: Hex;
  readonly blockHash: Hex;
  readonly result: BlockResult;
  readonly messages: readonly ExecutedMessage[];
}

/** The same with its bundle. */
export interface ExecutedOrder extends KeptBlock {
  /** Until the block is final. */
  readonly bundle: Uint8Array | undefined;
}

/** A message that a block sent. */
export interface ExecutedMessage {
  /** Id of the target environment; zero for settlement. */
  readonly target: Hex;
  readonly sender: Hex;
  readonly to: Hex;
  readonly value: bigint;
  readonly input: Uint8Array;
}

/** A sent message as users see it. */
export function shownMessage({ target, sender, to, value, input }: OutboxMessage): ExecutedMessage {
  return { target: toHex(target), sender: toHex(sender), to: toHex(to), value, input };
}

/** What a committed block is put together from. */
interface CommittedParts {
  readonly head: Head;
  readonly block: Omit<ProducedBlock, "executions">;
  readonly packedEntries: Uint8Array;
  readonly result: BlockResult;
  readonly hostFaults: readonly HostFaultNote[];
  readonly bundle: Uint8Array | undefined;
}

/** An executed block where it executed: text and entries are made only for those who look. */
export class CommittedBlock implements ExecutedBlock {
  readonly height: bigint;
  readonly blockHash: Hex;
  readonly orderHash: Hex;
  readonly resultHash: Hex;
  readonly stateRoot: Hex;
  readonly result: BlockResult;
  readonly gasUsed: bigint;
  /** The entries as they cross to another thread. */
  readonly packedEntries: Uint8Array;
  readonly messages: readonly ExecutedMessage[];
  readonly hostFaults: readonly HostFaultNote[];
  declare readonly bundle?: Uint8Array;

  constructor({ head, block, packedEntries, result, hostFaults, bundle }: CommittedParts) {
    this.height = head.height;
    this.blockHash = head.blockHash;
    this.orderHash = head.orderHash;
    this.resultHash = head.resultHash;
    this.stateRoot = head.stateRoot;
    this.result = result;
    this.gasUsed = block.gasUsed;
    this.packedEntries = packedEntries;
    this.messages = block.messages.map(shownMessage);
    this.hostFaults = hostFaults;
    if (bundle !== undefined) this.bundle = bundle;
  }

  get entries(): readonly ExecutedEntry[] {
    return unpackEntries(this.packedEntries);
  }
}
