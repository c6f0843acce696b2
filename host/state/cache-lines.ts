// Arrays whose records of 64 bytes begin where the lines of a processor's caches do: otherwise each record
// lies on two lines, and most time of a large state is waiting for lines. Changes speed, never a byte.

/** What is as large as this counts is mapped by the system, and begins 16 bytes behind a page. */
const LINE_BYTES = 64;
const MAPPED_OFFSET = 16;

/** `length` zero words, aligned where the system mapped them as it does large pieces. */
export function alignedWords(length: number): Int32Array {
  const offset = LINE_BYTES - MAPPED_OFFSET;
  return new Int32Array(new ArrayBuffer(4 * length + LINE_BYTES), offset, length);
}

/** The bytes of an array of words. */
export function bytesOf(words: Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
