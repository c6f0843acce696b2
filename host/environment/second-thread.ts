// The one thread beside an execution thread, which takes what execution need not wait for: hashes and signatures of
// the entries of a body (shared-bodies.ts), receipts (shared-receipts.ts) and the tree over the state
// (shared-tree.ts). Every piece of work lies in shared memory, and the execution thread does itself what is needed
// before the second has begun it: so a second thread that starts late, has ended or was never there costs time and
// changes nothing.

import { availableParallelism } from "node:os";
import { type MessagePort, Worker } from "node:worker_threads";
import type { TreeOffer } from "./shared-tree.ts";

/** What the second thread is asked for; it does one after another, in this order. */
export type SecondThreadRequest =
  /** To hash and check the entries of a body until none is left (body-job.ts). */
  | { readonly kind: "readBody"; readonly buffer: SharedArrayBuffer }
  /** To make the receipts of a block (shared-receipts.ts). */
  | { readonly kind: "makeReceipts"; readonly buffer: SharedArrayBuffer }
  /** To know of a tree from now on; its answers go to the port. */
  | {
      readonly kind: "openTree";
      readonly tree: number;
      readonly port: MessagePort;
      readonly control: Int32Array;
    }
  /** To change it. */
  | { readonly kind: "changeTree"; readonly tree: number; readonly offer: TreeOffer }
  | { readonly kind: "closeTree"; readonly tree: number };

/** A thread that takes requests. */
export interface SecondThread {
  /** Whether there is a processor for it. */
  readonly isThere: boolean;
  /** Hands over a request; the thread is started by the first. */
  ask(request: SecondThreadRequest, transferred?: readonly MessagePort[]): void;
}

class OwnSecondThread implements SecondThread {
  #isThere = availableParallelism() > 1;
  #worker: Worker | undefined;

  get isThere(): boolean {
    return this.#isThere;
  }

  ask(request: SecondThreadRequest, transferred: readonly MessagePort[] = []): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(request, transferred);
  }

  #start(): Worker {
    // The script stands beside this file in the built package.
    const worker = new Worker(new URL("./second-worker.js", import.meta.url));
    worker.unref();
    worker.on("error", (error) => {
      this.#isThere = false;
      process.emitWarning(`the second thread ended, one thread does everything: ${error.message}`);
    });
    return worker;
  }
}

/** The one of this thread. */
export const secondThread: SecondThread = new OwnSecondThread();
