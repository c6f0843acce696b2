// Validation and words of the instructions that do not change control: variables, memory, constants,
// numbers. Each function consumes the immediates of one opcode that the cursor has just passed.
import { emit, emitUnits } from "./charges";
import { countCheck, slotOf } from "./control";
import { globalCount, globalMutable, globalType, memoryDeclared, pagesMax } from "./declarations";
import { localCount, localType, slotOfLocal } from "./locals";
import {
  ACCESS_FLOAT,
  ACCESS_I64,
  ACCESS_STORE,
  accessFacts,
  FLOATS,
  I32_I32,
  I32_I32_I32,
  I32_I64,
  I64_I32,
  I64_I64,
  I64_I64_I32,
  numericFacts,
} from "./opcodes";
import { instructionAt, pop, push, top } from "./operands";
import { pos, readByte, readSigned, readU32 } from "./reader";
import {
  ALIGNMENT,
  FLOAT,
  GLOBAL_IMMUTABLE,
  GLOBAL_INDEX,
  LOCAL_INDEX,
  MEMORY_INDEX,
  OPCODE,
  PASSIVE_SEGMENT,
  refuse,
  REFERENCE_TYPES,
  RESERVED_BYTE,
  TABLE_BULK,
} from "./refusal";
import {
  CLASS_BULK,
  CLASS_GLOBAL,
  CLASS_GROW_PAGE,
  CLASS_LOAD,
  CLASS_MEMORY_GROW,
  CLASS_MEMORY_SIZE,
  CLASS_MOVE,
  CLASS_STORE,
  cost,
} from "./rules";
import { I32, I64 } from "./types";

const BULK_SHIFT: u32 = 7;

/** 0x20 … 0x24 local.get, set, tee, global.get, set. */
export function variable(op: u32): void {
  const index = readU32();
  if (op <= 0x22) {
    if (index >= localCount) refuse(LOCAL_INDEX, instructionAt, index);
    const type = localType(index);
    if (op != 0x20) pop(type);
    if (op != 0x21) push(type);
    emit(op, slotOfLocal(index), 0, 0, cost(CLASS_MOVE));
    return;
  }
  if (index >= globalCount) refuse(GLOBAL_INDEX, instructionAt, index);
  if (op == 0x23) {
    push(globalType(index));
  } else {
    if (!globalMutable(index)) refuse(GLOBAL_IMMUTABLE, instructionAt, index);
    pop(globalType(index));
  }
  emit(op, index, 0, 0, cost(CLASS_GLOBAL));
}

function needMemory(): void {
  if (!memoryDeclared) refuse(MEMORY_INDEX, instructionAt, 0);
}

/** 0x28 … 0x3E loads and stores. */
export function memoryAccess(op: u32): void {
  const facts = accessFacts(op);
  if ((facts & ACCESS_FLOAT) != 0) refuse(FLOAT, instructionAt, op);
  const align = readU32();
  const offset = readU32();
  needMemory();
  if (align > (facts & 15)) refuse(ALIGNMENT, instructionAt, align);
  const type = (facts & ACCESS_I64) != 0 ? I64 : I32;
  if ((facts & ACCESS_STORE) != 0) {
    pop(type);
    pop(I32);
    emit(op, 0, 0, offset, cost(CLASS_STORE));
  } else {
    pop(I32);
    push(type);
    emit(op, 0, 0, offset, cost(CLASS_LOAD));
  }
}

function reservedByte(): void {
  const at = pos;
  const byte = readByte();
  if (byte != 0) refuse(RESERVED_BYTE, at, byte);
}

/** 0x3F, 0x40 memory.size, memory.grow. */
export function memorySize(op: u32): void {
  reservedByte();
  needMemory();
  if (op == 0x3f) {
    push(I32);
    emit(op, 0, 0, 0, cost(CLASS_MEMORY_SIZE));
    return;
  }
  countCheck();
  emitUnits(slotOf(top - 1), cost(CLASS_GROW_PAGE), 0, instructionAt);
  pop(I32);
  push(I32);
  emit(op, 0, pagesMax, 0, cost(CLASS_MEMORY_GROW));
}

/** 0x41 … 0x44 constants. */
export function constant(op: u32): void {
  if (op == 0x41) {
    const value = <u32>readSigned(32);
    push(I32);
    emit(op, 0, 0, value, cost(CLASS_MOVE));
  } else if (op == 0x42) {
    const value = <u64>readSigned(64);
    push(I64);
    emit(op, 0, 0, value, cost(CLASS_MOVE));
  } else {
    refuse(FLOAT, instructionAt, op);
  }
}

/** 0x45 … 0xC4. */
export function numeric(op: u32): void {
  const facts = numericFacts(op);
  const signature = facts & 15;
  if (signature == FLOATS) refuse(FLOAT, instructionAt, op);
  if (signature <= I32_I32_I32) {
    if (signature == I32_I32_I32) pop(I32);
    pop(I32);
    push(I32);
  } else if (signature == I32_I64) {
    pop(I32);
    push(I64);
  } else {
    if (signature == I64_I64_I32 || signature > I64_I64) pop(I64);
    pop(I64);
    push(signature < I64_I64 ? I32 : I64);
  }
  emit(op, 0, 0, 0, cost(facts >> 4));
}

/** 0xFC …: memory.copy and memory.fill; the other bulk instructions and saturating truncation refuse. */
export function prefixed(): void {
  const sub = readU32();
  if (sub <= 7) refuse(FLOAT, instructionAt, 0xfc00 | sub);
  if (sub == 8 || sub == 9) refuse(PASSIVE_SEGMENT, instructionAt, 0xfc00 | sub);
  if (sub >= 12 && sub <= 14) refuse(TABLE_BULK, instructionAt, 0xfc00 | sub);
  if (sub >= 15 && sub <= 17) refuse(REFERENCE_TYPES, instructionAt, 0xfc00 | sub);
  if (sub > 17) refuse(OPCODE, instructionAt, 0xfc00 | sub);
  if (sub == 10) reservedByte();
  reservedByte();
  needMemory();
  countCheck();
  emitUnits(slotOf(top - 1), cost(CLASS_BULK), BULK_SHIFT, instructionAt);
  pop(I32);
  pop(I32);
  pop(I32);
  emit(0x100 | sub, 0, 0, 0, 2 * cost(CLASS_BULK));
}
