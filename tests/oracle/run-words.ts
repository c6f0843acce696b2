// The oracle: executes machine words one by one as docs/program.md section 1 says, and beside the gas
// that the charges take, sums what each executed word costs. Slow and readable on purpose; it shares
// no code with prepare or emit-wasm, so agreement with V8 means something. It trusts its words: a word
// that prepare never writes, or an i32 slot with a dirty upper half, is an error of the program.
import { assert } from "../../host/errors.ts";
import { TrapCode } from "../../host/outcome.ts";
import { LinearMemory } from "./linear-memory.ts";
import { evaluate, operandCount } from "./numeric.ts";
import { Op, readWords, type Word } from "./word.ts";
import { type Schedule, wordCost } from "./word-costs.ts";

/** An entry of the function table; undefined is null. */
export type TableEntry = { readonly funcidx: number; readonly type: number } | undefined;

/** What a host call may do; it sees gas as the wrapper has left it. */
export interface HostCallState {
  readonly number: number;
  readonly args: readonly bigint[];
  readonly memory: LinearMemory;
  gas: bigint;
  readonly depth: number;
}

export interface RunInput {
  /** Code of the program, 16 bytes a word. */
  readonly words: Uint8Array;
  readonly schedule: Schedule;
  /** First pc: the entry stub's, or a function's. */
  readonly entryPc: number;
  /** Arguments of the entry, as slots. */
  readonly args?: readonly bigint[];
  readonly resultCount?: number;
  readonly gas: bigint;
  readonly depth: number;
  readonly memory?: Uint8Array;
  readonly globals?: readonly bigint[];
  readonly table?: readonly TableEntry[];
  /** Performs a host call; its result is pushed if the call has one. Thrown values pass through. */
  readonly host?: (state: HostCallState) => bigint;
  /** A run longer than this is an error of the test. */
  readonly stepsMax?: number;
}

export interface RunResult {
  readonly outcome: "success" | "trap";
  /** A TrapCode; 0 on success. */
  readonly trap: number;
  /** Gas left; may be negative after a trap. */
  readonly gas: bigint;
  readonly depth: number;
  readonly memory: Uint8Array;
  readonly globals: readonly bigint[];
  readonly result: bigint | undefined;
  /** Executed words. */
  readonly steps: number;
  /** Sum of what the executed words cost, units included. */
  readonly cost: bigint;
}

const HALTED = 0xffff_ffff;
const STEPS_MAX = 10_000_000;

/** Executes from `entryPc` until the outermost frame returns or traps. */
export function runWords(input: RunInput): RunResult {
  return new WordMachine(input).run();
}

class WordMachine {
  private readonly input: RunInput;
  private readonly words: readonly Word[];
  private readonly memory: LinearMemory;
  private readonly globals: bigint[];
  private readonly slots: bigint[] = [];
  private pc: number;
  private fp = 0;
  private sp = 0;
  private gas: bigint;
  private depth: number;
  private trapCode = 0;
  private steps = 0;
  private cost = 0n;

  constructor(input: RunInput) {
    this.input = input;
    this.words = readWords(input.words);
    this.memory = new LinearMemory(input.memory ?? new Uint8Array(0));
    this.globals = [...(input.globals ?? [])];
    this.gas = input.gas;
    this.depth = input.depth;
    this.pc = input.entryPc;
    for (const arg of input.args ?? []) this.push(arg);
    this.push(BigInt(HALTED));
  }

  run(): RunResult {
    const stepsMax = this.input.stepsMax ?? STEPS_MAX;
    while (this.pc !== HALTED && this.trapCode === 0) {
      assert(this.steps < stepsMax, "the oracle ran longer than the test allows");
      this.steps += 1;
      const word = this.words[this.pc];
      assert(word !== undefined, `pc ${this.pc} is outside the code`);
      this.cost += wordCost(word, this.input.schedule);
      this.pc += 1;
      this.execute(word);
    }
    const succeeded = this.trapCode === 0;
    return {
      outcome: succeeded ? "success" : "trap",
      trap: this.trapCode,
      gas: this.gas,
      depth: this.depth,
      memory: this.memory.bytes,
      globals: this.globals,
      result: succeeded && this.input.resultCount === 1 ? this.slots[0] : undefined,
      steps: this.steps,
      cost: this.cost,
    };
  }

  private push(value: bigint): void {
    this.slots[this.sp] = value;
    this.sp += 1;
  }

  private pop(): bigint {
    this.sp -= 1;
    return this.slot(this.sp);
  }

  private slot(index: number): bigint {
    const value = this.slots[index];
    assert(value !== undefined, `slot ${index} was never written`);
    return value;
  }

  private popI32(): bigint {
    const value = this.pop();
    assert(value >> 32n === 0n, "an i32 slot has a dirty upper half");
    return value;
  }

  private trap(code: number): void {
    this.trapCode = code;
  }

  private execute(word: Word): void {
    const { op } = word;
    if (op >= 0x45 && op <= 0xc4) this.numeric(op);
    else if (op >= 0x28 && op <= 0x40) this.memoryWord(word);
    else if (op >= 0x1a && op <= 0x42) this.moveWord(word);
    else if (op <= 0x11) this.controlWord(word);
    else this.programWord(word);
  }

  private numeric(op: number): void {
    const y = operandCount(op) === 2 ? this.pop() : 0n;
    const x = this.pop();
    const result = evaluate(op, x, y);
    if (result === undefined) this.trap(TrapCode.wasm);
    else this.push(result);
  }

  private memoryWord({ op, b, imm }: Word): void {
    if (op <= 0x35) {
      const value = this.memory.load(op, this.popI32(), imm);
      if (value === undefined) this.trap(TrapCode.wasm);
      else this.push(value);
    } else if (op <= 0x3e) {
      const value = this.pop();
      if (!this.memory.store(op, this.popI32(), imm, value)) this.trap(TrapCode.wasm);
    } else if (op === 0x3f) {
      this.push(BigInt(this.memory.pages));
    } else {
      this.push(this.memory.grow(this.popI32(), b));
    }
  }

  private moveWord({ op, a, imm }: Word): void {
    switch (op) {
      case 0x1a:
        this.pop();
        return;
      case 0x1b: {
        const condition = this.popI32();
        const second = this.pop();
        const first = this.pop();
        this.push(condition === 0n ? second : first);
        return;
      }
      case 0x20:
        this.push(this.slot(this.fp + a));
        return;
      case 0x21:
        this.slots[this.fp + a] = this.pop();
        return;
      case 0x22:
        this.slots[this.fp + a] = this.slot(this.sp - 1);
        return;
      case 0x23:
        this.push(this.globals[a] ?? assertGlobal(a));
        return;
      case 0x24:
        this.globals[a] = this.pop();
        return;
      case 0x41:
        assert(imm >> 32n === 0n, "an i32 constant has a dirty upper half");
        this.push(imm);
        return;
      default:
        assert(op === 0x42, `no such word: 0x${op.toString(16)}`);
        this.push(imm);
    }
  }

  private controlWord(word: Word): void {
    const { op, a, b, imm } = word;
    switch (op) {
      case 0x00:
        this.trap(TrapCode.wasm);
        return;
      case 0x04:
        if (this.popI32() === 0n) this.pc = b;
        return;
      case 0x05:
        this.pc = b;
        return;
      case 0x0b:
        this.end(a, b, imm);
        return;
      case 0x0d:
        if (this.popI32() !== 0n) this.branch(word);
        return;
      case 0x0c:
      case 0x0f:
        this.branch(word);
        return;
      case 0x0e: {
        const index = this.popI32();
        this.pc = b + Math.min(Number(index), Number(imm));
        return;
      }
      case 0x10:
        this.call(a, b);
        return;
      case 0x11:
        this.callIndirect(a, b, imm);
        return;
      default:
        assert(false, `no such word: 0x${op.toString(16)}`);
    }
  }

  /** Moves `a` values to the height of the label and continues there. */
  private branch({ a, b, imm }: Word): void {
    const to = this.fp + Number(imm);
    for (let i = 0; i < a; i += 1) this.slots[to + i] = this.slot(this.sp - a + i);
    this.sp = to + a;
    this.pc = b;
  }

  private call(params: number, target: number): void {
    const fp = this.sp - params;
    this.push((BigInt(this.fp) << 32n) | BigInt(this.pc));
    this.fp = fp;
    this.pc = target;
  }

  private callIndirect(params: number, type: number, size: bigint): void {
    const index = this.popI32();
    const entry = index < size ? this.input.table?.[Number(index)] : undefined;
    if (entry === undefined || entry.type !== type) this.trap(TrapCode.wasm);
    else this.call(params, entry.funcidx);
  }

  private end(arity: number, params: number, weight: bigint): void {
    const link = this.slot(this.fp + params);
    if (arity === 1) this.slots[this.fp] = this.slot(this.sp - 1);
    this.depth += Number(weight);
    this.sp = this.fp + arity;
    this.pc = Number(link & 0xffff_ffffn);
    this.fp = Number(link >> 32n);
  }

  private programWord(word: Word): void {
    const { op, a, b, imm } = word;
    switch (op) {
      case Op.charge:
        this.gas -= imm;
        return;
      case Op.chargeCheck:
        this.pay(imm);
        return;
      case Op.chargeUnits: {
        const count = this.slot(this.fp + a);
        const units = (count + (1n << imm) - 1n) >> imm;
        this.cost += units * BigInt(b);
        this.pay(units * BigInt(b));
        return;
      }
      case Op.depth:
        if (this.depth < b) this.trap(TrapCode.depth);
        else this.depth -= b;
        return;
      case Op.locals:
        for (let i = 0; i < b; i += 1) this.push(0n);
        return;
      case Op.function:
        this.pc = b;
        return;
      case Op.host:
        this.host(a, Number(imm & 0xffn), Number(imm >> 8n));
        return;
      default:
        this.bulk(op);
    }
  }

  /** A checked charge. */
  private pay(amount: bigint): void {
    this.gas -= amount;
    if (this.gas < 0n) this.trap(TrapCode.out_of_gas);
  }

  private bulk(op: number): void {
    const count = this.popI32();
    const middle = this.popI32();
    const to = this.popI32();
    assert(op === Op.memoryCopy || op === Op.memoryFill, `no such word: 0x${op.toString(16)}`);
    const done =
      op === Op.memoryCopy
        ? this.memory.copy(to, middle, count)
        : this.memory.fill(to, middle, count);
    if (!done) this.trap(TrapCode.wasm);
  }

  private host(number: number, params: number, results: number): void {
    assert(this.input.host !== undefined, "the program calls a host that the test does not give");
    const args = Array.from({ length: params }, (_, i) => this.slot(this.fp + i));
    const state = { number, args, memory: this.memory, gas: this.gas, depth: this.depth };
    const result = this.input.host(state);
    this.gas = state.gas;
    if (results === 1) this.push(result);
  }
}

function assertGlobal(index: number): never {
  assert(false, `no global ${index}`);
  throw new TypeError("unreachable");
}
