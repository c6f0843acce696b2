// What emit-wasm must know of a function before it writes it or its callers: whether anything inside
// leaves by the function's label, and whether it needs the depth budget at all. Most functions do not:
// only payers, what the table holds, callers of either, and what may reach the host's `call`, which
// carries the budget on. A parameter less keeps emitted code small enough for V8 to inline it.
import { hostCallNames } from "../rules/host-call-names.ts";
import type { FunctionLayout, ProgramLayout } from "./layout.ts";
import { Opcode, WasmReader } from "./wasm-reader.ts";

/** The only host call that reads the depth budget. */
const CALL_NUMBER = hostCallNames.indexOf("call") + 1;

export interface FunctionScan {
  /** Whether `return` or a branch leads to the function's label. */
  readonly leavesByLabel: boolean;
  /** Source function indices that it calls directly, dead code included. */
  readonly calls: readonly number[];
  readonly callsIndirectly: boolean;
}

/** Reads one body. */
export function scanFunction(wasm: Uint8Array, fn: FunctionLayout): FunctionScan {
  const reader = new WasmReader(wasm, fn.firstInstruction);
  const calls: number[] = [];
  let leavesByLabel = false;
  let callsIndirectly = false;
  let nesting = 0;
  while (reader.offset < fn.end) {
    const opcode = reader.byte();
    switch (opcode) {
      case Opcode.block:
      case Opcode.loop:
      case Opcode.if:
        nesting += 1;
        reader.skipInteger();
        break;
      case Opcode.end:
        nesting -= 1;
        break;
      case Opcode.return:
        leavesByLabel = true;
        break;
      case Opcode.br:
      case Opcode.br_if:
        if (reader.u32() === nesting) leavesByLabel = true;
        break;
      case Opcode.br_table:
        for (let labels = reader.u32() + 1; labels > 0; labels -= 1) {
          if (reader.u32() === nesting) leavesByLabel = true;
        }
        break;
      case Opcode.call:
        calls.push(reader.u32());
        break;
      case Opcode.call_indirect:
        callsIndirectly = true;
        reader.skipImmediates(opcode);
        break;
      default:
        reader.skipImmediates(opcode);
    }
  }
  return { leavesByLabel, calls, callsIndirectly };
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
