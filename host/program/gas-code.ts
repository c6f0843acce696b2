// The instruction sequences that pay gas and depth in the V8 module, in one place so that bodies,
// wrappers and the entry stub agree. Stands under body-rewriter.ts and emit-wasm.ts. Which sequences
// these are was measured (docs/decisions/0010); what they mean is docs/program.md section 1 and must not
// differ from the machine words charge, charge_check, charge_units and depth.
import { Opcode } from "./wasm-reader.ts";
import { EMPTY_BLOCK, type WasmWriter } from "./wasm-writer.ts";

/** Values of the exported global `plasma:trap`; `growth` is a host fault, not an outcome. */
export const TrapFlag = { none: 0, outOfGas: 1, depth: 2, growth: 3 } as const;

/** Indices in the emitted module that every rewritten body refers to. */
export interface ModuleIndices {
  readonly importCount: number;
  /** The metered form of the source's type i is type `meteredTypes + i` with a depth budget and
   * `shallowTypes + i` without. */
  readonly meteredTypes: number;
  readonly shallowTypes: number;
  /** By source function index, 1 where the emitted function has the depth budget as a parameter. */
  readonly takesDepth: Uint8Array;
  /** The wrapper of import i is function `firstWrapper + i`. */
  readonly firstWrapper: number;
  /** The function that stands for `memory.grow`; unused without a memory. */
  readonly growFunction: number;
  readonly gasGlobal: number;
  readonly depthGlobal: number;
  readonly trapGlobal: number;
}

/** Parameters that the metered form of function `funcidx` has beside the source's. */
export function addedParams(indices: ModuleIndices, funcidx: number): number {
  return indices.takesDepth[funcidx] === 1 ? 2 : 1;
}

/** The index that a reference to a function of the source has in the emitted module. */
export function remapFunction(indices: ModuleIndices, funcidx: number): number {
  return funcidx < indices.importCount ? indices.firstWrapper + funcidx : funcidx;
}

/** `plasma:trap = flag; unreachable`. */
export function writeTrap(out: WasmWriter, indices: ModuleIndices, flag: number): void {
  out.byte(Opcode.i32_const).s32(flag);
  out.byte(Opcode.global_set).u32(indices.trapGlobal);
  out.byte(Opcode.unreachable);
}

/**
 * Writes charges of one function. Every metered function takes gas, and the depth budget where it
 * matters, as its last parameters and returns gas as its last result, so both stay in machine registers: a recursive
 * fib on V8 11.3 takes 1.1x of plain time this way, 1.5x when they go through globals around calls
 * (V8 13.6: 1.2x and 3.1x). Depth needs no give-back: a caller still has its own. The globals hold
 * both only where the host looks: at entry, around host calls, and gas at the end.
 *
 * A check branches behind the function to one place that traps or, without a label for that, traps
 * where it stands, which is fewer bytes for a single check.
 */
export class GasCode {
  private readonly out: WasmWriter;
  private readonly indices: ModuleIndices;
  /** i64 */
  private readonly gasLocal: number;
  /** i32: the budget of the code that is being written. */
  private depthLocal: number;

  constructor(out: WasmWriter, indices: ModuleIndices, gasLocal: number) {
    this.out = out;
    this.indices = indices;
    this.gasLocal = gasLocal;
    this.depthLocal = gasLocal + 1;
  }

  /** The last arguments of a call of source function `funcidx` onto the operand stack. */
  pushArguments(funcidx: number): void {
    this.pushGas();
    if (this.indices.takesDepth[funcidx] === 1) this.pushDepth();
  }

  /** The depth budget onto the operand stack: the last argument where there is one. */
  pushDepth(): void {
    this.out.byte(Opcode.local_get).u32(this.depthLocal);
  }

  /** The last result of a function onto the operand stack. */
  pushGas(): void {
    this.out.byte(Opcode.local_get).u32(this.gasLocal);
  }

  /** Gas from the top of the operand stack, where a call has left it. */
  popGas(): void {
    this.out.byte(Opcode.local_set).u32(this.gasLocal);
  }

  /** Globals -> locals. */
  load(): void {
    this.out.byte(Opcode.global_get).u32(this.indices.gasGlobal);
    this.out.byte(Opcode.local_set).u32(this.gasLocal);
    this.out.byte(Opcode.global_get).u32(this.indices.depthGlobal);
    this.out.byte(Opcode.local_set).u32(this.depthLocal);
  }

  /** Writes code that may take depth, and goes on with the budget as it is here. */
  keepingDepth(write: () => void): void {
    const { depthLocal } = this;
    write();
    this.depthLocal = depthLocal;
  }

  /** Gas: local -> global. */
  spillGas(): void {
    this.pushGas();
    this.out.byte(Opcode.global_set).u32(this.indices.gasGlobal);
  }

  /** Depth budget: local -> global. */
  spillDepth(): void {
    this.pushDepth();
    this.out.byte(Opcode.global_set).u32(this.indices.depthGlobal);
  }

  charge(cost: number): void {
    this.subtract(cost);
    this.out.byte(Opcode.local_set).u32(this.gasLocal);
  }

  /** `outOfGasLabel`: relative depth of the block behind which the function traps, if it has one. */
  chargeCheck(cost: number, outOfGasLabel: number | undefined): void {
    this.subtract(cost);
    this.trapIfBelow(0, outOfGasLabel);
  }

  /**
   * A checked charge of `checked` that was put off to where `cost` is charged too: traps as if it had
   * come first, that is where gas was below `checked`.
   */
  chargeLate(checked: number, cost: number, outOfGasLabel: number | undefined): void {
    this.subtract(checked + cost);
    this.trapIfBelow(-cost, outOfGasLabel);
  }

  /** Charges for the i32 in `local`: gas -= ceil(n / 2^shift) × unit, checked. */
  units(local: number, unit: number, shift: number, outOfGasLabel: number | undefined): void {
    const out = this.out;
    out.byte(Opcode.local_get).u32(this.gasLocal);
    out.byte(Opcode.local_get).u32(local);
    out.byte(Opcode.i64_extend_i32_u);
    if (shift > 0) {
      out.byte(Opcode.i64_const).s64(2 ** shift - 1);
      out.byte(Opcode.i64_add);
      out.byte(Opcode.i64_const).s64(shift);
      out.byte(Opcode.i64_shr_u);
    }
    if (unit !== 1) out.byte(Opcode.i64_const).s64(unit).byte(Opcode.i64_mul);
    out.byte(Opcode.i64_sub);
    this.trapIfBelow(0, outOfGasLabel);
  }

  private subtract(cost: number): void {
    this.out.byte(Opcode.local_get).u32(this.gasLocal);
    this.out.byte(Opcode.i64_const).s64(cost);
    this.out.byte(Opcode.i64_sub);
  }

  private trapIfBelow(bound: number, label: number | undefined): void {
    this.out.byte(Opcode.local_tee).u32(this.gasLocal);
    this.out.byte(Opcode.i64_const).s64(bound);
    this.out.byte(Opcode.i64_lt_s);
    if (label !== undefined) this.out.byte(Opcode.br_if).u32(label);
    else this.trapIf(TrapFlag.outOfGas);
  }

  private trapIf(flag: number): void {
    this.out.bytes(Opcode.if, EMPTY_BLOCK);
    writeTrap(this.out, this.indices, flag);
    this.out.byte(Opcode.end);
  }

  /**
   * Takes `weight` slots of the depth budget, or traps. What is left is the budget from here on: in `local`
   * where that is given, so that the budget before stays as it is.
   */
  takeDepth(weight: number, local = this.depthLocal): void {
    this.pushDepth();
    this.depthLocal = local;
    this.out.byte(Opcode.i32_const).s32(weight);
    this.out.byte(Opcode.i32_sub);
    this.out.byte(Opcode.local_tee).u32(this.depthLocal);
    this.out.byte(Opcode.i32_const).s32(0);
    this.out.byte(Opcode.i32_lt_s);
    this.trapIf(TrapFlag.depth);
  }
}
