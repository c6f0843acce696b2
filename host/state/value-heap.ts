// Values by index, kept in slabs of a few sizes so that a million small values are a handful of
// arrays instead of a million objects. Part of the state image. A view handed out is valid until the
// value is replaced; it must never be written to.

import { copyBytes } from "../codec/copy-bytes.ts";
import { grown } from "./grown.ts";

/** Slot sizes in bytes. Longer values are kept as arrays of their own. */
const SLOT_BYTES = [16, 32, 64, 96, 128, 192, 256] as const;
const LARGE = SLOT_BYTES.length;
const FIRST_SLOTS = 64;

class Slab {
  bytes: Uint8Array;
  end = 0;
  readonly free: number[] = [];
  readonly slotBytes: number;

  constructor(slotBytes: number) {
    this.slotBytes = slotBytes;
    this.bytes = new Uint8Array(FIRST_SLOTS * slotBytes);
  }

  take(): number {
    const reused = this.free.pop();
    if (reused !== undefined) return reused;
    const slot = this.end++;
    if ((slot + 1) * this.slotBytes > this.bytes.length) this.bytes = grown(this.bytes);
    return slot;
  }
}

function slabOf(length: number): number {
  for (let i = 0; i < LARGE; i++) if (length <= SLOT_BYTES[i]!) return i;
  return LARGE;
}

/** A column of byte strings by index; index 0 is never used. */
export class ValueHeap {
  readonly #slabs = SLOT_BYTES.map((slotBytes) => new Slab(slotBytes));
  readonly #large = new Map<number, Uint8Array>();
  /** Two words per index: length + 1 (0 where there is no value), slot in its slab. */
  #entries = new Int32Array(2 * FIRST_SLOTS);

  /** Bytes of all values, each as long as its slot. */
  bytes = 0;

  /** A view of the value, or undefined. */
  get(index: number): Uint8Array | undefined {
    const length = this.lengthOf(index);
    if (length < 0) return undefined;
    const which = slabOf(length);
    if (which === LARGE) return this.#large.get(index);
    const slab = this.#slabs[which]!;
    const at = this.#entries[2 * index + 1]! * slab.slotBytes;
    return slab.bytes.subarray(at, at + length);
  }

  /** Whether there is a value. */
  has(index: number): boolean {
    return this.lengthOf(index) >= 0;
  }

  /** Length of the value, -1 where there is none. */
  lengthOf(index: number): number {
    return (this.#entries[2 * index] ?? 0) - 1;
  }

  /** Copies the value, which is there, to `at` of `out`. */
  copyTo(index: number, out: Uint8Array, at: number): void {
    const length = this.lengthOf(index);
    const which = slabOf(length);
    if (which === LARGE) {
      out.set(this.#large.get(index)!, at);
      return;
    }
    const { bytes, slotBytes } = this.#slabs[which]!;
    copyBytes(out, at, bytes, this.#entries[2 * index + 1]! * slotBytes, length);
  }

  /** Stores a copy of the value. */
  set(index: number, value: Uint8Array): void {
    if (2 * index >= this.#entries.length) this.#entries = grown(this.#entries, 2 * index + 2);
    const before = this.#entries[2 * index]! - 1;
    const which = slabOf(value.length);
    if (before >= 0 && slabOf(before) === which) {
      this.bytes -= which === LARGE ? before : SLOT_BYTES[which]!;
    } else {
      if (before >= 0) this.delete(index);
      if (which !== LARGE) this.#entries[2 * index + 1] = this.#slabs[which]!.take();
    }
    this.#entries[2 * index] = value.length + 1;
    this.bytes += which === LARGE ? value.length : SLOT_BYTES[which]!;
    if (which === LARGE) {
      this.#large.set(index, new Uint8Array(value));
    } else {
      const { bytes, slotBytes } = this.#slabs[which]!;
      copyBytes(bytes, this.#entries[2 * index + 1]! * slotBytes, value, 0, value.length);
    }
  }

  /** Frees the value of an index, if it has one. */
  delete(index: number): void {
    const length = this.lengthOf(index);
    if (length < 0) return;
    const which = slabOf(length);
    this.bytes -= which === LARGE ? length : SLOT_BYTES[which]!;
    if (which === LARGE) this.#large.delete(index);
    else this.#slabs[which]!.free.push(this.#entries[2 * index + 1]!);
    this.#entries[2 * index] = 0;
  }
}
