// The locals of the function at hand: parameters, then declared locals, one type byte each. A frame
// keeps the link between the two, so a declared local's slot is one more than its index.
import { pos, readU32 } from "./reader";
import { LIMIT, refuse } from "./refusal";
import { checkLimit, limit, LOCALS, LOCALS_TOTAL } from "./rules";
import { paramCount, paramType, readValueType } from "./types";

let types: usize = 0;
let params: u32 = 0;
/** Parameters and declared locals. */
export let localCount: u32 = 0;
let total: u32 = 0;

export function placeLocals(start: usize): void {
  types = start;
}

export function localType(index: u32): u32 {
  return load<u8>(types + index);
}

export function slotOfLocal(index: u32): u32 {
  return index < params ? index : index + 1;
}

/** Reads the declarations of a body whose function has the given type; returns how many locals. */
export function readLocals(type: u64): u32 {
  params = paramCount(type);
  for (let i: u32 = 0; i < params; i++) store<u8>(types + i, paramType(type, i));
  const max = limit(LOCALS);
  const startAt = pos;
  let count = params;
  checkLimit(LOCALS, count, startAt);
  const groups = readU32();
  for (let i: u32 = 0; i < groups; i++) {
    const groupAt = pos;
    const size = readU32();
    if (size > max - count) refuse(LIMIT + LOCALS, groupAt, max);
    memory.fill(types + count, <u8>readValueType(), size);
    count += size;
  }
  localCount = count;
  total += count;
  checkLimit(LOCALS_TOTAL, total, startAt);
  return count - params;
}
