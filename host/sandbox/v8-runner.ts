// Runs one frame on V8 and says how it ended. The only place where what V8 throws is looked at: a stop
// of our own host calls, a WebAssembly trap (ours if the trap global is set, else the code `wasm`), or
// anything else, which is a host fault and never an outcome. Trap messages are not read: engines differ.

import { assert, EngineError } from "../errors.ts";
import { CallStatus, TrapCode } from "../outcome.ts";
import { FRAME_STOP, type Frame, type FrameEnd, type FrameRunner, NO_BYTES } from "./frame.ts";
import { HostCalls } from "./host-calls.ts";
import {
  hostFault,
  InstancePool,
  inProgram,
  type ModuleEmitter,
  type PooledInstance,
} from "./instance-pool.ts";
import type { Program } from "./program-source.ts";

/** Value of `plasma:trap` when memory.grow failed inside the contract's own limits. */
const GROW_FAILED = 3;

/** Sees each frame's instance as the frame left it, before another may use it; must not change the frame. */
export type V8Watch = (instance: PooledInstance, frame: Frame, end: FrameEnd) => void;

/** The production runner: one per thread, with its pool of instances. */
export class V8Runner implements FrameRunner {
  readonly #calls = new HostCalls();
  readonly #pool: InstancePool;
  readonly #watch: V8Watch | undefined;

  /**
   * `emit` is another only where time without metering is measured; it decides nothing about gas. `watch` is
   * for comparing memories with the machine's.
   */
  constructor(emit?: ModuleEmitter, watch?: V8Watch) {
    this.#pool = new InstancePool(this.#calls.imports, emit);
    this.#watch = watch;
  }

  run(frame: Frame, program: Program): FrameEnd {
    const instance = this.#pool.acquire(program);
    instance.begin(frame);
    let end: FrameEnd;
    try {
      this.#calls.within(frame, instance, instance.enter);
      end = { status: CallStatus.success, trap: 0, gasLeft: instance.gas(), output: frame.output };
    } catch (thrown) {
      end = endOf(thrown, frame, instance);
    }
    this.#watch?.(instance, frame, end);
    this.#pool.release(instance);
    return end;
  }
}

function endOf(thrown: unknown, frame: Frame, instance: PooledInstance): FrameEnd {
  if (thrown === FRAME_STOP) {
    const stopped = frame.stopped;
    assert(stopped !== undefined, "a stopped frame says how it ended");
    return stopped.status === CallStatus.revert
      ? { status: CallStatus.revert, trap: 0, gasLeft: instance.gas(), output: frame.output }
      : trapped(stopped.trap as TrapCode);
  }
  if (thrown instanceof WebAssembly.RuntimeError) {
    const flag = instance.trapFlag();
    if (flag === GROW_FAILED)
      throw hostFault("memory.grow failed inside the contract's limits", thrown, instance.program);
    return trapped(flag === 0 ? TrapCode.wasm : (flag as TrapCode));
  }
  if (thrown instanceof EngineError) throw inProgram(thrown, instance.program);
  throw hostFault("the engine failed while a contract ran", thrown, instance.program);
}

function trapped(trap: TrapCode): FrameEnd {
  return { status: CallStatus.trap, trap, gasLeft: 0, output: NO_BYTES };
}
