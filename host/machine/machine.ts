// The machine module as the host uses it: programs and frames are placed in its memory, frames run for a
// number of steps, and the host looks at and changes their registers and regions between runs. One frame
// runs at a time; the others keep their registers here. Nothing in this file executes a word.
import { PAGE_BYTES } from "../limits.ts";
import type { Prepared } from "../program/prepare.ts";
import { initialRegions } from "./initial-regions.ts";
import {
  type FrameStart,
  LEAF_BYTES,
  MachineEnd,
  MachineFrame,
  type MachineProgram,
  type Places,
  REGISTERS_BYTES,
  WORD_BYTES,
  WRITTEN,
} from "./machine-frame.ts";
import { machineModule } from "./machine-module.ts";
import { PageArena } from "./page-arena.ts";

export { LEAF_BYTES, MachineEnd, MachineFrame, type MachineProgram };

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

const STACK_BYTES = 65_536 * 8;
const GLOBALS_BYTES = 256 * 8;
const TABLE_BYTES = 2_048 * 8;
/** Steps of one call of the module: V8 takes its optimised code up at a call, never within one. */
const SLICE_STEPS = 4_000_000n;
const FIRST_SLICES = 8;

let compiled: WebAssembly.Module | undefined;

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
