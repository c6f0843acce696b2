// The process around the worker thread: passes its messages on and ends with it. A process of its own,
// because some inputs would take down whatever process they run in.
import { Worker } from "node:worker_threads";

/** As host/environment/worker-client.ts gives the execution thread. */
const STACK_MEBIBYTES = 64;
const HEAP_MEBIBYTES = 1_024;

process.once("message", (workerData) => {
  const worker = new Worker(new URL("./fuzz-worker.mjs", import.meta.url), {
    workerData,
    resourceLimits: { stackSizeMb: STACK_MEBIBYTES, maxOldGenerationSizeMb: HEAP_MEBIBYTES },
  });
  worker.on("message", (message) => process.send(message));
  worker.on("error", (error) => {
    const { message, stack } = error;
    process.send({ kind: "died", message, stack }, () => process.exit(1));
  });
  worker.on("exit", (code) => {
    if (code === 0) process.disconnect();
  });
});
