// Headers of the frames of a run: their trees, kept from the first header that somebody asks for until the frame is
// gone, and the state hashes of suspended callers, which are parent hashes of what runs above them. Hashes nothing
// before it is asked.
import { keccak256 } from "../codec/keccak.ts";
import { assert } from "../errors.ts";
import { FrameTrees } from "./frame-trees.ts";
import type { Machine, MachineFrame } from "./machine.ts";
import { recordRoot } from "./step-proof.ts";

const NO_HASH = new Uint8Array(32);

/** A caller that waits for its sub-call. */
export interface SuspendedFrame {
  readonly frame: MachineFrame;
  /** Its host record, 2,048 bytes. */
  readonly record: Uint8Array;
}

export class RunHeaders {
  readonly #machine: Machine;
  readonly #trees = new Map<MachineFrame, FrameTrees>();
  /** Of suspended callers, once somebody asked. */
  readonly #hashes = new WeakMap<SuspendedFrame, Uint8Array>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** The trees of a frame whose header was asked for. */
  trees(frame: MachineFrame): FrameTrees {
    const trees = this.#trees.get(frame);
    assert(trees !== undefined, "a frame has trees once its header was made");
    return trees;
  }

  /** The 256 bytes of a frame's header, its trees up to date. */
  header(frame: MachineFrame, hostRecordRoot: Uint8Array, parentHash: Uint8Array): Uint8Array {
    const surroundings = { hostRecordRoot, parentHash };
    let trees = this.#trees.get(frame);
    if (trees === undefined) {
      trees = new FrameTrees(this.#machine, frame, surroundings);
      this.#trees.set(frame, trees);
    }
    trees.surroundings = surroundings;
    return trees.header();
  }

  /** State hash of the innermost of the first `count` suspended callers; zero where there is none. */
  parentHash(suspended: readonly SuspendedFrame[], count = suspended.length): Uint8Array {
    if (count === 0) return NO_HASH;
    const caller = suspended[count - 1]!;
    let hash = this.#hashes.get(caller);
    if (hash === undefined) {
      hash = keccak256(this.callerHeader(suspended, count));
      this.#hashes.set(caller, hash);
    }
    return hash;
  }

  /** Header of the innermost of the first `count` suspended callers. */
  callerHeader(suspended: readonly SuspendedFrame[], count = suspended.length): Uint8Array {
    const { frame, record } = suspended[count - 1]!;
    return this.header(frame, recordRoot(record), this.parentHash(suspended, count - 1));
  }

  /** Gives back the trees of a frame that is gone. */
  release(frame: MachineFrame): void {
    this.#trees.get(frame)?.release();
    this.#trees.delete(frame);
  }

  releaseAll(): void {
    for (const trees of this.#trees.values()) trees.release();
    this.#trees.clear();
  }
}
