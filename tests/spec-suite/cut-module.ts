// Rewrites a module of the core suite into one that the profile allows. Nothing is renumbered: imports become
// definitions at the same index (functions come before functions, globals before globals), a function that the
// profile refuses keeps its place with the body `unreachable`, a type that it refuses becomes one that no other
// type equals, and bodies that stay are copied byte by byte (but see lower-blocks.ts). Exports are those asked for and, for the
// comparison of state, a getter `global:<i>` for each global.
import { ModuleRefusal, type Prepared, prepareModule } from "../../host/program/prepare.ts";
import { refusalKinds } from "../../host/program/refusals.ts";
import { WasmReader } from "../../host/program/wasm-reader.ts";
import { WasmWriter } from "../../host/program/wasm-writer.ts";
import {
  defaultTestRules,
  limitsWith,
  testLimit,
  testPrepareRules,
} from "../support/prepare-rules.ts";
import { bodyReason, type CutReason, typeReason, useOf, valueTypeReason } from "./body-scan.ts";
import { lowerBlocks } from "./lower-blocks.ts";
import {
  isNullReference,
  type SuiteImport,
  type SuiteLimits,
  type SuiteModule,
  type SuiteTable,
  type SuiteType,
} from "./read-module.ts";

/** What an import becomes: the body of a function, the initial value of a global, or why it is cut. */
export interface Links {
  function(
    module: string,
    name: string,
  ): { readonly body: Uint8Array } | { readonly cut: CutReason };
  global(module: string, name: string): { readonly init: Uint8Array } | { readonly cut: CutReason };
  /** The size of a memory or table; spectest's are nobody's else, so each module may have its own. */
  region(item: SuiteImport & { readonly kind: 1 | 2 }): SuiteLimits | { readonly cut: CutReason };
}

/** A module that is cut as a whole; `code` is prepare's where it was prepare that refused. */
export class ModuleCut extends Error {
  readonly reason: CutReason;
  readonly code: string | undefined;

  constructor(reason: CutReason, code?: string) {
    super(`the module is cut: ${code ?? reason}`);
    this.reason = reason;
    this.code = code;
  }
}

const PAGES_MAX = 1_024;
const EXPORTS_MAX = 64;
const FUNCREF = 0x70;
const UNREACHABLE_BODY = Uint8Array.of(0x00, 0x00, 0x0b);
const GLOBAL_GET = 0x23;
const ZERO_I64 = Uint8Array.of(0x42, 0x00, 0x0b);
const I64 = 0x7e;
const I32 = 0x7f;

/** The rules under which the suite runs: the largest memory that the machine has, else the defaults. */
export const suiteRules = testPrepareRules({
  limits: limitsWith(testLimit.pages, PAGES_MAX),
  entry: defaultTestRules.entry,
});

export const startExport = "start:";
export const globalExport = (index: number): string => `global:${index}`;
/** Name under which a function is exported: contracts may not have a `main` with values. */
export const functionExport = (name: string): string =>
  name === "main" || name === "_start" || name.startsWith("plasma:") ? `export:${name}` : name;

/** What of a module stays, before it is known which exports are wanted. */
export class CutModule {
  readonly source: SuiteModule;
  /** Type index by function index. */
  readonly functionTypes: readonly number[];
  /** By function index, why its body is gone. */
  readonly functionReasons: (CutReason | undefined)[];
  readonly globalReasons: readonly (CutReason | undefined)[];
  readonly #typeReasons: readonly (CutReason | undefined)[];
  readonly #bodies: readonly Uint8Array[];
  readonly #tables: SuiteTable[] = [];
  readonly #memories: SuiteLimits[] = [];
  readonly #globals: readonly { type: number; mutable: boolean; init: Uint8Array }[];

  /** @throws ModuleCut */
  constructor(source: SuiteModule, links: Links) {
    this.source = source;
    this.#typeReasons = source.types.map(typeReason);
    const imports = source.imports;
    for (const item of imports) {
      if (item.kind !== 1 && item.kind !== 2) continue;
      const link = links.region(item);
      if ("cut" in link) throw new ModuleCut(link.cut);
      if (item.kind === 1) this.#tables.push({ type: item.table.type, ...link });
      else this.#memories.push(link);
    }
    this.#tables.push(...source.tables);
    this.#memories.push(...source.memories);
    const imported = imports.filter((item) => item.kind === 0);
    this.functionTypes = [...imported.map(({ type }) => type), ...source.functions];
    const linked = imported.map(({ module, name }) => links.function(module, name));
    this.#bodies = [
      ...linked.map((link) => ("body" in link ? link.body : UNREACHABLE_BODY)),
      ...source.bodies,
    ];
    const globals = globalsOf(source, links);
    this.#globals = globals.map(({ type, mutable, init }) => ({ type, mutable, init }));
    this.globalReasons = globals.map(({ reason }) => reason);
    const context = {
      types: source.types,
      typeReasons: this.#typeReasons,
      functionTypes: this.functionTypes,
      globalReasons: this.globalReasons,
    };
    this.functionReasons = this.functionTypes.map((type, index) => {
      const link = linked[index];
      if (link !== undefined && "cut" in link) return link.cut;
      return this.#typeReasons[type] ?? bodyReason(this.#bodies[index]!, context);
    });
  }

  /** The code of a function, cut or not. */
  bodyOf(index: number): Uint8Array {
    return this.#bodies[index]!;
  }

  isMutable(index: number): boolean {
    return this.#globals[index]!.mutable;
  }

  /** The constant that a global starts with. */
  initOf(index: number): Uint8Array {
    return this.#globals[index]!.init;
  }

  /** Whether a call of this function may leave another state, cut or not. */
  mayWrite(index: number): boolean {
    const found = new Set([index]);
    for (const funcidx of found) {
      const { writes, calls, callsIndirectly } = useOf(this.#bodies[funcidx]!);
      if (writes || callsIndirectly) return true;
      for (const callee of calls) found.add(callee);
    }
    return false;
  }

  /** Exported functions that stay, in parts of as many as a contract may export. */
  exportParts(): string[][] {
    const names = this.source.exports
      .filter(({ kind, index }) => kind === 0 && this.functionReasons[index] === undefined)
      .map(({ name }) => name);
    const size = EXPORTS_MAX - this.#globals.length - (this.source.start === undefined ? 0 : 1);
    const parts: string[][] = [];
    for (let at = 0; at < names.length; at += size) parts.push(names.slice(at, at + size));
    return parts.length === 0 ? [[]] : parts;
  }

  /**
   * The prepared module with these exports. Functions beyond a limit of the profile are cut as prepare
   * names them. @throws ModuleCut where prepare refuses the module for a reason of the profile
   */
  prepare(exports: readonly string[]): Prepared {
    for (;;) {
      try {
        return prepareModule(this.write(exports), suiteRules, { entryRequired: false });
      } catch (thrown) {
        if (!(thrown instanceof ModuleRefusal)) throw thrown;
        const index = thrown.where?.function;
        if (refusalKinds.get(thrown.refusal)?.profile !== true) throw thrown;
        if (index === undefined) throw new ModuleCut("limits of the profile", thrown.code);
        if (!thrown.code.startsWith("WASM_LIMIT_") || this.functionReasons[index] !== undefined) {
          throw thrown;
        }
        this.functionReasons[index] = "limits of the profile";
      }
    }
  }

  /** The bytes of the module with these functions exported. */
  write(exports: readonly string[]): Uint8Array {
    const { source } = this;
    const out = new WasmWriter().bytes(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
    const section = (id: number, items: readonly ((content: WasmWriter) => void)[]): void => {
      if (items.length === 0) return;
      const content = new WasmWriter().u32(items.length);
      for (const item of items) item(content);
      out.section(id, content);
    };
    const getterTypes = [I32, I64].map((type) => ({ params: [], results: [type] }));
    const firstGetter = this.functionTypes.length;
    section(1, [
      ...source.types.map((type, i) => this.#typeItem(type, i)),
      ...getterTypes.map(({ params, results }) => typeItem(params, results)),
    ]);
    section(3, [
      ...this.functionTypes.map((type) => (content: WasmWriter) => void content.u32(type)),
      ...this.#globals.map(({ type }) => (content: WasmWriter) => {
        content.u32(source.types.length + (type === I32 ? 0 : 1));
      }),
    ]);
    section(
      4,
      this.#table.map(
        ({ min }) =>
          (content) =>
            void content.bytes(FUNCREF, 0).u32(min),
      ),
    );
    section(
      5,
      this.#memories.map(({ min, max }) => (content) => {
        content.byte(max === undefined ? 0 : 1).u32(min);
        if (max !== undefined) content.u32(Math.max(min, Math.min(max, PAGES_MAX)));
      }),
    );
    section(
      6,
      this.#globals.map(({ type, mutable, init }) => (content) => {
        content.bytes(type, mutable ? 1 : 0).raw(init);
      }),
    );
    section(7, this.#exports(exports, firstGetter));
    section(9, this.#elements());
    section(10, [
      ...this.#bodies.map((body, i) => (content: WasmWriter) => {
        content.sized(
          this.functionReasons[i] === undefined ? this.#lowered(body, i) : UNREACHABLE_BODY,
        );
      }),
      ...this.#globals.map((_, i) => (content: WasmWriter) => {
        content.sized(new WasmWriter().byte(0).byte(GLOBAL_GET).u32(i).byte(0x0b).finish());
      }),
    ]);
    section(
      11,
      source.data.flatMap(({ at, content: bytes }) => {
        if (at === undefined) return [];
        const offset = this.#constant(at);
        return [(content: WasmWriter) => void content.byte(0).raw(offset).sized(bytes)];
      }),
    );
    return out.finish();
  }

  #lowered(body: Uint8Array, index: number): Uint8Array {
    const { types } = this.source;
    return lowerBlocks(body, types[this.functionTypes[index]!]!.params.length, types);
  }

  #typeItem({ params, results }: SuiteType, index: number) {
    if (this.#typeReasons[index] === undefined) return typeItem([...params], [...results]);
    // A type of its own, so that an indirect call of another type still traps.
    return typeItem(
      Array.from({ length: 24 }, (_, bit) => (((index >> bit) & 1) === 1 ? I32 : I64)),
      [],
    );
  }

  /** The one table that a contract may have. */
  get #table(): readonly SuiteTable[] {
    return this.#tables.slice(0, 1).filter(({ type }) => type === FUNCREF);
  }

  #exports(names: readonly string[], firstGetter: number) {
    const { source } = this;
    const item = (name: string, index: number) => (content: WasmWriter) => {
      content.sized(new TextEncoder().encode(name)).byte(0).u32(index);
    };
    return [
      ...source.exports
        .filter(({ name, kind }) => kind === 0 && names.includes(name))
        .map(({ name, index }) => item(functionExport(name), index)),
      ...this.#globals.map((_, i) => item(globalExport(i), firstGetter + i)),
      ...(source.start === undefined ? [] : [item(startExport, source.start)]),
    ];
  }

  #elements() {
    if (this.#table.length === 0) return [];
    return this.source.elements.flatMap(({ mode, table, at, functions }) => {
      if (mode !== "active" || table !== 0) return [];
      if (functions.includes(undefined)) throw new ModuleCut("reference types");
      const offset = this.#constant(at);
      return [
        (content: WasmWriter) => {
          content.byte(0).raw(offset).u32(functions.length);
          for (const index of functions) content.u32(index!);
        },
      ];
    });
  }

  /** `expression` with the value of the global that it may name. @throws ModuleCut */
  #constant(expression: Uint8Array): Uint8Array {
    if (expression[0] !== GLOBAL_GET) return expression;
    const index = new WasmReader(expression, 1).u32();
    const reason = this.globalReasons[index];
    if (reason !== undefined) throw new ModuleCut(reason);
    return this.#globals[index]!.init;
  }
}

const typeItem =
  (params: readonly number[], results: readonly number[]) =>
  (content: WasmWriter): void => {
    content
      .byte(0x60)
      .u32(params.length)
      .bytes(...params);
    content.u32(results.length).bytes(...results);
  };

interface CutGlobal {
  readonly type: number;
  readonly mutable: boolean;
  readonly init: Uint8Array;
  readonly reason: CutReason | undefined;
}

const cutGlobal = (reason: CutReason): CutGlobal => ({
  type: I64,
  mutable: false,
  init: ZERO_I64,
  reason,
});

/** Imported globals, then defined ones; a cut one stays as an i64 that nothing reads. */
function globalsOf(source: SuiteModule, links: Links): CutGlobal[] {
  const globals: CutGlobal[] = [];
  for (const item of source.imports) {
    if (item.kind === 3) globals.push(importedGlobal(item, links));
  }
  for (const { type, mutable, init } of source.globals) {
    const reason = valueTypeReason(type);
    const origin = init[0] === GLOBAL_GET ? globals[new WasmReader(init, 1).u32()] : undefined;
    if (reason !== undefined || isNullReference(init)) {
      globals.push(cutGlobal(reason ?? "reference types"));
    } else if (origin?.reason !== undefined) {
      globals.push(cutGlobal(origin.reason));
    } else {
      globals.push({ type, mutable, init: origin?.init ?? init, reason: undefined });
    }
  }
  return globals;
}

function importedGlobal(item: SuiteImport & { readonly kind: 3 }, links: Links): CutGlobal {
  const { type, mutable } = item.global;
  const reason = valueTypeReason(type);
  if (reason !== undefined) return cutGlobal(reason);
  const link = links.global(item.module, item.name);
  return "cut" in link
    ? cutGlobal(link.cut)
    : { type, mutable, init: link.init, reason: undefined };
}
