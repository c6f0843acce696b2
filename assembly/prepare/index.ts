// prepare: Wasm bytes in, code record out. `main` is the contract at address 0x…01 that a deployment
// calls; `prepareModule` and `prepareLibrary` serve the host, which then reads words and layout through the getters.
// The same code runs metered in the sandbox and unmetered in the host, and gives equal records.
import { input, output } from "../env";
import { decodeModule } from "./decode";
import { functionCount, globalCount, pagesInitial, pagesMax, tableSize } from "./declarations";
import { mainFunction, requireEntry, startFunction } from "./exports";
import { allocate } from "./heap";
import {
  definedCount,
  importCount,
  keepLayoutPoints,
  layoutEnd,
  layoutStart,
  pointCount,
} from "./layout";
import { entryDepth, entryGas, entryPc, finishProgram } from "./program";
import { record, RECORD_BYTES, writeRecord } from "./record";
import { mergeCount } from "./merges";
import { placeModule } from "./refusal";
import { checkLimit, readRules, WASM_BYTES } from "./rules";
import { typeCount } from "./types";
import { pc, wordNext, wordsStart } from "./words";

const LAYOUT_VERSION: u32 = 1;

function prepare(entryRequired: bool): void {
  readRules();
  const length = input(0, 0, 0);
  // Checked before any of it is copied: hostile input must not cost memory first.
  checkLimit(WASM_BYTES, length, 0);
  // Zero bytes behind the module pad its last leaf.
  const start = allocate((length + 127) & ~127);
  placeModule(start);
  input(start, 0, length);
  decodeModule(start, length);
  if (entryRequired) requireEntry();
  finishProgram(length);
  writeRecord(length);
  output(record, RECORD_BYTES);
}

/** The contract's entry: the input is the module, the output its code record. */
export function main(): void {
  prepare(true);
}

/** For the host: as `main`, and keeps the layout for the V8 back end. */
export function prepareContract(): void {
  keepLayoutPoints();
  prepare(true);
  writeLayoutHeader();
}

/** For the host: as `prepareContract`, for a module that need not have an entry. */
export function prepareLibrary(): void {
  keepLayoutPoints();
  prepare(false);
  writeLayoutHeader();
}

function writeLayoutHeader(): void {
  const header = layoutStart;
  store<u32>(header, LAYOUT_VERSION);
  store<u32>(header, importCount, 4);
  store<u32>(header, definedCount, 8);
  store<u32>(header, typeCount, 12);
  store<u32>(header, pointCount(), 16);
  store<u32>(header, pc(), 20);
  store<u32>(header, entryPc, 24);
  store<u32>(header, mainFunction, 28);
  store<u32>(header, startFunction, 32);
  store<u64>(header, entryGas, 36);
  store<u32>(header, entryDepth, 44);
  store<u32>(header, pagesInitial, 48);
  store<u32>(header, pagesMax, 52);
  store<u32>(header, tableSize, 56);
  store<u32>(header, globalCount, 60);
}

/** Address and byte length of the layout (docs/program.md section 5). */
export function layoutAddress(): usize {
  return layoutStart;
}

export function layoutBytes(): u32 {
  return <u32>(layoutEnd - layoutStart);
}

/** How much of the limit on merges the module uses. */
export function mergesUsed(): u32 {
  return mergeCount;
}

/** Address and byte length of the machine words. */
export function wordsAddress(): usize {
  return wordsStart;
}

export function wordsBytes(): u32 {
  return <u32>(wordNext - wordsStart);
}
