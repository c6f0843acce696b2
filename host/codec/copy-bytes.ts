// Copying part of one byte array into another, the quickest way for its length.

/** Up to so many bytes a loop is faster than a view and a native copy. */
export const SHORT_BYTES = 64;

/** Copies source[start, start + length) to target[at …]; both ranges lie inside. */
export function copyBytes(
  target: Uint8Array,
  at: number,
  source: Uint8Array,
  start: number,
  length: number,
): void {
  if (length > SHORT_BYTES) {
    target.set(source.subarray(start, start + length), at);
    return;
  }
  for (let i = 0; i < length; i++) target[at + i] = source[start + i]!;
}
