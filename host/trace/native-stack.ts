// The functions that were running when a frame stopped, from the links on the machine's stack, innermost
// first. Each link holds the pc behind its call and the caller's frame (docs/program.md section 1).

import type { MachineFrame } from "../machine/machine.ts";
import type { FunctionLayout } from "../program/layout.ts";
import { functionName, importNames } from "../program/names.ts";
import type { Prepared } from "../program/prepare.ts";
import { WasmReader } from "../program/wasm-reader.ts";
import type { ContractNames, ModuleNames } from "./contract-names.ts";
import { isLibrary, type SourcePlace } from "./source-lines.ts";
import { STACK_LISTED, type StackFrame } from "./trace.ts";

export interface NativeStack {
  readonly stack: readonly StackFrame[];
  readonly stackOmitted: number;
}

/** What a function is called, by names or source; undefined where nothing tells it. */
export function nameOfFunction(
  { wasm, layout }: Prepared,
  module: ModuleNames,
  funcidx: number,
): string | undefined {
  if (funcidx < layout.imports.length) return importName(wasm, funcidx);
  const known = funcidx === layout.mainFunction ? "main" : functionName(wasm, funcidx);
  const fn = layout.functions[funcidx - layout.imports.length];
  if (known !== undefined || fn === undefined) return known;
  return functionAround(wasm, fn, module);
}

/** Of a frame that did not fail. */
export const NO_STACK: NativeStack = { stack: [], stackOmitted: 0 };

/** @param method the contract's method that the frame runs, where it is known */
export function nativeStack(
  guest: MachineFrame,
  names: ContractNames,
  method: string | null = null,
): NativeStack {
  const { prepared } = guest.program;
  const places = names.places(prepared);
  const module = names.module(prepared.wasm, prepared.codeRecord.wasmHash);
  const pcs: number[] = [];
  let { pc, fp } = guest;
  for (;;) {
    pcs.push(pc);
    const link = guest.slot(fp + places.owner(pc).params);
    const returnPc = Number(link & 0xffff_ffffn);
    if (returnPc === 0) break;
    pc = returnPc - 1;
    fp = Number(link >> 32n);
  }
  const omitted = Math.max(0, pcs.length - STACK_LISTED);
  const half = STACK_LISTED / 2;
  const listed = omitted === 0 ? pcs : [...pcs.slice(0, half), ...pcs.slice(-half)];
  const frames = listed.map((at): StackFrame => {
    const owner = places.owner(at);
    const byteOffset = places.byteOffset(at) ?? null;
    if (owner.kind === "entry") return { function: null, name: "entry", byteOffset, ...NO_SOURCE };
    const { funcidx } = owner;
    if (funcidx < prepared.layout.imports.length) {
      return {
        function: funcidx,
        name: importName(prepared.wasm, funcidx),
        byteOffset,
        ...NO_SOURCE,
      };
    }
    return { ...placed(prepared, module, funcidx, byteOffset, method), byteOffset };
  });
  return { stack: frames, stackOmitted: omitted };
}

function importName(wasm: Uint8Array, funcidx: number): string {
  return `host call ${importNames(wasm)[funcidx]?.replace(/^env\./, "") ?? funcidx}`;
}

const NO_SOURCE = { source: null, inlinedIn: null, near: null };

function placed(
  { wasm, layout }: Prepared,
  module: ModuleNames,
  funcidx: number,
  byteOffset: number | null,
  method: string | null,
): Omit<StackFrame, "byteOffset"> {
  const isMain = funcidx === layout.mainFunction;
  const known = isMain ? "main" : functionName(wasm, funcidx);
  if (module.lines === undefined || byteOffset === null)
    return { function: funcidx, name: known ?? null, ...NO_SOURCE };
  const fn = layout.functions[funcidx - layout.imports.length] as FunctionLayout;
  const around = known ?? functionAround(wasm, fn, module);
  const place = module.lines.place(byteOffset);
  const isGenerated = place?.generatedFor !== undefined && !isLibrary(place.source);
  const name =
    (isGenerated ? undefined : place?.functionName) ?? around ?? place?.generatedFor ?? null;
  const source = place === undefined || isGenerated ? null : place.source;
  const isOwn = source !== null && !isLibrary(source);
  return {
    function: funcidx,
    name,
    source,
    inlinedIn: around === undefined || around === name ? null : around,
    near: isOwn
      ? null
      : (placeBefore(wasm, fn, byteOffset, module) ??
        (isMain ? declarationOf(method, module) : null)),
  };
}

/** Nothing of the method may be left before its failure: constants were folded, or its arguments failed. */
function declarationOf(method: string | null, { abi, lines }: ModuleNames): string | null {
  if (method === null || abi === undefined) return null;
  return lines?.methodPlace(abi.contract, method) ?? null;
}

const isWritten = (place: SourcePlace): boolean =>
  place.generatedFor === undefined && !isLibrary(place.source);

/** The places of a function's instructions, in order, up to a byte offset. */
function* placesUpTo(
  wasm: Uint8Array,
  fn: FunctionLayout,
  end: number,
  { lines }: ModuleNames,
): Generator<SourcePlace> {
  const reader = new WasmReader(wasm, fn.firstInstruction);
  while (reader.offset < end) {
    const place = lines?.place(reader.offset);
    if (place !== undefined) yield place;
    reader.skipImmediates(reader.byte());
  }
}

/** The name of a function without one: that of the first code in it which is the project's. */
function functionAround(
  wasm: Uint8Array,
  fn: FunctionLayout,
  module: ModuleNames,
): string | undefined {
  for (const place of placesUpTo(wasm, fn, fn.end, module))
    if (isWritten(place) && place.functionName !== undefined) return place.functionName;
  return undefined;
}

/**
 * The last place of the project before a byte of a function. Methods stand in the dispatcher one after the other,
 * each behind generated code at the contract's name, so what comes before that is another method's.
 */
function placeBefore(
  wasm: Uint8Array,
  fn: FunctionLayout,
  byteOffset: number,
  module: ModuleNames,
): string | null {
  let near: string | null = null;
  for (const place of placesUpTo(wasm, fn, byteOffset, module)) {
    if (isWritten(place)) near = place.source;
    else if (place.generatedFor === module.abi?.contract) near = null;
  }
  return near;
}
