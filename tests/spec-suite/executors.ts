// One instance of a cut module in the three executors, each of which keeps its state from one invocation to
// the next as the core suite wants: the emitted module on V8, the word oracle, and the machine twice, fast and
// exact with proofs. An invocation starts at the function's first word with its arguments below the link: what
// an entry stub would do around it is no matter of the suite. All ends must be equal bit for bit.
import { assert } from "../../host/errors.ts";
import { DEPTH_BUDGET, PAGE_BYTES } from "../../host/limits.ts";
import { type Machine, MachineEnd, type MachineFrame } from "../../host/machine/machine.ts";
import type { TrapCondition } from "../../host/machine/opcode-table.ts";
import { TrapCode } from "../../host/outcome.ts";
import { emitWasm } from "../../host/program/emit-wasm.ts";
import type { Prepared } from "../../host/program/prepare.ts";
import { initialState } from "../oracle/initial-state.ts";
import { runWords } from "../oracle/run-words.ts";
import { type Schedule, scheduleOf } from "../oracle/word-costs.ts";
import { globalExport, suiteRules } from "./cut-module.ts";
import { ProvingFrame } from "./proving-frame.ts";
import { trapCondition } from "./trap-condition.ts";

/** An exported function and how it is invoked. */
export interface Invocation {
  /** Name under which the cut module exports it. */
  readonly name: string;
  readonly funcidx: number;
  /** Slots. */
  readonly args: readonly bigint[];
  /** By parameter. */
  readonly takesI64: readonly boolean[];
}

/** What all executors agree on. */
export interface SuiteEnd {
  /** Undefined on success. */
  readonly condition: TrapCondition | undefined;
  /** Function index of the trapped word; undefined on success. */
  readonly trappedIn: number | undefined;
  readonly result: bigint | undefined;
  readonly steps: number;
  readonly proven: number;
}

interface Ended {
  /** 0 on success. */
  readonly trap: number;
  /** Undefined after a trap. */
  readonly gas: bigint | undefined;
  readonly result: bigint | undefined;
  readonly globals: readonly bigint[];
  readonly memory: Uint8Array;
}

/** Two executors that differ: the finding that the suite exists for. */
export class Disagreement extends Error {}

const GAS = 2n ** 46n;
const schedule: Schedule = scheduleOf(suiteRules);
const ORACLE_STEPS_MAX = 200_000_000;

const bits = (value: unknown): bigint | undefined => {
  if (typeof value === "bigint") return BigInt.asUintN(64, value);
  return typeof value === "number" ? BigInt(value >>> 0) : undefined;
};

/** The emitted module on V8. */
class V8Instance {
  readonly #exports: Record<string, unknown>;
  readonly #globalCount: number;

  constructor(prepared: Prepared) {
    const module = new WebAssembly.Module(emitWasm(prepared).bytes as Uint8Array<ArrayBuffer>);
    this.#exports = new WebAssembly.Instance(module, {}).exports;
    this.#globalCount = prepared.layout.globalCount;
    this.#call("plasma:reset", []);
  }

  #call(name: string, args: readonly unknown[]): unknown {
    return (this.#exports[name] as (...values: readonly unknown[]) => unknown)(...args);
  }

  #global(name: string): { value: bigint & number } {
    return this.#exports[`plasma:${name}`] as { value: bigint & number };
  }

  #setBudget(): void {
    this.#global("gas").value = GAS as bigint & number;
    this.#global("depth").value = DEPTH_BUDGET as bigint & number;
    this.#global("trap").value = 0 as bigint & number;
  }

  run({ name, args, takesI64 }: Invocation): Ended {
    this.#setBudget();
    let trap = 0;
    let value: unknown;
    try {
      const values = args.map((arg, i) =>
        takesI64[i] === true ? BigInt.asIntN(64, arg) : Number(arg) | 0,
      );
      value = this.#call(name, values);
    } catch (thrown) {
      if (!(thrown instanceof WebAssembly.RuntimeError)) throw thrown;
      const flag: number = this.#global("trap").value;
      trap = flag === 0 ? TrapCode.wasm : flag;
    }
    const gas = trap === 0 ? bits(this.#global("gas").value) : undefined;
    const memory = this.#exports["plasma:memory"] as WebAssembly.Memory | undefined;
    this.#setBudget();
    const globals = Array.from({ length: this.#globalCount }, (_, i) =>
      bits(this.#call(globalExport(i), [])),
    );
    return {
      trap,
      gas,
      result: trap === 0 ? bits(value) : undefined,
      globals: globals as bigint[],
      memory: new Uint8Array(memory?.buffer ?? new ArrayBuffer(0)),
    };
  }
}

/** The oracle, which sums what the executed words cost. */
class OracleInstance {
  readonly #prepared: Prepared;
  readonly #entryPcs: readonly number[];
  #state: ReturnType<typeof initialState>;

  constructor(prepared: Prepared, entryPcs: readonly number[]) {
    this.#prepared = prepared;
    this.#entryPcs = entryPcs;
    this.#state = initialState(prepared);
  }

  run({ funcidx, args }: Invocation): Ended {
    const { words, layout } = this.#prepared;
    const end = runWords({
      words,
      schedule,
      entryPc: this.#entryPcs[funcidx]!,
      args,
      resultCount: layout.functions[funcidx]!.results,
      gas: GAS,
      depth: DEPTH_BUDGET,
      ...this.#state,
      stepsMax: ORACLE_STEPS_MAX,
    });
    const { trap, gas, result, globals, memory } = end;
    if (trap === 0 && GAS - gas !== end.cost) throw new Disagreement("gas is not what words cost");
    this.#state = { ...this.#state, globals, memory };
    return { trap, gas: trap === 0 ? gas : undefined, result, globals, memory };
  }
}

export class SuiteInstance {
  readonly #v8: V8Instance;
  readonly #oracle: OracleInstance;
  readonly #fast: ProvingFrame;
  readonly #exact: ProvingFrame;
  readonly #prepared: Prepared;
  readonly #entryPcs: readonly number[];

  constructor(prepared: Prepared, machine: Machine) {
    const { words, layout } = prepared;
    const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
    this.#prepared = prepared;
    this.#entryPcs = layout.functions.map((_, i) => view.getUint32(16 * i + 4, true));
    this.#v8 = new V8Instance(prepared);
    this.#oracle = new OracleInstance(prepared, this.#entryPcs);
    const program = machine.program(prepared);
    this.#fast = new ProvingFrame(machine, program, GAS, false);
    this.#exact = new ProvingFrame(machine, program, GAS, true);
  }

  release(): void {
    this.#fast.release();
    this.#exact.release();
  }

  /** Invokes in every executor. @throws Disagreement */
  invoke(invocation: Invocation): SuiteEnd {
    const { funcidx, args } = invocation;
    const expected = this.#v8.run(invocation);
    compare("the oracle", this.#oracle.run(invocation), expected);
    const start = { pc: this.#entryPcs[funcidx]!, args, gas: GAS, depth: DEPTH_BUDGET };
    this.#fast.runFast(start);
    const results = this.#prepared.layout.functions[funcidx]!.results;
    compare("the machine, fast", endOf(this.#fast.frame, results), expected);
    const steps = Number(this.#fast.frame.steps);
    const proven = this.#exact.runProving(start, steps);
    compare("the machine, exact", endOf(this.#exact.frame, results), expected);
    if (Number(this.#exact.frame.steps) !== steps) {
      throw new Disagreement(`${steps} steps fast, ${this.#exact.frame.steps} exact`);
    }
    const { frame } = this.#exact;
    if (expected.trap === 0) {
      const { result } = expected;
      return { condition: undefined, trappedIn: undefined, result, steps, proven };
    }
    const condition = trapCondition(frame);
    const trappedIn = this.#functionAt(frame.pc);
    return { condition, trappedIn, result: undefined, steps, proven };
  }

  /** The function whose words stand at pc. */
  #functionAt(pc: number): number {
    let found = 0;
    this.#entryPcs.forEach((entry, i) => {
      if (entry <= pc && entry >= this.#entryPcs[found]!) found = i;
    });
    return found;
  }
}

function endOf(frame: MachineFrame, results: number): Ended {
  const succeeded = frame.end === MachineEnd.success;
  assert(succeeded || frame.end === MachineEnd.trap, `the machine stopped with ${frame.end}`);
  return {
    trap: succeeded ? 0 : frame.detail,
    gas: succeeded ? frame.gas : undefined,
    result: succeeded && results === 1 ? frame.slot(0) : undefined,
    globals: [...frame.globals()],
    memory: frame.memory(),
  };
}

function compare(name: string, got: Ended, expected: Ended): void {
  const inText = ({ trap, gas, result, globals, memory }: Ended): string =>
    `trap ${trap}, gas ${gas}, result ${result}, globals ${globals.join()}, pages ${memory.length / PAGE_BYTES}`;
  if (inText(got) !== inText(expected)) {
    throw new Disagreement(`${name}: ${inText(got)}; V8: ${inText(expected)}`);
  }
  if (Buffer.compare(got.memory, expected.memory) !== 0) {
    throw new Disagreement(`${name} left another memory than V8`);
  }
}
