// One function of the emitted module while its code is written: the bytes, their offsets, and the
// locals that it has beyond the source's. Stands under body-rewriter.ts, whose rewriters (of the
// function itself and of bodies written in place of calls) all write into one of these.
import { GasCode, type ModuleIndices, TrapFlag, writeTrap } from "./gas-code.ts";
import { OffsetTableBuilder } from "./offset-table.ts";
import { Opcode } from "./wasm-reader.ts";
import { EMPTY_BLOCK, ValueType, WasmWriter } from "./wasm-writer.ts";

export class EmittedFunction {
  readonly out = new WasmWriter();
  readonly offsets = new OffsetTableBuilder();
  readonly gas: GasCode;
  readonly indices: ModuleIndices;
  /** Whether checks branch to one place behind the body; a single check traps where it stands. */
  readonly sharesTrap: boolean;
  private readonly firstAddedLocal: number;
  /** Value types of the locals behind the source's, in order. */
  private readonly addedLocals: number[] = [];
  private scratch: number | undefined;
  private innerDepth: number | undefined;
  private inlineBytes: number;
  private readonly inlineBytesKept: number;

  /**
   * @param gasLocal index of the gas parameter
   * @param firstAddedLocal index behind parameters and the source's declared locals
   * @param inlineBytes source bytes of callees that may be written in place of calls
   */
  constructor(
    indices: ModuleIndices,
    gasLocal: number,
    firstAddedLocal: number,
    sharesTrap: boolean,
    inlineBytes: number,
  ) {
    this.indices = indices;
    this.gas = new GasCode(this.out, indices, gasLocal);
    this.firstAddedLocal = firstAddedLocal;
    this.sharesTrap = sharesTrap;
    this.inlineBytes = inlineBytes;
    this.inlineBytesKept = inlineBytes >>> 1;
  }

  /** Opens the block of the shared trap. */
  begin(): void {
    if (this.sharesTrap) this.out.bytes(Opcode.block, EMPTY_BLOCK);
  }

  /** Gas as last result; then the place that traps. */
  end(): void {
    this.gas.pushGas();
    if (this.sharesTrap) {
      this.out.bytes(Opcode.return, Opcode.end);
      writeTrap(this.out, this.indices, TrapFlag.outOfGas);
    }
    this.out.byte(Opcode.end);
  }

  /**
   * Whether `bytes` more of callees may be written in place of calls; takes them if so. Half is kept
   * for calls in loops.
   */
  takeInlineBytes(bytes: number, inLoop: boolean): boolean {
    if (bytes > this.inlineBytes - (inLoop ? 0 : this.inlineBytesKept)) return false;
    this.inlineBytes -= bytes;
    return true;
  }

  /** An i32 local whose content nobody else relies on across an instruction of the source. */
  scratchLocal(): number {
    this.scratch ??= this.addLocal(ValueType.i32);
    return this.scratch;
  }

  /** The depth budget that a body written in place of a call has left. */
  innerDepthLocal(): number {
    this.innerDepth ??= this.addLocal(ValueType.i32);
    return this.innerDepth;
  }

  private addLocal(type: number): number {
    this.addedLocals.push(type);
    return this.firstAddedLocal + this.addedLocals.length - 1;
  }

  /**
   * Indices of locals of these types for a body written in place of a call. They are taken from the
   * same pool each time: such bodies never overlap.
   */
  localsFor(types: Uint8Array): number[] {
    let next = 0;
    return Array.from(types, (type) => {
      while (next < this.addedLocals.length) {
        const index = this.firstAddedLocal + next;
        next += 1;
        const isKept = index === this.scratch || index === this.innerDepth;
        if (this.addedLocals[next - 1] === type && !isKept) return index;
      }
      next = this.addedLocals.length + 1;
      return this.addLocal(type);
    });
  }

  /** Local declarations: `vectorCount` vectors of the source as bytes, then those that were added. */
  declarations(vectorCount: number, vectors: Uint8Array): Uint8Array {
    const runs: { type: number; count: number }[] = [];
    for (const type of this.addedLocals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count += 1;
      else runs.push({ type, count: 1 });
    }
    const out = new WasmWriter().u32(vectorCount + runs.length).raw(vectors);
    for (const { type, count } of runs) out.u32(count).byte(type);
    return out.finish();
  }
}
