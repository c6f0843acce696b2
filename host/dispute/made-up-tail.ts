// A run that is honest, or at least somebody's, up to a step, and made up from there on: states that no machine
// has, then a halted one. Nothing proves a made-up step, but the halted state follows itself like any other.
import { keccak256 } from "../codec/keccak.ts";
import { ByteWriter } from "../codec/writer.ts";
import type { ProvenStep, RunEnd, StateAt } from "../machine/bundle-run.ts";
import type { RunStates } from "../machine/run-states.ts";

const HASH_BYTES = 32;
const HEADER_BYTES = 256;
/** No header has a status like this. */
const NO_STATUS = 0xff;

export class MadeUpTail implements RunStates {
  readonly #run: RunStates;
  readonly #last: bigint;
  readonly #end: RunEnd;
  readonly #seed: number;

  /** The states up to step `last` are those of `run`; `end` is behind it. */
  constructor(run: RunStates, last: bigint, end: RunEnd, seed = 0) {
    this.#seed = seed;
    this.#run = run;
    this.#last = last;
    this.#end = end;
  }

  end(): RunEnd {
    return this.#end;
  }

  stateAt(step: bigint): StateAt {
    if (step <= this.#last) return this.#run.stateAt(step);
    const isRunning = step < this.#end.steps;
    const header = isRunning ? madeUp(step, this.#seed) : this.#end.header;
    return { header, hash: keccak256(header), isRunning };
  }

  /** A proof that no judge takes, where there is none. */
  prove(step: bigint): ProvenStep {
    if (step <= this.#last) return this.#run.prove(step);
    const { header, hash } = this.stateAt(step);
    const proof = new Uint8Array(HEADER_BYTES + 1);
    proof.set(header);
    return { pre: hash, proof, post: hash };
  }

  commit(from: bigint, stride: bigint, count: number): Uint8Array {
    const leaves = new Uint8Array(HASH_BYTES * count);
    const own = from > this.#last ? 0n : (this.#last - from) / stride + 1n;
    const first = own < BigInt(count) ? Number(own) : count;
    if (first > 0) leaves.set(this.#run.commit(from, stride, first));
    for (let i = first; i < count; i++) {
      leaves.set(this.stateAt(from + stride * BigInt(i)).hash, HASH_BYTES * i);
    }
    return leaves;
  }

  close(): void {
    this.#run.close();
  }
}

function madeUp(step: bigint, seed: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES).fill(NO_STATUS);
  header.set(new ByteWriter(12).u64(step).u32(seed).finish());
  return header;
}
