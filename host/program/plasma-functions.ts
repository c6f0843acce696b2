// Code entries of the functions that exist only in the emitted module: a wrapper per import that pays
// for the host call, `memory.grow` that tells a host fault from a refusal, plasma:reset and
// plasma:enter (docs/program.md section 6). Stands under emit-wasm.ts; costs come from the machine
// words, and no function here is reachable by a name that a contract could take.
import { GasCode, type ModuleIndices, remapFunction, TrapFlag, writeTrap } from "./gas-code.ts";
import type { EntryStub, ImportStub } from "./stub-words.ts";
import { MEMORY_FILL, MEMORY_INIT, Opcode } from "./wasm-reader.ts";
import { EMPTY_BLOCK, ValueType, WasmWriter } from "./wasm-writer.ts";

/** Pays the stub's charges, calls import `funcidx` with gas and depth where the host finds them. */
export function wrapperBody(
  stub: ImportStub,
  funcidx: number,
  params: number,
  indices: ModuleIndices,
): Uint8Array {
  const out = new WasmWriter().u32(0);
  const gas = new GasCode(out, indices, params);
  gas.chargeCheck(stub.base, undefined);
  for (const { slot, unit, shift } of stub.units) gas.units(slot, unit, shift, undefined);
  gas.spillGas();
  if (indices.takesDepth[funcidx] === 1) gas.spillDepth();
  for (let param = 0; param < params; param += 1) out.byte(Opcode.local_get).u32(param);
  out.byte(Opcode.call).u32(funcidx);
  out.byte(Opcode.global_get).u32(indices.gasGlobal);
  return out.byte(Opcode.end).finish();
}

/**
 * `memory.grow` of a memory that may have `pagesMax` pages. Beyond that the result is -1, as the
 * specification says; an engine that fails below it is out of memory, which no contract may see.
 */
export function growBody(pagesMax: number, indices: ModuleIndices): Uint8Array {
  const out = new WasmWriter().u32(0);
  out.byte(Opcode.local_get).u32(0);
  out.byte(Opcode.i32_const).s32(pagesMax);
  out.bytes(Opcode.memory_size, 0, Opcode.i32_sub, Opcode.i32_gt_u);
  out.bytes(Opcode.if, EMPTY_BLOCK).byte(Opcode.i32_const).s32(-1);
  out.bytes(Opcode.return, Opcode.end);
  out.byte(Opcode.local_get).u32(0).bytes(Opcode.memory_grow, 0);
  out.byte(Opcode.local_tee).u32(0).byte(Opcode.i32_const).s32(-1).byte(Opcode.i32_eq);
  out.bytes(Opcode.if, EMPTY_BLOCK);
  writeTrap(out, indices, TrapFlag.growth);
  out.byte(Opcode.end).byte(Opcode.local_get).u32(0);
  return out.byte(Opcode.end).finish();
}

/** Every page zero, then the data segments in order; every global its initial value. */
export function resetBody(
  globals: readonly { readonly mutable: boolean; readonly init: Uint8Array }[],
  segments: readonly { readonly at: Uint8Array; readonly content: Uint8Array }[],
  hasMemory: boolean,
): Uint8Array {
  const out = new WasmWriter().u32(0);
  if (hasMemory) {
    out.byte(Opcode.i32_const).s32(0).byte(Opcode.i32_const).s32(0);
    out.bytes(Opcode.memory_size, 0).byte(Opcode.i32_const).s32(16).byte(Opcode.i32_shl);
    out.byte(Opcode.prefixed).u32(MEMORY_FILL).byte(0);
  }
  segments.forEach(({ at, content }, index) => {
    out.raw(withoutEnd(at)).byte(Opcode.i32_const).s32(0);
    out.byte(Opcode.i32_const).s32(content.length);
    out.byte(Opcode.prefixed).u32(MEMORY_INIT).u32(index).byte(0);
  });
  globals.forEach(({ mutable, init }, index) => {
    if (mutable) out.raw(withoutEnd(init)).byte(Opcode.global_set).u32(index);
  });
  return out.byte(Opcode.end).finish();
}

const withoutEnd = (expression: Uint8Array): Uint8Array => expression.subarray(0, -1);

/** What the host calls for an exported function: its own type outside, gas in the global. */
export function exportBody(funcidx: number, params: number, indices: ModuleIndices): Uint8Array {
  const out = new WasmWriter().u32(0);
  for (let param = 0; param < params; param += 1) out.byte(Opcode.local_get).u32(param);
  out.byte(Opcode.global_get).u32(indices.gasGlobal);
  if (indices.takesDepth[funcidx] === 1) out.byte(Opcode.global_get).u32(indices.depthGlobal);
  out.byte(Opcode.call).u32(remapFunction(indices, funcidx));
  out.byte(Opcode.global_set).u32(indices.gasGlobal);
  return out.byte(Opcode.end).finish();
}

/** The entry stub: entry gas, depth, `_start`, `main`, end charge. */
export function enterBody(stub: EntryStub, indices: ModuleIndices): Uint8Array {
  const out = new WasmWriter().u32(2).bytes(1, ValueType.i64, 1, ValueType.i32);
  const gas = new GasCode(out, indices, 0);
  gas.load();
  gas.chargeCheck(stub.gas, undefined);
  if (stub.depth > 0) gas.takeDepth(stub.depth);
  for (const funcidx of stub.calls) {
    gas.pushArguments(funcidx);
    out.byte(Opcode.call).u32(remapFunction(indices, funcidx));
    gas.popGas();
  }
  gas.chargeCheck(stub.endGas, undefined);
  gas.spillGas();
  return out.byte(Opcode.end).finish();
}
