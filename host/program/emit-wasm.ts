// The V8 back end: from the original Wasm and what prepare left about it to the metered module that
// the sandbox instantiates (docs/program.md section 6), with a table of byte offsets back to the
// original. Bodies are rewritten by body-rewriter.ts; functions that are only ours are written by
// plasma-functions.ts. Equal input gives equal bytes on every machine; it must never decide what
// something costs or whether a module is allowed.
import { assert } from "../errors.ts";
import { type BodySource, type InlineBodies, rewriteBody } from "./body-rewriter.ts";
import { depthTakers, type FunctionScan, isInlined, scanFunction } from "./function-scan.ts";
import { addedParams, type ModuleIndices, remapFunction } from "./gas-code.ts";
import type { FunctionLayout, ProgramLayout } from "./layout.ts";
import { type OffsetTable, OffsetTableBuilder } from "./offset-table.ts";
import { enterBody, exportBody, growBody, resetBody, wrapperBody } from "./plasma-functions.ts";
import { type FunctionType, readSourceModule, type SourceModule } from "./source-module.ts";
import { readEntryStub, readImportStub } from "./stub-words.ts";
import { Opcode, Section, WasmReader } from "./wasm-reader.ts";
import { EMPTY_BLOCK, ValueType, WasmWriter } from "./wasm-writer.ts";

/** What emitWasm reads of a prepared module. */
export interface EmitInput {
  /** The original module, accepted by prepare. */
  readonly wasm: Uint8Array;
  /** The machine words of the same program, 16 bytes each. */
  readonly words: Uint8Array;
  readonly layout: ProgramLayout;
}

export interface EmittedModule {
  readonly bytes: Uint8Array;
  readonly offsets: OffsetTable;
}

/** First characters of the names that the emitted module exports beside the contract's own. */
export const PLASMA_PREFIX = "plasma:";

const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const FUNCTION_FORM = 0x60;
const ExportKind = { function: 0, memory: 2, global: 3 } as const;

/** Emits the metered module of a prepared program. */
export function emitWasm(prepared: EmitInput): EmittedModule {
  return new ModuleEmitter(prepared).emit();
}

/** A function that only the emitted module has. */
interface OwnFunction {
  readonly type: number;
  readonly body: Uint8Array;
}

class ModuleEmitter {
  private readonly wasm: Uint8Array;
  private readonly words: Uint8Array;
  private readonly layout: ProgramLayout;
  private readonly source: SourceModule;
  private readonly out = new WasmWriter();
  private readonly scans: readonly FunctionScan[];
  private readonly indices: ModuleIndices;
  /** Functions behind the source's, in order. */
  private readonly own: OwnFunction[] = [];
  private readonly ownExports: { name: string; kind: number; index: number }[] = [];
  /** The source's function -> what the host calls in its place. */
  private readonly exported = new Map<number, number>();

  constructor(prepared: EmitInput) {
    const { layout } = prepared;
    this.wasm = prepared.wasm;
    this.words = prepared.words;
    this.layout = layout;
    this.source = readSourceModule(prepared.wasm);
    const importCount = layout.imports.length;
    const firstWrapper = importCount + layout.functions.length;
    const globalCount = this.source.globals.length;
    const typeCount = this.source.types.length;
    this.scans = layout.functions.map((fn) => scanFunction(prepared.wasm, fn));
    const tableFunctions = this.source.elements.flatMap(({ functions }) => functions);
    this.indices = {
      importCount,
      meteredTypes: typeCount,
      shallowTypes: typeCount * 2,
      takesDepth: depthTakers(layout, this.scans, tableFunctions),
      firstWrapper,
      growFunction: firstWrapper + importCount,
      gasGlobal: globalCount,
      depthGlobal: globalCount + 1,
      trapGlobal: globalCount + 2,
    };
  }

  emit(): EmittedModule {
    const { source, out } = this;
    this.ownFunctions();
    out.bytes(...MAGIC_AND_VERSION);
    this.typeSection();
    if (source.importSection) out.byte(Section.import).sized(source.importSection);
    this.functionSection();
    if (source.tableSection) out.byte(Section.table).sized(source.tableSection);
    if (source.hasMemory) this.memorySection();
    this.globalSection();
    this.exportSection();
    if (source.elements.length > 0) this.elementSection();
    const segments = source.data.length;
    if (segments > 0) out.section(Section.dataCount, new WasmWriter().u32(segments));
    const offsets = this.codeSection();
    if (segments > 0) this.dataSection();
    return { bytes: out.finish(), offsets };
  }

  /** Wrappers, growth (with a memory), reset, enter (with a `main`), one per exported function. */
  private ownFunctions(): void {
    const { indices, layout, source, own } = this;
    const nullary = indices.meteredTypes * 3;
    source.importTypes.forEach((_type, funcidx) => {
      const params = this.typeOf(funcidx).params.length;
      const body = wrapperBody(readImportStub(this.words, funcidx), funcidx, params, indices);
      own.push({ type: this.meteredTypeOf(funcidx), body });
    });
    if (source.hasMemory) {
      own.push({ type: nullary + 1, body: growBody(layout.pagesMax, indices) });
      this.ownExports.push({ name: "memory", kind: ExportKind.memory, index: 0 });
    }
    this.exportOwn("reset", nullary, resetBody(source.globals, source.data, source.hasMemory));
    if (layout.mainFunction !== undefined) {
      this.exportOwn("enter", nullary, enterBody(readEntryStub(this.words, layout), indices));
    }
    for (const { kind, index } of source.exports) {
      if (kind !== ExportKind.function || this.exported.has(index)) continue;
      this.exported.set(index, indices.firstWrapper + own.length);
      const params = this.typeOf(index).params.length;
      const body = exportBody(index, params, indices);
      own.push({ type: this.typeIndexOf(index), body });
    }
    for (const [name, index] of [
      ["gas", indices.gasGlobal],
      ["depth", indices.depthGlobal],
      ["trap", indices.trapGlobal],
    ] as const) {
      this.ownExports.push({ name, kind: ExportKind.global, index });
    }
  }

  private exportOwn(name: string, type: number, body: Uint8Array): void {
    const index = this.indices.firstWrapper + this.own.length;
    this.own.push({ type, body });
    this.ownExports.push({ name, kind: ExportKind.function, index });
  }

  private typeIndexOf(funcidx: number): number {
    const { importTypes, functionTypes } = this.source;
    const type = importTypes[funcidx] ?? functionTypes[funcidx - importTypes.length];
    assert(type !== undefined, "a function index is out of range in a validated module");
    return type;
  }

  private meteredTypeOf(funcidx: number): number {
    const { takesDepth, meteredTypes, shallowTypes } = this.indices;
    const first = takesDepth[funcidx] === 1 ? meteredTypes : shallowTypes;
    return first + this.typeIndexOf(funcidx);
  }

  private typeOf(funcidx: number): FunctionType {
    const type = this.source.types[this.typeIndexOf(funcidx)];
    assert(type !== undefined, "a type index is out of range in a validated module");
    return type;
  }

  /** The source's types, their metered forms with and without depth, `[] -> []`, `[i32] -> [i32]`. */
  private typeSection(): void {
    const { types } = this.source;
    const content = new WasmWriter().u32(types.length * 3 + 2);
    for (const { params, results } of types) {
      content.byte(FUNCTION_FORM).sized(params).sized(results);
    }
    for (const added of [[ValueType.i64, ValueType.i32], [ValueType.i64]]) {
      for (const { params, results } of types) {
        content.byte(FUNCTION_FORM);
        content
          .u32(params.length + added.length)
          .raw(params)
          .bytes(...added);
        content
          .u32(results.length + 1)
          .raw(results)
          .byte(ValueType.i64);
      }
    }
    content.bytes(FUNCTION_FORM, 0, 0);
    content.bytes(FUNCTION_FORM, 1, ValueType.i32, 1, ValueType.i32);
    this.out.section(Section.type, content);
  }

  private functionSection(): void {
    const { functionTypes, importTypes } = this.source;
    const content = new WasmWriter().u32(functionTypes.length + this.own.length);
    functionTypes.forEach((_type, index) => {
      content.u32(this.meteredTypeOf(importTypes.length + index));
    });
    for (const { type } of this.own) content.u32(type);
    this.out.section(Section.function, content);
  }

  private memorySection(): void {
    const { pagesInitial, pagesMax } = this.layout;
    const content = new WasmWriter().u32(1).byte(1).u32(pagesInitial).u32(pagesMax);
    this.out.section(Section.memory, content);
  }

  private globalSection(): void {
    const { globals } = this.source;
    const content = new WasmWriter().u32(globals.length + 3);
    for (const { type, mutable, init } of globals) content.bytes(type, mutable ? 1 : 0).raw(init);
    content.bytes(ValueType.i64, 1, Opcode.i64_const, 0, Opcode.end);
    content.bytes(ValueType.i32, 1, Opcode.i32_const, 0, Opcode.end);
    content.bytes(ValueType.i32, 1, Opcode.i32_const, 0, Opcode.end);
    this.out.section(Section.global, content);
  }

  /** Functions and memory under their own names; ours under names that prepare refuses in contracts. */
  private exportSection(): void {
    const kept = this.source.exports.filter(
      ({ kind }) => kind === ExportKind.function || kind === ExportKind.memory,
    );
    const content = new WasmWriter().u32(kept.length + this.ownExports.length);
    for (const { name, kind, index } of kept) {
      const target = kind === ExportKind.function ? this.exported.get(index) : index;
      content
        .sized(name)
        .byte(kind)
        .u32(target ?? 0);
    }
    for (const { name, kind, index } of this.ownExports) {
      content
        .name(PLASMA_PREFIX + name)
        .byte(kind)
        .u32(index);
    }
    this.out.section(Section.export, content);
  }

  private elementSection(): void {
    const { elements } = this.source;
    const content = new WasmWriter().u32(elements.length);
    for (const { at, functions } of elements) {
      content.byte(0).raw(at).u32(functions.length);
      for (const funcidx of functions) content.u32(remapFunction(this.indices, funcidx));
    }
    this.out.section(Section.element, content);
  }

  private codeSection(): OffsetTable {
    const { layout, own } = this;
    const content = new WasmWriter().u32(layout.functions.length + own.length);
    const offsets = new OffsetTableBuilder();
    const inlineBodies = this.inlineBodies();
    layout.functions.forEach((fn, index) => {
      const source = this.bodySource(fn, index);
      const callsInlined = this.scans[index]?.calls.some((callee) => inlineBodies[callee]);
      const body = rewriteBody(source, callsInlined ?? false, inlineBodies, this.indices);
      content.u32(body.locals.length + body.code.length).raw(body.locals);
      offsets.append(body.offsets, content.length);
      content.raw(body.code);
    });
    const end = content.length;
    for (const { body } of own) content.sized(body);
    this.out.byte(Section.code).u32(content.length);
    const base = this.out.length;
    this.out.raw(content.view());
    return offsets.build(base, base + end);
  }

  private inlineBodies(): InlineBodies {
    const { imports, functions } = this.layout;
    const bodies: (BodySource | undefined)[] = imports.map(() => undefined);
    functions.forEach((fn, index) => {
      const scan = this.scans[index];
      bodies.push(scan && isInlined(fn, scan) ? this.bodySource(fn, index) : undefined);
    });
    return bodies;
  }

  /** What the rewriter reads of defined function number `index`. */
  private bodySource(fn: FunctionLayout, index: number): BodySource {
    const funcidx = this.layout.imports.length + index;
    const { params, results } = this.typeOf(funcidx);
    const scan = this.scans[index];
    assert(scan !== undefined, "every defined function was scanned");
    return {
      wasm: this.wasm,
      fn,
      points: this.pointsOf(index),
      result: results[0] ?? EMPTY_BLOCK,
      localTypes: localTypes(this.wasm, fn, params),
      addedParams: addedParams(this.indices, funcidx),
      leavesByLabel: scan.leavesByLabel,
      loopConditions: scan.loopConditions,
    };
  }

  private pointsOf(index: number): Uint32Array {
    const { functions, points } = this.layout;
    const first = functions[index]?.firstPoint ?? 0;
    const next = functions[index + 1]?.firstPoint ?? points.length / 3;
    return points.subarray(first * 3, next * 3);
  }

  /** Passive segments: plasma:reset copies them. */
  private dataSection(): void {
    const { data } = this.source;
    const content = new WasmWriter().u32(data.length);
    for (const segment of data) content.byte(1).sized(segment.content);
    this.out.section(Section.data, content);
  }
}

/** Value types of parameters and declared locals. */
function localTypes(wasm: Uint8Array, fn: FunctionLayout, params: Uint8Array): Uint8Array {
  const types = new Uint8Array(fn.params + fn.locals);
  types.set(params);
  const reader = new WasmReader(wasm, fn.bodyOffset);
  reader.u32();
  let next = fn.params;
  for (let vectors = reader.u32(); vectors > 0; vectors -= 1) {
    const count = reader.u32();
    types.fill(reader.byte(), next, next + count);
    next += count;
  }
  return types;
}
