// Runs the frames of transactions without metering, through the same host as with it. Gas decides fees
// and what is left of a block, so how much each frame used is not measured but taken from a metered run
// of the same transaction: state, receipts and roots stay equal, and only time differs. A transaction
// that ran out of gas or depth would not end here; it runs metered, and its time is compared with nothing.
import { assert } from "../../host/errors.ts";
import { CallStatus, TrapCode } from "../../host/outcome.ts";
import type { Frame, FrameEnd, FrameRunner } from "../../host/sandbox/frame.ts";
import type { Program } from "../../host/sandbox/program-source.ts";
import { V8Runner } from "../../host/sandbox/v8-runner.ts";
import { emitPlain } from "./emit-plain.ts";

/** How the frames of one transaction ended, in the order in which they were entered. */
export type FrameEnds = readonly FrameEnd[];

/** Whether the transaction can run without metering: no frame of it was ended by gas or depth. */
export function endsUnmetered(ends: FrameEnds): boolean {
  return ends.every(
    ({ status, trap }) =>
      status !== CallStatus.trap || (trap !== TrapCode.out_of_gas && trap !== TrapCode.depth),
  );
}

/** Passes frames on and remembers how they ended. */
export class RecordingRunner implements FrameRunner {
  readonly #runner: FrameRunner;
  #ends: FrameEnd[] = [];

  constructor(runner: FrameRunner) {
    this.#runner = runner;
  }

  run(frame: Frame, program: Program): FrameEnd {
    const ends = this.#ends;
    // A frame has its place before the frames that it calls.
    const place = ends.push(NOT_ENDED) - 1;
    const end = this.#runner.run(frame, program);
    ends[place] = end;
    return end;
  }

  /** The ends since the last call of this. */
  take(): FrameEnds {
    const ends = this.#ends;
    this.#ends = [];
    return ends;
  }
}

const NOT_ENDED: FrameEnd = {
  status: CallStatus.trap,
  trap: 0,
  gasLeft: 0,
  output: new Uint8Array(0),
};

/** One per thread; `follow` says what the next transaction came to with metering. */
export class UnmeteredRunner implements FrameRunner {
  readonly #metered: FrameRunner;
  readonly #plain = new V8Runner(emitPlain);
  /** A runner keeps what it compiled in the program, so each has programs of its own. */
  readonly #twins = new WeakMap<Program, Program>();
  #ends: FrameEnds = [];
  #next = 0;
  #isPlain = false;

  constructor(metered: FrameRunner) {
    this.#metered = metered;
  }

  follow(ends: FrameEnds): void {
    this.#ends = ends;
    this.#next = 0;
    this.#isPlain = endsUnmetered(ends);
  }

  run(frame: Frame, program: Program): FrameEnd {
    if (!this.#isPlain) return this.#metered.run(frame, program);
    const recorded = this.#ends[this.#next++];
    const end = this.#plain.run(frame, this.#twin(program));
    assert(
      recorded?.status === end.status && recorded.trap === end.trap,
      "a contract ends in the same way with and without metering",
    );
    return { status: end.status, trap: end.trap, gasLeft: recorded.gasLeft, output: end.output };
  }

  #twin(program: Program): Program {
    const known = this.#twins.get(program);
    if (known !== undefined) return known;
    const twin: Program = { ...program, compiled: undefined };
    this.#twins.set(program, twin);
    return twin;
  }
}
