// Rewrites one function body for V8: copies the original instructions and inserts, at the points
// that prepare left, the charges and depth checks of the program (docs/program.md sections 3-6).
// Stands under emit-wasm.ts. It decides nothing about gas: where a charge is and what it costs comes
// from the points, so V8 and the machine words agree by construction. It never validates.
import { assert } from "../errors.ts";
import { EmittedFunction } from "./emitted-function.ts";
import { type GasCode, type ModuleIndices, remapFunction } from "./gas-code.ts";
import { type FunctionLayout, PointKind } from "./layout.ts";
import type { OffsetTableBuilder } from "./offset-table.ts";
import { Opcode, WasmReader } from "./wasm-reader.ts";
import { ValueType, type WasmWriter } from "./wasm-writer.ts";

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

/** A function of the source as far as its code is rewritten. */
export interface BodySource {
  /** The original module. */
  readonly wasm: Uint8Array;
  readonly fn: FunctionLayout;
  readonly points: Points;
  readonly result: ResultType;
  /** Value types of parameters and declared locals, in order. */
  readonly localTypes: Uint8Array;
  /** Parameters that the metered function has beside the source's. */
  readonly addedParams: number;
  /** Whether something inside branches to the function's label. */
  readonly leavesByLabel: boolean;
  /** Loops that start with a pure condition (function-scan.ts). */
  readonly loopConditions: ReadonlyMap<number, number>;
}

/** By source function index: what is written in place of calls of the function, if anything. */
export type InlineBodies = readonly (BodySource | undefined)[];

/** Bytes of an `if` with its block type. */
const IF_BYTES = 2;

/** Callees may add as many bytes as the caller has, and this. */
const INLINE_BYTES_FREE = 128;

/**
 * Copies a body out of the original module with its charges inserted.
 * @param callsInlined whether it calls a function of `inlineBodies`
 */
export function rewriteBody(
  source: BodySource,
  callsInlined: boolean,
  inlineBodies: InlineBodies,
  indices: ModuleIndices,
): RewrittenBody {
  const { wasm, fn, points, addedParams } = source;
  const target = new EmittedFunction(
    indices,
    fn.params,
    fn.params + addedParams + fn.locals,
    callsInlined || countChecks(points) > 1,
    fn.end - fn.firstInstruction + INLINE_BYTES_FREE,
  );
  target.begin();
  new BodyRewriter(source, target, inlineBodies).rewrite();
  target.end();
  const reader = new WasmReader(wasm, fn.bodyOffset);
  reader.u32();
  const vectorCount = reader.u32();
  const vectors = wasm.subarray(reader.offset, fn.firstInstruction);
  return {
    locals: target.declarations(vectorCount, vectors),
    code: target.out.view(),
    offsets: target.offsets,
  };
}

/** Where a body stands that is written in place of a call. */
interface InlinePlace {
  /** Emitted local by local of the source. */
  readonly locals: readonly number[];
  /** Labels between the call and the block of the shared trap. */
  readonly labelsOutside: number;
}

class BodyRewriter {
  private readonly source: BodySource;
  private readonly wasm: Uint8Array;
  private readonly fn: FunctionLayout;
  private readonly points: Points;
  private readonly target: EmittedFunction;
  private readonly inlineBodies: InlineBodies;
  private readonly place: InlinePlace | undefined;
  private readonly out: WasmWriter;
  private readonly offsets: OffsetTableBuilder;
  private readonly gas: GasCode;
  private readonly reader: WasmReader;
  /** Next of `points`, in entries of three. */
  private point = 0;
  /** Opcodes of the open blocks of the original around the reader, outermost first. */
  private readonly blocks: number[] = [];
  private openLoops = 0;
  /** A loop's checked charge that waits for the condition's arms: see `putOff`. */
  private waitingCost: number | undefined;
  /** By open block that is such a condition, the charge that its missing `else` must pay. */
  private readonly elseCosts = new Map<number, number>();
  /** First byte of the original that is live and not yet copied. */
  private uncopied: number;
  private previousOpcode = -1;

  constructor(
    source: BodySource,
    target: EmittedFunction,
    inlineBodies: InlineBodies,
    place?: InlinePlace,
  ) {
    this.source = source;
    this.wasm = source.wasm;
    this.fn = source.fn;
    this.points = source.points;
    this.target = target;
    this.inlineBodies = inlineBodies;
    this.place = place;
    this.out = target.out;
    this.offsets = target.offsets;
    this.gas = target.gas;
    this.reader = new WasmReader(source.wasm, source.fn.firstInstruction);
    this.uncopied = source.fn.firstInstruction;
  }

  /** Writes the body; its result, if any, is left on the operand stack. */
  rewrite(): void {
    this.prologue();
    const last = this.fn.end - 1;
    while (this.reader.offset < last) {
      this.pointsHere();
      if (this.reader.offset < last) this.instruction();
    }
    this.copyTo(last);
    this.epilogue(last);
  }

  /** The function's label, if anything leads to it; entry charge, then depth. */
  private prologue(): void {
    this.offsets.inserted(this.out.length, this.fn.firstInstruction);
    if (this.source.leavesByLabel) this.out.bytes(Opcode.block, this.source.result);
    this.charge(this.points[1], this.points[2] ?? 0, this.outOfGasLabel());
    this.point = 1;
    const { depthWeight } = this.fn;
    if (depthWeight === 0) return;
    if (this.place === undefined) this.gas.takeDepth(depthWeight);
    else this.gas.takeDepth(depthWeight, this.target.innerDepthLocal());
  }

  /** Labels from here to the block of the shared trap. */
  private labelsOutside(): number {
    const label = this.source.leavesByLabel ? 1 : 0;
    return this.blocks.length + label + (this.place?.labelsOutside ?? 0);
  }

  private outOfGasLabel(): number | undefined {
    return this.target.sharesTrap ? this.labelsOutside() : undefined;
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
      if (kind === PointKind.chargeCheck && this.putOff(value)) return;
      this.charge(kind, value, this.outOfGasLabel());
    }
  }

  /**
   * The checked charge of a loop that starts with a pure condition is paid with the charge of the
   * loop's body, or in an `else` where the loop ends: one subtraction per turn instead of two, and
   * nobody can tell, because what runs before it neither traps nor outlives a trap.
   */
  private putOff(cost: number): boolean {
    const condition = this.source.loopConditions.get(this.reader.offset);
    if (condition === undefined) return false;
    const body = condition + IF_BYTES;
    const next = this.point * 3;
    if (this.points[next] !== body || this.points[next + 1] !== PointKind.charge) return false;
    this.waitingCost = cost;
    return true;
  }

  private charge(kind: number | undefined, value: number, outOfGasLabel: number | undefined): void {
    if (this.waitingCost !== undefined) {
      this.gas.chargeLate(this.waitingCost, value, outOfGasLabel);
      this.waitingCost = undefined;
    } else if (kind === PointKind.charge) this.gas.charge(value);
    else if (kind === PointKind.chargeCheck) this.gas.chargeCheck(value, outOfGasLabel);
    else this.units(value >>> 8, value & 0xff);
  }

  /** Charges for the i32 on top of the stack and leaves it there. */
  private units(unit: number, shift: number): void {
    const scratch = this.target.scratchLocal();
    this.out.byte(Opcode.local_tee).u32(scratch);
    this.gas.units(scratch, unit, shift, this.outOfGasLabel());
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
        this.blocks.push(opcode);
        if (opcode === Opcode.if && this.waitingCost !== undefined) {
          this.elseCosts.set(this.blocks.length, this.waitingCost);
        }
        if (opcode === Opcode.loop) this.openLoops += 1;
        this.reader.skipImmediates(opcode);
        break;
      case Opcode.end:
        this.payElse(start);
        if (this.blocks.pop() === Opcode.loop) this.openLoops -= 1;
        break;
      case Opcode.return:
        this.replace(start);
        this.out.byte(Opcode.br).u32(this.blocks.length);
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
        this.out.byte(Opcode.call).u32(this.target.indices.growFunction);
        break;
      default:
        this.reader.skipImmediates(opcode);
    }
    this.previousOpcode = opcode;
  }

  /** The `else` of a condition whose loop's charge was put off. */
  private payElse(end: number): void {
    const cost = this.elseCosts.get(this.blocks.length);
    if (cost === undefined) return;
    this.elseCosts.delete(this.blocks.length);
    this.copyTo(end);
    this.offsets.inserted(this.out.length, end);
    this.out.byte(Opcode.else);
    this.gas.chargeCheck(cost, this.outOfGasLabel());
  }

  /** Ends the copy at `start` and resumes it at the reader: the caller writes what stands between. */
  private replace(start: number): void {
    const resume = this.reader.offset;
    this.copyTo(start);
    this.uncopied = resume;
    this.offsets.inserted(this.out.length, start);
  }

  private localAccess(): void {
    const operand = this.reader.offset;
    const index = this.reader.u32();
    const emitted = this.localIndex(index);
    if (emitted === index) return;
    this.copyTo(operand);
    this.out.u32(emitted);
    this.uncopied = this.reader.offset;
  }

  /** Gas and depth are the last parameters, so declared locals stand higher than in the source. */
  private localIndex(index: number): number {
    if (this.place !== undefined) return this.place.locals[index] ?? 0;
    return index < this.fn.params ? index : index + this.source.addedParams;
  }

  private call(opcode: number, start: number): void {
    const target = this.reader.u32();
    if (opcode === Opcode.call_indirect) this.reader.skipInteger();
    this.replace(start);
    // Where nothing behind the call executes, what comes back may stay on the stack.
    const returns = this.wasm[this.reader.offset] !== Opcode.unreachable || this.pointIsNext();
    if (opcode === Opcode.call_indirect) this.callIndirect(target);
    else if (returns && this.inline(target)) return;
    else this.callDirect(target);
    if (returns) this.gas.popGas();
  }

  private pointIsNext(): boolean {
    return this.points[this.point * 3] === this.reader.offset;
  }

  private callDirect(funcidx: number): void {
    const { indices } = this.target;
    this.gas.pushArguments(funcidx);
    this.out.byte(Opcode.call).u32(remapFunction(indices, funcidx));
  }

  /** The table index is on top of the stack, and gas and depth must get below it. */
  private callIndirect(typeidx: number): void {
    const scratch = this.target.scratchLocal();
    this.out.byte(Opcode.local_set).u32(scratch);
    this.gas.pushGas();
    this.gas.pushDepth();
    this.out.byte(Opcode.local_get).u32(scratch);
    this.out
      .byte(Opcode.call_indirect)
      .u32(this.target.indices.meteredTypes + typeidx)
      .byte(0);
  }

  /**
   * Writes a small callee in place of its call, charges included, so that nothing but time changes.
   * Not inside of such a body: their locals would overlap.
   */
  private inline(funcidx: number): boolean {
    const callee = this.inlineBodies[funcidx];
    if (callee === undefined || this.place !== undefined) return false;
    const { fn, localTypes } = callee;
    if (!this.target.takeInlineBytes(fn.end - fn.firstInstruction, this.openLoops > 0))
      return false;
    const locals = this.target.localsFor(localTypes);
    for (let index = fn.params - 1; index >= 0; index -= 1) {
      this.out.byte(Opcode.local_set).u32(locals[index] ?? 0);
    }
    for (let index = fn.params; index < localTypes.length; index += 1) {
      const opcode = localTypes[index] === ValueType.i64 ? Opcode.i64_const : Opcode.i32_const;
      this.out.bytes(opcode, 0, Opcode.local_set).u32(locals[index] ?? 0);
    }
    const place = { locals, labelsOutside: this.labelsOutside() };
    this.gas.keepingDepth(() => {
      new BodyRewriter(callee, this.target, this.inlineBodies, place).rewrite();
    });
    return true;
  }

  /** Closes the label; final charges. */
  private epilogue(last: number): void {
    this.offsets.inserted(this.out.length, last);
    if (this.source.leavesByLabel) this.out.byte(Opcode.end);
    const label = this.target.sharesTrap ? (this.place?.labelsOutside ?? 0) : undefined;
    for (; this.point * 3 < this.points.length; this.point += 1) {
      assert(this.points[this.point * 3] === last, "a point stands behind its function");
      this.charge(this.points[this.point * 3 + 1], this.points[this.point * 3 + 2] ?? 0, label);
    }
  }
}

function countChecks(points: Points): number {
  let checks = 0;
  for (let i = 1; i < points.length; i += 3) {
    if (points[i] === PointKind.chargeCheck || points[i] === PointKind.units) checks += 1;
  }
  return checks;
}
