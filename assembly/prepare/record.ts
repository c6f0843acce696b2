// The code record of docs/formats.md section 9: 235 bytes, big-endian, that bind the Wasm, the words and
// every initial region to the rules under which they were made.
import { keccak256 } from "../env";
import {
  globalCount,
  globalValues,
  pagesInitial,
  pagesMax,
  tableEntries,
  tableSize,
} from "./declarations";
import { initialMemoryRoot } from "./memory-root";
import { entryDepth, entryGas, entryPc } from "./program";
import { moduleStart } from "./refusal";
import { rulesHash } from "./rules";
import { leastDepth, regionRoot } from "./trees";
import { pc, wordNext, wordsStart } from "./words";

export const RECORD_BYTES: u32 = 235;
const CODE_DEPTH: u32 = 16;
const GLOBALS_DEPTH: u32 = 4;
const TABLE_DEPTH: u32 = 7;

export const record: usize = memory.data(240);
const HASHED: usize = memory.data(36);
let at: usize = 0;

function putU32(value: u32): void {
  store<u32>(at, bswap<u32>(value));
  at += 4;
}

function putHash(hash: usize): void {
  memory.copy(at, hash, 32);
  at += 32;
}

/** Writes the record; `wasmBytes` bytes lie at `moduleStart`, zero up to a multiple of 128. */
export function writeRecord(wasmBytes: u32): void {
  at = record;
  store<u8>(at, 1);
  store<u16>(at + 1, bswap<u16>(1));
  at += 3;
  putU32(wasmBytes);
  store<u32>(HASHED, bswap<u32>(wasmBytes));
  memory.copy(HASHED + 4, regionRoot(moduleStart, wasmBytes, leastDepth(wasmBytes)), 32);
  keccak256(HASHED, 36, at);
  at += 32;
  putU32(pc());
  // What lies behind the last word is old scratch; the last leaf is padded with zeros.
  memory.fill(wordNext, 0, 112);
  putHash(regionRoot(wordsStart, <u32>(wordNext - wordsStart), CODE_DEPTH));
  putHash(initialMemoryRoot());
  putHash(regionRoot(globalValues, globalCount << 3, GLOBALS_DEPTH));
  putHash(regionRoot(tableEntries, tableSize << 3, TABLE_DEPTH));
  putU32(pagesInitial);
  putU32(pagesMax);
  putU32(globalCount);
  putU32(tableSize);
  putU32(entryPc);
  store<u64>(at, bswap<u64>(entryGas));
  at += 8;
  putU32(entryDepth);
  putHash(rulesHash);
}
