// The values of a running frame with their types: locals, operands, globals, from the slots of the machine's
// stack (docs/program.md section 1: parameters, link, declared locals, operands). Types are those of the
// original Wasm; operands have the type that the next word pops, for the others nothing says one.
import type { MachineFrame } from "../machine/machine.ts";
import type { ValueType } from "../machine/opcode-table.ts";
import type { FunctionLayout } from "../program/layout.ts";
import type { Prepared } from "../program/prepare.ts";
import { readSourceModule } from "../program/source-module.ts";
import { WasmReader } from "../program/wasm-reader.ts";
import type { WordOwner } from "../program/word-places.ts";
import type { TracedValue } from "./traced-state.ts";

const I32 = 0x7f;

type ValueTypeName = "i32" | "i64";

const nameOfType = (type: number): ValueTypeName => (type === I32 ? "i32" : "i64");

/** Types of parameters, then of declared locals. */
function localTypes({ wasm, layout }: Prepared, funcidx: number): readonly ValueTypeName[] {
  const { types } = readSourceModule(wasm);
  const imported = layout.imports[funcidx];
  const fn = layout.functions[funcidx - layout.imports.length] as FunctionLayout;
  const params = types[(imported ?? fn).type]?.params ?? [];
  const found = [...params].map(nameOfType);
  if (imported !== undefined) return found;
  const reader = new WasmReader(wasm, fn.bodyOffset);
  reader.u32();
  for (let groups = reader.u32(); groups > 0; groups -= 1) {
    const count = reader.u32();
    const type = nameOfType(reader.byte());
    for (let i = 0; i < count; i += 1) found.push(type);
  }
  return found;
}

export interface FrameValues {
  readonly locals: readonly TracedValue[];
  readonly stack: readonly TracedValue[];
  readonly globals: readonly TracedValue[];
}

/** `pops` are the types that the next word pops, the top one first. */
export function frameValues(
  frame: MachineFrame,
  owner: WordOwner,
  pops: readonly ValueType[],
): FrameValues {
  const { prepared } = frame.program;
  const { fp, sp } = frame;
  const types = owner.kind === "entry" ? [] : localTypes(prepared, owner.funcidx);
  const locals: TracedValue[] = [];
  const bottom = fp + types.length + 1;
  types.forEach((type, i) => {
    const slot = i < owner.params ? fp + i : fp + i + 1;
    // Declared locals are there once the function's first words have zeroed them.
    if (slot < sp) locals.push({ type, value: frame.slot(slot) });
  });
  const stack: TracedValue[] = [];
  for (let slot = sp - 1; slot >= bottom; slot -= 1) {
    const type = pops[stack.length];
    const known = type === "i32" || type === "i64" ? type : null;
    stack.push({ type: known, value: frame.slot(slot) });
  }
  const source = readSourceModule(prepared.wasm);
  const globals = [...frame.globals()].map((value, i) => ({
    type: nameOfType(source.globals[i]?.type ?? I32),
    value,
  }));
  return { locals, stack, globals };
}
