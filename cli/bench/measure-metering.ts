// Times kernels twice, as V8 runs the original Wasm and as it runs our metered module, in turn within
// each round, so that whatever else the machine does hits both. Every run has a fresh instance whose
// pages are already mapped; neither instantiation nor page faults are in the figures. Results of both
// are compared: a kernel that comes out differently is our bug.
import { equalBytes, type Hex, toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { ByteWriter } from "../../host/codec/writer.ts";
import { AssertionError, assert } from "../../host/errors.ts";
import { DEPTH_BUDGET } from "../../host/limits.ts";
import { emitWasm } from "../../host/program/emit-wasm.ts";
import { prepareModule } from "../../host/program/prepare.ts";
import type { BenchProgress } from "./bench-methods.ts";
import { breathe, KERNEL_GAS, kernelContext } from "./kernel-ground.ts";
import { median, type Quartiles, quartiles } from "./samples.ts";

export interface KernelInput {
  readonly name: string;
  readonly wasm: Uint8Array;
  /** Selector and arguments. */
  readonly input: Uint8Array;
}

export interface MeteringParams {
  readonly kernels: readonly KernelInput[];
  readonly rounds: number;
  /** Least time that each kernel runs before the first round, so that V8 has optimised it. */
  readonly warmMillis: number;
  readonly prepareRules: Uint8Array;
}

export interface KernelResult {
  readonly name: string;
  /** Of metered time over plain time, per round. */
  readonly ratio: Quartiles;
  readonly plainMillis: number;
  readonly meteredMillis: number;
  readonly gas: number;
}

export interface MeteringResult {
  readonly kernels: readonly KernelResult[];
  readonly resultHash: Hex;
}

const WARM_RUNS = 3;
const PAGE_TOUCH_BYTES = 4_096;

interface GuestExports {
  readonly memory: WebAssembly.Memory;
  readonly _start?: () => void;
  readonly main: () => void;
  readonly "plasma:enter": () => void;
  readonly "plasma:reset": () => void;
  readonly "plasma:gas": { value: bigint };
  readonly "plasma:depth": { value: number };
}

/** The host calls that a kernel makes, the same for both kinds of module. */
class KernelHost {
  output = new Uint8Array(0);
  memory: WebAssembly.Memory | undefined;
  readonly #input: Uint8Array;

  constructor(input: Uint8Array) {
    this.#input = input;
  }

  imports(module: WebAssembly.Module): WebAssembly.Imports {
    const known: Record<string, (...args: number[]) => number | undefined> = {
      input: (ptr, offset, length) => {
        const bytes = this.#input.subarray(offset, offset! + length!);
        new Uint8Array(this.memory!.buffer).set(bytes, ptr);
        return this.#input.length;
      },
      output: (ptr, length) => {
        this.output = new Uint8Array(this.memory!.buffer, ptr, length).slice();
        return undefined;
      },
      context: (ptr) => {
        new Uint8Array(this.memory!.buffer).set(kernelContext(this.#input.length), ptr);
        return undefined;
      },
      // What the dispatcher of a @view says; there is no lock here.
      enter: () => undefined,
    };
    const env: Record<string, (...args: number[]) => number | undefined> = {};
    for (const { name } of WebAssembly.Module.imports(module)) {
      env[name] =
        known[name] ??
        (() => {
          throw new AssertionError(`a kernel calls ${name}, which the benchmark does not have`);
        });
    }
    return { env };
  }
}

/** One kernel in one form, runnable again and again with equal results. */
class KernelForm {
  readonly #module: WebAssembly.Module;
  readonly #host: KernelHost;
  readonly #metered: boolean;
  gasUsed = 0;

  constructor(wasm: Uint8Array, input: Uint8Array, metered: boolean) {
    this.#module = new WebAssembly.Module(wasm);
    this.#host = new KernelHost(input);
    this.#metered = metered;
  }

  get output(): Uint8Array {
    return this.#host.output;
  }

  /** Milliseconds of one run on a fresh instance. */
  run(): number {
    const instance = new WebAssembly.Instance(this.#module, this.#host.imports(this.#module));
    const exports = instance.exports as unknown as GuestExports;
    this.#host.memory = exports.memory;
    this.#host.output = new Uint8Array(0);
    if (this.#metered) exports["plasma:reset"]();
    touchPages(exports.memory);
    return this.#metered ? this.#runMetered(exports) : runPlain(exports);
  }

  #runMetered(exports: GuestExports): number {
    const enter = exports["plasma:enter"];
    exports["plasma:gas"].value = KERNEL_GAS;
    exports["plasma:depth"].value = DEPTH_BUDGET;
    const start = performance.now();
    enter();
    const millis = performance.now() - start;
    this.gasUsed = Number(KERNEL_GAS - exports["plasma:gas"].value);
    return millis;
  }
}

function runPlain({ _start, main }: GuestExports): number {
  const start = performance.now();
  _start?.();
  main();
  return performance.now() - start;
}

function touchPages(memory: WebAssembly.Memory): void {
  const bytes = new Uint8Array(memory.buffer);
  for (let at = 0; at < bytes.length; at += PAGE_TOUCH_BYTES) bytes[at] = bytes[at]!;
}

interface MeasuredKernel {
  readonly result: KernelResult;
  readonly output: Uint8Array;
}

async function measureKernel(kernel: KernelInput, params: MeteringParams): Promise<MeasuredKernel> {
  const prepared = prepareModule(kernel.wasm, params.prepareRules);
  const plain = new KernelForm(kernel.wasm, kernel.input, false);
  const metered = new KernelForm(emitWasm(prepared).bytes, kernel.input, true);
  const started = performance.now();
  for (let run = 0; run < WARM_RUNS || performance.now() - started < params.warmMillis; run++) {
    plain.run();
    metered.run();
    await breathe();
  }
  const plainMillis: number[] = [];
  const meteredMillis: number[] = [];
  for (let round = 0; round < params.rounds; round++) {
    // The order changes so that neither form always runs on the other's warm caches.
    if (round % 2 === 0) plainMillis.push(plain.run());
    meteredMillis.push(metered.run());
    if (round % 2 === 1) plainMillis.push(plain.run());
    assert(plain.output.length > 0, `kernel ${kernel.name} has an output`);
    assert(
      equalBytes(plain.output, metered.output),
      `kernel ${kernel.name} comes to the same with and without metering`,
    );
    await breathe();
  }
  const result = {
    name: kernel.name,
    ratio: quartiles(meteredMillis.map((millis, round) => millis / plainMillis[round]!)),
    plainMillis: median(plainMillis),
    meteredMillis: median(meteredMillis),
    gas: metered.gasUsed,
  };
  return { result, output: metered.output };
}

/** Measures every kernel. */
export async function measureMetering(
  params: MeteringParams,
  progress: BenchProgress,
): Promise<MeteringResult> {
  const kernels: KernelResult[] = [];
  const outputs = new ByteWriter();
  for (const kernel of params.kernels) {
    const { result, output } = await measureKernel(kernel, params);
    kernels.push(result);
    outputs.bytes(new TextEncoder().encode(kernel.name));
    outputs.bytes(output);
    progress(kernels.length);
  }
  return { kernels, resultHash: toHex(keccak256(outputs.finish())) };
}
