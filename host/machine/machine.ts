// The machine module as the host uses it: programs and frames are placed in its memory, frames run for a
// number of steps, and the host looks at and changes their registers and regions between runs. One frame
// runs at a time; the others keep their registers here. Nothing in this file executes a word.
import { assert } from "../errors.ts";
import { PAGE_BYTES } from "../limits.ts";
import type { Prepared } from "../program/prepare.ts";
import { type InitialRegions, initialRegions } from "./initial-regions.ts";
import { machineModule } from "./machine-module.ts";
import { PageArena } from "./page-arena.ts";

/** Exports of assembly/machine/index.ts. */
export interface MachineModule {
  readonly memory: WebAssembly.Memory;
  readonly decodeWords: (from: number, to: number, count: number) => void;
  readonly selectRegions: (...addresses: number[]) => void;
  readonly runFast: (stepsMax: bigint) => void;
  readonly runExact: (stepsMax: bigint) => void;
  readonly runNoting: () => number;
  readonly clearTree: (nodes: number, levels: number) => void;
  readonly refreshTree: (
    nodes: number,
    levels: number,
    leaves: number,
    dirt: number,
    leafCount: number,
    list: number,
  ) => void;
  readonly regionRoot: (nodes: number, levels: number, depth: number, out: number) => void;
  readonly selectTrees: (...values: number[]) => void;
  readonly refreshRoots: () => void;
  readonly stateHash: (out: number) => void;
  readonly commitSteps: (count: number, out: number) => number;
  readonly headerAddress: () => number;
  readonly registersAddress: () => number;
  readonly touchedAddress: () => number;
  readonly specialStep: (pieces: number, length: number, top: boolean | number) => number;
  readonly notedCount: () => number;
  readonly lastAction: () => number;
  readonly lastWrite: () => number;
  readonly placeOf: (what: number) => number;
  readonly savedAddress: () => number;
  readonly zerosAddress: () => number;
  readonly verifyStep: (proof: number, length: number, pre: number, out: number) => number;
  readonly heapStart: () => number;
}

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

const REGISTERS_BYTES = 64;
const STACK_BYTES = 65_536 * 8;
const GLOBALS_BYTES = 256 * 8;
const TABLE_BYTES = 2_048 * 8;
export const LEAF_BYTES = 128;
/** What a written leaf is marked with (assembly/machine/registers.ts). */
const WRITTEN = 3;
const WORD_BYTES = 16;
const STATUS_RUN = 1;
/** Steps of one call of the module: V8 takes its optimised code up at a call, never within one. */
const SLICE_STEPS = 4_000_000n;
const FIRST_SLICES = 8;

let compiled: WebAssembly.Module | undefined;

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

export class Machine {
  readonly module: MachineModule;
  readonly arena: PageArena;
  readonly #registersAt: number;
  readonly #programs = new WeakMap<Prepared, MachineProgram>();
  #slices = 0;

  constructor() {
    compiled ??= new WebAssembly.Module(machineModule as Uint8Array<ArrayBuffer>);
    this.module = new WebAssembly.Instance(compiled, {}).exports as unknown as MachineModule;
    this.arena = new PageArena(this.module.memory, this.module.heapStart());
    this.#registersAt = this.module.registersAddress();
  }

  /** A view of the module's memory, good until something is placed. */
  bytes(at: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.module.memory.buffer as ArrayBuffer, at, length);
  }

  /** The program of a prepared module, placed at its first use. */
  program(prepared: Prepared): MachineProgram {
    const known = this.#programs.get(prepared);
    if (known !== undefined) return known;
    const initial = initialRegions(prepared);
    const words = wholeLeaves(prepared.words);
    const codeAt = this.arena.take(words.length + TABLE_BYTES);
    const tableAt = codeAt + words.length;
    this.bytes(codeAt, words.length).set(words);
    this.module.decodeWords(codeAt, codeAt, words.length / WORD_BYTES);
    this.bytes(tableAt, initial.table.length).set(initial.table);
    const program = { prepared, initial, words, codeAt, tableAt };
    this.#programs.set(prepared, program);
    return program;
  }

  /**
   * A frame that starts at the program's entry, or at `entryPc` with arguments below its link. What the
   * arena gives is zero, as the regions of a new frame are.
   */
  begin(program: MachineProgram, start: FrameStart): MachineFrame {
    const { pagesMax, pagesInitial } = program.prepared.codeRecord;
    const places = this.#place(pagesMax);
    this.bytes(places.globals, program.initial.globals.length).set(program.initial.globals);
    const memory = this.bytes(places.memory, pagesInitial * PAGE_BYTES);
    for (const { at, content } of program.initial.data) memory.set(content, at);
    this.bytes(places.globalsDirt, Math.ceil(program.initial.globals.length / LEAF_BYTES)).fill(
      WRITTEN,
    );
    const frame = new MachineFrame(this, program, places, start);
    for (const { at, content } of program.initial.data) frame.markWritten(at, content.length);
    return frame;
  }

  #place(pagesMax: number): Places {
    const leaves = (pagesMax * PAGE_BYTES) / LEAF_BYTES;
    const bytes =
      STACK_BYTES + GLOBALS_BYTES + PAGE_BYTES + leaves + PAGE_BYTES + pagesMax * PAGE_BYTES;
    const at = this.arena.take(bytes);
    const globals = at + STACK_BYTES;
    const memoryDirt = globals + PAGE_BYTES;
    const memory = memoryDirt + Math.ceil((leaves + 8) / PAGE_BYTES) * PAGE_BYTES;
    return {
      at,
      bytes,
      stack: at,
      globals,
      globalsDirt: globals + GLOBALS_BYTES,
      memoryDirt,
      memory,
    };
  }

  /** Takes a frame's place back, zeroed: what grows into free memory must find zeros. */
  end({ places, pages }: MachineFrame): void {
    this.bytes(places.at, places.memory + pages * PAGE_BYTES - places.at).fill(0);
    this.arena.give(places.at, places.bytes);
  }

  /**
   * Runs the frame until it ends or calls its host, or, without being exact, for about `stepsMax` steps.
   * Straight code after the limit still runs.
   */
  runFast(frame: MachineFrame, stepsMax = 2n ** 62n): MachineEnd {
    const limit = frame.steps + stepsMax;
    for (;;) {
      const left = limit - frame.steps;
      // The first runs are short: V8 compiles an optimised version after some calls.
      const slice = this.#slices < FIRST_SLICES ? 4_096n << BigInt(this.#slices) : SLICE_STEPS;
      this.#slices++;
      this.within(frame, () => this.module.runFast(left < slice ? left : slice));
      if (frame.end !== MachineEnd.limit || frame.steps >= limit) return frame.end;
    }
  }

  /** Runs exactly `stepsMax` steps, unless the frame stops before. */
  runExact(frame: MachineFrame, stepsMax: bigint): MachineEnd {
    const limit = frame.steps + stepsMax;
    do {
      const left = limit - frame.steps;
      this.within(frame, () => this.module.runExact(left < SLICE_STEPS ? left : SLICE_STEPS));
    } while (frame.end === MachineEnd.limit && frame.steps < limit);
    return frame.end;
  }

  /** One step; the touched leaves as region << 28 | leaf. */
  runNoting(frame: MachineFrame): Uint32Array {
    let count = 0;
    this.within(frame, () => {
      count = this.module.runNoting();
    });
    return new Uint32Array(
      this.module.memory.buffer.slice(
        this.module.touchedAddress(),
        this.module.touchedAddress() + 4 * count,
      ),
    );
  }

  /**
   * One step of a host word of `frame`, or of a phase outside of frames, on these registers: 0, or 255 where
   * more pieces are needed. `top` says that no caller is suspended.
   */
  special(
    registers: Uint8Array,
    frame: MachineFrame | undefined,
    pieces: number,
    length: number,
    top: boolean,
  ): number {
    if (frame !== undefined) this.#select(frame);
    this.bytes(this.#registersAt, REGISTERS_BYTES).set(registers);
    const refused = this.module.specialStep(pieces, length, top);
    if (refused === 0) registers.set(this.bytes(this.#registersAt, REGISTERS_BYTES));
    return refused;
  }

  /** The leaves that the last noted step touched, and what they held before it. */
  touched(): { readonly touched: Uint32Array; readonly saved: Uint8Array } {
    const count = this.module.notedCount();
    const at = this.module.touchedAddress();
    return {
      touched: new Uint32Array(this.bytes(at, 4 * count).slice().buffer),
      saved: this.bytes(this.module.savedAddress(), LEAF_BYTES * count).slice(),
    };
  }

  #select({ program, places }: MachineFrame): void {
    this.module.selectRegions(
      program.codeAt,
      places.memory,
      places.stack,
      places.globals,
      program.tableAt,
      places.memoryDirt,
      places.globalsDirt,
    );
  }

  /** Runs `run` with the frame's regions selected and its registers in place. */
  within(frame: MachineFrame, run: () => void): void {
    this.#select(frame);
    this.bytes(this.#registersAt, REGISTERS_BYTES).set(frame.registerBytes);
    run();
    frame.registerBytes.set(this.bytes(this.#registersAt, REGISTERS_BYTES));
  }
}

/** The words with zero words after them up to a whole leaf. */
function wholeLeaves(words: Uint8Array): Uint8Array {
  const copy = new Uint8Array(Math.ceil(words.length / LEAF_BYTES) * LEAF_BYTES);
  copy.set(words);
  return copy;
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
