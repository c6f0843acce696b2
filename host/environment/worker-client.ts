// A typed question-and-answer line to a worker thread. Execution lives in a worker because nested
// contracts share its stack, which must be larger than a main thread's (DESIGN 5). Errors of the engine
// arrive as the EngineErrors they were; anything else that breaks is a HOST_FAULT of the caller.

import { Worker } from "node:worker_threads";
import { EngineError, type EngineErrorInput, type ErrorCode } from "../errors.ts";

/** Stack of the execution thread: the depth budget needs under 1 MiB on every tier, nesting included. */
const STACK_MEBIBYTES = 64;
/**
 * Young generation of the execution thread's heap. What a block makes dies with it: with room for a whole
 * block most of it is dead when V8 looks, and execution is a tenth faster than with the default 48.
 */
const YOUNG_MEBIBYTES = 128;

export interface WorkerRequest {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

export type WorkerReply =
  | { readonly id: number; readonly kind: "result"; readonly value: unknown }
  | { readonly id: number; readonly kind: "progress"; readonly done: number }
  | { readonly id: number; readonly kind: "error"; readonly error: EngineErrorInput }
  | { readonly id: number; readonly kind: "bug"; readonly message: string; readonly stack: string };

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((done: number) => void) | undefined;
}

/** One worker thread and the requests under way in it. */
export class WorkerClient {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #ended: Error | undefined;
  #onEnd: ((error: Error) => void) | undefined;

  /** `onEnd` hears of an end that nobody asked for. */
  constructor(script: URL, onEnd?: (error: Error) => void) {
    this.#onEnd = onEnd;
    this.#worker = new Worker(script, {
      resourceLimits: { stackSizeMb: STACK_MEBIBYTES, maxYoungGenerationSizeMb: YOUNG_MEBIBYTES },
    });
    this.#worker.unref();
    this.#worker.on("message", (reply: WorkerReply) => this.#receive(reply));
    this.#worker.on("error", (error) => this.#end(error));
    this.#worker.on("exit", () => this.#end(undefined));
  }

  /** Asks and waits; `onProgress` hears how many entries are done. */
  call<Result>(
    method: string,
    params: unknown,
    onProgress?: (done: number) => void,
  ): Promise<Result> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    this.#worker.ref();
    return new Promise<Result>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject, onProgress });
      this.#worker.postMessage({ id, method, params } satisfies WorkerRequest);
    });
  }

  /** Ends the thread; requests under way are rejected. */
  async close(): Promise<void> {
    this.#onEnd = undefined;
    await this.#worker.terminate();
  }

  #receive(reply: WorkerReply): void {
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return;
    if (reply.kind === "progress") {
      pending.onProgress?.(reply.done);
      return;
    }
    this.#pending.delete(reply.id);
    if (this.#pending.size === 0) this.#worker.unref();
    if (reply.kind === "result") pending.resolve(reply.value);
    else pending.reject(failureOf(reply));
  }

  #end(cause: Error | undefined): void {
    const isFirst = this.#ended === undefined;
    this.#ended ??= new EngineError({
      code: "HOST_FAULT",
      message: "the execution thread ended",
      ...(cause === undefined ? {} : { cause }),
    });
    for (const pending of this.#pending.values()) pending.reject(this.#ended);
    this.#pending.clear();
    if (isFirst) this.#onEnd?.(this.#ended);
  }
}

/** The reply to a request whose method threw. */
export function failureReply(id: number, error: unknown): WorkerReply {
  if (error instanceof EngineError) return { id, kind: "error", error: toErrorInput(error) };
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: "" };
  return { id, kind: "bug", message, stack: stack ?? "" };
}

/** What a reply of `failureReply` rejects with. */
export function failureOf(reply: Extract<WorkerReply, { kind: "error" | "bug" }>): Error {
  if (reply.kind === "error") return new EngineError(reply.error);
  return Object.assign(new TypeError(reply.message), { stack: reply.stack });
}

/** The parts of an EngineError that cross a thread. */
function toErrorInput(error: EngineError): EngineErrorInput {
  const { code, message, where, hint, details } = error;
  const input = { code: code as ErrorCode, message, where, hint, details };
  return error.cause === undefined ? input : { ...input, cause: String(error.cause) };
}
