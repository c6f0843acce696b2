// A frame of the machine that is invoked again and again and keeps memory and globals, with the proofs of its
// steps: every step of a run of up to 10,000, of longer ones the last and one in 64. Both judges decide on each
// proof alone, and their post state must be the one that the machine reaches. Slots that an earlier invocation
// left on the stack stay there, since no run may depend on them.
import { toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { judgeStep } from "../../host/dispute/judge.ts";
import { assert } from "../../host/errors.ts";
import { DEPTH_BUDGET } from "../../host/limits.ts";
import { FrameTrees, HEADER_BYTES } from "../../host/machine/frame-trees.ts";
import {
  type Machine,
  MachineEnd,
  type MachineFrame,
  type MachineProgram,
} from "../../host/machine/machine.ts";
import { proveWord } from "../../host/machine/prove-word.ts";
import { StepVerifier } from "../../host/machine/verify-step.ts";
import { headerAfter } from "../support/frame-header.ts";

/** Runs up to this long are proven step by step. */
export const ALL_STEPS_MAX = 10_000;
/** Of longer runs one step in so many is proven. */
export const PROVEN_STRIDE = 64;

export interface FrameStart {
  readonly pc: number;
  readonly args: readonly bigint[];
  readonly gas: bigint;
  readonly depth: number;
}

/** A proof that a judge refuses, or that leads it elsewhere than the machine went. */
export class ProofFailure extends Error {}

const surroundings = {
  hostRecordRoot: new Uint8Array(32).fill(7),
  parentHash: new Uint8Array(32).fill(9),
};
const STATUS_RUN = 1;

let verifier: StepVerifier | undefined;

export class ProvingFrame {
  readonly frame: MachineFrame;
  readonly #machine: Machine;
  readonly #trees: FrameTrees | undefined;

  constructor(machine: Machine, program: MachineProgram, gas: bigint, proves: boolean) {
    this.#machine = machine;
    this.frame = machine.begin(program, { gas, depth: DEPTH_BUDGET });
    this.#trees = proves ? new FrameTrees(machine, this.frame, surroundings) : undefined;
  }

  release(): void {
    this.#trees?.release();
    this.#machine.end(this.frame);
  }

  /** Puts the frame where a call from outside stands; memory, globals and pages stay. */
  #start({ pc, args, gas, depth }: FrameStart): void {
    const { frame } = this;
    const registers = new DataView(frame.registerBytes.buffer);
    for (const [at, value] of [
      [0, pc],
      [4, args.length + 1],
      [8, 0],
      [16, depth],
      [40, MachineEnd.limit],
      [44, 0],
      [48, 0],
      [52, STATUS_RUN],
      [56, 0],
    ] as const) {
      registers.setUint32(at, value, true);
    }
    registers.setBigInt64(24, gas, true);
    registers.setBigUint64(32, 0n, true);
    args.forEach((arg, i) => {
      frame.setSlot(i, arg);
    });
    frame.setSlot(args.length, 0n);
  }

  runFast(start: FrameStart): void {
    this.#start(start);
    this.#machine.runFast(this.frame);
  }

  /** Runs `steps` steps, which the fast run has counted; how many of them were proven. @throws ProofFailure */
  runProving(start: FrameStart, steps: number): number {
    this.#start(start);
    const { frame } = this;
    let proven = 0;
    while (frame.end === MachineEnd.limit) {
      if (steps > ALL_STEPS_MAX) {
        const left = steps - Number(frame.steps);
        const skipped = left > PROVEN_STRIDE ? PROVEN_STRIDE - 1 : left - 1;
        if (skipped > 0) this.#machine.runExact(frame, BigInt(skipped));
      }
      this.#prove();
      proven++;
    }
    return proven;
  }

  #prove(): void {
    const trees = this.#trees;
    assert(trees !== undefined, "only a frame with trees proves");
    verifier ??= new StepVerifier();
    const at = `pc ${this.frame.pc}`;
    const proof = proveWord(trees);
    const pre = keccak256(proof.subarray(0, HEADER_BYTES));
    const post = toHex(keccak256(headerAfter(this.frame, trees)));
    const ours = verifier.verify(pre, proof);
    const theirs = judgeStep(pre, proof);
    const verdicts = [
      ours.valid ? toHex(ours.post) : `rejected ${ours.rejection}`,
      "post" in theirs ? toHex(theirs.post) : `rejected ${theirs.rejected}`,
    ];
    if (verdicts.some((verdict) => verdict !== post)) {
      throw new ProofFailure(`${at}: the machine reaches ${post}, the judges ${verdicts.join()}`);
    }
  }
}
