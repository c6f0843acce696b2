// Runs frames on the machine's words under the host's own host calls: what executes a transaction where
// V8 failed, and what is compared with V8 everywhere. Words, gas, depth and traps are the machine's; host
// calls are those of host/sandbox, so that both runners differ in nothing but who executes the guest.
import { assert, EngineError } from "../errors.ts";
import { CallStatus, type TrapCode } from "../outcome.ts";
import { type HostCallName, hostCallNames } from "../rules/host-call-names.ts";
import { CONTEXT_BYTES } from "../sandbox/context-struct.ts";
import {
  FRAME_STOP,
  type Frame,
  type FrameEnd,
  type FrameRunner,
  type Guest,
  NO_BYTES,
} from "../sandbox/frame.ts";
import { HostCalls } from "../sandbox/host-calls.ts";
import type { Program } from "../sandbox/program-source.ts";
import { Machine, MachineEnd, type MachineFrame } from "./machine.ts";

/** Where a host call may write: which argument is the address, and which the length or how many bytes. */
const writes: Readonly<
  Record<string, readonly [pointer: number, length: (args: number[]) => number]>
> = {
  input: [0, (args) => args[2]!],
  context: [0, () => CONTEXT_BYTES],
  value_read: [0, (args) => args[2]!],
  account: [1, () => 32],
  output_read: [0, (args) => args[2]!],
  keccak256: [2, () => 32],
  sha256: [2, () => 32],
  secp256k1_recover: [2, () => 64],
};

/** More than any gas pays for. */
const STEPS_MAX = 2n ** 62n;

class MachineGuest implements Guest {
  readonly #frame: MachineFrame;
  constructor(frame: MachineFrame) {
    this.#frame = frame;
  }
  memory(): Uint8Array {
    return this.#frame.memory();
  }
  gas(): number {
    return Number(this.#frame.gas);
  }
  setGas(gas: number): void {
    this.#frame.gas = BigInt(gas);
  }
  depth(): number {
    return this.#frame.depth;
  }
}

/** Looks on while frames run, exactly as far as they got; must not change anything. */
export interface MachineWatch {
  /** Before the first word of a frame. */
  begin(frame: Frame, guest: MachineFrame): void;
  /** The host call at pc is about to be made. */
  beforeHostCall(guest: MachineFrame, name: HostCallName, args: readonly number[]): void;
  /** It came back; where it stopped the frame, `end` follows instead. */
  afterHostCall(guest: MachineFrame, result: number | undefined): void;
  /** The frame ended; its registers, stack and memory are still as they were at its last word. */
  end(guest: MachineFrame, end: FrameEnd): void;
}

export class MachineRunner implements FrameRunner {
  readonly #machine: Machine;
  readonly #watch: MachineWatch | undefined;
  readonly #calls = new HostCalls();

  /** With a `watch` every run is exact: the registers of a frame that trapped are those of its last word. */
  constructor(machine = new Machine(), watch?: MachineWatch) {
    this.#machine = machine;
    this.#watch = watch;
  }

  run(frame: Frame, { prepared }: Program): FrameEnd {
    const machine = this.#machine;
    const guest = machine.begin(machine.program(prepared), {
      gas: BigInt(frame.gas),
      depth: frame.depth,
    });
    try {
      this.#watch?.begin(frame, guest);
      const end = this.#runFrame(frame, guest);
      this.#watch?.end(guest, end);
      return end;
    } finally {
      machine.end(guest);
    }
  }

  #runFrame(frame: Frame, guest: MachineFrame): FrameEnd {
    try {
      this.#calls.within(frame, new MachineGuest(guest), () => this.#runWords(guest));
      return endOf(frame, guest);
    } catch (thrown) {
      if (thrown !== FRAME_STOP) throw thrown;
      return stoppedEnd(frame, guest);
    }
  }

  #runToHost(guest: MachineFrame): MachineEnd {
    return this.#watch === undefined
      ? this.#machine.runFast(guest)
      : this.#machine.runExact(guest, STEPS_MAX);
  }

  #runWords(guest: MachineFrame): void {
    while (this.#runToHost(guest) === MachineEnd.host) {
      const { params } = guest.hostWord();
      const args: number[] = [];
      for (let i = 0; i < params; i++) args.push(Number(guest.slot(guest.fp + i)));
      const name = hostCallNames[guest.detail - 1]!;
      this.#watch?.beforeHostCall(guest, name, args);
      const result = this.#calls.invoke(guest.detail, args);
      this.#watch?.afterHostCall(guest, result);
      const written = writes[name];
      if (written !== undefined) guest.markWritten(args[written[0]]!, written[1](args));
      guest.finishHostWord(BigInt((result ?? 0) >>> 0));
    }
  }
}

function endOf(frame: Frame, guest: MachineFrame): FrameEnd {
  if (guest.end === MachineEnd.trap) return trapped(guest.detail as TrapCode);
  if (guest.end !== MachineEnd.success) {
    throw new EngineError({
      code: "HOST_FAULT",
      message: `the machine stopped at pc ${guest.pc} in a state that no run reaches`,
    });
  }
  const gasLeft = Number(guest.gas);
  return { status: CallStatus.success, trap: 0, gasLeft, output: frame.output };
}

function stoppedEnd(frame: Frame, guest: MachineFrame): FrameEnd {
  const { stopped } = frame;
  assert(stopped !== undefined, "a stopped frame says how it ended");
  if (stopped.status !== CallStatus.revert) return trapped(stopped.trap as TrapCode);
  return {
    status: CallStatus.revert,
    trap: 0,
    gasLeft: Number(guest.gas),
    output: frame.output,
  };
}

function trapped(trap: TrapCode): FrameEnd {
  return { status: CallStatus.trap, trap, gasLeft: 0, output: NO_BYTES };
}
