// Reads the entries of a body, neighbours of equal length two at a time (docs/decisions/0011): the module
// hashes two in less time than one after another.

import { bufferAt, crypto, memory, outAt } from "../codec/crypto.ts";
import { HEAD_BYTES } from "../limits.ts";
import { ENTRY_HASHES_BYTES, type Entry, entryAt, headFault, readEntry } from "./transaction.ts";

/** Room for one entry of a pair. */
const PAIR_BYTES = 512;
/** Longest input that the hashing of two entries at once takes: one leaf. */
const PAIR_INPUT_MAX = 128;
/** Longest entry that is hashed as one of a pair. */
export const PAIR_ENTRY_MAX = HEAD_BYTES + PAIR_INPUT_MAX;

/** Whether an entry can be one of a pair, with any other of its length. */
export function canPair(bytes: Uint8Array): boolean {
  const { length } = bytes;
  return length >= HEAD_BYTES && length <= PAIR_ENTRY_MAX && headFault(bytes) === undefined;
}

/** Hashes of two entries that can pair and have one length: ENTRY_HASHES_BYTES for each at `outAt`. */
export function hashPair(first: Uint8Array, second: Uint8Array): void {
  memory.set(first, bufferAt);
  memory.set(second, bufferAt + PAIR_BYTES);
  crypto.transactionHashesBoth(bufferAt, bufferAt + PAIR_BYTES, first.length, outAt);
}

/** Reads every entry of a body, as `readEntry` does. */
export function readEntries(body: readonly Uint8Array[]): Entry[] {
  const entries: Entry[] = [];
  while (entries.length < body.length) {
    const first = body[entries.length]!;
    const second = body[entries.length + 1];
    if (
      second === undefined ||
      first.length !== second.length ||
      !canPair(first) ||
      !canPair(second)
    ) {
      entries.push(readEntry(first));
      continue;
    }
    hashPair(first, second);
    entries.push(
      entryAt(first, memory, outAt),
      entryAt(second, memory, outAt + ENTRY_HASHES_BYTES),
    );
  }
  return entries;
}
