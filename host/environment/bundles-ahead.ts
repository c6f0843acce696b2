// Reads the body of the bundle that is replayed next while the one before it executes (docs/decisions/0039): the
// thread beside has nothing to do at a replay's end. What was read ahead is used for those bytes and no others.

import { checkBodySize } from "../chain/body-size.ts";
import { decodeBundle } from "../chain/bundle.ts";
import type { BodyReader, ReadBody } from "../chain/read-body.ts";
import { EngineError } from "../errors.ts";
import { decodeRules } from "../rules/encode-rules.ts";

/** One bundle that has been begun, and the bodies of those that are replayed. */
export class BundlesAhead {
  readonly #read: BodyReader;
  #begun: { readonly bytes: Uint8Array; readonly body: ReadBody } | undefined;

  constructor(read: BodyReader) {
    this.#read = read;
  }

  /** Reads the body of the bundle `bytes`, once, and then begins with that of `next`. */
  reader(bytes: Uint8Array, next: Uint8Array | undefined): BodyReader {
    const begun = this.#begun;
    this.#begun = undefined;
    const known = begun !== undefined && isSame(begun.bytes, bytes) ? begun.body : undefined;
    if (known === undefined) begun?.body.giveUp?.();
    return (body) => {
      const read = known ?? this.#read(body);
      if (next !== undefined) this.#begin(next);
      return read;
    };
  }

  #begin(bytes: Uint8Array): void {
    // Of its own: what the caller gave may change before its turn comes.
    const own = new Uint8Array(bytes);
    try {
      const { transactions, rules } = decodeBundle(own);
      checkBodySize(transactions, decodeRules(rules));
      this.#begun = { bytes: own, body: this.#read(transactions) };
    } catch (error) {
      // Its own replay says what is wrong with it.
      if (!(error instanceof EngineError)) throw error;
    }
  }
}

/** Native: a bundle has megabytes. */
const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
