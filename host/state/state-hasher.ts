// The hash function of state as a parameter: paths, value commitments and the trie all go through
// this interface, so a node may hand in native code and a browser the pure one below. Both must give
// the same bytes. It must never be reached around: nothing else in this room knows SHA-256.

import { digest, hashInto } from "@chainsafe/as-sha256";

/**
 * A handful of pairs is hashed fastest out of an `input` of exactly so many blocks into an `output` of so many
 * slots: vector instructions take all of them in the time of one or two, and no views are made.
 */
export const HASH_LANES = 8;

/** SHA-256 in the two shapes that state needs. */
export interface StateHasher {
  /** The 32-byte SHA-256 of any bytes; the result belongs to the caller. */
  sha256(bytes: Uint8Array): Uint8Array;
  /**
   * Hashes `count` neighbouring 64-byte blocks of `input` into `count` neighbouring 32-byte slots of
   * `output`. The arrays may be longer than needed and never overlap. Where both are for exactly
   * `HASH_LANES`, all of it may be hashed, whatever the count.
   */
  hashPairs(input: Uint8Array, output: Uint8Array, count: number): void;
}

/** SHA-256 in WebAssembly (as-sha256): no native code, the same bytes in Node and in a browser. */
export const pureStateHasher: StateHasher = {
  sha256(bytes) {
    return digest(bytes);
  },
  hashPairs(input, output, count) {
    hashInto(input.subarray(0, count * 64), output.subarray(0, count * 32));
  },
};
