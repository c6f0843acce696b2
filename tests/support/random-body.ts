// Random function bodies for random-module.ts: expressions that push one value of a type, statements
// that leave the operand stack as it was, and dead code after everything that does not fall through.
// Operands that stay below a block, values carried by branches, and addresses near the end of memory
// are all meant to occur. Loops may be endless: gas ends them.
import { WasmWriter } from "../../host/program/wasm-writer.ts";
import type { Random } from "./random.ts";
import { writeHostCall } from "./random-host-call.ts";
import {
  I32,
  I64,
  type RandomShape,
  randomType,
  type Signature,
  type ValType,
} from "./random-module.ts";

const I32_COMPARE = [0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f];
const I64_COMPARE = [0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a];
const I32_BINARY = [
  0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78,
];
const I64_BINARY = I32_BINARY.map((op) => op + 0x12);
const I32_UNARY = [0x45, 0x67, 0x68, 0x69, 0xc0, 0xc1];
const I64_UNARY = [0x79, 0x7a, 0x7b, 0xc2, 0xc3, 0xc4];
const I32_LOADS = [0x28, 0x2c, 0x2d, 0x2e, 0x2f];
const I64_LOADS = [0x29, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35];
const I32_STORES = [0x36, 0x3a, 0x3b];
const I64_STORES = [0x37, 0x3c, 0x3d, 0x3e];
const EDGES = [0, 1, -1, 2, 31, 32, 63, 64, 127, 128, 255, 65_535, 65_536, 2 ** 31 - 1, -(2 ** 31)];

const DEPTH_MAX = 5;
const BUDGET = 90;

/** A label: what a branch to it carries. */
interface Label {
  readonly carries: ValType | undefined;
  readonly isLoop: boolean;
}

export class RandomBody {
  private readonly random: Random;
  private readonly shape: RandomShape;
  private readonly signature: Signature;
  private readonly locals: ValType[];
  private readonly out = new WasmWriter();
  private readonly labels: Label[] = [];
  private budget: number;

  constructor(random: Random, shape: RandomShape, funcidx: number) {
    this.random = random;
    this.shape = shape;
    this.budget = 5 + random.below(BUDGET);
    this.signature = shape.types[shape.functions[funcidx] ?? 0] ?? {
      params: [],
      result: undefined,
    };
    const declared = random.oneIn(8) ? 20 + random.below(40) : random.below(6);
    this.locals = [...this.signature.params];
    for (let i = 0; i < declared; i += 1) this.locals.push(randomType(random));
  }

  /** Declarations, instructions, final `end`. */
  build(): Uint8Array {
    const declared = this.locals.slice(this.signature.params.length);
    this.out.u32(declared.length);
    for (const type of declared) this.out.bytes(1, type);
    this.labels.push({ carries: this.signature.result, isLoop: false });
    this.content(this.signature.result, 0);
    this.out.byte(0x0b);
    return this.out.finish();
  }

  /** Statements, then the value of the block; now and then the end is not reached. */
  private content(result: ValType | undefined, depth: number): void {
    for (let i = this.random.below(4); i >= 0; i -= 1) this.statement(depth);
    if (this.random.oneIn(7)) this.leave(depth);
    else if (result !== undefined) this.expression(result, depth);
  }

  private spent(): boolean {
    this.budget -= 1;
    return this.budget < 0;
  }

  private statement(depth: number): void {
    if (this.spent()) return;
    if (depth > DEPTH_MAX) {
      this.assign(depth);
      return;
    }
    if (this.shape.hostCalls !== undefined && this.random.oneIn(3)) {
      this.hostCall(depth);
      return;
    }
    switch (this.random.below(15)) {
      case 0:
      case 1:
        this.assign(depth);
        return;
      case 2:
        this.block(undefined, depth);
        return;
      case 3:
        this.countedLoop(depth);
        return;
      case 4:
      case 5:
        this.branchIf(undefined, depth);
        return;
      case 6:
        this.conditional(undefined, depth);
        return;
      case 7:
        this.bulk(depth);
        return;
      case 8:
        this.store(depth);
        return;
      case 9:
        this.callAny(undefined, depth);
        return;
      case 10:
        this.trapUnless(depth);
        return;
      case 11:
      case 12:
        this.whileLoop(depth);
        return;
      case 13:
        this.expression(randomType(this.random), depth + 1);
        this.out.byte(0x1a);
        return;
      default:
        this.out.byte(0x01);
    }
  }

  /** With arguments that mean something. */
  private hostCall(depth: number): void {
    const { out, random } = this;
    const any = () => this.expression(I32, depth + 2);
    writeHostCall({ out, random, hostCalls: this.shape.hostCalls ?? new Map(), any });
  }

  private assign(depth: number): void {
    const globals = this.shape.globals;
    const target = this.random.below(this.locals.length + globals.length + 1);
    const global = globals[target - this.locals.length];
    const local = this.locals[target];
    if (local !== undefined) {
      this.expression(local, depth + 1);
      this.out.byte(0x21).u32(target);
    } else if (global?.mutable) {
      this.expression(global.type, depth + 1);
      this.out.byte(0x24).u32(target - this.locals.length);
    } else {
      this.out.byte(0x01);
    }
  }

  private store(depth: number): void {
    if (!this.shape.hasMemory) return;
    this.address(depth);
    const type = randomType(this.random);
    this.expression(type, depth + 1);
    this.out.byte(this.random.pick(type === I32 ? I32_STORES : I64_STORES));
    this.memarg();
  }

  /** Mostly inside the first page; sometimes anything. */
  private address(depth: number): void {
    this.expression(I32, depth + 2);
    if (!this.random.oneIn(12)) this.out.byte(0x41).s32(0xffff).byte(0x71);
  }

  private memarg(): void {
    this.out.byte(0);
    if (this.random.oneIn(6))
      this.out.u32(this.random.pick([65_530, 65_536, 0xffff_ffff, 1 << 20]));
    else this.out.u32(this.random.below(64));
  }

  private bulk(depth: number): void {
    if (!this.shape.hasMemory) return;
    const copies = this.random.oneIn(2);
    this.address(depth);
    if (copies) this.address(depth);
    else this.expression(I32, depth + 2);
    this.expression(I32, depth + 2);
    if (!this.random.oneIn(5)) this.out.byte(0x41).s32(0x3ff).byte(0x71);
    if (copies) this.out.bytes(0xfc, 10, 0, 0);
    else this.out.bytes(0xfc, 11, 0);
  }

  /** `if (e) trap`, as compilers write checks. */
  private trapUnless(depth: number): void {
    this.expression(I32, depth + 1);
    this.out.byte(0x41).s32(this.random.below(8)).byte(0x46);
    this.out.bytes(0x04, 0x40);
    this.labels.push({ carries: undefined, isLoop: false });
    this.leave(depth + 1);
    this.labels.pop();
    this.out.byte(0x0b);
  }

  private open(opcode: number, result: ValType | undefined): void {
    const isLoop = opcode === 0x03;
    this.out.bytes(opcode, result ?? 0x40);
    this.labels.push({ carries: isLoop ? undefined : result, isLoop });
  }

  private close(): void {
    this.labels.pop();
    this.out.byte(0x0b);
  }

  private block(result: ValType | undefined, depth: number): void {
    this.open(this.random.oneIn(6) ? 0x03 : 0x02, result);
    this.content(result, depth + 1);
    this.close();
  }

  private conditional(result: ValType | undefined, depth: number): void {
    this.expression(I32, depth + 1);
    this.open(0x04, result);
    this.content(result, depth + 1);
    if (result !== undefined || this.random.oneIn(2)) {
      this.out.byte(0x05);
      this.content(result, depth + 1);
    }
    this.close();
  }

  /** A loop around a counter local if there is one; else a loop that may be endless. */
  private countedLoop(depth: number): void {
    const counter = this.locals.indexOf(I32);
    this.open(0x02, undefined);
    this.open(0x03, undefined);
    this.content(undefined, depth + 1);
    if (counter >= 0) {
      this.out.byte(0x20).u32(counter).byte(0x41).s32(1).byte(0x6a);
      this.out.byte(0x22).u32(counter).byte(0x41).s32(15).byte(0x71);
      this.out.bytes(0x45, 0x0d, 1);
    }
    this.out.bytes(0x0c, 0);
    this.close();
    this.close();
  }

  /** `while (condition) …` as compilers write it; the condition is mostly pure. */
  private whileLoop(depth: number): void {
    const counter = this.locals.indexOf(I32);
    this.open(0x03, undefined);
    if (this.random.oneIn(4)) this.expression(I32, depth + 3);
    else this.pureCondition(counter);
    this.open(0x04, undefined);
    this.content(undefined, depth + 1);
    if (counter >= 0) this.out.byte(0x20).u32(counter).bytes(0x41, 1, 0x6a, 0x21).u32(counter);
    if (!this.random.oneIn(4)) this.out.bytes(0x0c, 1);
    if (this.random.oneIn(6)) {
      this.out.byte(0x05);
      this.content(undefined, depth + 1);
    }
    this.close();
    if (this.random.oneIn(4)) this.statement(depth + 1);
    this.close();
  }

  private pureCondition(counter: number): void {
    if (counter >= 0) this.out.byte(0x20).u32(counter).bytes(0x41, 15, 0x71);
    else this.constant(I32);
    this.leaf(I32);
    this.out.byte(this.random.pick([0x71, 0x6a, 0x48, 0x4f, 0x46]));
  }

  private labelCarrying(type: ValType | undefined): number | undefined {
    const fitting = this.labels
      .map(({ carries }, i) => ({ carries, depth: this.labels.length - 1 - i }))
      .filter(({ carries }) => carries === type);
    return fitting.length === 0 ? undefined : this.random.pick(fitting).depth;
  }

  /** `br_if` with or without a value; with one, the value stays. */
  private branchIf(type: ValType | undefined, depth: number): void {
    const label = this.labelCarrying(type);
    if (type !== undefined) this.expression(type, depth + 1);
    if (label === undefined) return;
    this.expression(I32, depth + 1);
    this.out.byte(0x0d).u32(label);
  }

  /** Something that does not fall through, then dead code. */
  private leave(depth: number): void {
    const type = this.random.pick([undefined, I32, I64] as const);
    const label = this.labelCarrying(type);
    const kind = this.random.below(5);
    if (kind === 0 || label === undefined) {
      this.out.byte(this.random.oneIn(2) ? 0x00 : this.returnValue(depth));
    } else if (kind === 1) {
      this.branchTable(type, depth);
    } else {
      if (type !== undefined) this.expression(type, depth + 1);
      this.out.byte(0x0c).u32(label);
    }
    this.dead(depth);
  }

  private returnValue(depth: number): number {
    if (this.signature.result !== undefined) this.expression(this.signature.result, depth + 1);
    return 0x0f;
  }

  private branchTable(type: ValType | undefined, depth: number): void {
    if (type !== undefined) this.expression(type, depth + 1);
    this.expression(I32, depth + 1);
    if (this.random.oneIn(2)) this.out.byte(0x41).s32(3).byte(0x71);
    const count = this.random.below(5);
    this.out.byte(0x0e).u32(count);
    for (let i = 0; i <= count; i += 1) this.out.u32(this.labelCarrying(type) ?? 0);
  }

  /** Unreachable code: valid because the stack is polymorphic, or because it is valid anyway. */
  private dead(depth: number): void {
    while (!this.random.oneIn(3)) {
      switch (this.random.below(8)) {
        case 0:
          this.out.byte(0x1a);
          break;
        case 1:
          this.out.bytes(0x6a, 0x1a);
          break;
        case 2:
          this.out.bytes(0x1b, 0x1a);
          break;
        case 3:
          this.out.bytes(0x02, 0x40, 0x00, 0x0b);
          break;
        case 4:
          this.out.bytes(0x04, 0x40, 0x05, 0x0b);
          break;
        case 5:
          this.out.bytes(0x03, 0x40, 0x0c, 0x00, 0x0b);
          break;
        default:
          this.statement(depth + 2);
      }
    }
  }

  /** Code that pushes one value of `type`. */
  private expression(type: ValType, depth: number): void {
    if (this.spent() || depth > DEPTH_MAX) {
      this.leaf(type);
      return;
    }
    switch (this.random.below(14)) {
      case 0:
      case 1:
      case 2:
        this.operation(type, depth);
        return;
      case 3:
        this.comparison(type, depth);
        return;
      case 4:
        this.load(type, depth);
        return;
      case 5:
        this.block(type, depth);
        return;
      case 6:
        this.conditional(type, depth);
        return;
      case 7:
        this.branchIf(type, depth);
        return;
      case 8:
        this.expression(type, depth + 1);
        this.expression(type, depth + 1);
        this.expression(I32, depth + 1);
        this.out.byte(0x1b);
        return;
      case 9:
        this.callAny(type, depth);
        return;
      case 10:
        this.memorySize(type, depth);
        return;
      case 11:
        this.tee(type, depth);
        return;
      default:
        this.leaf(type);
    }
  }

  private leaf(type: ValType): void {
    const locals = this.locals.flatMap((t, i) => (t === type ? [i] : []));
    const globals = this.shape.globals.flatMap((g, i) => (g.type === type ? [i] : []));
    const choice = this.random.below(4);
    if (choice < 2 && locals.length > 0) this.out.byte(0x20).u32(this.random.pick(locals));
    else if (choice === 2 && globals.length > 0) this.out.byte(0x23).u32(this.random.pick(globals));
    else this.constant(type);
  }

  private constant(type: ValType): void {
    const value = this.random.oneIn(2) ? this.random.pick(EDGES) : this.random.next() | 0;
    if (type === I32) this.out.byte(0x41).s32(value);
    else this.out.byte(0x42).s64(value * (this.random.oneIn(3) ? 0x10_0001 : 1));
  }

  private operation(type: ValType, depth: number): void {
    if (this.random.oneIn(3)) {
      const op = this.random.pick(type === I32 ? I32_UNARY : I64_UNARY);
      this.expression(type, depth + 1);
      this.out.byte(op);
      return;
    }
    this.expression(type, depth + 1);
    this.expression(type, depth + 1);
    // Divisions trap on zero; fewer of them let more code run.
    const op = this.random.pick(type === I32 ? I32_BINARY : I64_BINARY);
    const divides = (op >= 0x6d && op <= 0x70) || (op >= 0x7f && op <= 0x82);
    if (divides && !this.random.oneIn(5)) {
      if (type === I32) this.out.byte(0x41).s32(1).byte(0x72);
      else this.out.byte(0x42).s64(1).byte(0x84);
    }
    this.out.byte(op);
  }

  /** Operations whose operand has another type than their result. */
  private comparison(type: ValType, depth: number): void {
    if (type === I64) {
      this.expression(I32, depth + 1);
      this.out.byte(this.random.pick([0xac, 0xad]));
    } else if (this.random.oneIn(2)) {
      this.expression(I32, depth + 1);
      this.expression(I32, depth + 1);
      this.out.byte(this.random.pick(I32_COMPARE));
    } else if (this.random.oneIn(3)) {
      this.expression(I64, depth + 1);
      this.out.byte(this.random.pick([0x50, 0xa7]));
    } else {
      this.expression(I64, depth + 1);
      this.expression(I64, depth + 1);
      this.out.byte(this.random.pick(I64_COMPARE));
    }
  }

  private load(type: ValType, depth: number): void {
    if (!this.shape.hasMemory) {
      this.leaf(type);
      return;
    }
    this.address(depth);
    this.out.byte(this.random.pick(type === I32 ? I32_LOADS : I64_LOADS));
    this.memarg();
  }

  private memorySize(type: ValType, depth: number): void {
    if (!this.shape.hasMemory || type !== I32) {
      this.leaf(type);
    } else if (this.random.oneIn(2)) {
      this.out.bytes(0x3f, 0);
    } else {
      this.expression(I32, depth + 1);
      if (!this.random.oneIn(4)) this.out.byte(0x41).s32(1).byte(0x71);
      this.out.bytes(0x40, 0);
    }
  }

  private tee(type: ValType, depth: number): void {
    const locals = this.locals.flatMap((t, i) => (t === type ? [i] : []));
    this.expression(type, depth + 1);
    if (locals.length > 0) this.out.byte(0x22).u32(this.random.pick(locals));
  }

  /** A direct or indirect call of some function with this result; a leaf if there is none. */
  private callAny(type: ValType | undefined, depth: number): void {
    const { types, functions, tableSize, hostCalls, importCount } = this.shape;
    // Where arguments mean something, host calls with any others are rare.
    const first = hostCalls !== undefined && !this.random.oneIn(20) ? importCount : 0;
    if (tableSize > 0 && this.random.oneIn(2)) {
      const fitting = types.flatMap((t, i) => (t.result === type ? [i] : []));
      if (fitting.length > 0) {
        const index = this.random.pick(fitting);
        this.args(types[index]?.params ?? [], depth);
        this.expression(I32, depth + 2);
        if (!this.random.oneIn(6)) {
          this.out.byte(0x41).s32(tableSize).byte(0x70);
        }
        this.out.byte(0x11).u32(index).byte(0);
        return;
      }
    }
    const fitting = functions.flatMap((t, i) =>
      i >= first && types[t]?.result === type ? [i] : [],
    );
    if (fitting.length === 0) {
      if (type !== undefined) this.leaf(type);
      return;
    }
    const funcidx = this.random.pick(fitting);
    this.args(types[functions[funcidx] ?? 0]?.params ?? [], depth);
    this.out.byte(0x10).u32(funcidx);
  }

  private args(params: readonly ValType[], depth: number): void {
    for (const type of params) this.expression(type, depth + 2);
  }
}
