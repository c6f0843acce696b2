// Runs one script of the core suite: loads its modules cut to the profile, invokes what is left in every
// executor, compares with what the suite expects, and counts what was run, what was cut and why. A failure is
// a line of text; it is never excused.
import { assert } from "../../host/errors.ts";
import { Machine } from "../../host/machine/machine.ts";
import type { Suite, SuiteAction, SuiteCommand, SuiteValue } from "../support/wasm-testsuite.ts";
import { type CutReason, useOf } from "./body-scan.ts";
import {
  CutModule,
  functionExport,
  globalExport,
  type Links,
  ModuleCut,
  startExport,
} from "./cut-module.ts";
import { type Invocation, type SuiteEnd, SuiteInstance } from "./executors.ts";
import { readSuiteModule } from "./read-module.ts";
import type { ScriptReport } from "./report.ts";
import { suiteTextOf } from "./trap-condition.ts";

export interface ScriptRun {
  readonly report: ScriptReport;
  /** `script:line: what is wrong` */
  readonly failures: readonly string[];
}

const EMPTY_BODY = Uint8Array.of(0x00, 0x0b);
/** 666, as spectest's integer globals. */
const SPECTEST_VALUE = [0x9a, 0x05, 0x0b];
const SPECTEST_TABLE = { min: 10, max: 20 };
const SPECTEST_MEMORY = { min: 1, max: 2 };
const OTHER_STATE = "state of another module";
const I64 = 0x7e;

/** An assertion that cannot be run, and why. */
class Cut extends Error {
  readonly reason: CutReason;
  constructor(reason: CutReason) {
    super(reason);
    this.reason = reason;
  }
}

/** An end that all executors agree on and the suite does not expect. */
class UnexpectedEnd extends Error {}

/** A module of the script with its instances: one for each part of its exports. */
class LoadedModule {
  readonly cut: CutModule | undefined;
  /** Why nothing of it is run: for what it needs, or since another module shares its state. */
  reason: CutReason | undefined;
  readonly #machine: Machine;
  readonly #instances = new Map<readonly string[], SuiteInstance>();
  #parts: readonly (readonly string[])[] | undefined;
  /** Whether an action was cut that may have changed the state which later ones expect. */
  isBehind = false;
  steps = 0;
  proven = 0;

  constructor(wasm: Uint8Array, links: Links, machine: Machine) {
    this.#machine = machine;
    try {
      this.cut = new CutModule(readSuiteModule(wasm), links);
    } catch (thrown) {
      if (!(thrown instanceof ModuleCut)) throw thrown;
      this.reason = thrown.reason;
    }
  }

  release(): void {
    for (const instance of this.#instances.values()) instance.release();
    this.#instances.clear();
  }

  /** @throws Cut */
  #usable(): CutModule {
    if (this.reason !== undefined || this.cut === undefined) throw new Cut(this.reason!);
    return this.cut;
  }

  /** The instance that exports `name`, with its start function run. @throws Cut, ModuleCut, Disagreement */
  #instance(name: string | undefined): SuiteInstance {
    const cut = this.#usable();
    this.#parts ??= cut.exportParts();
    const part = this.#parts.find((names) => name === undefined || names.includes(name));
    assert(part !== undefined, `${name} is exported`);
    const known = this.#instances.get(part);
    if (known !== undefined) return known;
    const instance = new SuiteInstance(cut.prepare(part), this.#machine);
    this.#instances.set(part, instance);
    return instance;
  }

  /** Instantiates; how the start function ended, if there is one. @throws Cut, ModuleCut */
  start(): SuiteEnd | undefined {
    const instance = this.#instance(undefined);
    return this.#startOf(instance);
  }

  #startOf(instance: SuiteInstance): SuiteEnd | undefined {
    const { start } = this.#usable().source;
    if (start === undefined) return undefined;
    const call = { name: startExport, funcidx: start, args: [], takesI64: [] };
    return this.#invoke(instance, call);
  }

  #invoke(instance: SuiteInstance, invocation: Invocation): SuiteEnd {
    const { functionReasons } = this.#usable();
    if (functionReasons[invocation.funcidx] !== undefined) {
      throw new Cut(functionReasons[invocation.funcidx]!);
    }
    const end = instance.invoke(invocation);
    this.steps += end.steps;
    this.proven += end.proven;
    const { trappedIn } = end;
    if (trappedIn !== undefined && functionReasons[trappedIn] !== undefined) {
      this.isBehind = true;
      throw new Cut("calls a cut function");
    }
    return end;
  }

  /** @throws Cut, ModuleCut, Disagreement, ProofFailure */
  act({ type, field, args = [] }: SuiteAction): SuiteEnd {
    const cut = this.#usable();
    const { source } = cut;
    const wanted = source.exports.find(({ name }) => name === field);
    assert(wanted !== undefined, `the module exports ${field}`);
    if (type === "get") {
      const reason = cut.globalReasons[wanted.index];
      if (reason !== undefined) throw new Cut(reason);
      const getter = cut.functionTypes.length + wanted.index;
      const call = { name: globalExport(wanted.index), funcidx: getter, args: [], takesI64: [] };
      return this.#invoke(this.#started(undefined), call);
    }
    const reason = cut.functionReasons[wanted.index];
    if (reason !== undefined) {
      this.isBehind ||= cut.mayWrite(wanted.index);
      throw new Cut(reason);
    }
    const { params } = source.types[cut.functionTypes[wanted.index]!]!;
    return this.#invoke(this.#started(field), {
      name: functionExport(field),
      funcidx: wanted.index,
      args: args.map(({ value }) => BigInt(value!)),
      takesI64: [...params].map((param) => param === I64),
    });
  }

  #started(name: string | undefined): SuiteInstance {
    const before = this.#instances.size;
    const instance = this.#instance(name);
    if (this.#instances.size > before) {
      const end = this.#startOf(instance);
      assert(end?.condition === undefined, "the start function of an instance succeeds");
    }
    return instance;
  }
}

class ScriptRunner {
  readonly failures: string[] = [];
  readonly #suite: Suite;
  readonly #script: string;
  readonly #machine = new Machine();
  readonly #named = new Map<string, LoadedModule>();
  readonly #registered = new Map<string, LoadedModule>();
  readonly #loaded: LoadedModule[] = [];
  #last: LoadedModule | undefined;
  readonly #cut = new Map<CutReason, number>();
  readonly #counts = {
    assertions: 0,
    run: 0,
    integer: 0,
    integerRun: 0,
    validation: 0,
    text: 0,
    linking: 0,
  };

  constructor(suite: Suite, script: string) {
    this.#suite = suite;
    this.#script = script;
  }

  run(): ScriptRun {
    for (const command of this.#suite.scripts.get(this.#script) ?? []) this.#command(command);
    this.#release();
    const sum = (read: (loaded: LoadedModule) => number): number =>
      this.#loaded.reduce((total, loaded) => total + read(loaded), 0);
    const report = {
      assertions: this.#counts.assertions,
      run: this.#counts.run,
      cut: Object.fromEntries([...this.#cut].sort(([a], [b]) => (a < b ? -1 : 1))),
      integer: this.#counts.integer,
      integerRun: this.#counts.integerRun,
      validation: this.#counts.validation,
      text: this.#counts.text,
      linking: this.#counts.linking,
      steps: sum(({ steps }) => steps),
      proven: sum(({ proven }) => proven),
    };
    return { report, failures: this.failures };
  }

  #release(): void {
    for (const loaded of this.#loaded) loaded.release();
  }

  #command(command: SuiteCommand): void {
    switch (command.type) {
      case "module":
        this.#last = this.#load(command.filename!);
        if (command.name !== undefined) this.#named.set(command.name, this.#last);
        return;
      case "register": {
        const module = command.name === undefined ? this.#last : this.#named.get(command.name);
        this.#registered.set(command.as!, module!);
        return;
      }
      case "assert_invalid":
      case "assert_malformed":
        this.#counts[command.module_type === "text" ? "text" : "validation"]++;
        return;
      case "assert_unlinkable":
        this.#counts.linking++;
        return;
      default:
        this.#assertion(command);
    }
  }

  #load(filename: string): LoadedModule {
    // Nothing names the modules before it any more: their memory can be used again.
    if (this.#last !== undefined && !this.#isKept(this.#last)) this.#last.release();
    const loaded = new LoadedModule(this.#suite.module(filename), this.#links(), this.#machine);
    this.#loaded.push(loaded);
    return loaded;
  }

  #isKept(module: LoadedModule): boolean {
    return [...this.#named.values(), ...this.#registered.values()].includes(module);
  }

  #assertion(command: SuiteCommand): void {
    const { type, action, expected = [] } = command;
    this.#counts.assertions++;
    const hasIntegers = [...(action?.args ?? []), ...expected].every(({ type: valueType }) =>
      /^i(32|64)$/.test(valueType),
    );
    let reason: CutReason | undefined;
    try {
      if (type === "assert_uninstantiable") this.#uninstantiable(command);
      else this.#action(command);
      this.#counts.run++;
      if (hasIntegers) this.#counts.integerRun++;
    } catch (thrown) {
      if (thrown instanceof Cut || thrown instanceof ModuleCut) {
        reason = thrown.reason;
        this.#cut.set(reason, (this.#cut.get(reason) ?? 0) + 1);
      } else {
        this.failures.push(`${this.#script}:${command.line}: ${(thrown as Error).message}`);
      }
    }
    if (hasIntegers && reason !== "float") this.#counts.integer++;
  }

  #action({ type, action, expected = [], text }: SuiteCommand): void {
    assert(action !== undefined, "an assertion has an action");
    const module = action.module === undefined ? this.#last : this.#named.get(action.module);
    assert(module !== undefined, "the module of an action is loaded");
    const difference = differenceOf(type, module.act(action), expected, text);
    if (difference === undefined) return;
    // All executors agree, but on a state that the suite does not mean.
    if (module.isBehind) throw new Cut("state after a cut action");
    throw new UnexpectedEnd(difference);
  }

  /** Active segments out of bounds are refused by prepare; a start function traps. */
  #uninstantiable({ filename, text }: SuiteCommand): void {
    const loaded = this.#load(filename!);
    const kept = this.#last;
    let got: string | undefined;
    try {
      const condition = loaded.start()?.condition;
      got = condition === undefined ? "success" : suiteTextOf(condition);
    } catch (thrown) {
      if (!(thrown instanceof ModuleCut)) throw thrown;
      if (thrown.code === "WASM_DATA_BOUNDS") got = "out of bounds memory access";
      else if (thrown.code === "WASM_ELEMENT_BOUNDS") got = "out of bounds table access";
      else throw thrown;
    } finally {
      loaded.release();
      this.#last = kept;
    }
    if (got !== text) throw new UnexpectedEnd(`got ${got}, expected ${text}`);
  }

  #links(): Links {
    return {
      function: (module, name) => {
        if (module === "spectest") return { body: EMPTY_BODY };
        return this.#linkedFunction(this.#exporter(module), name);
      },
      global: (module, name) => {
        if (module === "spectest") {
          const opcode = name === "global_i64" ? 0x42 : 0x41;
          return { init: Uint8Array.of(opcode, ...SPECTEST_VALUE) };
        }
        return this.#linkedGlobal(this.#exporter(module), name);
      },
      region: ({ module, kind }) => {
        if (module === "spectest") return kind === 1 ? SPECTEST_TABLE : SPECTEST_MEMORY;
        const exporter = this.#exporter(module);
        if (exporter !== undefined) exporter.reason ??= OTHER_STATE;
        return { cut: exporter === undefined ? "not linked" : OTHER_STATE };
      },
    };
  }

  #exporter(module: string): LoadedModule | undefined {
    return this.#registered.get(module);
  }

  /** A function that uses nothing of its module can be in two modules; what another one changes cannot. */
  #linkedFunction(exporter: LoadedModule | undefined, name: string): ReturnType<Links["function"]> {
    const cut = exporter?.cut;
    const found = cut?.source.exports.find((item) => item.name === name && item.kind === 0);
    if (exporter === undefined || cut === undefined || found === undefined) {
      return { cut: "not linked" };
    }
    const reason = cut.functionReasons[found.index];
    if (reason !== undefined) return { cut: reason };
    const body = cut.bodyOf(found.index);
    if (useOf(body).isClosed) return { body };
    exporter.reason ??= OTHER_STATE;
    return { cut: OTHER_STATE };
  }

  #linkedGlobal(exporter: LoadedModule | undefined, name: string): ReturnType<Links["global"]> {
    const cut = exporter?.cut;
    const found = cut?.source.exports.find((item) => item.name === name && item.kind === 3);
    if (exporter === undefined || cut === undefined || found === undefined) {
      return { cut: "not linked" };
    }
    const reason = cut.globalReasons[found.index];
    if (reason !== undefined) return { cut: reason };
    if (!cut.isMutable(found.index)) return { init: cut.initOf(found.index) };
    exporter.reason ??= OTHER_STATE;
    return { cut: OTHER_STATE };
  }
}

/** How an end differs from what the suite expects of a command of this type. */
function differenceOf(
  type: string,
  { condition, result }: SuiteEnd,
  expected: readonly SuiteValue[],
  text: string | undefined,
): string | undefined {
  if (type === "assert_return" || type === "action") {
    if (condition !== undefined) return `trapped: ${condition}`;
    const wanted = expected[0]?.value;
    const isSame = type === "action" || result?.toString() === wanted;
    return isSame ? undefined : `got ${result ?? "nothing"}, expected ${wanted ?? "nothing"}`;
  }
  const got = condition === undefined ? "success" : suiteTextOf(condition);
  // The suite may say which element is uninitialized.
  const isSame = text === got || text?.startsWith(`${got} `) === true;
  return isSame ? undefined : `got ${got}, expected ${text}`;
}

/** Runs a script of the suite. */
export function runScript(suite: Suite, script: string): ScriptRun {
  return new ScriptRunner(suite, script).run();
}
