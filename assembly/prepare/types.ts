// Function types. A type is packed into one u64 (parameter count, result, and a mask of which
// parameters are i64), so that equality, which makes types canonical, is one comparison.
//   bits 0–31 parameter i is i64 | 32–37 parameter count | 38–39 result: 0 none, 1 i32, 2 i64
import { allocate } from "./heap";
import { pos, readByte, readU32 } from "./reader";
import {
  EXCEPTIONS,
  FLOAT,
  GARBAGE_COLLECTION,
  MULTI_VALUE,
  refuse,
  REFERENCE_TYPES,
  SIMD,
  TYPE_FORM,
  TYPE_INDEX,
  VALUE_TYPE,
} from "./refusal";
import { checkLimit, PARAMS, TYPES } from "./rules";

export const I32: u32 = 0x7f;
export const I64: u32 = 0x7e;
/** No value, as a result type; an unknown value, on the operand stack of unreachable code. */
export const NONE: u32 = 0;

export let typeCount: u32 = 0;
let table: usize = 0;
const ENTRY: u32 = 16;

/** Refuses `byte` as a value type with the reason that names its proposal. */
export function refuseValueType(byte: u32, at: usize): void {
  if (byte == 0x7d || byte == 0x7c) refuse(FLOAT, at, byte);
  if (byte == 0x7b) refuse(SIMD, at, byte);
  if (byte == 0x70 || byte == 0x6f || byte == 0x63 || byte == 0x64)
    refuse(REFERENCE_TYPES, at, byte);
  if (byte == 0x69 || byte == 0x74) refuse(EXCEPTIONS, at, byte);
  if (byte >= 0x6a && byte <= 0x73) refuse(GARBAGE_COLLECTION, at, byte);
  refuse(VALUE_TYPE, at, byte);
}

/** i32 or i64; refuses anything else. */
export function readValueType(): u32 {
  const at = pos;
  const byte = readByte();
  if (byte != I32 && byte != I64) refuseValueType(byte, at);
  return byte;
}

function readType(): u64 {
  const at = pos;
  const form = readByte();
  if (form == 0x5e || form == 0x5f || form == 0x4e || form == 0x4f || form == 0x50) {
    refuse(GARBAGE_COLLECTION, at, form);
  }
  if (form != 0x60) refuse(TYPE_FORM, at, form);
  const paramsAt = pos;
  const params = readU32();
  checkLimit(PARAMS, params, paramsAt);
  let mask: u32 = 0;
  for (let i: u32 = 0; i < params; i++) {
    if (readValueType() == I64) mask |= 1 << i;
  }
  const resultsAt = pos;
  const results = readU32();
  if (results > 1) refuse(MULTI_VALUE, resultsAt, results);
  let result: u32 = 0;
  if (results == 1) result = readValueType() == I32 ? 1 : 2;
  return <u64>mask | ((<u64>(params | (result << 6))) << 32);
}

export function readTypes(): void {
  const at = pos;
  const count = readU32();
  checkLimit(TYPES, count, at);
  table = allocate(count * ENTRY);
  for (let i: u32 = 0; i < count; i++) {
    const packed = readType();
    let canonical: u32 = 0;
    while (canonical < i && load<u64>(table + canonical * ENTRY) != packed) canonical++;
    store<u64>(table + i * ENTRY, packed);
    store<u32>(table + i * ENTRY, canonical, 8);
  }
  typeCount = count;
}

/** A type index within range, from the cursor; refuses at `at`. */
export function readTypeIndex(at: usize): u32 {
  const index = readU32();
  if (index >= typeCount) refuse(TYPE_INDEX, at, index);
  return index;
}

export function packedType(index: u32): u64 {
  return load<u64>(table + index * ENTRY);
}

/** The least index of an equal type. */
export function canonicalType(index: u32): u32 {
  return load<u32>(table + index * ENTRY, 8);
}

export function paramCount(packed: u64): u32 {
  return <u32>(packed >> 32) & 63;
}

export function paramType(packed: u64, index: u32): u32 {
  return I32 - (<u32>(packed >> index) & 1);
}

/** The result's value type, or NONE. */
export function resultType(packed: u64): u32 {
  const result = <u32>(packed >> 38);
  return result == 0 ? NONE : 0x80 - result;
}

/** The packed type of a host call: i32 parameters and at most one i32 result. */
export function hostType(params: u32, results: u32): u64 {
  return (<u64>(params | (results << 6))) << 32;
}
