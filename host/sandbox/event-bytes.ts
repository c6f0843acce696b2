// Copies of what events carry, out of guest memory. V8 keeps a typed array of more than 64 bytes outside of its
// heap, where making it costs as much as the rest of an event (decision 0029): copies of a few hundred bytes
// are cut from larger pieces. They live as long as the block's events do and are never posted as they are.

const PIECE_BYTES = 16_384;
/** Up to here an array lies in the heap. */
const IN_HEAP_BYTES = 64;
/** Longer ones are rare, and would leave much of a piece unused. */
const CUT_BYTES_MAX = 1_024;

/** Makes copies; one per thread. */
export class EventBytes {
  #piece = new Uint8Array(PIECE_BYTES);
  #used = 0;

  /** A copy of source[start, start + length), which lies inside. */
  copy(source: Uint8Array, start: number, length: number): Uint8Array {
    const copy = this.#room(length);
    if (length > CUT_BYTES_MAX) {
      copy.set(source.subarray(start, start + length));
      return copy;
    }
    for (let i = 0; i < length; i++) copy[i] = source[start + i]!;
    return copy;
  }

  #room(length: number): Uint8Array {
    if (length <= IN_HEAP_BYTES || length > CUT_BYTES_MAX) return new Uint8Array(length);
    if (this.#used + length > PIECE_BYTES) {
      this.#piece = new Uint8Array(PIECE_BYTES);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += length;
    return new Uint8Array(this.#piece.buffer, at, length);
  }
}
