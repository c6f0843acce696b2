// The second thread of shared-verdicts.ts: checks entries of one body after another until none is left.

import { parentPort } from "node:worker_threads";
import { assert } from "../errors.ts";
import { nativeSignatureChecker } from "./native.ts";
import { SignatureJob } from "./signature-job.ts";

const port = parentPort;
assert(port !== null, "the signature worker runs in a worker thread");

port.on("message", (buffer: SharedArrayBuffer) => {
  const job = new SignatureJob(buffer, nativeSignatureChecker);
  while (job.checkNext()) {
    // One after another.
  }
});
