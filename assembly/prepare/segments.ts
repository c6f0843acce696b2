// Element and data segments: active ones only, with constant offsets, wholly within the declared
// table and initial memory, so that instantiation can never fail and initial regions are constants.
import { readConstExpression } from "./const-expression";
import {
  functionCount,
  memoryDeclared,
  pagesInitial,
  setTableEntry,
  tableDeclared,
  tableSize,
} from "./declarations";
import { allocate } from "./heap";
import { end, pos, readU32, seek } from "./reader";
import {
  DATA_BOUNDS,
  DATA_COUNT,
  ELEMENT_BOUNDS,
  FUNCTION_INDEX,
  MEMORY_INDEX,
  MULTI_MEMORY,
  PASSIVE_SEGMENT,
  refuse,
  REFERENCE_TYPES,
  SEGMENT_FORM,
  TABLE_INDEX,
  TRUNCATED,
} from "./refusal";
import { checkLimit, DATA_SEGMENTS } from "./rules";
import { I32 } from "./types";

export let dataCount: u32 = 0;
/** `{u32 offset in linear memory, u32 length, u32 address of the bytes, u32 0}` of each segment. */
export let dataTable: usize = 0;
let declaredDataCount: u32 = 0;
let declaredAt: usize = 0;

export function readElements(): void {
  const count = readU32();
  for (let i: u32 = 0; i < count; i++) {
    const at = pos;
    const flag = readU32();
    if (flag > 7) refuse(SEGMENT_FORM, at, flag);
    if (flag == 1 || flag == 3) refuse(PASSIVE_SEGMENT, at, flag);
    if (flag != 0) refuse(REFERENCE_TYPES, at, flag);
    if (!tableDeclared) refuse(TABLE_INDEX, at, 0);
    const offset = <u32>readConstExpression(I32);
    const length = readU32();
    if (<u64>offset + <u64>length > <u64>tableSize) refuse(ELEMENT_BOUNDS, at, tableSize);
    for (let j: u32 = 0; j < length; j++) {
      const indexAt = pos;
      const index = readU32();
      if (index >= functionCount) refuse(FUNCTION_INDEX, indexAt, index);
      setTableEntry(offset + j, index);
    }
  }
}

export function readDataCount(): void {
  declaredAt = pos;
  declaredDataCount = readU32();
  checkLimit(DATA_SEGMENTS, declaredDataCount, declaredAt);
}

export function readData(): void {
  const countAt = pos;
  const count = readU32();
  checkLimit(DATA_SEGMENTS, count, countAt);
  if (declaredAt != 0 && declaredDataCount != count) refuse(DATA_COUNT, countAt, declaredDataCount);
  dataTable = allocate(count << 4);
  dataCount = count;
  const memoryBytes = (<u64>pagesInitial) << 16;
  for (let i: u32 = 0; i < count; i++) {
    const at = pos;
    const flag = readU32();
    if (flag > 2) refuse(SEGMENT_FORM, at, flag);
    if (flag == 1) refuse(PASSIVE_SEGMENT, at, flag);
    if (flag == 2) refuse(MULTI_MEMORY, at, flag);
    if (!memoryDeclared) refuse(MEMORY_INDEX, at, 0);
    const offset = <u32>readConstExpression(I32);
    const length = readU32();
    if (length > <u32>(end - pos)) refuse(TRUNCATED, end, 0);
    if (<u64>offset + <u64>length > memoryBytes) refuse(DATA_BOUNDS, at, pagesInitial);
    const segment = dataTable + (i << 4);
    store<u32>(segment, offset);
    store<u32>(segment, length, 4);
    store<u32>(segment, <u32>pos, 8);
    seek(pos + length);
  }
}

/** A data count without the section that it counts; `at` is the module's end. */
export function checkDataCount(at: usize): void {
  if (dataCount != declaredDataCount && declaredAt != 0) refuse(DATA_COUNT, at, declaredDataCount);
}
