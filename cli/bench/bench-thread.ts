// Starts the bench thread: like an execution thread, a worker with a stack for the whole depth budget,
// since what is timed is execution. The thread ends with the measurement, so suites do not share heaps.
import { WorkerClient } from "../../host/environment/worker-client.ts";
import type { BenchMethods } from "./bench-methods.ts";

/** Runs one measurement in a thread of its own. */
export async function measure<Name extends keyof BenchMethods>(
  method: Name,
  params: BenchMethods[Name]["params"],
  onProgress?: (done: number) => void,
): Promise<BenchMethods[Name]["result"]> {
  const worker = new WorkerClient(new URL("./bench-worker.js", import.meta.url));
  try {
    return await worker.call<BenchMethods[Name]["result"]>(method, params, onProgress);
  } finally {
    await worker.close();
  }
}
