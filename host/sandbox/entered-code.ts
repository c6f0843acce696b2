// The distinct code that a block has entered, and what is left of what its rules allow (`block.codeKiBMax`).
// Code that no cache has takes milliseconds before its first word, which no price of entering covers
// (docs/decisions/0034-code-of-a-block.md). What was entered stays entered, also where the call was undone:
// the time was spent. So nothing here goes back with state.

import { equalBytes, toHex } from "../codec/hex.ts";
import { enteredKiB } from "../limits.ts";
import { hashPrefix } from "./program-source.ts";

export class EnteredCode {
  readonly #hashes = new Set<string>();
  #left: number;
  /** The last of each prefix, so that what was entered before is found without a string. */
  readonly #byPrefix = new Map<number, Uint8Array>();

  /** `kiBMax` is what the block may enter in all. */
  constructor(kiBMax: number) {
    this.#left = kiBMax;
  }

  /**
   * Whether the code may be entered: it was already, or it fits, and then it counts. `codeHash` [32] is the
   * keccak of its code record, `wasmBytes` what the record says.
   */
  enter(codeHash: Uint8Array, wasmBytes: number): boolean {
    const prefix = hashPrefix(codeHash);
    const known = this.#byPrefix.get(prefix);
    if (known !== undefined && equalBytes(known, codeHash)) return true;
    const name = toHex(codeHash);
    if (!this.#hashes.has(name)) {
      const size = enteredKiB(wasmBytes);
      if (size > this.#left) return false;
      this.#left -= size;
      this.#hashes.add(name);
    }
    this.#byPrefix.set(prefix, codeHash);
    return true;
  }
}
