// Arrays whose records of 64 bytes begin where the lines of a processor's caches do: otherwise each record
// lies on two lines, and most time of a large state is waiting for lines. Changes speed, never a byte.

const LINE_BYTES = 64;
/** Where large pieces of memory begin behind a line: glibc keeps its own words before them. */
const PIECE_OFFSET = 16;

/**
 * `length` zero words, which begin with a line where they are many (measured with glibc on Linux); in memory that
 * threads can share if told so.
 */
export function alignedWords(length: number, isShared = false): Int32Array {
  const offset = LINE_BYTES - PIECE_OFFSET;
  const bytes = 4 * length + LINE_BYTES;
  const buffer = isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  return new Int32Array(buffer, offset, length);
}

/** The bytes of an array of words. */
export function bytesOf(words: Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
