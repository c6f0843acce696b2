// The hash function of state as a parameter: paths, value commitments and the trie all go through
// this interface, so a node may hand in native code and a browser the pure one below. Both must give
// the same bytes. It must never be reached around: nothing else in this room knows SHA-256.

import { digest, hashInto } from "@chainsafe/as-sha256";

/** Most pairs that are a handful: as many as some processors hash at once. */
export const HANDFUL = 8;

/** Room for up to eight pairs and their hashes, with a view for each number of them: making one takes as long as a hash. */
export class Handful {
  /** Pairs of 64 bytes. */
  readonly input: Uint8Array;
  /** Hashes of 32 bytes. */
  readonly output: Uint8Array;
  /** By number, the first so many pairs. */
  readonly inputs: readonly Uint8Array[];
  /** By number, the first so many hashes. */
  readonly outputs: readonly Uint8Array[];

  /** The arrays may be longer, and of other use between two hashes. */
  constructor(input = new Uint8Array(64 * HANDFUL), output = new Uint8Array(32 * HANDFUL)) {
    this.input = input;
    this.output = output;
    const counts = Array.from({ length: HANDFUL + 1 }, (_, count) => count);
    this.inputs = counts.map((count) => input.subarray(0, 64 * count));
    this.outputs = counts.map((count) => output.subarray(0, 32 * count));
  }
}

/** SHA-256 in the two shapes that state needs. */
export interface StateHasher {
  /** The 32-byte SHA-256 of any bytes; the result belongs to the caller. */
  sha256(bytes: Uint8Array): Uint8Array;
  /**
   * Hashes `count` neighbouring 64-byte blocks of `input` into `count` neighbouring 32-byte slots of
   * `output`. The arrays may be longer than needed and never overlap.
   */
  hashPairs(input: Uint8Array, output: Uint8Array, count: number): void;
  /** Hashes the first `count` pairs of a handful, 1 to 8; what stands behind their hashes may change. */
  hashFew(few: Handful, count: number): void;
}

/** SHA-256 in WebAssembly (as-sha256): no native code, the same bytes in Node and in a browser. */
export const pureStateHasher: StateHasher = {
  sha256(bytes) {
    return digest(bytes);
  },
  hashPairs(input, output, count) {
    hashInto(input.subarray(0, count * 64), output.subarray(0, count * 32));
  },
  hashFew(few, count) {
    hashInto(few.inputs[count]!, few.outputs[count]!);
  },
};
