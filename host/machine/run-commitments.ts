// The commitments of one run (DESIGN 11): level A has the state after every stride, level B of a stride the state
// after every step of it. Both are built when a dispute first asks and kept while it lasts; a run that
// nobody disputes is never committed to.
import { assert } from "../errors.ts";
import type { ProvenStep, RunEnd } from "./bundle-run.ts";
import { COMMITMENT_DEPTH, CommitmentTree } from "./commitment-tree.ts";
import type { LaterStates } from "./run-states.ts";

export class RunCommitments {
  /** Levels of a tree: a stride has 2^depth steps, and a run as many strides. */
  readonly depth: number;
  readonly #states: LaterStates;
  #strides: Promise<CommitmentTree> | undefined;
  readonly #steps = new Map<number, Promise<CommitmentTree>>();

  /** A lesser `depth` than 16 is for short runs, in tests. */
  constructor(states: LaterStates, depth = COMMITMENT_DEPTH) {
    this.#states = states;
    this.depth = depth;
  }

  /** @throws what the run throws: WITNESS_MISSING, CODE_MISSING, HOST_FAULT */
  end(): Promise<RunEnd> {
    return this.#states.end();
  }

  /** Level A: leaf i is the state after i × 2^depth steps. */
  strides(): Promise<CommitmentTree> {
    this.#strides ??= this.#commit(0n, 2n ** BigInt(this.depth));
    return this.#strides;
  }

  /** Level B of a stride: leaf j is the state after j more steps. */
  steps(stride: number): Promise<CommitmentTree> {
    let tree = this.#steps.get(stride);
    if (tree === undefined) {
      tree = this.#commit(BigInt(stride) * 2n ** BigInt(this.depth), 1n);
      this.#steps.set(stride, tree);
    }
    return tree;
  }

  /** The proof of the step that follows the state after `step` steps. */
  prove(step: bigint): Promise<ProvenStep> {
    return this.#states.prove(step);
  }

  close(): Promise<void> {
    return this.#states.close();
  }

  async #commit(from: bigint, stride: bigint): Promise<CommitmentTree> {
    const { steps } = await this.#states.end();
    const size = 2n ** BigInt(this.depth);
    assert(steps <= size * (size - 1n), "a run halts before the last leaf of its strides");
    // The leaves up to the first halted one: the tree takes those behind it to be as that.
    const left = steps > from ? (steps - from + stride - 1n) / stride : 0n;
    const count = left + 1n < size ? left + 1n : size;
    return new CommitmentTree(await this.#states.commit(from, stride, Number(count)), this.depth);
  }
}
