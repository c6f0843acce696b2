// Ways for a contract to give up: `fail` with a message, `revert` with a typed error, `require`, and the
// abort that asc calls for every failed check (`--use abort=`). Each ends the call; the state goes back.
// Revert data is `u8 kind ‖ payload` (docs/formats.md section 10).
import * as env from "../env";
import { utf8Bound, utf8Write } from "../codec/text";
import { alloc } from "./memory";

function writeText(ptr: usize, text: string): usize {
  const end = utf8Write(ptr + 4, text);
  store<u32>(ptr, bswap<u32>(<u32>(end - ptr - 4)));
  return end;
}

function revertUpTo(ptr: usize, end: usize): void {
  env.revert(ptr, <u32>(end - ptr));
  unreachable();
}

/** Ends the call with outcome revert and a message (kind 1). */
export function fail(message: string): void {
  const ptr = alloc(5 + utf8Bound(message));
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
  const what = message === null ? "" : message;
  const where = file === null ? "" : file;
  const ptr = alloc(17 + utf8Bound(what) + utf8Bound(where));
  store<u8>(ptr, 3);
  const end = writeText(writeText(ptr + 1, what), where);
  store<u32>(end, bswap<u32>(line));
  store<u32>(end, bswap<u32>(column), 4);
  revertUpTo(ptr, end + 8);
}
