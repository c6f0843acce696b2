// The worker's end of worker-client.ts: answers requests one after another over the parent port. What
// an EngineError says crosses the thread; anything else that is thrown is reported as a bug.

import { parentPort } from "node:worker_threads";
import { assert, EngineError } from "../errors.ts";
import { toErrorInput, type WorkerReply, type WorkerRequest } from "./worker-client.ts";

/** Hears how much of a request is done; a call of it is a message, so call it sparingly. */
export type WorkerProgress = (done: number) => void;

/** One function per method of a table of parameters and results. */
export type WorkerHandlers<
  Methods extends { [Name in keyof Methods]: { params: unknown; result: unknown } },
> = {
  readonly [Name in keyof Methods]: (
    params: Methods[Name]["params"],
    progress: WorkerProgress,
  ) => Methods[Name]["result"] | Promise<Methods[Name]["result"]>;
};

type Handler = (params: unknown, progress: WorkerProgress) => unknown;

/** Serves `handlers` for the life of the thread. Must be called in a worker. */
export function serveRequests<
  Methods extends { [Name in keyof Methods]: { params: unknown; result: unknown } },
>(handlers: WorkerHandlers<Methods>): void {
  const port = parentPort;
  assert(port !== null, "a worker script runs in a worker thread");
  const post = (reply: WorkerReply): void => port.postMessage(reply);
  const byName = handlers as Readonly<Record<string, Handler>>;
  let queue: Promise<void> = Promise.resolve();
  port.on("message", (request: WorkerRequest) => {
    queue = queue.then(async () => post(await answer(byName[request.method]!, request, post)));
  });
}

async function answer(
  handler: Handler,
  { id, params }: WorkerRequest,
  post: (reply: WorkerReply) => void,
): Promise<WorkerReply> {
  try {
    const value = await handler(params, (done) => post({ id, kind: "progress", done }));
    return { id, kind: "result", value };
  } catch (error) {
    if (error instanceof EngineError) return { id, kind: "error", error: toErrorInput(error) };
    const { message, stack } =
      error instanceof Error ? error : { message: String(error), stack: "" };
    return { id, kind: "bug", message, stack: stack ?? "" };
  }
}
