// UTF-8 for strings that cross the border. AssemblyScript strings are UTF-16 in memory; what is stored,
// emitted or returned is UTF-8, checked on the way in and out so that a text has exactly one encoding.
// Must never accept an overlong form, a surrogate, or a code point over U+10FFFF.
import { notUnicode } from "../runtime/texts";

/** Bytes of `text` in UTF-8; reverts on an unpaired surrogate, which UTF-8 cannot carry. */
export function utf8Length(text: string): u32 {
  const end = changetype<usize>(text) + ((<usize>text.length) << 1);
  let ptr = changetype<usize>(text);
  let size: u32 = 0;
  while (ptr < end) {
    const unit = <u32>load<u16>(ptr);
    ptr += 2;
    if (unit < 0x80) size += 1;
    else if (unit < 0x800) size += 2;
    else if ((unit & 0xf800) != 0xd800) size += 3;
    else {
      if (unit >= 0xdc00 || ptr >= end || (load<u16>(ptr) & 0xfc00) != 0xdc00) notUnicode();
      ptr += 2;
      size += 4;
    }
  }
  return size;
}

/**
 * Writes the UTF-16 text of `size` bytes at `from` to `ptr` and returns the address after it: at most half
 * as many bytes more. An unpaired surrogate becomes U+FFFD:
 * what is encoded was refused by utf8Length before, and a message is told as far as it can be.
 */
export function utf8Write(ptr: usize, from: usize, size: usize): usize {
  const end = from + size;
  while (from < end) {
    let point = <u32>load<u16>(from);
    from += 2;
    if ((point & 0xf800) == 0xd800) {
      // What lies behind a text that ends here is the header of an object, no second half.
      const low = <u32>load<u16>(from);
      if (point >= 0xdc00 || (low & 0xfc00) != 0xdc00) point = 0xfffd;
      else {
        point = (point << 10) + low - ((0xd800 << 10) + 0xdc00 - 0x10000);
        from += 2;
      }
    }
    // None to three bytes follow the first, six bits each; the constant has the marks of the first byte.
    let more = u32(point >= 0x80) + u32(point >= 0x800) + u32(point >= 0x10000);
    store<u8>(ptr++, (0xf0e0c000 >> (more << 3)) | (point >> (6 * more)));
    while (more-- > 0) store<u8>(ptr++, ((point >> (6 * more)) & 63) | 128);
  }
  return ptr;
}

/** The string of `length` UTF-8 bytes at `ptr`; reverts where they are not valid UTF-8. */
export function utf8Read(ptr: usize, length: u32): string {
  const end = ptr + length;
  const text = __new((<usize>length) << 1, idof<string>());
  let to = text;
  while (ptr < end) {
    let point = <u32>load<u8>(ptr++);
    if (point >= 0x80) {
      // Lead byte: how many follow, and the least code point that needs that many.
      const more: u32 = point >= 0xf0 ? 3 : point >= 0xe0 ? 2 : 1;
      const least: u32 = more == 3 ? 0x10000 : more == 2 ? 0x800 : 0x80;
      if (point < 0xc2 || point > 0xf4 || ptr + more > end) notUnicode();
      point &= 0x3f >> more;
      for (let i: u32 = 0; i < more; i++) {
        const next = <u32>load<u8>(ptr++);
        if ((next & 0xc0) != 0x80) notUnicode();
        point = (point << 6) | (next & 63);
      }
      if (point < least || point > 0x10ffff || (point & 0xfffff800) == 0xd800) notUnicode();
    }
    if (point < 0x10000) {
      store<u16>(to, point);
      to += 2;
    } else {
      point -= 0x10000;
      store<u32>(to, 0xd800 | (point >> 10) | ((0xdc00 | (point & 0x3ff)) << 16));
      to += 4;
    }
  }
  return changetype<string>(__renew(text, to - text));
}
