// What takes applied changes back: the values that they replaced, in one piece of memory, in the order of the
// changes. Every block makes one and hardly any is needed, so making it must cost little.

import { assert } from "../errors.ts";
import { grown } from "./grown.ts";
import { StateChanges } from "./state-changes.ts";
import { STATE_KEY_BYTES } from "./state-key.ts";
import type { ValueHeap } from "./value-heap.ts";

/** Nothing stood at the key, so it is to be deleted again. */
const ABSENT = -1;
/** Nothing stood at the key and nothing was put there. */
const UNTOUCHED = -2;
/** Room to begin with for each value. */
const VALUE_BYTES = 40;

/** The values before some changes. */
export class Undo {
  readonly #keys: Uint8Array;
  /** Of each value, or one of the marks above. */
  readonly #lengths: Int32Array;
  #bytes: Uint8Array;
  #end = 0;
  #count = 0;

  /** For changes whose keys nobody writes to from now on. */
  constructor(changes: StateChanges) {
    this.#keys = changes.keys;
    this.#lengths = new Int32Array(changes.count);
    this.#bytes = new Uint8Array(VALUE_BYTES * changes.count);
  }

  /**
   * Notes what stood at the key of the next change, which sets a value or deletes: the value at an index of the
   * heap, which is copied, or nothing where that is 0.
   */
  push(heap: ValueHeap, index: number, isSet: boolean): void {
    if (index === 0) {
      this.#lengths[this.#count++] = isSet ? ABSENT : UNTOUCHED;
      return;
    }
    const length = heap.lengthOf(index);
    this.#lengths[this.#count++] = length;
    const at = this.#end;
    this.#end = at + length;
    if (this.#end > this.#bytes.length) this.#bytes = grown(this.#bytes, this.#end);
    heap.copyTo(index, this.#bytes, at);
  }

  /** The changes that take back. */
  changes(): StateChanges {
    assert(this.#count === this.#lengths.length, "every change was noted");
    const back = new StateChanges(this.#count);
    let at = 0;
    for (let i = 0; i < this.#count; i++) {
      const length = this.#lengths[i]!;
      if (length === UNTOUCHED) continue;
      const before = length === ABSENT ? undefined : this.#bytes.subarray(at, at + length);
      back.addPacked(this.#keys, i * STATE_KEY_BYTES, before);
      at += before?.length ?? 0;
    }
    return back;
  }
}
