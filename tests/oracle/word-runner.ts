// Runs whole frames on the word interpreter: the same sandbox, host calls and chain as in production, with
// the oracle where V8 would be. So blocks can be executed twice and compared, and on every successful frame
// the charged gas must be the sum of what its executed words cost.
import { toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { assert } from "../../host/errors.ts";
import { CallStatus, type TrapCode } from "../../host/outcome.ts";
import { prepareRulesBlob } from "../../host/rules/prepare-rules.ts";
import type { Rules } from "../../host/rules/rules.ts";
import {
  FRAME_STOP,
  type Frame,
  type FrameEnd,
  type FrameRunner,
  type Guest,
  NO_BYTES,
} from "../../host/sandbox/frame.ts";
import { HostCalls } from "../../host/sandbox/host-calls.ts";
import type { Program } from "../../host/sandbox/program-source.ts";
import { initialState } from "./initial-state.ts";
import { type HostCallState, type RunResult, runWords } from "./run-words.ts";
import { type Schedule, scheduleOf } from "./word-costs.ts";

const STEPS_MAX = 200_000_000;

/** What code costs that was deployed under some rules. */
interface Prices {
  readonly schedule: Schedule;
  readonly entry: Rules["gas"]["entry"];
}

/** A frame runner over machine words; `framesChecked` counts frames whose gas was proven exact. */
export class WordRunner implements FrameRunner {
  framesChecked = 0;
  readonly #calls = new HostCalls();
  /** By the hash that code records have. */
  readonly #prices = new Map<string, Prices>();

  /** `versions` are all the rules that code has been deployed under. */
  constructor(...versions: readonly Rules[]) {
    for (const rules of versions) {
      const blob = prepareRulesBlob(rules);
      this.#prices.set(toHex(keccak256(blob)), {
        schedule: scheduleOf(blob),
        entry: rules.gas.entry,
      });
    }
  }

  run(frame: Frame, program: Program): FrameEnd {
    const { prepared } = program;
    const prices = this.#prices.get(toHex(prepared.codeRecord.rulesHash));
    assert(prices !== undefined, "code was deployed under rules that the runner was given");
    const guest = new WordGuest();
    let result: RunResult | undefined;
    try {
      this.#calls.within(frame, guest, () => {
        result = runWords({
          words: prepared.words,
          schedule: prices.schedule,
          entryPc: prepared.layout.entryPc,
          gas: BigInt(frame.gas),
          depth: frame.depth,
          ...initialState(prepared),
          host: (state) => this.#call(guest, state),
          stepsMax: STEPS_MAX,
        });
      });
    } catch (thrown) {
      return stoppedEnd(thrown, frame, guest);
    }
    assert(result !== undefined, "a frame that did not stop has a result");
    if (result.outcome === "trap") return trapped(result.trap as TrapCode);
    const charged = BigInt(frame.gas) - result.gas - guest.gasOfSubCalls;
    const cost = result.cost + entryPrice(program, prices);
    assert(charged === cost, `charged ${charged} gas, entry and executed words cost ${cost}`);
    this.framesChecked += 1;
    return {
      status: CallStatus.success,
      trap: 0,
      gasLeft: Number(result.gas),
      output: frame.output,
    };
  }

  #call(guest: WordGuest, state: HostCallState): bigint {
    guest.state = state;
    const before = state.gas;
    const result = this.#calls.invoke(state.number, state.args.map(Number));
    guest.gasOfSubCalls += before - state.gas;
    return BigInt((result ?? 0) >>> 0);
  }
}

/** What the entry stub charges beside its own words, straight from the rules. */
function entryPrice({ prepared, pagesInitial }: Program, { entry }: Prices): bigint {
  const { base, perKiB, perPage } = entry;
  return BigInt(base + perKiB * Math.ceil(prepared.wasm.length / 1024) + perPage * pagesInitial);
}

/** The guest as host calls see it: what the last host word showed of the machine. */
class WordGuest implements Guest {
  state: HostCallState | undefined;
  gasOfSubCalls = 0n;

  #shown(): HostCallState {
    assert(this.state !== undefined, "host calls look at a guest that called");
    return this.state;
  }

  memory(): Uint8Array {
    return this.#shown().memory.bytes;
  }

  gas(): number {
    return Number(this.#shown().gas);
  }

  setGas(gas: number): void {
    this.#shown().gas = BigInt(gas);
  }

  depth(): number {
    return this.#shown().depth;
  }
}

function stoppedEnd(thrown: unknown, frame: Frame, guest: WordGuest): FrameEnd {
  if (thrown !== FRAME_STOP) throw thrown;
  const { stopped } = frame;
  assert(stopped !== undefined, "a stopped frame says how it ended");
  if (stopped.status !== CallStatus.revert) return trapped(stopped.trap as TrapCode);
  return { status: CallStatus.revert, trap: 0, gasLeft: guest.gas(), output: frame.output };
}

function trapped(trap: TrapCode): FrameEnd {
  return { status: CallStatus.trap, trap, gasLeft: 0, output: NO_BYTES };
}
