// The machine as the second runner of an execution thread: made when V8 fails for the first time, kept for
// the next failure, and dropped once its memory has grown large, since a WebAssembly memory never shrinks.
import type { Frame, FrameEnd, FrameRunner } from "../sandbox/frame.ts";
import type { Program } from "../sandbox/program-source.ts";
import { Machine } from "./machine.ts";
import { MachineRunner } from "./machine-runner.ts";

/** Bytes of the module's memory that are kept between transactions. */
const KEPT_BYTES_MAX = 256 * 1_048_576;

export class FallbackRunner implements FrameRunner {
  #kept: { readonly machine: Machine; readonly runner: MachineRunner } | undefined;

  run(frame: Frame, program: Program): FrameEnd {
    this.#kept ??= newRunner();
    const { machine, runner } = this.#kept;
    try {
      return runner.run(frame, program);
    } finally {
      // Frames further out still stand in it.
      const isOutermost = frame.callDepth === 1;
      if (isOutermost && machine.module.memory.buffer.byteLength > KEPT_BYTES_MAX) {
        this.#kept = undefined;
      }
    }
  }
}

function newRunner(): { readonly machine: Machine; readonly runner: MachineRunner } {
  const machine = new Machine();
  return { machine, runner: new MachineRunner(machine) };
}
