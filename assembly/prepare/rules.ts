// The prepare rules of the environment (docs/program.md section 7): costs by instruction class, host
// call prices, entry prices and module limits, read from storage of account 0x…01. They are data of
// the chain, not of the module: malformed rules refuse every module. Limits beyond what the machine's
// trees and word fields can hold are malformed.
import { keccak256, storage_open, value_read } from "../env";
import { allocate } from "./heap";
import { LIMIT, moduleStart, refuse, RULES_MALFORMED } from "./refusal";

export const CLASS_CONTROL: u32 = 0;
export const CLASS_BR_TABLE: u32 = 1;
export const CLASS_CALL: u32 = 2;
export const CLASS_CALL_INDIRECT: u32 = 3;
export const CLASS_MOVE: u32 = 4;
export const CLASS_GLOBAL: u32 = 5;
export const CLASS_LOAD: u32 = 6;
export const CLASS_STORE: u32 = 7;
export const CLASS_ALU: u32 = 8;
export const CLASS_MULTIPLY: u32 = 9;
export const CLASS_DIVIDE: u32 = 10;
export const CLASS_MEMORY_SIZE: u32 = 11;
export const CLASS_MEMORY_GROW: u32 = 12;
export const CLASS_GROW_PAGE: u32 = 13;
export const CLASS_BULK: u32 = 14;
export const CLASS_CHARGE: u32 = 15;
export const CLASS_LOCALS: u32 = 16;
export const CLASS_FUNCTION: u32 = 17;
export const CLASS_HOST: u32 = 18;

export const WASM_BYTES: u32 = 0;
export const FUNCTIONS: u32 = 1;
export const BODY_BYTES: u32 = 2;
export const BODY_INSTRUCTIONS: u32 = 3;
export const NESTING: u32 = 4;
export const BR_TABLE_ENTRIES: u32 = 5;
export const BR_TABLE_ENTRIES_TOTAL: u32 = 6;
export const LOCALS: u32 = 7;
export const LOCALS_TOTAL: u32 = 8;
export const PARAMS: u32 = 9;
export const TYPES: u32 = 10;
export const GLOBALS: u32 = 11;
export const TABLE: u32 = 12;
export const DATA_SEGMENTS: u32 = 13;
export const IMPORTS: u32 = 14;
export const EXPORTS: u32 = 15;
export const PAGES: u32 = 16;
export const MERGES: u32 = 17;

const CLASSES: u32 = 20;
const HOST_CALLS: u32 = 19;
const LIMITS: u32 = 18;
const COSTS_AT: u32 = 4;
const HOST_AT: u32 = COSTS_AT + 2 * CLASSES + 1;
const ENTRY_AT: u32 = HOST_AT + 9 * HOST_CALLS;
const LIMITS_AT: u32 = ENTRY_AT + 12 + 1;
const SIZE: u32 = LIMITS_AT + 4 * LIMITS;
const PROGRAM_VERSION: u32 = 1;

// The largest value of each limit, the same as in host/rules: trees of globals, table and memory have
// fixed depths, types keep parameters in a 32-bit mask, word fields have 16 bits.
const CEILINGS: usize = memory.data<u32>([
  262144, 4096, 65536, 16384, 512, 1024, 8192, 256, 20000, 32, 512, 256, 2048, 256, 64, 64, 1024,
  1048576,
]);
const KEY: usize = memory.data<u8>([
  0x70, 0x72, 0x65, 0x70, 0x61, 0x72, 0x65, 0x2e, 0x72, 0x75, 0x6c, 0x65, 0x73, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const COSTS: usize = memory.data(4 * 20);
/** keccak256 of the rules, for the code record. */
export const rulesHash: usize = memory.data(32);

let blob: usize = 0;

/** Reads `prepare.rules` from storage; refuses when it is absent or not canonical. */
export function readRules(): void {
  const length = storage_open(KEY);
  if (length != <i32>SIZE) refuse(RULES_MALFORMED, moduleStart, length);
  blob = allocate(SIZE);
  value_read(blob, 0, SIZE);
  if (load<u8>(blob) != 1 || u16At(1) != PROGRAM_VERSION) refuse(RULES_MALFORMED, moduleStart, 0);
  checkCount(COSTS_AT - 1, CLASSES);
  checkCount(HOST_AT - 1, HOST_CALLS);
  checkCount(LIMITS_AT - 1, LIMITS);
  for (let i: u32 = 0; i < CLASSES; i++) {
    const price = u16At(COSTS_AT + 2 * i);
    if (price == 0) refuse(RULES_MALFORMED, moduleStart, COSTS_AT + 2 * i);
    store<u32>(COSTS + (i << 2), price);
  }
  for (let i: u32 = 0; i < HOST_CALLS; i++) {
    if (load<u8>(blob + HOST_AT + 9 * i) > 1) refuse(RULES_MALFORMED, moduleStart, HOST_AT + 9 * i);
  }
  for (let i: u32 = 0; i < LIMITS; i++) {
    if (limit(i) > load<u32>(CEILINGS + (i << 2))) {
      refuse(RULES_MALFORMED, moduleStart, LIMITS_AT + 4 * i);
    }
  }
  keccak256(blob, SIZE, rulesHash);
}

function u16At(offset: u32): u32 {
  return bswap<u16>(load<u16>(blob + offset));
}

function u32At(offset: u32): u32 {
  return bswap<u32>(load<u32>(blob + offset));
}

function checkCount(offset: u32, count: u32): void {
  if (load<u8>(blob + offset) != count) refuse(RULES_MALFORMED, moduleStart, offset);
}

export function cost(instructionClass: u32): u32 {
  return load<u32>(COSTS + (instructionClass << 2));
}

export function limit(index: u32): u32 {
  return u32At(LIMITS_AT + 4 * index);
}

/** Refuses with LIMIT + index where `count` exceeds that limit. */
export function checkLimit(index: u32, count: u32, at: usize): void {
  if (count > limit(index)) refuse(LIMIT + index, at, limit(index));
}

/** Host calls are numbered from 1. */
export function hostAllowed(number: u32): bool {
  return load<u8>(blob + HOST_AT + 9 * (number - 1)) == 1;
}

export function hostBase(number: u32): u32 {
  return u32At(HOST_AT + 9 * (number - 1) + 1);
}

export function hostUnit(number: u32): u32 {
  return u32At(HOST_AT + 9 * (number - 1) + 5);
}

/** Gas of one entry of a module of `wasmBytes` bytes and `pages` initial pages. */
export function entryCost(wasmBytes: u32, pages: u32): u64 {
  return (
    <u64>u32At(ENTRY_AT) +
    <u64>u32At(ENTRY_AT + 4) * <u64>((wasmBytes + 1023) >> 10) +
    <u64>u32At(ENTRY_AT + 8) * <u64>pages
  );
}
