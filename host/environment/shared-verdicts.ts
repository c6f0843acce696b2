// Checks the signatures of a body in two threads: the one that executes and one beside it. Checking is two
// thirds of a signed transfer, so this nearly halves its time. Without a second processor, for short
// bodies, or when the other thread cannot run, the executing thread checks alone: slower, never different.

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type VerdictSource, verdictsBy } from "../chain/signature-verdicts.ts";
import { nativeSignatureChecker } from "./native.ts";
import { SignatureJob } from "./signature-job.ts";

/** Entries below which a message to the other thread takes longer than it saves. */
const BODY_MIN = 16;

const alone = verdictsBy(nativeSignatureChecker);
let isParallel = availableParallelism() > 1;
let second: Worker | undefined;

function startSecond(): Worker {
  // The script stands beside this file in the built package.
  const worker = new Worker(new URL("./signature-worker.js", import.meta.url));
  worker.unref();
  worker.on("error", () => {
    isParallel = false;
  });
  return worker;
}

/** Verdicts by libsecp256k1, shared with the thread beside this one. */
export const sharedVerdicts: VerdictSource = (body) => {
  if (!isParallel || body.length < BODY_MIN) return alone(body);
  second ??= startSecond();
  const job = SignatureJob.over(body, nativeSignatureChecker);
  second.postMessage(job.buffer);
  return job;
};
