// Compiled modules and their idle instances. An instance is used by one frame at a time, is reset by the
// function that emit-wasm put into it before every use, and is dropped when its memory grew (memory
// cannot shrink: a load in the old growth must trap in the next call). Instances see a null-prototype
// import object: nothing of the host but the listed calls can be reached (research, contract-sdks 5).

import { toHex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import { LIVE_PAGES_MAX, PAGE_BYTES } from "../limits.ts";
import { emitWasm } from "../program/emit-wasm.ts";
import type { Prepared } from "../program/prepare.ts";
import type { Frame, Guest } from "./frame.ts";
import type { Program } from "./program-source.ts";

/** The module that instances are made of: exports what `InstanceExports` names, under `plasma:`. */
export type ModuleEmitter = (prepared: Prepared) => Uint8Array;

/** What contracts run as. */
const meteredModule: ModuleEmitter = (prepared) => emitWasm(prepared).bytes;

/** Idle instances kept over all programs; each reserves 10 GiB of address space in V8. */
const IDLE_MAX = 256;
/** Idle instances kept of one program: one per level of a recursion through the same contract. */
const IDLE_PER_PROGRAM_MAX = 8;
/** Pages of all idle instances: 128 MiB, twice what one transaction may have live. Reset touches them all. */
const IDLE_PAGES_MAX = 2 * LIVE_PAGES_MAX;

interface InstanceExports {
  readonly "plasma:gas": WebAssembly.Global<"i64">;
  readonly "plasma:depth": WebAssembly.Global<"i32">;
  readonly "plasma:trap": WebAssembly.Global<"i32">;
  readonly "plasma:memory"?: WebAssembly.Memory;
  readonly "plasma:enter": () => void;
  readonly "plasma:reset": () => void;
}

const NO_MEMORY = new Uint8Array(0);

/** One instance, ready for one frame after `begin`. */
export class PooledInstance implements Guest {
  readonly program: Program;
  /** What the emitted module exports, the contract's own exports among it. */
  readonly exports: WebAssembly.Exports;
  /** Runs the contract's entry: static initialisers, then the dispatcher. */
  readonly enter: () => void;
  readonly #reset: () => void;
  readonly #gas: InstanceExports["plasma:gas"];
  readonly #depth: InstanceExports["plasma:depth"];
  readonly #trap: InstanceExports["plasma:trap"];
  readonly #memory: WebAssembly.Memory | undefined;
  #view = NO_MEMORY;

  constructor(program: Program, module: WebAssembly.Module, imports: WebAssembly.Imports) {
    this.program = program;
    const instance = new WebAssembly.Instance(module, imports);
    this.exports = instance.exports;
    const exports = instance.exports as unknown as InstanceExports;
    this.enter = exports["plasma:enter"];
    this.#reset = exports["plasma:reset"];
    this.#gas = exports["plasma:gas"];
    this.#depth = exports["plasma:depth"];
    this.#trap = exports["plasma:trap"];
    this.#memory = exports["plasma:memory"];
  }

  memory(): Uint8Array {
    const view = this.#view;
    // Growth detaches the old buffer, and a view of a detached buffer has length 0.
    if (view.length !== 0 || this.#memory === undefined) return view;
    this.#view = new Uint8Array(this.#memory.buffer);
    return this.#view;
  }

  gas(): number {
    return Number(this.#gas.value);
  }

  setGas(gas: number): void {
    this.#gas.value = BigInt(gas);
  }

  depth(): number {
    return this.#depth.value >>> 0;
  }

  /** Why the last run trapped: a TrapFlag of the emitted module, 0 for a trap of WebAssembly. */
  trapFlag(): number {
    return this.#trap.value;
  }

  /** Puts the instance into its initial state for `frame`. */
  begin(frame: Frame): void {
    this.#reset();
    this.#gas.value = BigInt(frame.gas);
    this.#depth.value = frame.depth;
    if (this.#trap.value !== 0) this.#trap.value = 0;
  }

  get grew(): boolean {
    return this.memory().length > this.program.pagesInitial * PAGE_BYTES;
  }
}

/** What a pool made of a program. Its instances import the host calls of that pool's runner. */
interface CompiledProgram {
  readonly pool: InstancePool;
  readonly module: WebAssembly.Module;
  readonly pages: number;
  readonly idle: PooledInstance[];
}

/** Instances for frames; belongs to one runner, which is single-threaded. */
export class InstancePool {
  #idleCount = 0;
  #idlePages = 0;
  /** Programs with an idle instance, least recently used first. */
  readonly #withIdle = new Set<CompiledProgram>();
  readonly #imports: WebAssembly.Imports;
  readonly #emit: ModuleEmitter;

  constructor(imports: WebAssembly.Imports, emit = meteredModule) {
    this.#imports = imports;
    this.#emit = emit;
  }

  /** @throws HOST_FAULT when V8 refuses what prepare accepted, or has no memory left */
  acquire(program: Program): PooledInstance {
    const compiled = this.#compiled(program);
    const idle = compiled.idle.pop();
    if (idle !== undefined) {
      this.#forget(compiled, 1);
      return idle;
    }
    try {
      return new PooledInstance(program, compiled.module, this.#imports);
    } catch (cause) {
      throw hostFault("V8 cannot instantiate the contract", cause, program);
    }
  }

  release(instance: PooledInstance): void {
    const compiled = this.#compiled(instance.program);
    const { idle, pages } = compiled;
    if (instance.grew || idle.length >= IDLE_PER_PROGRAM_MAX) return;
    while (this.#idleCount >= IDLE_MAX || this.#idlePages + pages > IDLE_PAGES_MAX) {
      const [oldest] = this.#withIdle;
      if (oldest === undefined) break;
      this.#forget(oldest, oldest.idle.splice(0).length);
    }
    if (idle.length > 0) this.#withIdle.delete(compiled);
    this.#withIdle.add(compiled);
    idle.push(instance);
    this.#idleCount += 1;
    this.#idlePages += pages;
  }

  /** Counts `count` instances of a program as idle no more. */
  #forget(compiled: CompiledProgram, count: number): void {
    this.#idleCount -= count;
    this.#idlePages -= count * compiled.pages;
    if (compiled.idle.length === 0) this.#withIdle.delete(compiled);
  }

  #compiled(program: Program): CompiledProgram {
    const known = program.compiled as CompiledProgram | undefined;
    if (known !== undefined && known.pool === this) return known;
    let module: WebAssembly.Module;
    try {
      module = new WebAssembly.Module(this.#emit(program.prepared) as Uint8Array<ArrayBuffer>);
    } catch (cause) {
      throw hostFault("V8 refuses a module that prepare accepted", cause, program);
    }
    const compiled = { pool: this, module, pages: program.pagesInitial, idle: [] };
    program.compiled = compiled;
    return compiled;
  }
}

/**
 * The engine under us failed: the transaction is not decided by this run (DESIGN 5). `program`, where one
 * ran, is named by the hash of its code record in the details.
 */
export function hostFault(message: string, cause: unknown, program?: Program): EngineError {
  const details = program === undefined ? {} : { program: toHex(program.recordHash) };
  return new EngineError({ code: "HOST_FAULT", message, cause, details });
}

/** The same fault with the program in whose frame it came up, unless it names one: a frame further in. */
export function inProgram(fault: EngineError, program: Program): EngineError {
  if (fault.code !== "HOST_FAULT" || fault.details.program !== undefined) return fault;
  return hostFault(fault.message, fault.cause, program);
}
