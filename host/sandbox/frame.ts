// What one running call is to the host: its identity, its input and output, and how it ended. A frame
// lives from the entry of a contract to its exit; nested calls have frames of their own. Nothing here
// knows how the guest executes: V8 instances and the word interpreter of the tests drive the same frames.

import { DEPTH_BUDGET } from "../limits.ts";
import type { CallStatus, TrapCode } from "../outcome.ts";
import { CallStatus as Status } from "../outcome.ts";
import type { OpenedValue, Overlay } from "../state/overlay.ts";
import type { EnteredCode } from "./entered-code.ts";
import type { EventList } from "./event-list.ts";
import type { Outbox } from "./outbox.ts";
import type { Program, Programs } from "./program-source.ts";

/** What all frames of one transaction share. Bytes are never mutated by their holders. */
export interface TransactionContext {
  readonly state: Overlay;
  readonly events: EventList;
  /** Of the whole block. */
  readonly outbox: Outbox;
  /** Of the whole block. */
  readonly enteredCode: EnteredCode;
  readonly programs: Programs;
  readonly runner: FrameRunner;
  readonly crypto: HostCrypto;
  readonly environmentId: Uint8Array;
  /** Where the message that this transaction is comes from [32]; absent for calls and deployments. */
  readonly sourceEnvironment?: Uint8Array | undefined;
  readonly origin: Uint8Array;
  readonly producer: Uint8Array;
  readonly height: bigint;
  readonly time: bigint;
  readonly price: bigint;
  readonly nonce: bigint;
  readonly gasLimit: number;
  /** Where `log` lines go (test kit only). */
  readonly log?: ((self: Uint8Array, line: Uint8Array) => void) | undefined;
  /** Called at every host call with what it read and wrote; for traces and tests. */
  readonly observer?: FrameObserver | undefined;
}

export interface HostCrypto {
  /** keccak of source[start, end) into target[targetStart, targetStart + 32); the two may overlap. */
  keccak256Into(
    source: Uint8Array,
    start: number,
    end: number,
    target: Uint8Array,
    targetStart: number,
  ): void;
  sha256(bytes: Uint8Array): Uint8Array;
  /** The 64-byte public key, or undefined where the signature is not valid (docs/host-calls.md, 16). */
  recover(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined;
}

export interface FrameObserver {
  enterFrame?(frame: Frame): void;
  leaveFrame?(frame: Frame, end: FrameEnd): void;
  hostCall?(frame: Frame, name: string, gasLeft: number): void;
  /** The transaction runs again from its first frame: what was seen of it does not count. */
  repeat?(): void;
}

/** How the guest of a frame is reached: its memory (a fresh view; a grow detaches old ones) and its gas. */
export interface Guest {
  memory(): Uint8Array;
  gas(): number;
  setGas(gas: number): void;
  depth(): number;
}

/** Executes the entry of `program` for `frame` until it ends. Throws EngineError HOST_FAULT only. */
export interface FrameRunner {
  run(frame: Frame, program: Program): FrameEnd;
}

/** How a frame ended. `gasLeft` is 0 after a trap that ran; `output` is revert data after a revert. */
export interface FrameEnd {
  readonly status: CallStatus;
  readonly trap: TrapCode | 0;
  readonly gasLeft: number;
  readonly output: Uint8Array;
}

/** Thrown by host calls to leave the guest; never an Error: it carries no stack and costs little. */
export const FRAME_STOP = Symbol("frame stop");

export const NO_BYTES = new Uint8Array(0);

export interface FrameInput {
  readonly transaction: TransactionContext;
  readonly self: Uint8Array;
  readonly caller: Uint8Array;
  readonly value: bigint;
  readonly input: Uint8Array;
  /** Gas handed to the frame, an exact integer below 2^48. */
  readonly gas: number;
  readonly depth?: number;
  /** 1 for the top-level call. */
  readonly callDepth: number;
  /** Memory pages of the frames below this one. */
  readonly livePages: number;
  readonly readOnly: boolean;
  readonly deployment: boolean;
}

/** One running call. */
export class Frame {
  readonly transaction: TransactionContext;
  readonly self: Uint8Array;
  readonly caller: Uint8Array;
  readonly value: bigint;
  readonly input: Uint8Array;
  readonly gas: number;
  readonly depth: number;
  readonly callDepth: number;
  readonly livePages: number;
  readonly deployment: boolean;
  readOnly: boolean;
  output: Uint8Array = NO_BYTES;
  /** Output or revert data of the last sub-call. */
  returned: Uint8Array = NO_BYTES;
  opened: OpenedValue | undefined;
  /** Set by the host call that stopped the frame, together with FRAME_STOP. */
  stopped: { status: CallStatus; trap: TrapCode | 0 } | undefined;

  constructor(input: FrameInput) {
    this.transaction = input.transaction;
    this.self = input.self;
    this.caller = input.caller;
    this.value = input.value;
    this.input = input.input;
    this.gas = input.gas;
    this.depth = input.depth ?? DEPTH_BUDGET;
    this.callDepth = input.callDepth;
    this.livePages = input.livePages;
    this.deployment = input.deployment;
    this.readOnly = input.readOnly;
  }

  /** Ends the frame with a trap of the host. */
  trap(code: TrapCode): never {
    this.stopped = { status: Status.trap, trap: code };
    throw FRAME_STOP;
  }

  /** Ends the frame with revert data. */
  revert(data: Uint8Array): never {
    this.output = data;
    this.stopped = { status: Status.revert, trap: 0 };
    throw FRAME_STOP;
  }
}
