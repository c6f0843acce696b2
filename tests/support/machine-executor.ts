// Runs one entry of a prepared module on the machine with the toy host of both-executors.ts, so that a test
// can compare it with the oracle field by field. Fast, exact in odd portions, or one noted step at a time.
import { Machine, MachineEnd, type MachineFrame } from "../../host/machine/machine.ts";
import { TrapCode } from "../../host/outcome.ts";
import type { Prepared } from "../../host/program/prepare.ts";
import { trapCondition } from "../spec-suite/trap-condition.ts";
import { type Ended, type Entry, HOST_GAS, toyHost } from "./both-executors.ts";

export type MachineMode = "fast" | "exact" | "noting";

export interface MachineEnded extends Ended {
  readonly depth: number;
  readonly words: bigint;
  /** Words that the machine takes several steps for count once in the oracle. */
  readonly steps: bigint;
  /** Which trap of Wasm it was; unknown after a fast run, which keeps no place of its last word. */
  readonly condition: string | undefined;
}

export class MachineExecutor {
  private readonly machine: Machine;
  private readonly prepared: Prepared;

  constructor(prepared: Prepared, machine = new Machine()) {
    this.prepared = prepared;
    this.machine = machine;
  }

  run(entry: Entry, gas: bigint, depth: number, mode: MachineMode = "fast"): MachineEnded {
    const { machine } = this;
    const { words, layout } = this.prepared;
    const { funcidx } = entry;
    const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
    const fn = layout.functions[(funcidx ?? 0) - layout.imports.length];
    const frame = machine.begin(machine.program(this.prepared), {
      gas,
      depth,
      args: entry.args,
      entryPc: funcidx === undefined ? layout.entryPc : view.getUint32(funcidx * 16 + 4, true),
    });
    while (this.go(frame, mode) === MachineEnd.host) this.host(frame);
    const succeeded = frame.end === MachineEnd.success;
    const hasResult = succeeded && funcidx !== undefined && fn?.results === 1;
    const ended = {
      outcome: succeeded ? ("success" as const) : ("trap" as const),
      trap: succeeded ? 0 : frame.end === MachineEnd.trap ? frame.detail : -1,
      gas: succeeded ? frame.gas : undefined,
      result: hasResult ? frame.slot(0) : undefined,
      globals: [...frame.globals()],
      memory: frame.memory().slice(),
      depth: frame.depth,
      words: frame.steps,
      steps: frame.steps,
      condition:
        mode !== "fast" && frame.end === MachineEnd.trap && frame.detail === TrapCode.wasm
          ? trapCondition(frame)
          : undefined,
    };
    machine.end(frame);
    return ended;
  }

  private go(frame: MachineFrame, mode: MachineMode): MachineEnd {
    if (mode === "fast") return this.machine.runFast(frame);
    let portion = 1n;
    for (;;) {
      if (mode === "noting") this.machine.runNoting(frame);
      else this.machine.runExact(frame, portion);
      if (frame.end !== MachineEnd.limit) return frame.end;
      portion = (portion * 5n) % 97n;
    }
  }

  private host(frame: MachineFrame): void {
    const args = Array.from({ length: frame.hostWord().params }, (_, i) =>
      frame.slot(frame.fp + i),
    );
    const { detail: number, gas } = frame;
    const result = toyHost({ number, args, memory: frame.memory(), gas });
    if (gas >= HOST_GAS) frame.gas = gas - HOST_GAS;
    frame.finishHostWord(result);
  }
}
