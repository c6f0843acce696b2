// What an engine is started with: runs the cases of the job in its arguments and writes each as a line of JSON.
// On Node they run in a thread whose stack is as large as the job says (an execution thread has 64 MiB), or, where
// it says nothing, on the main thread; Bun has no say in that.
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { type CaseResult, type Job, runCases } from "./cases.ts";

/** A job and the size of the stack that it runs on. */
export interface EngineJob extends Job {
  readonly stackMebibytes?: number;
}

const job: EngineJob = isMainThread ? JSON.parse(process.argv[2] ?? "{}") : workerData;

const write = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

async function runAll(): Promise<void> {
  const { versions } = process;
  const { bun } = versions as Record<string, string | undefined>;
  write({ version: bun === undefined ? `v${versions.node}, V8 ${versions.v8}` : `v${bun}` });
  for await (const result of runCases(job)) write(result satisfies CaseResult);
  write({ finished: true });
}

if (isMainThread && job.stackMebibytes !== undefined) {
  const resourceLimits = { stackSizeMb: job.stackMebibytes };
  new Worker(new URL(import.meta.url), { workerData: job, resourceLimits });
} else {
  await runAll();
}
