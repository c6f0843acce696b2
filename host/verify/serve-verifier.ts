// The worker's side: answers verification requests one after the other. A page's own script of three words:
// `serveVerifier(self)`. In a worker no engine limits compiling, and the page stays responsive.

import { EngineError, errorCodes } from "../errors.ts";
import type { MessageEnd, VerifyFailure, VerifyReply, VerifyRequest } from "./verifier-messages.ts";
import { verifyFile } from "./verify-file.ts";

/** Progress messages of one file at most, the last one left out. */
const PROGRESS_MESSAGES = 200;

/** Answers every request that arrives at `end`. */
export function serveVerifier(end: MessageEnd): void {
  const reply = (message: VerifyReply): void => end.postMessage(message);
  end.addEventListener("message", ({ data }) => {
    const { id, bytes, expectations } = data as VerifyRequest;
    let next = 0;
    const onProgress = (done: number, total: number): void => {
      if (done < next || done === total) return;
      next = done + Math.ceil(total / PROGRESS_MESSAGES);
      reply({ id, kind: "progress", done, total });
    };
    verifyFile(bytes, { ...expectations, onProgress }).then(
      (value) => reply({ id, kind: "result", value }),
      (error) => reply({ id, kind: "failure", failure: failureOf(error) }),
    );
  });
}

function failureOf(error: unknown): VerifyFailure {
  if (error instanceof EngineError) {
    const { code, message, hint, where } = error;
    return { code, message, hint, where };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "BUG", message, hint: errorCodes.BUG, where: {} };
}
