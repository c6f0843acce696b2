// Stdin, stdout and the exit of the judge command. Anything but success from the system ends it with
// UNUSABLE: a judge that cannot read or be heard has shown nothing.
import { fd_read, fd_write, proc_exit } from "./wasi_snapshot_preview1";

/** Exit codes, those of `plasma verify`: the claim stands, nothing was shown, the claim is refuted. */
export const STANDS: u32 = 0;
export const UNUSABLE: u32 = 1;
export const REFUTED: u32 = 3;

const STDIN: u32 = 0;
const STDOUT: u32 = 1;
const NEWLINE: u8 = 0x0a;
const IOV: usize = memory.data(8, 8);
const DONE: usize = memory.data(4, 4);

/** Reads stdin to its end, or until `most` bytes are at `at`; how many. */
export function readAll(at: usize, most: u32): u32 {
  let length: u32 = 0;
  while (length < most) {
    store<u32>(IOV, <u32>at + length);
    store<u32>(IOV, most - length, 4);
    if (fd_read(STDIN, IOV, 1, DONE) != 0) proc_exit(UNUSABLE);
    const done = load<u32>(DONE);
    if (done == 0) break;
    length += done;
  }
  return length;
}

/** Writes `length` bytes at `at` and a newline, whose place must be free, and exits with `code`. */
export function answer(at: usize, length: u32, code: u32): void {
  store<u8>(at + length, NEWLINE);
  let from: u32 = 0;
  while (from <= length) {
    store<u32>(IOV, <u32>at + from);
    store<u32>(IOV, length + 1 - from, 4);
    if (fd_write(STDOUT, IOV, 1, DONE) != 0) proc_exit(UNUSABLE);
    from += load<u32>(DONE);
  }
  proc_exit(code);
}
