// One frame in the machine's memory: where its regions lie, its registers while it does not run, and what the
// host looks at and changes between runs. It executes nothing.
import { assert } from "../errors.ts";
import { PAGE_BYTES } from "../limits.ts";
import type { Prepared } from "../program/prepare.ts";
import type { InitialRegions } from "./initial-regions.ts";
import type { Machine } from "./machine.ts";

export const REGISTERS_BYTES = 64;
export const LEAF_BYTES = 128;
/** What a written leaf is marked with (assembly/machine/registers.ts). */
export const WRITTEN = 3;
export const WORD_BYTES = 16;
const STATUS_RUN = 1;

/** Why a run of a frame stopped (assembly/machine/registers.ts). */
export const MachineEnd = { limit: 0, success: 1, trap: 2, host: 3, stuck: 4 } as const;
export type MachineEnd = (typeof MachineEnd)[keyof typeof MachineEnd];

export interface MachineProgram {
  readonly prepared: Prepared;
  readonly initial: InitialRegions;
  /** Words as the code root has them, a whole number of leaves; in the module's memory decoded. */
  readonly words: Uint8Array;
  readonly codeAt: number;
  readonly tableAt: number;
}

/** Addresses of a frame's regions. */
export interface Places {
  readonly at: number;
  readonly bytes: number;
  readonly stack: number;
  readonly globals: number;
  readonly globalsDirt: number;
  readonly memoryDirt: number;
  readonly memory: number;
}

export interface FrameStart {
  readonly gas: bigint;
  readonly depth: number;
  readonly entryPc?: number;
  /** Slots below the link. */
  readonly args?: readonly bigint[];
}

/** One frame in the machine's memory. */
export class MachineFrame {
  readonly program: MachineProgram;
  readonly places: Places;
  readonly start: FrameStart;
  readonly registerBytes = new Uint8Array(REGISTERS_BYTES);
  readonly #machine: Machine;
  readonly #registers = new DataView(this.registerBytes.buffer);

  constructor(machine: Machine, program: MachineProgram, places: Places, start: FrameStart) {
    this.#machine = machine;
    this.program = program;
    this.places = places;
    this.start = start;
    const args = start.args ?? [];
    args.forEach((arg, i) => {
      this.setSlot(i, arg);
    });
    const registers = this.#registers;
    registers.setUint32(0, start.entryPc ?? program.prepared.layout.entryPc, true);
    registers.setUint32(4, args.length + 1, true);
    registers.setUint32(12, program.prepared.codeRecord.pagesInitial, true);
    registers.setUint32(16, start.depth, true);
    registers.setUint32(20, start.depth, true);
    registers.setBigInt64(24, start.gas, true);
    registers.setUint32(52, STATUS_RUN, true);
  }

  get status(): number {
    return this.#registers.getUint32(52, true);
  }
  get phase(): number {
    return this.#registers.getUint32(56, true);
  }
  get resume(): number {
    return this.#registers.getUint32(48, true);
  }
  get pc(): number {
    return this.#registers.getUint32(0, true);
  }
  get sp(): number {
    return this.#registers.getUint32(4, true);
  }
  get fp(): number {
    return this.#registers.getUint32(8, true);
  }
  get pages(): number {
    return this.#registers.getUint32(12, true);
  }
  get depth(): number {
    return this.#registers.getUint32(16, true);
  }
  get gas(): bigint {
    return this.#registers.getBigInt64(24, true);
  }
  set gas(gas: bigint) {
    this.#registers.setBigInt64(24, gas, true);
  }
  get steps(): bigint {
    return this.#registers.getBigUint64(32, true);
  }
  /** Why the last run stopped. */
  get end(): MachineEnd {
    return this.#registers.getUint32(40, true) as MachineEnd;
  }
  /** Trap code after `trap`, number of the host call after `host`. */
  get detail(): number {
    return this.#registers.getUint32(44, true);
  }

  /** Guest memory; a view that is good until something is placed or the frame grows. */
  memory(): Uint8Array<ArrayBuffer> {
    return this.#machine.bytes(this.places.memory, this.pages * PAGE_BYTES);
  }

  /** Notes that the host wrote to [at, at + length) of memory. */
  markWritten(at: number, length: number): void {
    if (length === 0) return;
    const first = Math.floor(at / LEAF_BYTES);
    const last = Math.floor((at + length - 1) / LEAF_BYTES);
    this.#machine.bytes(this.places.memoryDirt + first, last - first + 1).fill(WRITTEN);
  }

  globals(): BigUint64Array {
    const { globals } = this.program.initial;
    const bytes = this.#machine.bytes(this.places.globals, globals.length).slice();
    return new BigUint64Array(bytes.buffer);
  }

  slot(index: number): bigint {
    const bytes = this.#machine.bytes(this.places.stack + 8 * index, 8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  }

  setSlot(index: number, value: bigint): void {
    const bytes = this.#machine.bytes(this.places.stack + 8 * index, 8);
    new DataView(bytes.buffer, bytes.byteOffset, 8).setBigUint64(0, value, true);
  }

  /** The host word at pc: how many arguments and results. */
  hostWord(): { readonly params: number; readonly results: number } {
    const { words } = this.program.prepared;
    const at = this.pc * WORD_BYTES + 8;
    return { params: words[at]!, results: words[at + 1]! };
  }

  /** The steps counted so far, which the caller counts from now on. */
  takeSteps(): bigint {
    const { steps } = this;
    this.#registers.setBigUint64(32, 0n, true);
    return steps;
  }

  /** Whether the word at pc is a host word. */
  isAtHostWord(): boolean {
    const { words } = this.program;
    return words[WORD_BYTES * this.pc] === 0x11 && words[WORD_BYTES * this.pc + 1] === 2;
  }

  /** As its header is hashed while a callee runs: stage 2 of the `call` word. */
  suspend(): void {
    this.#registers.setUint32(56, 2, true);
    this.#registers.setUint32(48, 0, true);
  }

  /** Ends the `call` word at pc with the status of the callee; the step is counted elsewhere. */
  finishCall(status: number): void {
    const registers = this.#registers;
    this.setSlot(this.sp, BigInt(status));
    registers.setUint32(4, this.sp + 1, true);
    registers.setUint32(0, this.pc + 1, true);
    registers.setUint32(48, 0, true);
    registers.setUint32(56, 0, true);
  }

  /** Ends the host word at pc: pushes its result and counts the step. */
  finishHostWord(result: bigint): void {
    assert(this.end === MachineEnd.host, "a host word is at pc");
    const registers = this.#registers;
    if (this.hostWord().results === 1) {
      this.setSlot(this.sp, result);
      registers.setUint32(4, this.sp + 1, true);
    }
    registers.setUint32(0, this.pc + 1, true);
    registers.setBigUint64(32, this.steps + 1n, true);
    registers.setUint32(40, MachineEnd.limit, true);
  }
}
