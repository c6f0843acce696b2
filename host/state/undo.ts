// What takes applied changes back: the values that they replaced, in one piece of memory, in the order of the
// changes. Every block makes one and hardly any is needed, so making it must cost little.

import { StateChanges } from "./state-changes.ts";
import { STATE_KEY_BYTES } from "./state-key.ts";

const ABSENT = -1;
/** Room to begin with for each value. */
const VALUE_BYTES = 40;

/** The values before some changes. */
export class Undo {
  readonly #changes: StateChanges;
  readonly #lengths: Int32Array;
  #bytes: Uint8Array;
  #end = 0;
  #count = 0;

  constructor(changes: StateChanges) {
    this.#changes = changes;
    this.#lengths = new Int32Array(changes.count);
    this.#bytes = new Uint8Array(VALUE_BYTES * changes.count);
  }

  /** Notes what stood at the key of the next change; copies it. */
  push(value: Uint8Array | undefined): void {
    this.#lengths[this.#count++] = value === undefined ? ABSENT : value.length;
    if (value === undefined) return;
    const end = this.#end + value.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.#bytes.length, end));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    for (let i = 0, at = this.#end; at < end; i++, at++) this.#bytes[at] = value[i]!;
    this.#end = end;
  }

  /** The changes that take back; all have been noted. */
  changes(): StateChanges {
    const { keys, values } = this.#changes;
    const back = new StateChanges(values.length);
    let at = 0;
    for (let i = 0; i < values.length; i++) {
      const length = this.#lengths[i]!;
      const isKept = length !== ABSENT;
      // Deleting what was absent changed nothing.
      if (isKept || values[i] !== undefined) {
        const before = isKept ? this.#bytes.subarray(at, at + length) : undefined;
        back.addPacked(keys, i * STATE_KEY_BYTES, before);
      }
      if (isKept) at += length;
    }
    return back;
  }
}
