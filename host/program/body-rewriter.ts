// Rewrites one function body for V8: copies the original instructions and inserts, at the points
// that prepare left, the charges and depth checks of the program (docs/program.md sections 3-6).
// Stands under emit-wasm.ts. It decides nothing about gas: where a charge is and what it costs comes
// from the points, so V8 and the machine words agree by construction. It never validates.
import { assert } from "../errors.ts";
import { GasCode, type ModuleIndices, remapFunction, TrapFlag, writeTrap } from "./gas-code.ts";
import { type FunctionLayout, PointKind } from "./layout.ts";
import { OffsetTableBuilder } from "./offset-table.ts";
import { Opcode, WasmReader } from "./wasm-reader.ts";
import { EMPTY_BLOCK, ValueType, WasmWriter } from "./wasm-writer.ts";

/** u32 triples `byte offset, kind, value`: those of one function, in order. */
export type Points = Uint32Array;

export interface RewrittenBody {
  /** Local declarations: the code entry is its size, these and `code`. */
  readonly locals: Uint8Array;
  /** Instructions with the final `end`. */
  readonly code: Uint8Array;
  /** Runs relative to the first byte of `code`. */
  readonly offsets: OffsetTableBuilder;
}

/** The value type of the function's result as its byte, or the empty block type. */
export type ResultType = number;

/** The function to rewrite. */
export interface BodySource {
  /** The original module. */
  readonly wasm: Uint8Array;
  readonly fn: FunctionLayout;
  readonly points: Points;
  readonly result: ResultType;
  /** Parameters that the metered function has beside the source's. */
  readonly addedParams: number;
  /** Whether something inside branches to the function's label. */
  readonly leavesByLabel: boolean;
}

/** Copies a body out of the original module with its charges inserted. */
export function rewriteBody(source: BodySource, indices: ModuleIndices): RewrittenBody {
  return new BodyRewriter(source, indices).rewrite();
}

class BodyRewriter {
  private readonly wasm: Uint8Array;
  private readonly fn: FunctionLayout;
  private readonly points: Points;
  private readonly source: BodySource;
  private readonly indices: ModuleIndices;
  /** Whether checks branch to one place behind the body; a single check traps where it stands. */
  private readonly sharesTrap: boolean;
  private readonly out = new WasmWriter();
  private readonly offsets = new OffsetTableBuilder();
  private readonly reader: WasmReader;
  private readonly gas: GasCode;
  /** Next of `points`, in entries of three. */
  private point = 0;
  /** Open blocks of the original around the reader; 0 inside the function's label only. */
  private nesting = 0;
  /** First byte of the original that is live and not yet copied. */
  private uncopied: number;
  /** An i32 behind the source's locals; declared only when something uses it. */
  private readonly scratchLocal: number;
  private usesScratch = false;
  private previousOpcode = -1;

  constructor(source: BodySource, indices: ModuleIndices) {
    const { wasm, fn, points, addedParams } = source;
    this.source = source;
    this.wasm = wasm;
    this.fn = fn;
    this.points = points;
    this.indices = indices;
    this.sharesTrap = countChecks(points) > 1;
    this.reader = new WasmReader(wasm, fn.firstInstruction);
    this.uncopied = fn.firstInstruction;
    this.scratchLocal = fn.params + addedParams + fn.locals;
    this.gas = new GasCode(this.out, indices, fn.params);
  }

  rewrite(): RewrittenBody {
    this.prologue();
    const last = this.fn.end - 1;
    while (this.reader.offset < last) {
      this.pointsHere();
      if (this.reader.offset < last) this.instruction();
    }
    this.copyTo(last);
    this.epilogue(last);
    return { locals: this.locals(), code: this.out.view(), offsets: this.offsets };
  }

  /** Local declarations: the source's, then the scratch local if the code uses it. */
  private locals(): Uint8Array {
    const reader = new WasmReader(this.wasm, this.fn.bodyOffset);
    reader.u32();
    const vectors = reader.u32();
    const declarations = this.wasm.subarray(reader.offset, this.fn.firstInstruction);
    const out = new WasmWriter();
    out.u32(vectors + (this.usesScratch ? 1 : 0)).raw(declarations);
    if (this.usesScratch) out.bytes(1, ValueType.i32);
    return out.finish();
  }

  /** Opens the block of the shared trap and the function's label; entry charge, then depth. */
  private prologue(): void {
    this.offsets.inserted(this.out.length, this.fn.firstInstruction);
    if (this.sharesTrap) this.out.bytes(Opcode.block, EMPTY_BLOCK);
    if (this.source.leavesByLabel) this.out.bytes(Opcode.block, this.source.result);
    this.charge(this.points[1], this.points[2] ?? 0, this.outOfGasLabel());
    this.point = 1;
    if (this.fn.depthWeight > 0) this.gas.takeDepth(this.fn.depthWeight);
  }

  private outOfGasLabel(): number | undefined {
    if (!this.sharesTrap) return undefined;
    return this.nesting + (this.source.leavesByLabel ? 1 : 0);
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

  private charge(kind: number | undefined, value: number, outOfGasLabel: number | undefined): void {
    if (kind === PointKind.charge) this.gas.charge(value);
    else if (kind === PointKind.chargeCheck) this.gas.chargeCheck(value, outOfGasLabel);
    else this.units(value >>> 8, value & 0xff);
  }

  /** Charges for the i32 on top of the stack and leaves it there. */
  private units(unit: number, shift: number): void {
    this.usesScratch = true;
    this.out.byte(Opcode.local_tee).u32(this.scratchLocal);
    this.gas.units(this.scratchLocal, unit, shift, this.outOfGasLabel());
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
      this.out.range(this.wasm, this.uncopied, offset);
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
      case Opcode.local_get:
      case Opcode.local_set:
      case Opcode.local_tee:
        this.localAccess();
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

  /** Gas and depth are the last parameters, so declared locals stand higher than in the source. */
  private localAccess(): void {
    const operand = this.reader.offset;
    const index = this.reader.u32();
    if (index < this.fn.params) return;
    this.copyTo(operand);
    this.out.u32(index + this.source.addedParams);
    this.uncopied = this.reader.offset;
  }

  /** What comes back is left on the stack where nothing behind the call executes. */
  private call(opcode: number, start: number): void {
    const target = this.reader.u32();
    if (opcode === Opcode.call_indirect) this.reader.skipInteger();
    this.replace(start);
    if (opcode === Opcode.call) {
      this.gas.pushArguments(target);
      this.out.byte(Opcode.call).u32(remapFunction(this.indices, target));
    } else {
      this.callIndirect(target);
    }
    const next = this.wasm[this.reader.offset];
    const charged = this.points[this.point * 3] === this.reader.offset;
    if (next !== Opcode.unreachable || charged) this.gas.popGas();
  }

  /** The table index is on top of the stack, and gas and depth must get below it. */
  private callIndirect(typeidx: number): void {
    this.usesScratch = true;
    this.out.byte(Opcode.local_set).u32(this.scratchLocal);
    this.gas.pushGas();
    this.gas.pushDepth();
    this.out.byte(Opcode.local_get).u32(this.scratchLocal);
    this.out
      .byte(Opcode.call_indirect)
      .u32(this.indices.meteredTypes + typeidx)
      .byte(0);
  }

  /** Closes the label; final charges, gas as last result; then the place that traps. */
  private epilogue(last: number): void {
    this.offsets.inserted(this.out.length, last);
    if (this.source.leavesByLabel) this.out.byte(Opcode.end);
    const label = this.sharesTrap ? 0 : undefined;
    for (; this.point * 3 < this.points.length; this.point += 1) {
      assert(this.points[this.point * 3] === last, "a point stands behind its function");
      this.charge(this.points[this.point * 3 + 1], this.points[this.point * 3 + 2] ?? 0, label);
    }
    this.gas.pushGas();
    if (this.sharesTrap) {
      this.out.bytes(Opcode.return, Opcode.end);
      writeTrap(this.out, this.indices, TrapFlag.outOfGas);
    }
    this.out.byte(Opcode.end);
  }
}

function countChecks(points: Points): number {
  let checks = 0;
  for (let i = 1; i < points.length; i += 3) {
    if (points[i] === PointKind.chargeCheck || points[i] === PointKind.units) checks += 1;
  }
  return checks;
}
