// A list of new values by key: what a block changes, what genesis writes, what undoes a block. Also
// its bytes, as the store appends them. Order carries no meaning; a key stands at most once. The
// bytes are the store's own and are never hashed or shown to a judge.

import { copyBytes } from "../codec/copy-bytes.ts";
import { assert, EngineError } from "../errors.ts";
import { grown } from "./grown.ts";
import type { StateClass } from "./state-key.ts";
import { packStateKey, STATE_KEY_BYTES } from "./state-key.ts";

/** New values by packed key; `undefined` deletes. */
export class StateChanges {
  /** Packed keys, 53 bytes each. */
  keys: Uint8Array;
  readonly values: (Uint8Array | undefined)[] = [];
  /** The leaf where each key was seen last, else 0. A hint: an image compares the key before it spares the search. */
  readonly leaves: number[] = [];

  constructor(capacity = 16) {
    this.keys = new Uint8Array(Math.max(1, capacity) * STATE_KEY_BYTES);
  }

  get count(): number {
    return this.values.length;
  }

  /** Adds the new value of a key not listed yet; the value is kept, not copied. */
  add(cls: StateClass, address: Uint8Array, key: Uint8Array, value: Uint8Array | undefined): void {
    const at = this.addValue(value);
    packStateKey(this.keys, at, cls, address, key);
  }

  /** Adds by a packed key at `offset` of `keys`. */
  addPacked(keys: Uint8Array, offset: number, value: Uint8Array | undefined): void {
    const at = this.addValue(value);
    copyBytes(this.keys, at, keys, offset, STATE_KEY_BYTES);
  }

  /** Adds a value and returns where in `keys`, which may be another array now, its packed key is to be written. */
  addValue(value: Uint8Array | undefined, leaf = 0): number {
    const at = this.count * STATE_KEY_BYTES;
    if (at + STATE_KEY_BYTES > this.keys.length) this.keys = grown(this.keys);
    this.values.push(value);
    this.leaves.push(leaf);
    return at;
  }

  /** `u32 count`, then per change `key [53] ‖ u8 0`, or `key [53] ‖ u8 1 ‖ bytes value`. */
  encode(): Uint8Array {
    let size = 4;
    for (const value of this.values) size += STATE_KEY_BYTES + (value ? 5 + value.length : 1);
    const out = new Uint8Array(size);
    const view = new DataView(out.buffer);
    view.setUint32(0, this.count);
    let at = 4;
    for (let i = 0; i < this.count; i++) {
      out.set(this.keys.subarray(i * STATE_KEY_BYTES, (i + 1) * STATE_KEY_BYTES), at);
      at += STATE_KEY_BYTES;
      const value = this.values[i];
      out[at++] = value ? 1 : 0;
      if (value === undefined) continue;
      view.setUint32(at, value.length);
      out.set(value, at + 4);
      at += 4 + value.length;
    }
    return out;
  }
}

/**
 * Reads what `encode` wrote; the values are views of `bytes`.
 * @throws STATE_DAMAGED when the bytes are not of this form.
 */
export function decodeStateChanges(bytes: Uint8Array): StateChanges {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const need = (at: number, size: number): void => {
    if (at + size > bytes.length) {
      throw new EngineError({
        code: "STATE_DAMAGED",
        message: `got ${bytes.length} bytes of a state difference, expected at least ${at + size}`,
        where: { byteOffset: at },
      });
    }
  };
  need(0, 4);
  const count = view.getUint32(0);
  need(4, count * (STATE_KEY_BYTES + 1));
  const changes = new StateChanges(count);
  let at = 4;
  for (let i = 0; i < count; i++) {
    need(at, STATE_KEY_BYTES + 1);
    const key = at;
    at += STATE_KEY_BYTES + 1;
    if (bytes[at - 1] === 0) {
      changes.addPacked(bytes, key, undefined);
      continue;
    }
    need(at, 4);
    const length = view.getUint32(at);
    need(at + 4, length);
    changes.addPacked(bytes, key, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  assert(at <= bytes.length, "reading stays inside the bytes");
  return changes;
}
