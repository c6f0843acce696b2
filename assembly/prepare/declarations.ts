// What a module declares outside of bodies: functions with their types, the table, the memory and
// the globals. Sections 2 to 6 of the binary format write here; bodies, segments and roots read.
// One memory of at most the rules' pages, one funcref table that never changes its size.
import { readConstExpression } from "./const-expression";
import { allocate } from "./heap";
import { allocateFunctions, allocateImports, functionRecord, importCount } from "./layout";
import { pos, readByte, readU32 } from "./reader";
import {
  GARBAGE_COLLECTION,
  LIMITS_FLAG,
  LIMITS_ORDER,
  MEMORY64,
  MULTI_MEMORY,
  MULTI_TABLE,
  MUTABILITY,
  refuse,
  REFERENCE_TYPES,
  SHARED_MEMORY,
  VALUE_TYPE,
} from "./refusal";
import { checkLimit, FUNCTIONS, GLOBALS, limit, PAGES, TABLE } from "./rules";
import {
  canonicalType,
  packedType,
  paramCount,
  readTypeIndex,
  readValueType,
  resultType,
} from "./types";

/** Imports and defined functions together. */
export let functionCount: u32 = 0;

export let tableDeclared: bool = false;
export let tableSize: u32 = 0;
/** `{u32 function index, u32 canonical type}` of each entry, all ones for null; padded to 128 bytes. */
export let tableEntries: usize = 0;

export let memoryDeclared: bool = false;
export let pagesInitial: u32 = 0;
export let pagesMax: u32 = 0;

export let globalCount: u32 = 0;
/** u64 initial values, i32 zero-extended, padded to 128 bytes. */
export let globalValues: usize = 0;
let globalTypes: usize = 0;

let importTypes: usize = 0;
let definedTypes: usize = 0;

/** Index of the function's type in the type section. */
export function typeIndexOf(index: u32): u32 {
  return index < importCount
    ? load<u32>(importTypes + (index << 2))
    : load<u32>(definedTypes + ((index - importCount) << 2));
}

export function functionType(index: u32): u64 {
  return packedType(typeIndexOf(index));
}

/** Places the records of `count` imports; their type indices follow through `setImportType`. */
export function declareImports(count: u32): void {
  importTypes = allocate(count << 2);
  allocateImports(count);
  functionCount = count;
}

export function setImportType(index: u32, type: u32): void {
  store<u32>(importTypes + (index << 2), type);
}

/** Places the records of `count` defined functions; `bytesLeft` is what follows in the module. */
export function declareFunctions(count: u32, bytesLeft: u32): void {
  allocateFunctions(count, bytesLeft);
  definedTypes = allocate(count << 2);
  functionCount = importCount + count;
}

export function readFunctions(bytesLeft: u32): void {
  const at = pos;
  const count = readU32();
  // Two comparisons, since the sum of a hostile count and the imports may wrap.
  checkLimit(FUNCTIONS, count, at);
  checkLimit(FUNCTIONS, importCount + count, at);
  declareFunctions(count, bytesLeft);
  for (let i: u32 = 0; i < count; i++) {
    const type = readTypeIndex(pos);
    const packed = packedType(type);
    const record = functionRecord(importCount + i);
    store<u32>(definedTypes + (i << 2), type);
    store<u32>(record, canonicalType(type), 12);
    store<u32>(record, paramCount(packed), 16);
    store<u32>(record, resultType(packed) == 0 ? 0 : 1, 20);
  }
}

export function readTables(): void {
  const at = pos;
  const count = readU32();
  for (let i: u32 = 0; i < count; i++) {
    const typeAt = pos;
    const type = readByte();
    if (type == 0x6f || type == 0x63 || type == 0x64) refuse(REFERENCE_TYPES, typeAt, type);
    if (type == 0x40) refuse(GARBAGE_COLLECTION, typeAt, type);
    if (type != 0x70) refuse(VALUE_TYPE, typeAt, type);
    if (i == 1) refuse(MULTI_TABLE, at, count);
    const flagAt = pos;
    const flag = readByte();
    if (flag > 7) refuse(LIMITS_FLAG, flagAt, flag);
    if (flag > 1) refuse(REFERENCE_TYPES, flagAt, flag);
    const sizeAt = pos;
    tableSize = readU32();
    if (flag == 1 && readU32() < tableSize) refuse(LIMITS_ORDER, sizeAt, tableSize);
    checkLimit(TABLE, tableSize, sizeAt);
    tableDeclared = true;
    tableEntries = allocate(((tableSize << 3) + 127) & ~127);
    memory.fill(tableEntries, 0xff, tableSize << 3);
  }
}

export function readMemories(): void {
  const at = pos;
  const count = readU32();
  for (let i: u32 = 0; i < count; i++) {
    if (i == 1) refuse(MULTI_MEMORY, at, count);
    const flagAt = pos;
    const flag = readByte();
    if (flag > 7) refuse(LIMITS_FLAG, flagAt, flag);
    if (flag > 3) refuse(MEMORY64, flagAt, flag);
    if (flag > 1) refuse(SHARED_MEMORY, flagAt, flag);
    const initialAt = pos;
    pagesInitial = readU32();
    const maxAt = pos;
    pagesMax = flag == 1 ? readU32() : limit(PAGES);
    checkLimit(PAGES, pagesInitial, initialAt);
    if (pagesMax < pagesInitial) refuse(LIMITS_ORDER, initialAt, pagesInitial);
    checkLimit(PAGES, pagesMax, maxAt);
    memoryDeclared = true;
  }
}

export function readGlobals(): void {
  const at = pos;
  const count = readU32();
  checkLimit(GLOBALS, count, at);
  globalTypes = allocate(count << 1);
  globalValues = allocate(((count << 3) + 127) & ~127);
  globalCount = count;
  for (let i: u32 = 0; i < count; i++) {
    const type = readValueType();
    const mutableAt = pos;
    const mutable = readByte();
    if (mutable > 1) refuse(MUTABILITY, mutableAt, mutable);
    store<u8>(globalTypes + (i << 1), type);
    store<u8>(globalTypes + (i << 1), mutable, 1);
    store<u64>(globalValues + (i << 3), readConstExpression(type));
  }
}

export function globalType(index: u32): u32 {
  return load<u8>(globalTypes + (index << 1));
}

export function globalMutable(index: u32): bool {
  return load<u8>(globalTypes + (index << 1), 1) != 0;
}

export function setTableEntry(index: u32, functionIndex: u32): void {
  const entry = tableEntries + (index << 3);
  store<u32>(entry, functionIndex);
  store<u32>(entry, canonicalType(typeIndexOf(functionIndex)), 4);
}
