// The state in which a frame of a program starts, from its original module: what lies in memory, globals
// and table. The code record holds the roots of the same regions; a test compares. Reads a module that
// prepare has accepted and judges nothing.
import type { Prepared } from "../program/prepare.ts";
import { readSourceModule, type SourceModule } from "../program/source-module.ts";

export interface InitialRegions {
  /** Pieces of memory in module order: where two overlap, the later one wins. */
  readonly data: readonly { readonly at: number; readonly content: Uint8Array }[];
  /** 8 bytes each, little-endian. */
  readonly globals: Uint8Array;
  /** u32 funcidx ‖ u32 canonical type each, little-endian; null is all ones. */
  readonly table: Uint8Array;
}

const I32_CONST = 0x41;

/** Value of `i32.const n end` or `i64.const n end`, as a slot. */
function constantValue(expression: Uint8Array): bigint {
  let value = 0n;
  let shift = 0n;
  for (let at = 1; ; at++) {
    const byte = expression[at]!;
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte < 0x80) {
      if (byte & 0x40) value -= 1n << shift;
      return BigInt.asUintN(expression[0] === I32_CONST ? 32 : 64, value);
    }
  }
}

/** By type index, the least index of an equal type. */
function canonicalTypes({ types }: SourceModule): number[] {
  const first = new Map<string, number>();
  return types.map(({ params, results }, index) => {
    const text = `${params.join()}>${results.join()}`;
    if (!first.has(text)) first.set(text, index);
    return first.get(text)!;
  });
}

export function initialRegions({ wasm, layout }: Prepared): InitialRegions {
  const source = readSourceModule(wasm);
  const globals = new DataView(new ArrayBuffer(8 * source.globals.length));
  source.globals.forEach(({ init }, i) => {
    globals.setBigUint64(8 * i, constantValue(init), true);
  });
  const table = new DataView(new ArrayBuffer(8 * layout.tableSize));
  for (let i = 0; i < layout.tableSize; i++) table.setBigUint64(8 * i, 2n ** 64n - 1n, true);
  const canonical = canonicalTypes(source);
  const typeOf = [...source.importTypes, ...source.functionTypes];
  for (const { at, functions } of source.elements) {
    const start = Number(constantValue(at));
    functions.forEach((funcidx, i) => {
      table.setUint32(8 * (start + i), funcidx, true);
      table.setUint32(8 * (start + i) + 4, canonical[typeOf[funcidx]!]!, true);
    });
  }
  return {
    data: source.data.map(({ at, content }) => ({ at: Number(constantValue(at)), content })),
    globals: new Uint8Array(globals.buffer),
    table: new Uint8Array(table.buffer),
  };
}
