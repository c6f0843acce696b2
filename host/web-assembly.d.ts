// The part of the WebAssembly JavaScript interface that the engine uses. Node's types leave it out and
// the DOM library would bring thousands of names that pure rooms must not use.

declare namespace WebAssembly {
  type Callable = (...args: never[]) => unknown;
  interface ValueTypeMap {
    i32: number;
    i64: bigint;
    funcref: Callable | null;
  }
  type ValueType = keyof ValueTypeMap;
  type ImportValue = Callable | Global | Memory | Table | Module;
  type ModuleImports = Record<string, ImportValue>;
  type Imports = Record<string, ModuleImports>;
  type ExportValue = Callable | Global | Memory | Table;
  type Exports = Record<string, ExportValue>;

  class Module {
    constructor(bytes: ArrayBufferView | ArrayBuffer);
    static exports(module: Module): { name: string; kind: string }[];
    static imports(module: Module): { module: string; name: string; kind: string }[];
    static customSections(module: Module, name: string): ArrayBuffer[];
  }
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Global<T extends ValueType = ValueType> {
    constructor(descriptor: { value: T; mutable?: boolean }, value?: ValueTypeMap[T]);
    value: ValueTypeMap[T];
    valueOf(): ValueTypeMap[T];
  }
  class Table {
    constructor(descriptor: { element: "anyfunc"; initial: number; maximum?: number });
    readonly length: number;
    get(index: number): Callable | null;
    set(index: number, value: Callable | null): void;
  }
  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  function compile(bytes: ArrayBufferView | ArrayBuffer): Promise<Module>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
  function validate(bytes: ArrayBufferView | ArrayBuffer): boolean;
}
