// Times the proof machine on kernels: steps per second as a run takes them, every opcode a step and written
// leaves noted, and state hashes per second where each step is committed to. Placing a frame and clearing
// it are not in the figures; the kernel's few host calls are. A kernel that takes another number of
// steps or comes to another output in another round is our bug.
import { equalBytes, type Hex, toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { ByteWriter } from "../../host/codec/writer.ts";
import { AssertionError, assert } from "../../host/errors.ts";
import { DEPTH_BUDGET } from "../../host/limits.ts";
import { FrameTrees } from "../../host/machine/frame-trees.ts";
import { Machine, MachineEnd, type MachineFrame } from "../../host/machine/machine.ts";
import { prepareModule } from "../../host/program/prepare.ts";
import { hostCallNames } from "../../host/rules/host-call-names.ts";
import type { BenchProgress } from "./bench-methods.ts";
import { breathe, KERNEL_GAS, kernelContext } from "./kernel-ground.ts";
import type { KernelInput } from "./measure-metering.ts";
import { type Quartiles, quartiles } from "./samples.ts";

export interface MachineParams {
  readonly kernels: readonly KernelInput[];
  readonly rounds: number;
  /** States of each kernel that are committed to in a round, from the middle of its run. */
  readonly commitments: number;
  readonly prepareRules: Uint8Array;
}

export interface MachineKernelResult {
  readonly name: string;
  readonly steps: number;
  readonly stepsPerSecond: Quartiles;
  readonly statesPerSecond: Quartiles;
}

export interface MachineResult {
  readonly kernels: readonly MachineKernelResult[];
  readonly resultHash: Hex;
}

const WARM_ROUNDS = 1;
const NO_HASH = new Uint8Array(32);
const surroundings = { hostRecordRoot: NO_HASH, parentHash: NO_HASH };

class MachineKernel {
  readonly name: string;
  /** Of a whole run. */
  steps = 0n;
  output = new Uint8Array(0);
  readonly #machine: Machine;
  readonly #prepared;
  readonly #input: Uint8Array;

  constructor(machine: Machine, { name, wasm, input }: KernelInput, prepareRules: Uint8Array) {
    this.name = name;
    this.#machine = machine;
    this.#prepared = prepareModule(wasm, prepareRules);
    this.#input = input;
  }

  /** Steps per second of a whole run. */
  run(): number {
    const frame = this.#begin();
    const start = performance.now();
    this.#goOn(frame);
    const seconds = (performance.now() - start) / 1_000;
    assert(frame.end === MachineEnd.success, `kernel ${this.name} ends`);
    const { steps } = frame;
    assert(
      this.steps === 0n || this.steps === steps,
      `kernel ${this.name} always has as many steps`,
    );
    this.steps = steps;
    this.#machine.end(frame);
    return Number(steps) / seconds;
  }

  /** State hashes per second from the middle of the run on, and the last of them. */
  commit(count: number): { readonly perSecond: number; readonly last: Uint8Array } {
    const frame = this.#begin();
    this.#goOn(frame, this.steps / 2n);
    assert(frame.end === MachineEnd.limit, `the middle of kernel ${this.name} is a word`);
    const trees = new FrameTrees(this.#machine, frame, surroundings);
    trees.header();
    const start = performance.now();
    const hashes = trees.commitSteps(count);
    const seconds = (performance.now() - start) / 1_000;
    assert(hashes.length > 0, `kernel ${this.name} has states in the middle`);
    trees.release();
    this.#machine.end(frame);
    return { perSecond: hashes.length / 32 / seconds, last: hashes.slice(-32) };
  }

  #begin(): MachineFrame {
    const machine = this.#machine;
    return machine.begin(machine.program(this.#prepared), { gas: KERNEL_GAS, depth: DEPTH_BUDGET });
  }

  #goOn(frame: MachineFrame, stepsMax = 2n ** 62n): void {
    while (this.#machine.runFast(frame, stepsMax - frame.steps) === MachineEnd.host) {
      frame.finishHostWord(BigInt(this.#hostCall(frame)));
    }
  }

  /** The host calls that a kernel makes, as in measure-metering.ts. */
  #hostCall(frame: MachineFrame): number {
    const arg = (i: number): number => Number(frame.slot(frame.fp + i));
    const name = hostCallNames[frame.detail - 1];
    switch (name) {
      case "input": {
        const bytes = this.#input.subarray(arg(1), arg(1) + arg(2));
        frame.memory().set(bytes, arg(0));
        frame.markWritten(arg(0), bytes.length);
        return this.#input.length;
      }
      case "output":
        this.#takeOutput(frame.memory().slice(arg(0), arg(0) + arg(1)));
        return 0;
      case "context": {
        const context = kernelContext(this.#input.length);
        frame.memory().set(context, arg(0));
        frame.markWritten(arg(0), context.length);
        return 0;
      }
      case "enter":
        return 0;
      default:
        throw new AssertionError(`a kernel calls ${name}, which the benchmark does not have`);
    }
  }

  #takeOutput(output: Uint8Array<ArrayBuffer>): void {
    const isFirst = this.output.length === 0;
    assert(isFirst || equalBytes(this.output, output), `kernel ${this.name} has one output`);
    this.output = output;
  }
}

/** Measures every kernel. */
export async function measureMachine(
  params: MachineParams,
  progress: BenchProgress,
): Promise<MachineResult> {
  const machine = new Machine();
  const results: MachineKernelResult[] = [];
  const outputs = new ByteWriter();
  for (const input of params.kernels) {
    const kernel = new MachineKernel(machine, input, params.prepareRules);
    const steps: number[] = [];
    const states: number[] = [];
    let last: Uint8Array = NO_HASH;
    for (let round = -WARM_ROUNDS; round < params.rounds; round++) {
      const stepsPerSecond = kernel.run();
      await breathe();
      const committed = kernel.commit(params.commitments);
      await breathe();
      last = committed.last;
      if (round < 0) continue;
      steps.push(stepsPerSecond);
      states.push(committed.perSecond);
    }
    results.push({
      name: kernel.name,
      steps: Number(kernel.steps),
      stepsPerSecond: quartiles(steps),
      statesPerSecond: quartiles(states),
    });
    outputs.bytes(new TextEncoder().encode(kernel.name));
    outputs.bytes(kernel.output).u64(kernel.steps).raw(last);
    progress(results.length);
  }
  return { kernels: results, resultHash: toHex(keccak256(outputs.finish())) };
}
