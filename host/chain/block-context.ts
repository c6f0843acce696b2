// What executing a block stands on: the order's parameters, the state to change, and everything pure
// rooms receive as parameters (programs, runner, crypto). Made once per block by the node or a replay.

import { fromHex } from "../codec/hex.ts";
import type { Rules } from "../rules/rules.ts";
import { EnteredCode } from "../sandbox/entered-code.ts";
import { EventList } from "../sandbox/event-list.ts";
import type {
  FrameObserver,
  FrameRunner,
  HostCrypto,
  TransactionContext,
} from "../sandbox/frame.ts";
import { Outbox } from "../sandbox/outbox.ts";
import type { Programs } from "../sandbox/program-source.ts";
import type { Overlay } from "../state/overlay.ts";
import { type CheckContext, checkEntry, type EntryCheck } from "./check-entry.ts";
import type { HostFaultNote } from "./repeat-in-machine.ts";
import type { Transaction } from "./transaction.ts";

/** One block being executed. */
export interface BlockContext extends CheckContext {
  readonly height: bigint;
  readonly time: bigint;
  readonly producer: Uint8Array;
  /** What the block has sent so far. */
  readonly outbox: Outbox;
  /** What code the block has entered so far. */
  readonly enteredCode: EnteredCode;
  readonly programs: Programs;
  readonly runner: FrameRunner;
  readonly machineRunner?: FrameRunner;
  readonly crypto: HostCrypto;
  readonly checkEntry: EntryCheck;
  /** Told the Wasm of each successful deployment and its hash, so that later calls find it. */
  readonly onDeploy: (wasm: Uint8Array, wasmHash: Uint8Array) => void;
  /** Told of each host fault that the machine made good. */
  readonly onHostFault?: (fault: HostFaultNote) => void;
  readonly log?: (self: Uint8Array, line: Uint8Array) => void;
  readonly observer?: FrameObserver;
}

export interface BlockContextInput {
  readonly rules: Rules;
  readonly environmentId: Uint8Array;
  readonly height: bigint;
  readonly time: bigint;
  readonly producer: Uint8Array;
  /** Of the order; none where absent. */
  readonly inboxCount?: number;
  readonly state: Overlay;
  readonly programs: Programs;
  readonly runner: FrameRunner;
  /** Runs a transaction on which `runner` meets a host fault; where absent, the fault is thrown. */
  readonly machineRunner?: FrameRunner;
  readonly crypto: HostCrypto;
  readonly signatureHolds: (transaction: Transaction, index: number) => boolean;
  readonly onDeploy: (wasm: Uint8Array, wasmHash: Uint8Array) => void;
  readonly checkEntry?: EntryCheck;
  readonly onHostFault?: (fault: HostFaultNote) => void;
  readonly log?: (self: Uint8Array, line: Uint8Array) => void;
  readonly observer?: FrameObserver;
}

/** Fills in what follows from the rules. */
export function blockContext(input: BlockContextInput): BlockContext {
  const { block, deployers, messages } = input.rules;
  return {
    ...input,
    inboxCount: input.inboxCount ?? 0,
    outbox: new Outbox(messages),
    enteredCode: new EnteredCode(block.codeKiBMax),
    checkEntry: input.checkEntry ?? checkEntry,
    deployers:
      deployers === "anyone" ? undefined : deployers.map((address) => fromHex(address, 20)),
  };
}

/**
 * What the frames of one transaction share. Parts that may be absent are named too, as undefined: spreads for
 * them would be a copy each, once per transaction.
 */
export function transactionContext(
  block: BlockContext,
  transaction: Pick<Transaction, "sender" | "price" | "nonce" | "gasLimit" | "sourceEnvironment">,
): TransactionContext {
  return {
    state: block.state,
    events: new EventList(),
    outbox: block.outbox,
    enteredCode: block.enteredCode,
    programs: block.programs,
    runner: block.runner,
    crypto: block.crypto,
    environmentId: block.environmentId,
    sourceEnvironment: transaction.sourceEnvironment,
    origin: transaction.sender,
    producer: block.producer,
    height: block.height,
    time: block.time,
    price: transaction.price,
    nonce: transaction.nonce,
    gasLimit: transaction.gasLimit,
    log: block.log,
    observer: block.observer,
  };
}
