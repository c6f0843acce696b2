// Ways for a contract to give up: `fail` with a message, `revert` with a typed error, `require`, and the
// abort that asc calls for every failed check (`--use abort=`). Each ends the call; the state goes back.
// Revert data is `u8 kind ‖ payload` (docs/formats.md section 10).
import * as env from "../env";
import { utf8Write } from "../codec/text";
import { store32 } from "../codec/words";
import { alloc } from "./memory";

/** Bytes of a text as it lies in memory, in UTF-16; its UTF-8 takes at most half as many more. */
function bytesOf(text: string | null): usize {
  return text === null ? 0 : <usize>load<u32>(changetype<usize>(text) - 4);
}

function writeText(ptr: usize, text: string | null): usize {
  const end = utf8Write(ptr + 4, changetype<usize>(text), bytesOf(text));
  store32(ptr, <u32>(end - ptr - 4));
  return end;
}

function revertUpTo(ptr: usize, end: usize): void {
  env.revert(ptr, <u32>(end - ptr));
  unreachable();
}

/** Ends the call with outcome revert and a message (kind 1). */
export function fail(message: string): void {
  const ptr = alloc(5 + (bytesOf(message) << 1));
  store<u8>(ptr, 1);
  revertUpTo(ptr, writeText(ptr + 1, message));
}

/** Ends the call with a typed error (an instance of an `@error` class, kind 2) or with a message. */
export function revert<T>(error: T): void {
  if (isString<T>()) fail(changetype<string>(error));
  else {
    const size = 1 + 4 + error.__size();
    const ptr = alloc(size);
    store<u8>(ptr, 2);
    error.__write(ptr + 1);
    revertUpTo(ptr, ptr + size);
  }
}

/** Ends the call with `message` unless `condition` holds. */
export function require(condition: bool, message: string): void {
  if (!condition) fail(message);
}

/** What asc calls where a check of the language fails (kind 3). Paths are those of the build, not the machine. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const ptr = alloc(17 + ((bytesOf(message) + bytesOf(file)) << 1));
  store<u8>(ptr, 3);
  const end = writeText(writeText(ptr + 1, message), file);
  store32(end, line);
  store32(end + 4, column);
  revertUpTo(ptr, end + 8);
}
