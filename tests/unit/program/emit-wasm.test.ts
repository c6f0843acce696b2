// What the sandbox may count on in an emitted module: its exports, its reset, when it traps and how it
// says why, and where its bytes come from.
import { describe, expect, test } from "vitest";
import { emitWasm } from "../../../host/program/emit-wasm.ts";
import { type Prepared, prepareModule } from "../../../host/program/prepare.ts";
import { WasmReader } from "../../../host/program/wasm-reader.ts";
import { testPrepareRules } from "../../support/prepare-rules.ts";
import { wasmOf } from "../../support/wat.ts";

type Exports = Record<string, never> & {
  "plasma:gas": { value: bigint };
  "plasma:depth": { value: number };
  "plasma:trap": { value: number };
  "plasma:memory"?: WebAssembly.Memory;
  "plasma:reset": () => void;
  "plasma:enter"?: () => void;
};

const rules = testPrepareRules();

function prepare(wat: string): Prepared {
  return prepareModule(wasmOf(wat), rules, { entryRequired: false });
}

function instantiate(prepared: Prepared, env: WebAssembly.ModuleImports = {}): Exports {
  const module = new WebAssembly.Module(emitWasm(prepared).bytes as Uint8Array<ArrayBuffer>);
  return new WebAssembly.Instance(module, { env }).exports as unknown as Exports;
}

function ready(wat: string, gas: bigint, env: WebAssembly.ModuleImports = {}): Exports {
  const exports = instantiate(prepare(wat), env);
  exports["plasma:reset"]();
  exports["plasma:gas"].value = gas;
  exports["plasma:depth"].value = 65_536;
  return exports;
}

const call = (exports: Exports, name: string, ...args: unknown[]): unknown =>
  (exports[name] as unknown as (...values: unknown[]) => unknown)(...args);

/** Least gas with which `run` ends well, by halving. */
function leastGas(run: (gas: bigint) => boolean): bigint {
  let low = 0n;
  let high = 1n << 20n;
  while (low < high) {
    const middle = (low + high) / 2n;
    if (run(middle)) high = middle;
    else low = middle + 1n;
  }
  return low;
}

const CONTRACT = `(module
  (memory (export "memory") 1 3)
  (global $g (mut i32) (i32.const 5))
  (global $c i64 (i64.const 9))
  (table 2 2 funcref) (elem (i32.const 0) $touch)
  (data (i32.const 10) "abc") (data (i32.const 12) "Z")
  (func $touch (global.set $g (i32.const 77)) (i32.store8 (i32.const 10) (i32.const 1))
    (i32.store8 (i32.const 65535) (i32.const 1)))
  (func (export "_start") (global.set $g (i32.add (global.get $g) (i32.const 1))))
  (func (export "main") (call $touch))
  (func (export "get") (result i32) (global.get $g)))`;

describe("an emitted contract", () => {
  test("exports the contract's functions and memory and the six names of plasma", () => {
    expect(Object.keys(instantiate(prepare(CONTRACT))).sort()).toEqual(
      [
        "_start",
        "get",
        "main",
        "memory",
        "plasma:depth",
        "plasma:enter",
        "plasma:gas",
        "plasma:memory",
        "plasma:reset",
        "plasma:trap",
      ].sort(),
    );
  });

  test("has neither plasma:memory without a memory nor plasma:enter without main", () => {
    const exports = instantiate(prepare('(module (func (export "f")))'));
    expect(exports["plasma:memory"]).toBeUndefined();
    expect(exports["plasma:enter"]).toBeUndefined();
    expect(exports["plasma:reset"]).toBeDefined();
  });

  test("keeps names that only resemble its own", () => {
    const exports = ready('(module (func (export "plasma") (export "Plasma:enter")))', 100_000n);
    expect(call(exports, "plasma")).toBeUndefined();
    expect(call(exports, "Plasma:enter")).toBeUndefined();
  });

  test("starts from its data, its globals and zeroes after every reset", () => {
    const exports = ready(CONTRACT, 1_000_000n);
    const memory = new Uint8Array(exports["plasma:memory"]?.buffer as ArrayBuffer);
    const initial = memory.slice();
    expect([...initial.subarray(9, 15)]).toEqual([0, 97, 98, 90, 0, 0]);
    exports["plasma:enter"]?.();
    expect(call(exports, "get")).toBe(77);
    expect([memory[10], memory[65_535]]).toEqual([1, 1]);
    exports["plasma:reset"]();
    expect(call(exports, "get")).toBe(5);
    expect(Buffer.compare(memory, initial)).toBe(0);
  });

  test("runs _start before main", () => {
    const wat = `(module (global $g (mut i32) (i32.const 1))
      (func (export "_start") (global.set $g (i32.mul (global.get $g) (i32.const 10))))
      (func (export "main") (global.set $g (i32.add (global.get $g) (i32.const 1))))
      (func (export "get") (result i32) (global.get $g)))`;
    const exports = ready(wat, 1_000_000n);
    exports["plasma:enter"]?.();
    expect(call(exports, "get")).toBe(11);
  });

  test("gives back the depth budget's slots and leaves the depth global alone", () => {
    const exports = ready(CONTRACT, 1_000_000n);
    exports["plasma:enter"]?.();
    exports["plasma:gas"].value = 1_000_000n;
    exports["plasma:enter"]?.();
    expect(exports["plasma:depth"].value).toBe(65_536);
  });
});

describe("gas", () => {
  const outOfGasBelow = (wat: string, name: string) => {
    const exports = ready(wat, 0n);
    return leastGas((gas) => {
      exports["plasma:reset"]();
      exports["plasma:gas"].value = gas;
      exports["plasma:trap"].value = 0;
      try {
        call(exports, name);
        return true;
      } catch {
        expect(exports["plasma:trap"].value).toBe(1);
        return false;
      }
    });
  };

  test("is enough at exactly the charges and not one below", () => {
    const wat = '(module (func (export "f") (nop)))';
    // Entry: its charge word 1 and the depth word 2; the end: its charge word 1 and `end` 1.
    expect(outOfGasBelow(wat, "f")).toBe(5n);
    const exports = ready(wat, 5n);
    call(exports, "f");
    expect(exports["plasma:gas"].value).toBe(0n);
  });

  test("of the entry stub counts entry price, _start, main and end", () => {
    const prepared = prepare(CONTRACT);
    const exports = ready(CONTRACT, 1n << 30n);
    exports["plasma:enter"]?.();
    const used = (1n << 30n) - exports["plasma:gas"].value;
    expect(used).toBeGreaterThan(prepared.layout.entryGas);
    expect(outOfGasBelow(CONTRACT, "plasma:enter")).toBe(used);
  });

  test("is charged for pages before they exist", () => {
    const wat = `(module (memory 1 3)
      (func (export "f") (result i32) (memory.grow (i32.const 1)))
      (func (export "size") (result i32) (memory.size)))`;
    const exports = ready(wat, 500n);
    expect(() => call(exports, "f")).toThrow(WebAssembly.RuntimeError);
    expect(exports["plasma:trap"].value).toBe(1);
    expect(exports["plasma:memory"]?.buffer.byteLength).toBe(65_536);
  });

  test("is charged before a bulk operation, whose bounds are checked after", () => {
    const wat = `(module (memory 1 1) (func (export "f") (param i32)
      (memory.fill (i32.const 0) (i32.const 1) (local.get 0))))`;
    const exports = ready(wat, 500n);
    expect(() => call(exports, "f", 65_537)).toThrow(WebAssembly.RuntimeError);
    expect(exports["plasma:trap"].value).toBe(1);
    exports["plasma:gas"].value = 1_000_000n;
    exports["plasma:trap"].value = 0;
    expect(() => call(exports, "f", 65_537)).toThrow(WebAssembly.RuntimeError);
    expect(exports["plasma:trap"].value).toBe(0);
  });

  test("that a length of 2^32 - 1 costs does not wrap around", () => {
    const wat = `(module (memory 1 1) (func (export "f")
      (memory.fill (i32.const 0) (i32.const 1) (i32.const -1))))`;
    const exports = ready(wat, (1n << 32n) / 128n);
    expect(() => call(exports, "f")).toThrow(WebAssembly.RuntimeError);
    expect(exports["plasma:trap"].value).toBe(1);
  });

  test("is where the host finds and changes it during a host call", () => {
    const wat = `(module (import "env" "storage_open" (func $open (param i32) (result i32)))
      (func (export "f") (result i32) (call $open (i32.const 3))))`;
    let seen = 0n;
    const exports = ready(wat, 1_000n, {
      storage_open: (key: number) => {
        seen = exports["plasma:gas"].value;
        exports["plasma:gas"].value = seen - 100n;
        return key + 1;
      },
    });
    expect(call(exports, "f")).toBe(4);
    expect(seen).toBeGreaterThan(800n);
    expect(exports["plasma:gas"].value).toBeLessThanOrEqual(seen - 100n);
    expect(exports["plasma:gas"].value).toBeGreaterThan(seen - 110n);
  });

  test("for a host call is paid before the host hears of it", () => {
    const wat = `(module (import "env" "output" (func $output (param i32 i32)))
      (func (export "f") (param i32) (call $output (i32.const 0) (local.get 0))))`;
    let calls = 0;
    const output = () => {
      calls += 1;
    };
    const exports = ready(wat, 200n, { output });
    call(exports, "f", 128);
    expect(calls).toBe(1);
    exports["plasma:gas"].value = 200n;
    expect(() => call(exports, "f", 128 * 200)).toThrow(WebAssembly.RuntimeError);
    expect([calls, exports["plasma:trap"].value]).toEqual([1, 1]);
  });
});

describe("depth", () => {
  const DEEP = `(module (func $f (export "f") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (call $f (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 7)))))`;

  test("bounds recursion at the budget and says so", () => {
    const weight = prepare(DEEP).layout.functions[0]?.depthWeight ?? 0;
    const levels = Math.floor(65_536 / weight);
    const exports = ready(DEEP, 1n << 40n);
    expect(call(exports, "f", levels - 1)).toBe(7);
    expect(() => call(exports, "f", levels)).toThrow(WebAssembly.RuntimeError);
    expect(exports["plasma:trap"].value).toBe(2);
  });

  test("comes after the gas of the same entry", () => {
    const exports = ready(DEEP, 1n);
    exports["plasma:depth"].value = 0;
    expect(() => call(exports, "f", 0)).toThrow(WebAssembly.RuntimeError);
    expect(exports["plasma:trap"].value).toBe(1);
  });

  test("left over is where the host finds it during a call of another contract", () => {
    const wat = `(module (import "env" "call" (func $call (param i32 i32 i32) (result i32)))
      (func $middle (drop (call $call (i32.const 0) (i32.const 0) (i32.const 0))))
      (func (export "f") (call $middle)))`;
    let seen = 0;
    const exports = ready(wat, 1_000n, {
      call: () => {
        seen = exports["plasma:depth"].value;
        return 0;
      },
    });
    call(exports, "f");
    const weights = prepare(wat).layout.functions.map(({ depthWeight }) => depthWeight);
    expect(weights[0]).toBe(0);
    expect(seen).toBe(65_536 - (weights[1] ?? 0));
  });
});

describe("memory.grow", () => {
  const WAT = `(module (memory 1 3) (func (export "grow") (param i32) (result i32)
    (memory.grow (local.get 0))) (func (export "size") (result i32) (memory.size)))`;

  test("gives the old size up to the maximum and -1 beyond", () => {
    const exports = ready(WAT, 1n << 46n);
    expect(call(exports, "grow", 1)).toBe(1);
    expect(call(exports, "grow", 2)).toBe(-1);
    expect(call(exports, "grow", -1)).toBe(-1);
    expect(call(exports, "grow", 1)).toBe(2);
    expect(call(exports, "grow", 1)).toBe(-1);
    expect(call(exports, "grow", 0)).toBe(3);
    expect(exports["plasma:trap"].value).toBe(0);
  });

  test("marks a failure of the engine as a host fault", () => {
    const prepared = prepare(WAT);
    // The engine's own maximum is made smaller than the contract's, as if memory had run out.
    const bytes = emitWasm(prepared).bytes.slice();
    const memorySection = Buffer.from(bytes).indexOf(Buffer.from([5, 4, 1, 1, 1, 3]));
    bytes[memorySection + 5] = 1;
    const module = new WebAssembly.Module(bytes);
    const exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    exports["plasma:gas"].value = 1n << 40n;
    exports["plasma:depth"].value = 65_536;
    expect(() => call(exports, "grow", 1)).toThrow(WebAssembly.RuntimeError);
    expect(exports["plasma:trap"].value).toBe(3);
  });
});

describe("the offset table", () => {
  const WAT = `(module (memory 1)
    (func $g (param i32) (result i32) (local i64)
      (loop) (i32.div_u (i32.const 100) (local.get 0)))
    (func (export "f") (param i32) (result i32)
      (loop $l (br_if $l (i32.eqz (local.get 0))))
      (i32.add (call $g (local.get 0)) (i32.load (local.get 0)))))`;

  /** Offsets of the instructions of every body, with their opcodes. */
  function instructionsOf(prepared: Prepared): Map<number, number> {
    const found = new Map<number, number>();
    for (const { firstInstruction, end } of prepared.layout.functions) {
      const reader = new WasmReader(prepared.wasm, firstInstruction);
      while (reader.offset < end) {
        const at = reader.offset;
        const opcode = reader.byte();
        reader.skipImmediates(opcode);
        found.set(at, opcode);
      }
    }
    return found;
  }

  test("leads a trap's position to the instruction that trapped", () => {
    const prepared = prepare(WAT);
    const { bytes, offsets } = emitWasm(prepared);
    const exports = instantiate(prepared);
    exports["plasma:gas"].value = 10_000n;
    exports["plasma:depth"].value = 65_536;
    let stack = "";
    try {
      call(exports, "f", 1 << 20);
    } catch (thrown) {
      stack = (thrown as Error).stack ?? "";
    }
    const position = Number.parseInt(
      /wasm-function\[\d+\]:0x([0-9a-f]+)/.exec(stack)?.[1] ?? "",
      16,
    );
    expect(bytes[position]).toBe(0x28);
    const original = offsets.original(position) ?? -1;
    expect(instructionsOf(prepared).get(original)).toBe(0x28);
  });

  test("leads every copied instruction to an equal one and every byte to an instruction", () => {
    const prepared = prepare(WAT);
    const { bytes, offsets } = emitWasm(prepared);
    const instructions = instructionsOf(prepared);
    const reached = new Set<number>();
    for (let emitted = 0; emitted < bytes.length; emitted += 1) {
      const original = offsets.original(emitted);
      if (original !== undefined && instructions.get(original) === bytes[emitted]) {
        reached.add(original);
      }
    }
    expect([...instructions.keys()].filter((offset) => !reached.has(offset))).toEqual([]);
  });

  test("knows nothing outside of rewritten bodies", () => {
    const { bytes, offsets } = emitWasm(prepare(WAT));
    expect(offsets.original(0)).toBeUndefined();
    expect(offsets.original(bytes.length - 1)).toBeUndefined();
    expect(offsets.original(bytes.length + 100)).toBeUndefined();
  });
});

describe("unreachable code", () => {
  const traps = (body: string, result = ""): number => {
    const exports = ready(`(module (func (export "f") ${result} ${body}))`, 10_000n);
    try {
      call(exports, "f");
      return -1;
    } catch {
      return exports["plasma:trap"].value;
    }
  };

  test("behind a block that nothing leaves is left out with its operands", () => {
    expect(traps("(drop (i32.add (block (result i32) (unreachable)) (i32.const 1)))")).toBe(0);
  });

  test("behind an endless loop does not run, and gas ends the loop", () => {
    expect(traps("(loop $l (br $l)) (drop (i32.const 1))")).toBe(1);
  });

  test("behind return does not run", () => {
    expect(traps("(return) (unreachable)")).toBe(-1);
  });
});
