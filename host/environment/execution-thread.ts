// Starts execution workers. The script stands beside this file in the built package.

import { WorkerClient } from "./worker-client.ts";

/** A new execution thread; `onEnd` hears of an end that nobody asked for. */
export function executionWorker(onEnd?: (error: Error) => void): WorkerClient {
  return new WorkerClient(new URL("./execution-worker.js", import.meta.url), onEnd);
}

let shared: WorkerClient | undefined;

/** The thread that replays and tampers bundles for this process; does not keep the process alive. */
export function sharedWorker(): WorkerClient {
  shared ??= executionWorker();
  return shared;
}
