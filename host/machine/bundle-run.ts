// The run of a bundle's block, at any of its steps: state, proof, commitments. A run goes forward and remembers
// where each entry began, by record and step alone; to get back, it begins again at the entry before, so
// that no more than one entry is run twice. What the bundle claims of receipts and result plays no part.
import type { Bundle } from "../chain/bundle.ts";
import type { BlockResult } from "../chain/result.ts";
import { keccak256 } from "../codec/keccak.ts";
import { assert, EngineError } from "../errors.ts";
import type { StateHasher } from "../state/state-hasher.ts";
import { BlockRun, type RunParts } from "./block-run.ts";
import { BundlePieces } from "./bundle-pieces.ts";
import { enteredRootOf, entryIndexOf, resultOfRecord } from "./initial-record.ts";
import { Machine, type MachineFrame } from "./machine.ts";
import type { SuspendedFrame } from "./run-headers.ts";
import { RunStatus } from "./run-registers.ts";

const HASH_BYTES = 32;
const STATE_ROOT_BYTES = 32;
/** Most leaves of one commitment. */
const COUNT_MAX = 2 ** 20;
/** A run has at most 2^32 − 2^16 steps; commitments of the halted tail end at 2^32. */
const STEPS_MAX = 2n ** 32n;

/** Where an entry begins. */
interface Checkpoint {
  readonly step: bigint;
  /** Host record, 2,048 bytes. */
  readonly record: Uint8Array;
}

/** A state of a run. */
export interface StateAt {
  /** 256 bytes, docs/machine.md section 1. */
  readonly header: Uint8Array;
  /** keccak of the header. */
  readonly hash: Uint8Array;
  /** False from the halt on: later steps lead to the same state. */
  readonly isRunning: boolean;
}

/** A state as the machine holds it, for who explains it; good until the run moves or is closed. */
export interface RunView extends StateAt {
  /** Host record, 2,048 bytes (docs/machine.md section 2). */
  readonly record: Uint8Array;
  /** Entries done; the one at hand has this index. */
  readonly entry: number;
  /** Undefined where no word runs: in a phase, and after the halt. */
  readonly frame: MachineFrame | undefined;
  /** Outermost first. */
  readonly callers: readonly SuspendedFrame[];
}

/** A step proof with the hashes of the states on both sides. */
export interface ProvenStep {
  readonly pre: Uint8Array;
  readonly proof: Uint8Array;
  readonly post: Uint8Array;
}

/** What a run comes to. */
export interface RunEnd {
  /** Steps until it halts. */
  readonly steps: bigint;
  readonly result: BlockResult;
  /** Header [256] and host record [2,048] of the halted state. */
  readonly header: Uint8Array;
  readonly record: Uint8Array;
}

/** A change that somebody makes to the state after `step` steps, from which the run goes on: how a liar lies. */
export interface Alteration {
  readonly step: bigint;
  readonly alter: (parts: RunParts) => void;
}

export class BundleRun {
  readonly #machine: Machine;
  readonly #pieces: BundlePieces;
  /** Ascending; the first one is the beginning. */
  readonly #checkpoints: Checkpoint[] = [];
  readonly #alterations: readonly Alteration[];
  #run: BlockRun;
  /** Where the run was last looked at: a state is altered once, and that of a checkpoint is already. */
  #arrivedAt = 0n;
  #end: RunEnd | undefined;

  /**
   * `alterations`, ascending by step, make it another run than the order's.
   * @throws what replay refuses before it executes: RULES_…, TRANSACTIONS_ROOT_MISMATCH, WITNESS_…
   */
  constructor(
    bundle: Bundle,
    hasher: StateHasher,
    machine = new Machine(),
    alterations: readonly Alteration[] = [],
  ) {
    this.#machine = machine;
    this.#alterations = alterations;
    this.#pieces = new BundlePieces(bundle, hasher);
    this.#run = new BlockRun(this.#pieces.record, this.#pieces, machine);
    this.#noteCheckpoint();
  }

  /**
   * Runs to the halt.
   * @throws WITNESS_MISSING, CODE_MISSING when the bundle shows less than the run needs
   */
  end(): RunEnd {
    if (this.#end === undefined) this.#goTo(STEPS_MAX);
    assert(this.#end !== undefined, "a run halts within its bound of steps");
    return this.#end;
  }

  /**
   * The state after `step` steps.
   * @throws BYTES_OUT_OF_RANGE for a step outside 0 … 2^32 · what `end` throws
   */
  stateAt(step: bigint): StateAt {
    this.#goTo(step);
    const header = this.#run.header();
    return {
      header,
      hash: keccak256(header),
      isRunning: this.#run.status !== RunStatus.halted,
    };
  }

  /**
   * The state after `step` steps with all that the machine has of it.
   * @throws as `stateAt`
   */
  viewAt(step: bigint): RunView {
    const state = this.stateAt(step);
    const { frame, callers } = this.#run;
    const record = this.#run.record();
    return { ...state, record, entry: entryIndexOf(record), frame, callers };
  }

  /**
   * The step with which entry `index` of the body begins; for the count of the body, the step that finds its
   * end. The steps of an entry are those from its own to the one before the next entry's.
   * @throws as `end`
   */
  entryStart(index: number): bigint {
    const before = this.#checkpoints.findLast(({ record }) => entryIndexOf(record) <= index)!;
    this.#goTo(before.step);
    for (let at = entryIndexOf(before.record); at < index; at++) {
      this.#run.runToEntry(STEPS_MAX);
      this.#arrived();
    }
    assert(this.#run.isAtEntry, "every entry of a body begins");
    return this.#run.steps;
  }

  /**
   * The proof of the step that follows the state after `step` steps; a halted state is followed by itself.
   * @throws as `stateAt`
   */
  prove(step: bigint): ProvenStep {
    this.#goTo(step);
    const pre = keccak256(this.#run.header());
    const proof = this.#run.prove();
    const post = keccak256(this.#run.header());
    this.#arrived();
    return { pre, proof, post };
  }

  /**
   * Hashes of the states after from, from + stride, …: `count` leaves, 32 bytes each.
   * @throws BYTES_OUT_OF_RANGE for a stride of 0, more than 2^20 leaves, or a last step beyond 2^32 · as `stateAt`
   */
  commit(from: bigint, stride: bigint, count: number): Uint8Array {
    const isCount = Number.isInteger(count) && count >= 1 && count <= COUNT_MAX;
    if (stride < 1n || !isCount) throw outOfRange("stride and count", `${stride} and ${count}`);
    checkStep(from + stride * BigInt(count - 1));
    if (stride === 1n) return this.#commitDense(from, count);
    const leaves = new Uint8Array(HASH_BYTES * count);
    for (let i = 0; i < count; i++) {
      leaves.set(this.stateAt(from + stride * BigInt(i)).hash, HASH_BYTES * i);
      if (this.#run.status !== RunStatus.halted) continue;
      for (let j = i + 1; j < count; j++) {
        leaves.copyWithin(HASH_BYTES * j, HASH_BYTES * i, HASH_BYTES * (i + 1));
      }
      break;
    }
    return leaves;
  }

  /** Gives back what it holds of the machine. */
  close(): void {
    this.#run.close();
  }

  #commitDense(from: bigint, count: number): Uint8Array {
    const leaves = new Uint8Array(HASH_BYTES * count);
    leaves.set(this.stateAt(from).hash);
    for (let done = 1; done < count; ) {
      const step = from + BigInt(done - 1);
      const change = this.#nextAlteration(step);
      const isChanged = change !== undefined && change.step < from + BigInt(count);
      const taken = isChanged ? Number(change.step - step) : count - done;
      leaves.set(this.#run.commit(taken), HASH_BYTES * done);
      done += taken;
      this.#arrived();
      if (isChanged) leaves.set(keccak256(this.#run.header()), HASH_BYTES * (done - 1));
    }
    return leaves;
  }

  /** Brings the run to a step, or to the halt where that comes first. */
  #goTo(step: bigint): void {
    checkStep(step);
    const checkpoint = this.#checkpoints.findLast((known) => known.step <= step)!;
    if (this.#run.steps > step || this.#run.steps < checkpoint.step) {
      this.#run.close();
      const { record, step: steps } = checkpoint;
      this.#run = new BlockRun(record, this.#pieces, this.#machine, steps);
      this.#arrivedAt = steps;
    }
    while (this.#run.steps < step && this.#run.status !== RunStatus.halted) {
      const change = this.#nextAlteration(this.#run.steps);
      this.#run.runToEntry(change !== undefined && change.step < step ? change.step : step);
      this.#arrived();
    }
  }

  #nextAlteration(step: bigint): Alteration | undefined {
    return this.#alterations.find((change) => change.step > step);
  }

  /** After each way forward. */
  #arrived(): void {
    const { steps } = this.#run;
    if (steps !== this.#arrivedAt) {
      this.#arrivedAt = steps;
      this.#alterations.find(({ step }) => step === steps)?.alter(this.#run.parts());
    }
    this.#noteCheckpoint();
  }

  #noteCheckpoint(): void {
    const run = this.#run;
    if (run.status === RunStatus.halted) {
      const record = run.record();
      const result = resultOfRecord(record);
      this.#end ??= { steps: run.steps, result, header: run.header(), record };
    }
    if (!run.isAtEntry) return;
    const step = run.steps;
    const before = this.#checkpoints.findLastIndex((known) => known.step <= step);
    if (this.#checkpoints[before]?.step === step) return;
    const record = run.record();
    this.#pieces.keepStates([record.slice(0, STATE_ROOT_BYTES), enteredRootOf(record)]);
    this.#checkpoints.splice(before + 1, 0, { step, record });
  }
}

function checkStep(step: bigint): void {
  if (step < 0n || step > STEPS_MAX) throw outOfRange("step", String(step));
}

function outOfRange(field: string, got: string): EngineError {
  return new EngineError({
    code: "BYTES_OUT_OF_RANGE",
    message: `${field}: got ${got}, expected a place in the run of a block`,
    where: { field },
  });
}
