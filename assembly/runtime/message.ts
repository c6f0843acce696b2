// A text under construction: the messages that the SDK itself reverts with. One at a time, in static
// memory, and always the last thing a call does. Pieces are ASCII and short: the transform bounds the
// names it passes, so that no check is needed here.
import * as env from "../env";

let end: usize = 0;

/** Room for 5 bytes of head, a label of at most 256 bytes and the longest of texts.ts. */
function buffer(): usize {
  return memory.data(512, 8);
}

/** Begins a message with `length` bytes at `from`. */
export function message(from: usize, length: u32): void {
  end = buffer() + 5;
  append(from, length);
}

/** Appends bytes. */
export function append(from: usize, length: u32): void {
  memory.copy(end, from, length);
  end += length;
}

/** Appends decimal digits. */
export function appendNumber(value: u32): void {
  if (value >= 10) appendNumber(value / 10);
  store<u8>(end++, 48 + (value % 10));
}

/** Appends `length` bytes in hexadecimal. */
export function appendHex(from: usize, length: u32): void {
  for (let i: u32 = 0; i < length << 1; i++) {
    const digit: u32 = (load<u8>(from + (i >> 1)) >> (((i & 1) ^ 1) << 2)) & 15;
    store<u8>(end++, digit < 10 ? 48 + digit : 87 + digit);
  }
}

/** Ends the call with outcome revert and the message (kind 1). */
export function revertMessage(): void {
  const ptr = buffer();
  const length = <u32>(end - ptr);
  store<u8>(ptr, 1);
  store<u32>(ptr, bswap<u32>(length - 5), 1);
  env.revert(ptr, length);
  unreachable();
}

/** Ends the call with these bytes as its message. */
export function revertWith(from: usize, length: u32): void {
  message(from, length);
  revertMessage();
}
