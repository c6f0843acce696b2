// Every reason for which prepare refuses a module, as the u16 code of docs/formats.md section 9, and
// the one way out of the decoder: `refuse` ends the frame with revert data of kind 4. Codes are
// public and never renumbered; host/program/refusals.ts holds the same list with names and fixes
// (a test compares the two files). Nothing after a call of `refuse` runs.
import { revert } from "../env";

export const RULES_MALFORMED: u32 = 1;

// Malformed bytes.
export const MAGIC: u32 = 10;
export const VERSION: u32 = 11;
export const TRUNCATED: u32 = 12;
export const INTEGER_TOO_LONG: u32 = 13;
export const INTEGER_TOO_LARGE: u32 = 14;
export const SECTION_ID: u32 = 15;
export const SECTION_ORDER: u32 = 16;
export const SECTION_SIZE: u32 = 17;
export const UTF8: u32 = 18;
export const BODY_COUNT: u32 = 19;
export const BODY_SIZE: u32 = 20;
export const TYPE_FORM: u32 = 21;
export const VALUE_TYPE: u32 = 22;
export const BLOCK_TYPE: u32 = 23;
export const OPCODE: u32 = 24;
export const LIMITS_FLAG: u32 = 25;
export const MUTABILITY: u32 = 26;
export const EXTERNAL_KIND: u32 = 27;
export const DATA_COUNT: u32 = 28;
export const RESERVED_BYTE: u32 = 29;
export const SEGMENT_FORM: u32 = 30;
export const ELSE_WITHOUT_IF: u32 = 31;

// Invalid modules.
export const TYPE_INDEX: u32 = 40;
export const FUNCTION_INDEX: u32 = 41;
export const LOCAL_INDEX: u32 = 42;
export const GLOBAL_INDEX: u32 = 43;
export const LABEL_INDEX: u32 = 44;
export const TABLE_INDEX: u32 = 45;
export const MEMORY_INDEX: u32 = 46;
export const TYPE_MISMATCH: u32 = 47;
export const STACK_UNDERFLOW: u32 = 48;
export const STACK_LEFT: u32 = 49;
export const IF_WITHOUT_ELSE: u32 = 50;
export const ALIGNMENT: u32 = 51;
export const GLOBAL_IMMUTABLE: u32 = 52;
export const CONST_EXPRESSION: u32 = 53;
export const EXPORT_DUPLICATE: u32 = 54;
export const LIMITS_ORDER: u32 = 55;
export const DATA_BOUNDS: u32 = 56;
export const ELEMENT_BOUNDS: u32 = 57;
export const BR_TABLE_ARITY: u32 = 58;

// Valid WebAssembly outside the deterministic profile.
export const FLOAT: u32 = 80;
export const SIMD: u32 = 81;
export const THREADS: u32 = 82;
export const REFERENCE_TYPES: u32 = 83;
export const TAIL_CALL: u32 = 84;
export const EXCEPTIONS: u32 = 85;
export const MULTI_VALUE: u32 = 86;
export const MEMORY64: u32 = 87;
export const MULTI_MEMORY: u32 = 88;
export const START: u32 = 89;
export const PASSIVE_SEGMENT: u32 = 90;
export const TABLE_BULK: u32 = 91;
export const SHARED_MEMORY: u32 = 92;
export const MULTI_TABLE: u32 = 93;
export const GARBAGE_COLLECTION: u32 = 94;

// Imports; the detail is the index of the import.
export const IMPORT_UNKNOWN: u32 = 110;
export const IMPORT_SIGNATURE: u32 = 111;
export const IMPORT_NOT_ALLOWED: u32 = 112;
export const IMPORT_TABLE: u32 = 113;
export const IMPORT_MEMORY: u32 = 114;
export const IMPORT_GLOBAL: u32 = 115;

// What a contract must export, and must not.
export const ENTRY_MISSING: u32 = 120;
export const ENTRY_TYPE: u32 = 121;
export const EXPORT_RESERVED: u32 = 122;

/** LIMIT + i: the limit i of the prepare rules is exceeded; the detail is the limit. */
export const LIMIT: u32 = 130;

export const NO_FUNCTION: u32 = 0xffffffff;

/** Where the module lies in memory; `refuse` turns addresses into byte offsets with it. */
export let moduleStart: usize = 0;
let inFunction: u32 = NO_FUNCTION;

const DATA: usize = memory.data(16);

export function placeModule(start: usize): void {
  moduleStart = start;
}

/** Names the function that later refusals lie in; NO_FUNCTION outside of bodies. */
export function enterFunction(index: u32): void {
  inFunction = index;
}

/** Reverts with kind 4: u8 4, u16 code, u32 function, u32 byte offset, u32 detail. Does not return. */
export function refuse(code: u32, at: usize, detail: u32): void {
  store<u8>(DATA, 4);
  store<u16>(DATA + 1, bswap<u16>(<u16>code));
  store<u32>(DATA + 3, bswap<u32>(inFunction));
  store<u32>(DATA + 7, bswap<u32>(<u32>(at - moduleStart)));
  store<u32>(DATA + 11, bswap<u32>(detail));
  revert(DATA, 15);
  unreachable();
}
