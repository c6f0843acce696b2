// A contract that does what its input says: a script of host calls and memory operations, so that tests
// of the sandbox write one line per step instead of a contract per case. Script builds the input; a nested
// script is only bytes, so one prober makes another do anything. Results of steps are collected and
// become the output.
import { callRequest } from "./call-request.ts";
import { wasmOf } from "./wat.ts";

export { callRequest };

/** Scratch memory is [0, SCRIPT_AT); the last page, from LOG_AT, collects results. */
export const SCRIPT_AT = 0x2_0000;
export const LOG_AT = 0x3_0000;
export const PROBER_PAGES = 4;
/** End of a prober's initial memory. */
export const MEMORY_END = PROBER_PAGES * 65_536;

/** Host calls in the order of their numbers: parameters and results. */
const hostCalls = {
  input: [3, 1],
  output: [2, 0],
  revert: [2, 0],
  context: [1, 0],
  storage_open: [1, 1],
  value_read: [3, 0],
  storage_set: [3, 0],
  storage_delete: [1, 0],
  account: [2, 0],
  emit: [4, 0],
  call: [3, 1],
  output_read: [3, 1],
  enter: [1, 0],
  keccak256: [3, 0],
  sha256: [3, 0],
  secp256k1_recover: [3, 1],
  send_message: [3, 1],
  upgrade: [1, 1],
} as const;
export type ProberCall = keyof typeof hostCalls;
export const proberCalls = Object.keys(hostCalls) as readonly ProberCall[];

/** Number of arguments of a host call. */
export const argumentCount = (name: ProberCall): number => hostCalls[name][0];

const Step = {
  finish: 0,
  copy: 19,
  show: 20,
  grow: 21,
  unreachable: 22,
  spin: 23,
  recurse: 24,
  setGlobal: 25,
  showGlobal: 26,
  load: 27,
  fill: 28,
  stop: 29,
} as const;
const STEP_BYTES = 20;

const ARGS = [4, 8, 12, 16].map((at) => `(i32.load offset=${at} (global.get $pc))`);

function hostSteps(): string {
  return proberCalls
    .map((name) => {
      const [params, results] = hostCalls[name];
      const call = `(call $${name} ${ARGS.slice(0, params).join(" ")})`;
      return `${results === 1 ? `(call $append ${call})` : call} (br $next))`;
    })
    .join("\n");
}

/** The contract. `pagesMax` bounds what it may grow to. */
export function proberWasm(pagesMax = 256): Uint8Array {
  const imports = proberCalls.map((name) => {
    const [params, results] = hostCalls[name];
    const param = `(param ${"i32 ".repeat(params)})`;
    return `(import "env" "${name}" (func $${name} ${param} ${results === 1 ? "(result i32)" : ""}))`;
  });
  const own = [
    `(memory.copy ${ARGS.slice(0, 3).join(" ")}) (br $next))`,
    `(memory.copy (global.get $log) ${ARGS[0]} ${ARGS[1]})
     (global.set $log (i32.add (global.get $log) ${ARGS[1]})) (br $next))`,
    `(call $append (memory.grow ${ARGS[0]})) (br $next))`,
    `unreachable)`,
    `(loop $spin (br $spin)) (br $next))`,
    `(call $recurse ${ARGS[0]}) (br $next))`,
    `(global.set $g ${ARGS[0]}) (br $next))`,
    `(call $append (global.get $g)) (br $next))`,
    `(call $append (i32.load ${ARGS[0]})) (br $next))`,
    `(memory.fill ${ARGS.slice(0, 3).join(" ")}) (br $next))`,
    `(return))`,
  ];
  const names = ["finish", ...proberCalls, ...Object.keys(Step).slice(1)].map(
    (name) => `$_${name}`,
  );
  const opens = [...names].reverse().map((name) => `(block ${name}`);
  return wasmOf(`(module
    ${imports.join("\n")}
    (memory (export "memory") ${PROBER_PAGES} ${pagesMax})
    (global $pc (mut i32) (i32.const ${SCRIPT_AT}))
    (global $log (mut i32) (i32.const ${LOG_AT}))
    (global $g (mut i32) (i32.const 7))
    (data (i32.const 0x1fff0) "data")
    (func $append (param i32)
      (i32.store (global.get $log) (local.get 0))
      (global.set $log (i32.add (global.get $log) (i32.const 4))))
    (func $recurse (param i32)
      (if (local.get 0) (then (call $recurse (i32.sub (local.get 0) (i32.const 1))))))
    (func $size (result i32) (call $input (i32.const 0) (i32.const 0) (i32.const 0)))
    (func (export "main")
      (drop (call $input (i32.const ${SCRIPT_AT}) (i32.const 0) (call $size)))
      (loop $loop
        (block $next
          ${opens.join("\n")}
          (br_table ${names.join(" ")} (i32.load (global.get $pc))))
          (call $output (i32.const ${LOG_AT}) (i32.sub (global.get $log) (i32.const ${LOG_AT})))
          (return))
          ${hostSteps()}
          ${own.join("\n")}
        (global.set $pc (i32.add (global.get $pc) (i32.const ${STEP_BYTES})))
        (br $loop))))`);
}

/** A prober with a custom section, which makes it `bytes` long (up to 16,000) and different from others. */
export function sizedProber(bytes: number, mark: number): Uint8Array {
  const wasm = proberWasm();
  const content = bytes - wasm.length - 3;
  const out = new Uint8Array(bytes).fill(mark);
  out.set(wasm);
  // Section 0, its length in two bytes, a name of one.
  out.set([0, (content & 0x7f) | 0x80, content >> 7, 1], wasm.length);
  return out;
}

/** An argument: a number (wrapped to 32 bits), or bytes that the script carries. */
export type Argument = number | Uint8Array;

/** Steps for a prober, in order. Ends with the results as output unless a step ends it otherwise. */
export class Script {
  readonly #steps: (readonly [number, readonly Argument[]])[] = [];

  /** A host call; its result, if it has one, is shown as u32 little-endian. */
  host(name: ProberCall, ...args: readonly Argument[]): this {
    return this.#add(proberCalls.indexOf(name) + 1, args);
  }

  /** Puts bytes at an address. */
  put(address: number, bytes: Uint8Array): this {
    return this.#add(Step.copy, [address, bytes, bytes.length]);
  }

  /** Shows memory in the output. */
  show(address: number, length: number): this {
    return this.#add(Step.show, [address, length]);
  }

  /** memory.grow; shows its result. */
  grow(pages: number): this {
    return this.#add(Step.grow, [pages]);
  }

  trap(): this {
    return this.#add(Step.unreachable, []);
  }

  spin(): this {
    return this.#add(Step.spin, []);
  }

  recurse(levels: number): this {
    return this.#add(Step.recurse, [levels]);
  }

  setGlobal(value: number): this {
    return this.#add(Step.setGlobal, [value]);
  }

  showGlobal(): this {
    return this.#add(Step.showGlobal, []);
  }

  /** i32.load; shows the value, or traps. */
  load(address: number): this {
    return this.#add(Step.load, [address]);
  }

  fill(address: number, value: number, length: number): this {
    return this.#add(Step.fill, [address, value, length]);
  }

  /** Ends without results. */
  stop(): this {
    return this.#add(Step.stop, []);
  }

  /** Calls a contract: shows the status. */
  call(to: Uint8Array, input: Uint8Array, options: { value?: bigint; gas?: bigint } = {}): this {
    return this.host("call", callRequest(to, options), input, input.length);
  }

  /** Shows the length and the first `length` bytes of the last sub-call's output. */
  returned(length: number): this {
    return this.host("output_read", 0x1_8000, 0, length).show(0x1_8000, length);
  }

  bytes(): Uint8Array {
    const blobs: Uint8Array[] = [];
    let blobAt = (this.#steps.length + 1) * STEP_BYTES;
    const words = new DataView(new ArrayBuffer(blobAt));
    this.#steps.forEach(([step, args], i) => {
      words.setUint32(i * STEP_BYTES, step, true);
      args.forEach((arg, k) => {
        const at = i * STEP_BYTES + 4 + 4 * k;
        if (typeof arg === "number") {
          words.setUint32(at, arg, true);
          return;
        }
        words.setUint32(at, SCRIPT_AT + blobAt, true);
        blobs.push(arg);
        blobAt += arg.length;
      });
    });
    return Uint8Array.from(Buffer.concat([new Uint8Array(words.buffer), ...blobs]));
  }

  #add(step: number, args: readonly Argument[]): this {
    this.#steps.push([step, args]);
    return this;
  }
}

/** The u32 numbers of an output that consists of such. */
export function numbersOf(output: Uint8Array): number[] {
  const view = new DataView(output.buffer, output.byteOffset, output.length);
  return Array.from({ length: output.length >> 2 }, (_, i) => view.getUint32(4 * i, true));
}
