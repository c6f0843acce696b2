// The thread of second-thread.ts: does one piece of work after another.

import { parentPort } from "node:worker_threads";
import { assert } from "../errors.ts";
import { BodyJob } from "./body-job.ts";
import { nativeSignatureChecker, nativeStateHasher } from "./native.ts";
import type { SecondThreadRequest } from "./second-thread.ts";
import { ReceiptJob } from "./shared-receipts.ts";
import { ServedTree } from "./shared-tree.ts";

const port = parentPort;
assert(port !== null, "the second thread runs in a worker thread");

const trees = new Map<number, ServedTree>();

function readBody(buffer: SharedArrayBuffer): void {
  const job = new BodyJob(buffer, nativeSignatureChecker);
  job.hash();
  while (job.checkNext()) {
    // One after another.
  }
}

port.on("message", (request: SecondThreadRequest) => {
  switch (request.kind) {
    case "readBody":
      readBody(request.buffer);
      return;
    case "makeReceipts":
      new ReceiptJob(request.buffer).make();
      return;
    case "openTree":
      trees.set(request.tree, new ServedTree(request.port, request.control, nativeStateHasher()));
      return;
    case "changeTree":
      trees.get(request.tree)?.change(request.offer);
      return;
    case "closeTree":
      trees.delete(request.tree);
  }
});
