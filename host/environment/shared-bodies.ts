// Reads bodies in two threads: the one that executes and the one beside it. Checking signatures is two thirds of a
// signed transfer, so this nearly halves its time. Without a second thread, or for short bodies, the executing
// thread reads alone: slower, never different.

import { type BodyReader, bodyReader, type ReadBody } from "../chain/read-body.ts";
import { BodyJob } from "./body-job.ts";
import { nativeSignatureChecker } from "./native.ts";
import { secondThread } from "./second-thread.ts";

/** Entries below which a message to the other thread takes longer than it saves. */
const BODY_MIN = 16;
/** Entries above which a body takes too much memory to be shared, half a kilobyte for each. */
const BODY_MAX = 65_536;
/** Bodies that are read before they are asked for: more would only take memory. */
const AHEAD_MAX = 2;

const alone = bodyReader(nativeSignatureChecker);

/** Reads bodies with libsecp256k1, shared with the thread beside this one. */
export class SharedBodies {
  /** Whether anybody will ask for signatures. */
  isSigned = true;
  readonly #ahead = new Map<readonly Uint8Array[], ReadBody>();

  /** Begins to read a body that is going to be executed; the same array is to be given to `read`. */
  readAhead(body: readonly Uint8Array[]): void {
    if (this.#ahead.size < AHEAD_MAX) this.#ahead.set(body, this.#begin(body));
  }

  readonly read: BodyReader = (body) => {
    const begun = this.#ahead.get(body);
    this.#ahead.delete(body);
    return begun ?? this.#begin(body);
  };

  /** Gives up a body that is not going to be executed. */
  forget(body: readonly Uint8Array[]): void {
    this.#ahead.get(body)?.giveUp?.();
    this.#ahead.delete(body);
  }

  #begin(body: readonly Uint8Array[]): ReadBody {
    const { length } = body;
    if (!secondThread.isThere || length < BODY_MIN || length > BODY_MAX) return alone(body);
    const job = BodyJob.over(body, nativeSignatureChecker, this.isSigned);
    secondThread.ask({ kind: "readBody", buffer: job.buffer });
    return job;
  }
}
