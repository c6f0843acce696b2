// The states of a run, computed by several threads. Each runs the block by itself from the bundle: getting to a
// step is fast, hashing what was written is slow, and that is what is shared out (decision 0021). A part
// that no thread has begun is taken by whichever is free, always ahead of what it did before.
import type { Falsehood } from "../dispute/false-run.ts";
import type { ProvenStep, RunEnd, StateAt } from "../machine/bundle-run.ts";
import type { LaterStates } from "../machine/run-states.ts";
import type { RunMethods } from "./run-methods.ts";
import { WorkerClient } from "./worker-client.ts";

const HASH_BYTES = 32;
/** Parts of a commitment for each thread: more even the load, fewer refresh less. */
const PARTS_PER_THREAD = 4;
const PART_LEAVES_MIN = 16;

type Call<Name extends keyof RunMethods> = Omit<RunMethods[Name]["params"], "run">;

/** Threads that run blocks. */
export class RunThreads {
  readonly #workers: readonly WorkerClient[];
  #runs = 0;

  constructor(count: number) {
    const script = new URL("./run-worker.js", import.meta.url);
    this.#workers = Array.from({ length: count }, () => new WorkerClient(script));
  }

  get count(): number {
    return this.#workers.length;
  }

  /**
   * Opens the run of a bundle in every thread, or one that lies about it.
   * @throws what BundleRun throws: RULES_…, TRANSACTIONS_ROOT_MISMATCH, WITNESS_…; BUNDLE_… · LIE_NOT_POSSIBLE
   */
  async open(bundle: Uint8Array, falsehood?: Falsehood): Promise<ParallelStates> {
    const run = this.#runs++;
    const states = new ParallelStates(this.#workers, run);
    await Promise.all(
      this.#workers.map((worker) => worker.call<undefined>("open", { run, bundle, falsehood })),
    );
    return states;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }
}

/** One run in all threads. */
export class ParallelStates implements LaterStates {
  readonly #workers: readonly WorkerClient[];
  readonly #run: number;
  #end: Promise<RunEnd> | undefined;

  constructor(workers: readonly WorkerClient[], run: number) {
    this.#workers = workers;
    this.#run = run;
  }

  end(): Promise<RunEnd> {
    this.#end ??= this.#ask(this.#workers[0]!, "end", {});
    return this.#end;
  }

  stateAt(step: bigint): Promise<StateAt> {
    return this.#ask(this.#workers[0]!, "stateAt", { step });
  }

  prove(step: bigint): Promise<ProvenStep> {
    return this.#ask(this.#workers[0]!, "prove", { step });
  }

  async commit(from: bigint, stride: bigint, count: number): Promise<Uint8Array> {
    const parts = PARTS_PER_THREAD * this.#workers.length;
    const size = Math.max(PART_LEAVES_MIN, Math.ceil(count / parts));
    const leaves = new Uint8Array(HASH_BYTES * count);
    let next = 0;
    const takeParts = async (worker: WorkerClient): Promise<void> => {
      while (next < count) {
        const first = next;
        next = Math.min(count, first + size);
        const part = { from: from + stride * BigInt(first), stride, count: next - first };
        leaves.set(await this.#ask(worker, "commit", part), HASH_BYTES * first);
      }
    };
    await Promise.all(this.#workers.map(takeParts));
    return leaves;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => this.#ask(worker, "close", {})));
  }

  #ask<Name extends keyof RunMethods>(
    worker: WorkerClient,
    method: Name,
    params: Call<Name>,
  ): Promise<RunMethods[Name]["result"]> {
    return worker.call(method, { ...params, run: this.#run });
  }
}
