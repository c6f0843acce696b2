// The page's side: asks a worker that runs `serveVerifier` and waits. Holds no verifier itself, so a page that
// imports only this stays small.

import type { Expectations } from "../chain/replay-result.ts";
import type { MessageEnd, VerifyFailure, VerifyReply } from "./verifier-messages.ts";
import type { VerifiedFile } from "./verify-file.ts";

/** How a request ended: with a verdict about the file, or with a failure that says nothing about it. */
export type VerifyAnswer =
  | { readonly verified: VerifiedFile }
  | { readonly failure: VerifyFailure };

export type VerifyInWorker = (
  bytes: Uint8Array,
  expectations?: Expectations,
  onProgress?: (done: number, total: number) => void,
) => Promise<VerifyAnswer>;

interface Waiting {
  readonly resolve: (answer: VerifyAnswer) => void;
  readonly onProgress: ((done: number, total: number) => void) | undefined;
}

/** Verifies in `worker`, whose script calls `serveVerifier(self)`. */
export function verifierIn(worker: MessageEnd): VerifyInWorker {
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  worker.addEventListener("message", ({ data }) => {
    const reply = data as VerifyReply;
    const request = waiting.get(reply.id);
    if (request === undefined) return;
    if (reply.kind === "progress") {
      request.onProgress?.(reply.done, reply.total);
      return;
    }
    waiting.delete(reply.id);
    request.resolve(
      reply.kind === "result" ? { verified: reply.value } : { failure: reply.failure },
    );
  });
  return (bytes, expectations = {}, onProgress) =>
    new Promise((resolve) => {
      const id = nextId++;
      waiting.set(id, { resolve, onProgress });
      worker.postMessage({ id, bytes, expectations });
    });
}
