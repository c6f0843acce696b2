// Reads a proof from its first byte to its last. What is not there is TRUNCATED; that nothing is left is for
// the judge to ask at the end. Bytes given out are copies: leaves among them are written to.

import { RejectionCode } from "../outcome.ts";
import { readNumber } from "./judge-bytes.ts";
import { demand } from "./judge-rejection.ts";

export class ProofReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws Rejection TRUNCATED */
  take(length: number): Uint8Array {
    demand(length <= this.left, RejectionCode.TRUNCATED);
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }

  u8(): number {
    return readNumber(this.take(1), 0, 1);
  }

  u32(): number {
    return readNumber(this.take(4), 0, 4);
  }
}
