// What emit-wasm must know of a function before it writes it or its callers: whether anything inside
// leaves by the function's label, and whether it needs the depth budget at all. Most functions do not:
// only payers, what the table holds, callers of either, and what may reach the host's `call`, which
// carries the budget on. A parameter less keeps emitted code small enough for V8 to inline it.
import { hostCallNames } from "../rules/host-call-names.ts";
import type { FunctionLayout, ProgramLayout } from "./layout.ts";
import { Opcode, WasmReader } from "./wasm-reader.ts";
import { EMPTY_BLOCK } from "./wasm-writer.ts";

/** The only host call that reads the depth budget. */
const CALL_NUMBER = hostCallNames.indexOf("call") + 1;

export interface FunctionScan {
  /** Whether `return` or a branch leads to the function's label. */
  readonly leavesByLabel: boolean;
  /** Source function indices that it calls directly, dead code included. */
  readonly calls: readonly number[];
  readonly callsIndirectly: boolean;
  readonly hasLoop: boolean;
  /**
   * For loops that start with a condition, as `while` and `for` do: offset of the loop's first
   * instruction -> offset of the `if`. It has neither result nor `else`, and what stands before it can
   * neither trap nor change what outlives a trap.
   */
  readonly loopConditions: ReadonlyMap<number, number>;
}

const FIRST_NUMERIC = 0x45;
const LAST_NUMERIC = 0xc4;
const DIVISIONS: ReadonlySet<number> = new Set([0x6d, 0x6e, 0x6f, 0x70, 0x7f, 0x80, 0x81, 0x82]);
const PURE: ReadonlySet<number> = new Set([
  Opcode.nop,
  Opcode.drop,
  Opcode.select,
  Opcode.local_get,
  Opcode.local_set,
  Opcode.local_tee,
  Opcode.global_get,
  Opcode.memory_size,
  Opcode.i32_const,
  Opcode.i64_const,
]);

/** Whether only the operand stack and locals can tell that the instruction has run. */
function isPure(opcode: number): boolean {
  if (opcode < FIRST_NUMERIC) return PURE.has(opcode);
  return opcode <= LAST_NUMERIC && !DIVISIONS.has(opcode);
}

/** Reads one body. */
export function scanFunction(wasm: Uint8Array, fn: FunctionLayout): FunctionScan {
  return new FunctionScanner(wasm, fn).scan();
}

interface OpenBlock {
  /** First instruction of the loop whose condition this `if` may be. */
  readonly loop: number | undefined;
  readonly start: number;
}

class FunctionScanner implements FunctionScan {
  readonly calls: number[] = [];
  readonly loopConditions = new Map<number, number>();
  leavesByLabel = false;
  callsIndirectly = false;
  hasLoop = false;
  private readonly reader: WasmReader;
  private readonly end: number;
  private readonly blocks: OpenBlock[] = [];
  /** First instruction of the loop that was entered last, while only pure ones have followed. */
  private pureSince: number | undefined;

  constructor(wasm: Uint8Array, fn: FunctionLayout) {
    this.reader = new WasmReader(wasm, fn.firstInstruction);
    this.end = fn.end;
  }

  scan(): FunctionScan {
    const { reader } = this;
    while (reader.offset < this.end) {
      const start = reader.offset;
      const opcode = reader.byte();
      this.instruction(opcode, start);
      if (opcode === Opcode.loop) this.pureSince = reader.offset;
      else if (!isPure(opcode)) this.pureSince = undefined;
    }
    return this;
  }

  private instruction(opcode: number, start: number): void {
    const { reader, blocks } = this;
    switch (opcode) {
      case Opcode.block:
      case Opcode.loop:
      case Opcode.if: {
        const mayBeCondition = opcode === Opcode.if && reader.byte() === EMPTY_BLOCK;
        if (opcode !== Opcode.if) reader.skipInteger();
        blocks.push({ loop: mayBeCondition ? this.pureSince : undefined, start });
        if (opcode === Opcode.loop) this.hasLoop = true;
        return;
      }
      case Opcode.else:
        blocks[blocks.length - 1] = { loop: undefined, start };
        return;
      case Opcode.end: {
        const block = blocks.pop();
        if (block?.loop !== undefined) this.loopConditions.set(block.loop, block.start);
        return;
      }
      case Opcode.return:
        this.leavesByLabel = true;
        return;
      case Opcode.br:
      case Opcode.br_if:
        this.label();
        return;
      case Opcode.br_table:
        for (let labels = reader.u32() + 1; labels > 0; labels -= 1) this.label();
        return;
      case Opcode.call:
        this.calls.push(reader.u32());
        return;
      case Opcode.call_indirect:
        this.callsIndirectly = true;
    }
    reader.skipImmediates(opcode);
  }

  private label(): void {
    if (this.reader.u32() === this.blocks.length) this.leavesByLabel = true;
  }
}

/** Bytes and locals up to which a function is written in place of its calls. */
const INLINE_BYTES_MAX = 80;
const INLINE_LOCALS_MAX = 12;

/**
 * Whether calls of a function are better replaced by its body. A call costs more than what an accessor
 * of an array does, and compilers leave such calls because of the abort in them. A recursion is written in
 * place of its own calls once. Where a loop runs the call does not matter.
 */
export function isInlined(fn: FunctionLayout, scan: FunctionScan): boolean {
  return (
    !scan.hasLoop &&
    fn.end - fn.firstInstruction <= INLINE_BYTES_MAX &&
    fn.params + fn.locals <= INLINE_LOCALS_MAX
  );
}

/** By source function index, 1 where the emitted function has the depth budget as a parameter. */
export function depthTakers(
  layout: ProgramLayout,
  scans: readonly FunctionScan[],
  tableFunctions: Iterable<number>,
): Uint8Array {
  const importCount = layout.imports.length;
  const takes = new Uint8Array(importCount + scans.length);
  const callers: number[][] = Array.from(takes, () => []);
  const found: number[] = [];
  const take = (funcidx: number) => {
    if (takes[funcidx] === 1) return;
    takes[funcidx] = 1;
    found.push(funcidx);
  };
  layout.imports.forEach(({ hostCall }, funcidx) => {
    if (hostCall === CALL_NUMBER) take(funcidx);
  });
  for (const funcidx of tableFunctions) take(funcidx);
  scans.forEach(({ calls, callsIndirectly }, index) => {
    const funcidx = importCount + index;
    if (callsIndirectly || (layout.functions[index]?.depthWeight ?? 0) > 0) take(funcidx);
    for (const callee of calls) callers[callee]?.push(funcidx);
  });
  for (let next = found.pop(); next !== undefined; next = found.pop()) {
    for (const caller of callers[next] ?? []) take(caller);
  }
  return takes;
}
