// Random modules that prepare must accept: every allowed opcode, nested and dead control flow, direct,
// indirect and host calls, recursion, memory, globals, table, data. Built as bytes, not through a
// compiler, so that encodings and unreachable code stay as generated. Equal seeds give equal bytes.
// The generator knows types; that its modules are valid is checked by prepare and by V8 in the tests.
// random-contract.ts makes contracts out of it, by another plan.
import { WasmWriter } from "../../host/program/wasm-writer.ts";
import { Random } from "./random.ts";
import { RandomBody } from "./random-body.ts";

export const I32 = 0x7f;
export const I64 = 0x7e;
export type ValType = typeof I32 | typeof I64;

export interface Signature {
  readonly params: readonly ValType[];
  readonly result: ValType | undefined;
}

export interface RandomGlobal {
  readonly type: ValType;
  readonly mutable: boolean;
}

/** What bodies may refer to. */
export interface RandomShape {
  readonly types: readonly Signature[];
  /** Type index by function index, imports first. */
  readonly functions: readonly number[];
  readonly importCount: number;
  readonly globals: readonly RandomGlobal[];
  readonly pagesInitial: number;
  readonly hasMemory: boolean;
  readonly tableSize: number;
  /** Function indices of host calls that bodies make with arguments that mean something. */
  readonly hostCalls?: ReadonlyMap<string, number>;
}

export interface HostImport {
  readonly name: string;
  readonly params: number;
  readonly result: boolean;
}

/** A function behind those that bodies call. */
export interface TrailingFunction {
  readonly name: string;
  readonly signature: Signature;
  readonly body: (shape: RandomShape, exported: readonly ExportedFunction[]) => Uint8Array;
}

export interface ExportedFunction {
  readonly name: string;
  readonly funcidx: number;
}

/** In what one kind of random module differs from another. */
export interface ModulePlan {
  hosts(random: Random): readonly HostImport[];
  /** Whether bodies make host calls with arguments that mean something. */
  readonly makesHostCalls: boolean;
  hasMain(random: Random): boolean;
  hasMemory(random: Random): boolean;
  /** Behind the getters of globals. */
  trailing(random: Random): readonly TrailingFunction[];
  readonly data: readonly { readonly at: number; readonly bytes: Uint8Array }[];
}

export interface RandomModule {
  readonly wasm: Uint8Array;
  readonly shape: RandomShape;
  /** Names and signatures of exported functions, `f<funcidx>`; getters of globals are `g<index>`. */
  readonly exported: readonly ExportedFunction[];
  readonly hasMain: boolean;
}

const HOST_IMPORTS: readonly HostImport[] = [
  { name: "input", params: 3, result: true },
  { name: "context", params: 1, result: false },
  { name: "keccak256", params: 3, result: false },
  { name: "storage_open", params: 1, result: true },
];

/** A value type, i32 more often. */
export function randomType(random: Random): ValType {
  return random.oneIn(3) ? I64 : I32;
}

function randomSignature(random: Random): Signature {
  const params = Array.from({ length: random.below(5) }, () => randomType(random));
  return { params, result: random.oneIn(3) ? undefined : randomType(random) };
}

function writeConst(out: WasmWriter, type: ValType, value: number): void {
  if (type === I32) out.byte(0x41).s32(value);
  else out.byte(0x42).s64(value);
}

/** Some host calls with any arguments, for a host that answers to anything. */
const modulePlan: ModulePlan = {
  hosts: (random) => HOST_IMPORTS.filter(() => random.oneIn(2)),
  makesHostCalls: false,
  hasMain: (random) => random.oneIn(2),
  hasMemory: (random) => !random.oneIn(5),
  trailing: () => [],
  data: [],
};

/** Builds the module of `seed`. */
export function randomModule(seed: number, plan = modulePlan): RandomModule {
  return new ModuleBuilder(new Random(seed), plan).build();
}

function getterOf(type: ValType, index: number): TrailingFunction {
  const body = new WasmWriter().bytes(0, 0x23).u32(index).byte(0x0b).finish();
  return { name: `g${index}`, signature: { params: [], result: type }, body: () => body };
}

class ModuleBuilder {
  private readonly random: Random;
  private readonly plan: ModulePlan;
  private readonly out = new WasmWriter();
  private readonly hosts: readonly HostImport[];
  private readonly trailing: readonly TrailingFunction[];
  private readonly shape: RandomShape;
  private readonly definedCount: number;
  private readonly hasMain: boolean;

  constructor(random: Random, plan: ModulePlan) {
    this.random = random;
    this.plan = plan;
    this.hosts = plan.hosts(random);
    this.definedCount = 1 + random.below(5);
    this.hasMain = plan.hasMain(random);
    const types: Signature[] = this.hosts.map(({ params, result }) => ({
      params: Array<ValType>(params).fill(I32),
      result: result ? I32 : undefined,
    }));
    const nullary = types.length;
    types.push({ params: [], result: undefined });
    for (let i = random.below(4); i >= 0; i -= 1) types.push(randomSignature(random));
    // Equal types under two indices must match in call_indirect.
    types.push(random.pick(types));
    const globals = Array.from({ length: random.below(4) }, () => ({
      type: randomType(random),
      mutable: !random.oneIn(4),
    }));
    const functions = this.hosts.map((_, i) => i);
    for (let i = 0; i < this.definedCount; i += 1) functions.push(random.below(types.length));
    if (this.hasMain) functions[functions.length - 1] = nullary;
    const getters = globals.map(({ type }, i) => getterOf(type, i));
    this.trailing = [...getters, ...plan.trailing(random)];
    const hasMemory = plan.hasMemory(random);
    const hostCalls = new Map(this.hosts.map(({ name }, funcidx) => [name, funcidx]));
    this.shape = {
      types,
      functions,
      importCount: this.hosts.length,
      globals,
      pagesInitial: hasMemory ? 1 + random.below(2) : 0,
      hasMemory,
      tableSize: random.oneIn(3) ? 0 : 1 + random.below(6),
      ...(plan.makesHostCalls ? { hostCalls } : {}),
    };
  }

  build(): RandomModule {
    const { out, shape } = this;
    out.bytes(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    this.typeSection();
    if (this.hosts.length > 0) this.importSection();
    this.functionSection();
    if (shape.tableSize > 0) {
      const table = new WasmWriter().bytes(1, 0x70, 1).u32(shape.tableSize).u32(shape.tableSize);
      out.section(4, table);
    }
    if (shape.hasMemory) {
      const pagesMax = shape.pagesInitial + this.random.below(3);
      out.section(5, new WasmWriter().bytes(1, 1).u32(shape.pagesInitial).u32(pagesMax));
    }
    if (shape.globals.length > 0) this.globalSection();
    const exported = this.exportSection();
    if (shape.tableSize > 0) this.elementSection();
    this.codeSection(exported);
    if (shape.hasMemory && !this.random.oneIn(3)) this.dataSection(1 + this.random.below(3));
    else if (this.plan.data.length > 0) this.dataSection(0);
    return { wasm: out.finish(), shape, exported, hasMain: this.hasMain };
  }

  /** The types, then one for each trailing function. */
  private typeSection(): void {
    const all = [...this.shape.types, ...this.trailing.map(({ signature }) => signature)];
    const content = new WasmWriter().u32(all.length);
    for (const { params, result } of all) {
      content
        .byte(0x60)
        .u32(params.length)
        .bytes(...params);
      if (result === undefined) content.byte(0);
      else content.bytes(1, result);
    }
    this.out.section(1, content);
  }

  private importSection(): void {
    const content = new WasmWriter().u32(this.hosts.length);
    this.hosts.forEach(({ name }, type) => {
      content.name("env").name(name).byte(0).u32(type);
    });
    this.out.section(2, content);
  }

  private functionSection(): void {
    const { functions, importCount, types } = this.shape;
    const content = new WasmWriter().u32(this.definedCount + this.trailing.length);
    for (const type of functions.slice(importCount)) content.u32(type);
    this.trailing.forEach((_, i) => {
      content.u32(types.length + i);
    });
    this.out.section(3, content);
  }

  private globalSection(): void {
    const content = new WasmWriter().u32(this.shape.globals.length);
    for (const { type, mutable } of this.shape.globals) {
      content.bytes(type, mutable ? 1 : 0);
      writeConst(content, type, this.random.next() | 0);
      content.byte(0x0b);
    }
    this.out.section(6, content);
  }

  private exportSection(): ExportedFunction[] {
    const { functions, importCount } = this.shape;
    const exported: ExportedFunction[] = [];
    for (let funcidx = importCount; funcidx < functions.length; funcidx += 1) {
      if (exported.length === 0 || !this.random.oneIn(3)) {
        exported.push({ name: `f${funcidx}`, funcidx });
      }
    }
    const trailing = this.trailing.map(({ name }, i) => ({ name, funcidx: functions.length + i }));
    const all = [...exported, ...trailing];
    if (this.hasMain) all.push({ name: "main", funcidx: functions.length - 1 });
    const content = new WasmWriter().u32(all.length);
    for (const { name, funcidx } of all) content.name(name).byte(0).u32(funcidx);
    this.out.section(7, content);
    return exported;
  }

  /** One or two active segments; places between them stay null. */
  private elementSection(): void {
    const { tableSize, functions } = this.shape;
    const content = new WasmWriter().u32(2);
    for (let i = 0; i < 2; i += 1) {
      const at = this.random.below(tableSize + 1);
      const count = this.random.below(tableSize - at + 1);
      content.bytes(0, 0x41).s32(at).byte(0x0b).u32(count);
      for (let k = 0; k < count; k += 1) content.u32(this.random.below(functions.length));
    }
    this.out.section(9, content);
  }

  private codeSection(exported: readonly ExportedFunction[]): void {
    const { functions, importCount } = this.shape;
    const content = new WasmWriter().u32(this.definedCount + this.trailing.length);
    for (let funcidx = importCount; funcidx < functions.length; funcidx += 1) {
      content.sized(new RandomBody(this.random, this.shape, funcidx).build());
    }
    for (const { body } of this.trailing) content.sized(body(this.shape, exported));
    this.out.section(10, content);
  }

  /** Some random segments, then those of the plan. */
  private dataSection(count: number): void {
    const content = new WasmWriter().u32(count + this.plan.data.length);
    for (let i = 0; i < count; i += 1) {
      const bytes = Uint8Array.from({ length: this.random.below(40) }, () => this.random.next());
      content.bytes(0, 0x41).s32(this.random.below(65_000)).byte(0x0b).sized(bytes);
    }
    for (const { at, bytes } of this.plan.data) {
      content.bytes(0, 0x41).s32(at).byte(0x0b).sized(bytes);
    }
    this.out.section(11, content);
  }
}
