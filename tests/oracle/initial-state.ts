// The state in which a call starts, from the original module alone: memory with its data segments,
// globals, table with canonical types. Read here from the Wasm, since a code record has only roots.
import { PAGE_BYTES } from "../../host/limits.ts";
import type { Prepared } from "../../host/program/prepare.ts";
import { readSourceModule, type SourceModule } from "../../host/program/source-module.ts";
import type { TableEntry } from "./run-words.ts";

export interface InitialState {
  readonly memory: Uint8Array;
  readonly globals: readonly bigint[];
  readonly table: readonly TableEntry[];
}

/** Value of `i32.const n end` or `i64.const n end`, as a slot. */
function constantValue(expression: Uint8Array): bigint {
  let value = 0n;
  let shift = 0n;
  let at = 1;
  for (; ; at += 1) {
    const byte = expression[at] ?? 0;
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte < 0x80) {
      if ((byte & 0x40) !== 0) value -= 1n << shift;
      break;
    }
  }
  return BigInt.asUintN(expression[0] === 0x41 ? 32 : 64, value);
}

/** Least index of a type that equals type `index`. */
export function canonicalType(source: SourceModule, index: number): number {
  const text = (i: number) => {
    const type = source.types[i];
    return `${type?.params.join()}>${type?.results.join()}`;
  };
  return source.types.findIndex((_, i) => text(i) === text(index));
}

/** Memory, globals and table as a fresh call finds them. */
export function initialState(prepared: Prepared): InitialState {
  const source = readSourceModule(prepared.wasm);
  const memory = new Uint8Array(prepared.layout.pagesInitial * PAGE_BYTES);
  for (const { at, content } of source.data) memory.set(content, Number(constantValue(at)));
  const table: TableEntry[] = Array(prepared.layout.tableSize).fill(undefined);
  const typeOf = [...source.importTypes, ...source.functionTypes];
  for (const { at, functions } of source.elements) {
    functions.forEach((funcidx, i) => {
      const type = canonicalType(source, typeOf[funcidx] ?? 0);
      table[Number(constantValue(at)) + i] = { funcidx, type };
    });
  }
  return { memory, globals: source.globals.map(({ init }) => constantValue(init)), table };
}
