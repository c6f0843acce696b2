// A text under construction: the messages that the SDK itself reverts with. One at a time, in static
// memory, and always the last thing a call does. Pieces are `u8 length ‖ ASCII` in static memory, their
// number and length bounded by this package, so that no check is needed here.
import * as env from "../env";
import { store32 } from "../codec/words";

/** Where the text goes on: behind the head, because a call makes one message at most. */
let end: usize = buffer() + 5;

/** Room for 5 bytes of head, a label of at most 255 bytes and the longest of texts.ts. */
function buffer(): usize {
  return memory.data(512, 8);
}

/** Appends the piece at `text`. */
export function append(text: usize): void {
  const length = <usize>load<u8>(text);
  memory.copy(end, text + 1, length);
  end += length;
}

function appendDigit(digit: u32): void {
  store<u8>(end++, digit + (digit < 10 ? 48 : 87));
}

/** Appends decimal digits. */
export function appendNumber(value: u32): void {
  if (value >= 10) appendNumber(value / 10);
  appendDigit(value % 10);
}

/** Appends `length` bytes in hexadecimal. */
export function appendHex(from: usize, length: u32): void {
  for (const end = from + length; from < end; from++) {
    const byte = <u32>load<u8>(from);
    appendDigit(byte >> 4);
    appendDigit(byte & 15);
  }
}

/** Ends the call with outcome revert and the message (kind 1). */
export function revertMessage(): void {
  const ptr = buffer();
  const length = <u32>(end - ptr);
  store<u8>(ptr, 1);
  store32(ptr + 1, length - 5);
  env.revert(ptr, length);
  unreachable();
}

/** Ends the call with the piece at `text` as its message. */
export function revertWith(text: usize): void {
  append(text);
  revertMessage();
}
