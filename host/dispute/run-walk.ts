// A walk through the run of a bundle in search of a place to lie at, and the changes made on the way. The changes
// are kept as alterations by step, so that any other run of the same bundle makes them at the same places
// (machine/bundle-run.ts). An honest player never walks.
import type { Bundle } from "../chain/bundle.ts";
import { readU32 } from "../codec/reader.ts";
import { BlockRun, type RunParts } from "../machine/block-run.ts";
import { BundlePieces } from "../machine/bundle-pieces.ts";
import type { Alteration } from "../machine/bundle-run.ts";
import type { Machine } from "../machine/machine.ts";
import { RunStatus } from "../machine/run-registers.ts";
import type { StateHasher } from "../state/state-hasher.ts";

/** Beyond every run. */
const NEVER = 2n ** 32n;
const ENTRY_INDEX_AT = 9 * 128 + 100;

/** Offsets in RunParts.registers, little-endian. */
export const Register = { pc: 0, status: 52, phase: 56, resume: 48 } as const;

/** A special step (of a host call or phase) as it was before it was taken. */
export interface SpecialStep {
  /** Number of the host call, 0 for a phase. */
  readonly hostCall: number;
  /** The phase, or the stage of the host call. */
  readonly phase: number;
  /** Host record [2,048] before the step. */
  readonly record: Uint8Array;
}

export class RunWalk {
  readonly hasher: StateHasher;
  readonly alterations: Alteration[] = [];
  readonly #run: BlockRun;

  constructor(bundle: Bundle, hasher: StateHasher, machine: Machine) {
    this.hasher = hasher;
    const pieces = new BundlePieces(bundle, hasher);
    this.#run = new BlockRun(pieces.record, pieces, machine);
  }

  get steps(): bigint {
    return this.#run.steps;
  }

  get isHalted(): boolean {
    return this.#run.status === RunStatus.halted;
  }

  get isAtEntry(): boolean {
    return this.#run.isAtEntry;
  }

  /** Index of the entry at hand. */
  get entry(): number {
    return readU32(this.parts().record, ENTRY_INDEX_AT);
  }

  parts(): RunParts {
    return this.#run.parts();
  }

  header(): Uint8Array {
    return this.#run.header();
  }

  /** @throws HOST_FAULT and what pieces throw, where a changed run cannot go on */
  goTo(step: bigint): void {
    this.#run.runTo(step);
  }

  goToHalt(): void {
    this.#run.runToHalt();
  }

  /** To the next entry's beginning, or to the halt. */
  goToEntry(): void {
    this.#run.runToEntry(NEVER);
  }

  /** Goes over words and takes the next special step; undefined after the halt. */
  takeSpecial(): SpecialStep | undefined {
    const run = this.#run;
    run.runToSpecial(NEVER);
    if (this.isHalted) return undefined;
    const { frame, registers, record } = run.parts();
    const phase = new DataView(registers.buffer, registers.byteOffset).getUint32(
      Register.phase,
      true,
    );
    const step = { hostCall: frame?.detail ?? 0, phase, record: record.slice() };
    run.runTo(run.steps + 1n);
    return step;
  }

  /** Changes the state at hand, here and in every run with these alterations. */
  alter(alter: Alteration["alter"]): void {
    alter(this.#run.parts());
    this.alterations.push({ step: this.#run.steps, alter });
  }

  close(): void {
    this.#run.close();
  }
}

/** The 32-bit register at `at`. */
export function setRegister({ registers }: RunParts, at: number, value: number): void {
  new DataView(registers.buffer, registers.byteOffset).setUint32(at, value, true);
}
