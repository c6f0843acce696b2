// Runs one entry of a prepared module in both executors, the emitted module on V8 and the machine
// words in the oracle, with the same toy host, and gives what each ended with in one shape, so that a
// test can compare them field by field.
import { PAGE_BYTES } from "../../host/limits.ts";
import { TrapCode } from "../../host/outcome.ts";
import { emitWasm } from "../../host/program/emit-wasm.ts";
import type { Prepared } from "../../host/program/prepare.ts";
import { readSourceModule, type SourceModule } from "../../host/program/source-module.ts";
import { ValueType } from "../../host/program/wasm-writer.ts";
import { hostCallNames } from "../../host/rules/host-call-names.ts";
import { initialState } from "../oracle/initial-state.ts";
import { type RunResult, runWords } from "../oracle/run-words.ts";
import { scheduleOf } from "../oracle/word-costs.ts";

/** What is called: the entry stub, or an exported function by name and index. */
export interface Entry {
  readonly name: string;
  /** Undefined for the entry stub. */
  readonly funcidx: number | undefined;
  /** Slots. */
  readonly args: readonly bigint[];
}

export interface Ended {
  readonly outcome: "success" | "trap";
  readonly trap: number;
  /** Undefined after a trap: the frame's gas is gone. */
  readonly gas: bigint | undefined;
  readonly result: bigint | undefined;
  readonly globals: readonly bigint[];
  readonly memory: Uint8Array;
}

/** Gas that the toy host takes by itself, as a sub-call would. */
export const HOST_GAS = 7n;

export interface HostView {
  readonly number: number;
  readonly args: readonly bigint[];
  readonly memory: Uint8Array;
  readonly gas: bigint;
}

/** The toy host: writes gas and number where the first argument points, answers with gas. */
export function toyHost({ number, args, memory, gas }: HostView): bigint {
  const at = Number((args[0] ?? 0n) % BigInt(Math.max(memory.length, 1)));
  if (memory.length > 0) memory[at] = Number((gas + BigInt(number)) & 0xffn);
  return gas & 0xffff_ffffn;
}

/** Calls `entry` on V8. */
export class V8Executor {
  private exports: Record<string, unknown>;
  private readonly module: WebAssembly.Module;
  private readonly imports: WebAssembly.Imports;
  private readonly prepared: Prepared;
  private readonly source: SourceModule;

  constructor(prepared: Prepared) {
    this.prepared = prepared;
    this.source = readSourceModule(prepared.wasm);
    const module = new WebAssembly.Module(emitWasm(prepared).bytes as Uint8Array<ArrayBuffer>);
    const env: Record<string, (...args: number[]) => number> = Object.create(null);
    for (const { hostCall } of prepared.layout.imports) {
      env[hostCallNames[hostCall - 1] ?? ""] = (...args) => this.host(hostCall, args);
    }
    this.module = module;
    this.imports = { env };
    this.exports = this.instantiate();
  }

  private instantiate(): Record<string, unknown> {
    return new WebAssembly.Instance(this.module, this.imports).exports;
  }

  private global(name: string): { value: bigint & number } {
    return this.exports[`plasma:${name}`] as { value: bigint & number };
  }

  private call(name: string, args: readonly unknown[]): unknown {
    return (this.exports[name] as (...values: readonly unknown[]) => unknown)(...args);
  }

  private memory(): Uint8Array {
    const memory = this.exports["plasma:memory"] as WebAssembly.Memory | undefined;
    return new Uint8Array(memory?.buffer ?? new ArrayBuffer(0));
  }

  private host(number: number, args: readonly number[]): number {
    const gas: bigint = this.global("gas").value;
    const slots = args.map((arg) => BigInt(arg >>> 0));
    const result = toyHost({ number, args: slots, memory: this.memory(), gas });
    if (gas >= HOST_GAS) this.global("gas").value = (gas - HOST_GAS) as bigint & number;
    return Number(result) | 0;
  }

  run(entry: Entry, gas: bigint, depth: number): Ended {
    const { pagesInitial } = this.prepared.layout;
    // Memory cannot shrink: as in the sandbox, an instance that grew is not used again.
    if (this.memory().length > pagesInitial * PAGE_BYTES) this.exports = this.instantiate();
    this.call("plasma:reset", []);
    this.setBudget(gas, depth);
    let outcome: "success" | "trap" = "success";
    let value: unknown;
    try {
      value = this.callEntry(entry);
    } catch (thrown) {
      if (!(thrown instanceof WebAssembly.RuntimeError)) throw thrown;
      outcome = "trap";
    }
    const flag: number = this.global("trap").value;
    const left: bigint = this.global("gas").value;
    const trap = outcome === "success" ? 0 : flag === 0 ? TrapCode.wasm : flag;
    const memory = this.memory().slice();
    const globals = this.globals();
    return {
      outcome,
      trap,
      gas: outcome === "success" ? left : undefined,
      result: outcome === "success" ? this.slot(value) : undefined,
      globals,
      memory,
    };
  }

  private setBudget(gas: bigint, depth: number): void {
    this.global("gas").value = gas as bigint & number;
    this.global("depth").value = depth as bigint & number;
    this.global("trap").value = 0 as bigint & number;
  }

  private callEntry({ name, funcidx, args }: Entry): unknown {
    if (funcidx === undefined) return this.call("plasma:enter", []);
    return this.call(
      name,
      args.map((arg, i) => (this.takesI64(funcidx, i) ? BigInt.asIntN(64, arg) : Number(arg) | 0)),
    );
  }

  private takesI64(funcidx: number, param: number): boolean {
    const { importTypes, functionTypes, types } = this.source;
    const type = types[functionTypes[funcidx - importTypes.length] ?? 0];
    return type?.params[param] === ValueType.i64;
  }

  private slot(value: unknown): bigint | undefined {
    if (typeof value === "bigint") return BigInt.asUintN(64, value);
    return typeof value === "number" ? BigInt(value >>> 0) : undefined;
  }

  /** Through the getters `g<i>` that the test modules export. */
  private globals(): bigint[] {
    this.setBudget(1n << 40n, 65_536);
    return Array.from(
      { length: this.prepared.layout.globalCount },
      (_, i) => this.slot(this.call(`g${i}`, [])) ?? 0n,
    );
  }
}

export interface OracleEnded extends Ended {
  readonly details: RunResult;
  /** Gas that the toy host took, which no word costs. */
  readonly hostGas: bigint;
}

/** Calls `entry` in the oracle. */
export class OracleExecutor {
  private readonly prepared: Prepared;
  private readonly rules: Uint8Array;

  constructor(prepared: Prepared, rules: Uint8Array) {
    this.prepared = prepared;
    this.rules = rules;
  }

  run(entry: Entry, gas: bigint, depth: number): OracleEnded {
    const { words, layout } = this.prepared;
    const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
    const { funcidx } = entry;
    const fn =
      funcidx === undefined ? undefined : layout.functions[funcidx - layout.imports.length];
    let hostGas = 0n;
    const details = runWords({
      words,
      schedule: scheduleOf(this.rules),
      entryPc: funcidx === undefined ? layout.entryPc : view.getUint32(funcidx * 16 + 4, true),
      args: entry.args,
      resultCount: fn?.results ?? 0,
      gas,
      depth,
      ...initialState(this.prepared),
      host: (state) => {
        const { number, args, memory } = state;
        const result = toyHost({ number, args, memory: memory.bytes, gas: state.gas });
        if (state.gas >= HOST_GAS) {
          state.gas -= HOST_GAS;
          hostGas += HOST_GAS;
        }
        return result;
      },
    });
    const { outcome, trap, globals, memory } = details;
    const gasLeft = outcome === "success" ? details.gas : undefined;
    return {
      outcome,
      trap,
      gas: gasLeft,
      result: details.result,
      globals,
      memory,
      details,
      hostGas,
    };
  }
}
