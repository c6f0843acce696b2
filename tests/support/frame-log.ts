// What every frame of a block ended with, memory and globals included, in the order in which frames were left:
// the same log from V8 and from the machine, so that both can be compared. Frames of prepare are left out:
// their record is in the state, and their memory is large.
import { toHex } from "../../host/codec/hex.ts";
import { Machine, type MachineFrame } from "../../host/machine/machine.ts";
import { MachineRunner, type MachineWatch } from "../../host/machine/machine-runner.ts";
import { TrapCode } from "../../host/outcome.ts";
import type { Frame, FrameEnd, FrameRunner } from "../../host/sandbox/frame.ts";
import type { PooledInstance } from "../../host/sandbox/instance-pool.ts";
import type { Program } from "../../host/sandbox/program-source.ts";
import { V8Runner } from "../../host/sandbox/v8-runner.ts";
import { trapCondition } from "../spec-suite/trap-condition.ts";
import { digestOf } from "./disagreement.ts";
import { type EndingCounts, endingOf } from "./ending-counts.ts";

/** Number of the host call `call`. */
const CALL = 11;

export interface LoggedFrame {
  readonly self: string;
  readonly ending: string;
  readonly gasLeft: number;
  readonly output: string;
  readonly memory: string;
  readonly globals: readonly bigint[];
}

const isPrepare = ({ self }: Frame): boolean =>
  self[19] === 1 && self.every((b, i) => b === 0 || i === 19);

function logged(
  frame: Frame,
  end: FrameEnd,
  left: Pick<LoggedFrame, "memory" | "globals">,
): LoggedFrame {
  const ending = endingOf(end.status, end.trap);
  const { gasLeft } = end;
  return { self: toHex(frame.self), ending, gasLeft, output: toHex(end.output), ...left };
}

/** Globals through the getters `g<i>` that random modules export. */
function globalsOf({ exports, program }: PooledInstance): bigint[] {
  const named = exports as unknown as Record<string, { value: bigint | number }>;
  named["plasma:gas"]!.value = 1n << 40n;
  named["plasma:depth"]!.value = 65_536;
  return Array.from({ length: program.prepared.layout.globalCount }, (_, i) => {
    const value = (exports[`g${i}`] as unknown as () => bigint | number)();
    return typeof value === "bigint" ? BigInt.asUintN(64, value) : BigInt(value >>> 0);
  });
}

/** V8 with its log. */
export class LoggedV8 implements FrameRunner {
  log: LoggedFrame[] = [];
  readonly #runner = new V8Runner(undefined, (instance, frame, end) => {
    if (isPrepare(frame)) return;
    const memory = digestOf(instance.memory());
    this.log.push(logged(frame, end, { memory, globals: globalsOf(instance) }));
  });

  run(frame: Frame, program: Program): FrameEnd {
    return this.#runner.run(frame, program);
  }
}

/** Remembers how the last frame left its memory and its globals. */
class RememberingMachine extends Machine {
  left: Pick<LoggedFrame, "memory" | "globals"> = { memory: "", globals: [] };

  override end(frame: MachineFrame): void {
    if (frame.memory().length <= 2 ** 20) {
      this.left = { memory: digestOf(frame.memory()), globals: [...frame.globals()] };
    }
    super.end(frame);
  }
}

/** The machine with its log: fast, or exact, and then it also tells where gas went and which trap it was. */
export class LoggedMachine implements FrameRunner {
  log: LoggedFrame[] = [];
  /** Whether the next frames run exactly. */
  isExact = false;
  /** Gas that the top frame had used when it came to a host call, of exact runs. */
  readonly hostCallsAt = new Set<number>();
  readonly #counts: EndingCounts;
  readonly #machine = new RememberingMachine();
  readonly #fast = new MachineRunner(this.#machine);
  readonly #exact: MachineRunner;

  constructor(counts: EndingCounts) {
    this.#counts = counts;
    this.#exact = new MachineRunner(this.#machine, this.#watch());
  }

  run(frame: Frame, program: Program): FrameEnd {
    if (isPrepare(frame)) return this.#fast.run(frame, program);
    const end = (this.isExact ? this.#exact : this.#fast).run(frame, program);
    this.log.push(logged(frame, end, this.#machine.left));
    if (frame.callDepth > 1) this.#counts.add(`sub-call ${endingOf(end.status, end.trap)}`);
    return end;
  }

  #watch(): MachineWatch {
    const frames: Frame[] = [];
    return {
      begin: (frame) => void frames.push(frame),
      beforeHostCall: (guest, name) => {
        this.#counts.add(`host call ${name}`);
        const frame = frames.at(-1)!;
        if (frame.callDepth === 1) this.hostCallsAt.add(frame.gas - Number(guest.gas));
      },
      afterHostCall: (guest, result) => {
        if (result === 3 && guest.detail === CALL) this.#counts.add("sub-call refused");
      },
      end: (guest, end) => {
        frames.pop();
        if (end.trap === TrapCode.wasm) this.#counts.add(`wasm: ${trapCondition(guest)}`);
      },
    };
  }
}
