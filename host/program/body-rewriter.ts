// Rewrites one function body for V8: copies the original instructions and inserts, at the points
// that prepare left, the charges and depth checks of the program (docs/program.md sections 3-6).
// Stands under emit-wasm.ts. It decides nothing about gas: where a charge is and what it costs comes
// from the points, so V8 and the machine words agree by construction. It never validates.
import { assert } from "../errors.ts";
import { GasCode, type ModuleIndices, remapFunction, TrapFlag, writeTrap } from "./gas-code.ts";
import type { FunctionLayout } from "./layout.ts";
import { OffsetTableBuilder } from "./offset-table.ts";
import { Opcode, WasmReader } from "./wasm-reader.ts";
import { EMPTY_BLOCK, ValueType, WasmWriter } from "./wasm-writer.ts";

/** Kinds of points (docs/program.md section 5). */
export const PointKind = { charge: 1, chargeCheck: 2, units: 3, dead: 4 } as const;

/** u32 triples `byte offset, kind, value`: those of one function, in order. */
export type Points = Uint32Array;

export interface RewrittenBody {
  /** The code entry without its size: local declarations and instructions. */
  readonly bytes: Uint8Array;
  /** Runs relative to the first of `bytes`. */
  readonly offsets: OffsetTableBuilder;
}

/** The value type of the function's result as its byte, or the empty block type. */
export type ResultType = number;

/** Copies the body of `fn` out of the original module `wasm` with its charges inserted. */
export function rewriteBody(
  wasm: Uint8Array,
  fn: FunctionLayout,
  points: Points,
  result: ResultType,
  indices: ModuleIndices,
): RewrittenBody {
  return new BodyRewriter(wasm, fn, points, result, indices).rewrite();
}

class BodyRewriter {
  private readonly wasm: Uint8Array;
  private readonly fn: FunctionLayout;
  private readonly points: Points;
  private readonly result: ResultType;
  private readonly indices: ModuleIndices;
  private readonly out = new WasmWriter();
  private readonly offsets = new OffsetTableBuilder();
  private readonly reader: WasmReader;
  private readonly gas: GasCode;
  /** Next of `points`, in entries of three. */
  private point = 0;
  /** Open blocks of the original around the reader; 0 inside the function's label only. */
  private nesting = 0;
  /** First byte of the original that is live and not yet copied. */
  private uncopied = 0;
  private previousOpcode = -1;

  constructor(
    wasm: Uint8Array,
    fn: FunctionLayout,
    points: Points,
    result: ResultType,
    indices: ModuleIndices,
  ) {
    this.wasm = wasm;
    this.fn = fn;
    this.points = points;
    this.result = result;
    this.indices = indices;
    this.reader = new WasmReader(wasm, fn.bodyOffset);
    this.gas = new GasCode(this.out, indices, fn.params + fn.locals);
  }

  rewrite(): RewrittenBody {
    this.locals();
    this.prologue();
    const last = this.fn.end - 1;
    while (this.reader.offset < last) {
      this.pointsHere();
      if (this.reader.offset < last) this.instruction();
    }
    this.copyTo(last);
    this.epilogue(last);
    return { bytes: this.out.view(), offsets: this.offsets };
  }

  /** The source's declarations, then the gas local and the local of unit charges. */
  private locals(): void {
    this.reader.u32();
    const vectors = this.reader.u32();
    const start = this.reader.offset;
    for (let i = 0; i < vectors; i += 1) {
      this.reader.u32();
      this.reader.byte();
    }
    const units = this.hasUnits();
    this.out.u32(vectors + (units ? 2 : 1));
    this.out.raw(this.wasm.subarray(start, this.reader.offset));
    this.out.bytes(1, ValueType.i64);
    if (units) this.out.bytes(1, ValueType.i32);
    assert(this.reader.offset === this.fn.firstInstruction, "layout and module disagree");
    this.uncopied = this.reader.offset;
  }

  private hasUnits(): boolean {
    for (let i = 1; i < this.points.length; i += 3) {
      if (this.points[i] === PointKind.units) return true;
    }
    return false;
  }

  /** Opens the trap blocks and the function's label; entry charge, then depth. */
  private prologue(): void {
    this.offsets.inserted(this.out.length, this.fn.firstInstruction);
    if (this.fn.depthWeight > 0) this.out.bytes(Opcode.block, EMPTY_BLOCK);
    this.out.bytes(Opcode.block, EMPTY_BLOCK);
    this.out.bytes(Opcode.block, this.result);
    this.gas.load();
    assert(this.points[1] === PointKind.chargeCheck, "a function starts with its checked charge");
    this.gas.chargeCheck(this.points[2] ?? 0, this.outOfGasLabel());
    this.point = 1;
    if (this.fn.depthWeight > 0) this.gas.takeDepth(this.fn.depthWeight, this.nesting + 2);
  }

  private outOfGasLabel(): number {
    return this.nesting + 1;
  }

  /** Inserts what prepare left at the reader's offset. */
  private pointsHere(): void {
    while (this.points[this.point * 3] === this.reader.offset) {
      const kind = this.points[this.point * 3 + 1];
      const value = this.points[this.point * 3 + 2] ?? 0;
      this.point += 1;
      this.copyTo(this.reader.offset);
      this.offsets.inserted(this.out.length, this.reader.offset);
      if (kind === PointKind.dead) {
        this.skipDead(value);
        return;
      }
      this.charge(kind, value, this.outOfGasLabel());
    }
  }

  private charge(kind: number | undefined, value: number, outOfGasLabel: number): void {
    if (kind === PointKind.charge) this.gas.charge(value);
    else if (kind === PointKind.chargeCheck) this.gas.chargeCheck(value, outOfGasLabel);
    else this.gas.units(value >>> 8, value & 0xff, outOfGasLabel);
  }

  /**
   * Leaves out unreachable code up to the `else` or `end` at `next`. After an `end` nothing before
   * says that this place is unreachable, so an instruction that does takes its place: without it
   * operands that only the dead code consumed would be left over.
   */
  private skipDead(next: number): void {
    if (this.previousOpcode === Opcode.end) this.out.byte(Opcode.unreachable);
    this.reader.offset = next;
    this.uncopied = next;
  }

  private copyTo(offset: number): void {
    if (offset > this.uncopied) {
      this.offsets.copied(this.out.length, this.uncopied);
      this.out.raw(this.wasm.subarray(this.uncopied, offset));
    }
    this.uncopied = offset;
  }

  /** Reads one instruction; it is copied later with its neighbours unless it must change. */
  private instruction(): void {
    const start = this.reader.offset;
    const opcode = this.reader.byte();
    switch (opcode) {
      case Opcode.block:
      case Opcode.loop:
      case Opcode.if:
        this.nesting += 1;
        this.reader.skipImmediates(opcode);
        break;
      case Opcode.end:
        this.nesting -= 1;
        break;
      case Opcode.return:
        this.replace(start);
        this.out.byte(Opcode.br).u32(this.nesting);
        break;
      case Opcode.call:
      case Opcode.call_indirect:
        this.call(opcode, start);
        break;
      case Opcode.memory_grow:
        this.reader.skipImmediates(opcode);
        this.replace(start);
        this.out.byte(Opcode.call).u32(this.indices.growFunction);
        break;
      default:
        this.reader.skipImmediates(opcode);
    }
    this.previousOpcode = opcode;
  }

  /** Ends the copy at `start` and resumes it at the reader: the caller writes what stands between. */
  private replace(start: number): void {
    const resume = this.reader.offset;
    this.copyTo(start);
    this.uncopied = resume;
    this.offsets.inserted(this.out.length, start);
  }

  private call(opcode: number, start: number): void {
    this.copyTo(start);
    this.offsets.inserted(this.out.length, start);
    this.gas.spill();
    if (opcode === Opcode.call) {
      const funcidx = this.reader.u32();
      this.uncopied = this.reader.offset;
      this.out.byte(Opcode.call).u32(remapFunction(this.indices, funcidx));
    } else {
      this.reader.skipImmediates(opcode);
      this.copyTo(this.reader.offset);
    }
    this.offsets.inserted(this.out.length, start);
    this.gas.load();
  }

  /** Closes the label; final charges, spill, depth; then the places that trap. */
  private epilogue(last: number): void {
    this.offsets.inserted(this.out.length, last);
    this.out.byte(Opcode.end);
    for (; this.point * 3 < this.points.length; this.point += 1) {
      assert(this.points[this.point * 3] === last, "a point stands behind its function");
      this.charge(this.points[this.point * 3 + 1], this.points[this.point * 3 + 2] ?? 0, 0);
    }
    this.gas.spill();
    if (this.fn.depthWeight > 0) this.gas.giveDepth(this.fn.depthWeight);
    this.out.bytes(Opcode.return, Opcode.end);
    writeTrap(this.out, this.indices, TrapFlag.outOfGas);
    if (this.fn.depthWeight > 0) {
      this.out.byte(Opcode.end);
      writeTrap(this.out, this.indices, TrapFlag.depth);
    }
    this.out.byte(Opcode.end);
  }
}
