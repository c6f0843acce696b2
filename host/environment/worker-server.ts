// The worker's end of worker-client.ts: answers requests one after another over the parent port. What
// an EngineError says crosses the thread; anything else that is thrown is reported as a bug.

import { parentPort } from "node:worker_threads";
import { assert } from "../errors.ts";
import { failureReply, type WorkerReply, type WorkerRequest } from "./worker-client.ts";

/** Hears how much of a request is done; a call of it is a message, so call it sparingly. */
export type WorkerProgress = (done: number) => void;

/** Lets the next request begin before this one is answered, if it is for the same method. */
export type WorkerRelease = () => void;

/** One function per method of a table of parameters and results. */
export type WorkerHandlers<
  Methods extends { [Name in keyof Methods]: { params: unknown; result: unknown } },
> = {
  readonly [Name in keyof Methods]: (
    params: Methods[Name]["params"],
    progress: WorkerProgress,
    release: WorkerRelease,
  ) => Methods[Name]["result"] | Promise<Methods[Name]["result"]>;
};

type Handler = (params: unknown, progress: WorkerProgress, release: WorkerRelease) => unknown;

/** What hears of the parameters of some requests when they arrive, before what is ahead of them is done. */
export type WorkerArrivals<Methods extends { [Name in keyof Methods]: { params: unknown } }> = {
  readonly [Name in keyof Methods]?: (params: Methods[Name]["params"]) => void;
};

/**
 * Serves `handlers` for the life of the thread, one request after another. Those named in `aside` run beside
 * others: nothing behind them waits for their end. Must be called in a worker.
 */
export function serveRequests<
  Methods extends { [Name in keyof Methods]: { params: unknown; result: unknown } },
>(
  handlers: WorkerHandlers<Methods>,
  aside: readonly (string & keyof Methods)[] = [],
  arrivals: WorkerArrivals<Methods> = {},
): void {
  const port = parentPort;
  assert(port !== null, "a worker script runs in a worker thread");
  const post = (reply: WorkerReply): void => port.postMessage(reply);
  const beside: readonly string[] = aside;
  /** The method asked for last, when it let go, and when everything so far was answered. */
  let last = { method: "", released: Promise.resolve(), answered: Promise.resolve() };
  port.on("message", (request: WorkerRequest) => {
    const { id, method, params } = request;
    const progress: WorkerProgress = (done) => post({ id, kind: "progress", done });
    try {
      (arrivals[method as keyof Methods] as ((params: unknown) => void) | undefined)?.(params);
    } catch {
      // Its handler meets the same parameters, and answers.
    }
    let release: WorkerRelease = () => {};
    const run = async () => post(await answerRequest(handlers, request, progress, release));
    if (beside.includes(method)) {
      void run();
      return;
    }
    const early = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { released, answered } = last;
    const ended = (method === last.method ? released : answered).then(run);
    last = {
      method,
      released: Promise.race([early, ended]),
      answered: Promise.all([answered, ended]).then(() => {}),
    };
  });
}

/** The reply to a request, whatever its handler does. */
export async function answerRequest<
  Methods extends { [Name in keyof Methods]: { params: unknown; result: unknown } },
>(
  handlers: WorkerHandlers<Methods>,
  { id, method, params }: WorkerRequest,
  progress: WorkerProgress = () => {},
  release: WorkerRelease = () => {},
): Promise<WorkerReply> {
  try {
    const handler = handlers[method as keyof Methods] as Handler;
    return { id, kind: "result", value: await handler(params, progress, release) };
  } catch (error) {
    return failureReply(id, error);
  }
}
