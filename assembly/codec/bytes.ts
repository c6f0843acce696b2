// Values as bytes and back: for what a contract hashes, signs or stores in a form of its own. The encoding is
// the one of arguments and storage (docs/formats.md section 10).
import { alloc } from "../runtime/memory";
import { badBytes, nameBytes } from "../runtime/texts";
import { closeReader, openReader, read } from "./decode";
import { sizeOf, write } from "./encode";

/** The encoding of `value`. */
export function encode<T>(value: T): StaticArray<u8> {
  const bytes = new StaticArray<u8>(sizeOf<T>(value));
  write<T>(changetype<usize>(bytes), value);
  return bytes;
}

/** The value that `bytes` encode, all of them; reverts where they do not. */
export function decode<T>(bytes: StaticArray<u8>): T {
  // A copy, because views (Address, Bytes32) keep pointing at what they were read from.
  const ptr = alloc(bytes.length);
  memory.copy(ptr, changetype<usize>(bytes), bytes.length);
  openReader(ptr, bytes.length);
  nameBytes();
  const value = read<T>();
  closeReader();
  return value;
}

/** The bytes of `0x` and hexadecimal digits; reverts on anything else. */
export function fromHex(text: string): StaticArray<u8> {
  const length = text.length;
  if (length < 2 || (length & 1) != 0 || !text.startsWith("0x")) badBytes();
  const bytes = new StaticArray<u8>((length >> 1) - 1);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = <u8>((nibble(text.charCodeAt(2 * i + 2)) << 4) | nibble(text.charCodeAt(2 * i + 3)));
  return bytes;
}

function nibble(char: i32): i32 {
  if (char >= 48 && char <= 57) return char - 48;
  const lower = char | 32;
  if (lower < 97 || lower > 102) badBytes();
  return lower - 87;
}
