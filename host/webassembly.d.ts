// The part of the WebAssembly JavaScript API that the host uses. Neither @types/node nor the es2023
// library declares it, and the DOM library would let pure rooms name a window.

declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  /** `value` is a bigint for i64 and a number for i32. */
  class Global<Value = number | bigint> {
    constructor(descriptor: { value: "i32" | "i64"; mutable?: boolean }, value?: Value);
    value: Value;
  }
  class RuntimeError extends Error {}
  type ImportFunction = (...args: number[]) => number | undefined;
  type Imports = Record<string, Record<string, ImportFunction | Memory | Global>>;
}
