// A text under construction: the messages that the SDK itself reverts with. Written once, never read back,
// and always the last thing a call does, so it takes what memory it likes.
import * as env from "../env";
import { utf8Length, utf8Write } from "../codec/text";

/** Bytes of a message that the SDK builds; what does not fit is left out. */
const CAPACITY: usize = 1024;

@unmanaged
export class Message {
  private end: usize = 0;
  private stop: usize = 0;
  private start: usize = 0;

  constructor() {
    // Revert data: kind 1, u32 length, text.
    const start = heap.alloc(CAPACITY);
    store<u8>(start, 1);
    this.start = start;
    this.end = start + 5;
    this.stop = start + CAPACITY;
  }

  text(text: string): Message {
    if (this.end + utf8Length(text) <= this.stop) this.end = utf8Write(this.end, text);
    return this;
  }

  ascii(ptr: usize, length: u32): Message {
    if (this.end + length <= this.stop) {
      memory.copy(this.end, ptr, length);
      this.end += length;
    }
    return this;
  }

  number(value: u32): Message {
    let divisor: u32 = 1;
    while (value / divisor >= 10) divisor *= 10;
    while (divisor != 0 && this.end < this.stop) {
      store<u8>(this.end++, 48 + ((value / divisor) % 10));
      divisor /= 10;
    }
    return this;
  }

  hex(ptr: usize, length: u32): Message {
    this.text("0x");
    for (let i: u32 = 0; i < length * 2 && this.end < this.stop; i++) {
      const digit = (load<u8>(ptr + (i >> 1)) >> (i & 1 ? 0 : 4)) & 15;
      store<u8>(this.end++, digit < 10 ? 48 + digit : 87 + digit);
    }
    return this;
  }

  revert(): void {
    store<u32>(this.start + 1, bswap<u32>(<u32>(this.end - this.start - 5)));
    env.revert(this.start, <u32>(this.end - this.start));
    unreachable();
  }
}
