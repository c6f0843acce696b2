// The cursor over the module's bytes: single bytes, LEB128 integers within the length and unused-bit
// rules of the specification (section 5.2), and names. `pos` never passes `end`, the end of the
// section or body at hand; a refusal names the first byte of the value at fault.
import { INTEGER_TOO_LARGE, INTEGER_TOO_LONG, refuse, TRUNCATED, UTF8 } from "./refusal";

export let pos: usize = 0;
export let end: usize = 0;
/** Address and byte length of the name read last. */
export let nameStart: usize = 0;
export let nameLength: u32 = 0;

export function seek(address: usize): void {
  pos = address;
}

export function setEnd(address: usize): void {
  end = address;
}

export function readByte(): u32 {
  if (pos >= end) refuse(TRUNCATED, end, 0);
  return load<u8>(pos++);
}

export function readU32(): u32 {
  let byte = readByte();
  if (byte < 0x80) return byte;
  const start = pos - 1;
  let value = byte & 0x7f;
  let shift: u32 = 0;
  do {
    shift += 7;
    byte = readByte();
    value |= (byte & 0x7f) << shift;
    if (shift == 28) {
      if (byte >= 0x80) refuse(INTEGER_TOO_LONG, start, 0);
      if (byte > 0x0f) refuse(INTEGER_TOO_LARGE, start, 0);
    }
  } while (byte >= 0x80);
  return value;
}

/** A signed integer of 32, 33 or 64 bits, sign-extended. */
export function readSigned(bits: u32): i64 {
  let byte = readByte();
  if (byte < 0x80) return <i64>(<i32>(byte << 25) >> 25);
  const start = pos - 1;
  let value = <u64>(byte & 0x7f);
  let shift: u32 = 0;
  do {
    shift += 7;
    byte = readByte();
    value |= (<u64>(byte & 0x7f)) << shift;
    if (shift + 7 >= bits) {
      if (byte >= 0x80) refuse(INTEGER_TOO_LONG, start, 0);
      // The unused bits must repeat the sign bit, which is bit `bits - shift - 1` of this byte.
      const unused = (0x7f << (bits - shift - 1)) & 0x7f;
      if ((byte & unused) != 0 && (byte & unused) != unused) refuse(INTEGER_TOO_LARGE, start, 0);
    }
  } while (byte >= 0x80);
  shift += 7;
  return shift >= 64 ? <i64>value : ((<i64>value) << (64 - shift)) >> (64 - shift);
}

/** Reads a name into `nameStart`, `nameLength`. */
export function readName(): void {
  const at = pos;
  const length = readU32();
  if (length > <u32>(end - pos)) refuse(TRUNCATED, end, 0);
  nameStart = pos;
  nameLength = length;
  pos += length;
  checkUtf8(nameStart, pos, at);
}

// Table 3-7 of the Unicode standard: no overlong forms, no surrogates, at most U+10FFFF.
function checkUtf8(from: usize, to: usize, at: usize): void {
  while (from < to) {
    const first = <u32>load<u8>(from++);
    if (first < 0x80) continue;
    let low: u32 = 0x80;
    let high: u32 = 0xbf;
    let more: u32 = 1;
    if (first < 0xc2 || first > 0xf4) refuse(UTF8, at, 0);
    if (first >= 0xf0) {
      more = 3;
      if (first == 0xf0) low = 0x90;
      if (first == 0xf4) high = 0x8f;
    } else if (first >= 0xe0) {
      more = 2;
      if (first == 0xe0) low = 0xa0;
      if (first == 0xed) high = 0x9f;
    }
    do {
      if (from >= to) refuse(UTF8, at, 0);
      const byte = <u32>load<u8>(from++);
      if (byte < low || byte > high) refuse(UTF8, at, 0);
      low = 0x80;
      high = 0xbf;
    } while (--more != 0);
  }
}
