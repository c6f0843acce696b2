// One function body: validates every instruction, reachable or not, and puts the words, charges and
// points of the reachable ones. One pass, linear in the bytes; every immediate is read exactly once.
import {
  closeBlock,
  emit,
  emitReference,
  live,
  setLive,
  spend,
  startBlock,
  startCheckedBlock,
} from "./charges";
import { addCallEdge, addIndirectEdge } from "./calls";
import {
  becomeUnreachable,
  BLOCK,
  emitBranch,
  enterBlock,
  enterElse,
  frame,
  FRAME_BYTES,
  frameCount,
  FUNCTION,
  IF,
  keepBlock,
  labelType,
  leaveBlock,
  leaveFunction,
  LOOP,
  pushFrame,
  resetFrames,
} from "./control";
import { functionCount, functionType, tableDeclared, tableSize, typeIndexOf } from "./declarations";
import { constant, memoryAccess, memorySize, numeric, prefixed, variable } from "./instructions";
import { addPoint, functionRecord, pointCount } from "./layout";
import { readLocals } from "./locals";
import { startMerges } from "./merges";
import {
  enterLive,
  greatestHeight,
  instructionAt,
  pop,
  popAny,
  push,
  resetOperands,
  setInstruction,
} from "./operands";
import { end, pos, readByte, readSigned, readU32, seek, setEnd } from "./reader";
import {
  BLOCK_TYPE,
  BODY_SIZE,
  BR_TABLE_ARITY,
  EXCEPTIONS,
  FUNCTION_INDEX,
  GARBAGE_COLLECTION,
  LABEL_INDEX,
  moduleStart,
  MULTI_VALUE,
  OPCODE,
  refuse,
  REFERENCE_TYPES,
  SIMD,
  TABLE_INDEX,
  TAIL_CALL,
  THREADS,
  TRUNCATED,
  TYPE_INDEX,
  TYPE_MISMATCH,
} from "./refusal";
import {
  BODY_BYTES,
  BODY_INSTRUCTIONS,
  BR_TABLE_ENTRIES,
  BR_TABLE_ENTRIES_TOTAL,
  checkLimit,
  CLASS_BR_TABLE,
  CLASS_CALL,
  CLASS_CALL_INDIRECT,
  CLASS_CONTROL,
  CLASS_FUNCTION,
  CLASS_LOCALS,
  CLASS_MOVE,
  cost,
} from "./rules";
import {
  canonicalType,
  I32,
  I64,
  NONE,
  packedType,
  paramCount,
  paramType,
  readTypeIndex,
  refuseValueType,
  resultType,
  typeCount,
} from "./types";
import { FRAME_WEIGHT } from "./weights";
import {
  OP_BR,
  OP_BR_IF,
  OP_BR_TABLE,
  OP_CALL,
  OP_END,
  OP_LOCALS,
  OP_RETURN,
  pc,
  putWord,
  reserveWords,
  wordNext,
} from "./words";

let entriesTotal: u32 = 0;

/** Reads body number `index` (a function index). Leaves its record complete but for depth and points. */
export function readBody(index: u32): void {
  const record = functionRecord(index);
  const bodyAt = pos;
  const size = readU32();
  const outerEnd = end;
  if (size > <u32>(end - pos)) refuse(TRUNCATED, end, size);
  checkLimit(BODY_BYTES, size, bodyAt);
  const bodyEnd = pos + size;
  setEnd(bodyEnd);
  // Two words per byte at most, and the function's frame around them.
  reserveWords(2 * size + 8);
  const type = functionType(index);
  const locals = readLocals(type);
  store<u32>(record, <u32>(bodyAt - moduleStart));
  store<u32>(record, <u32>(pos - moduleStart), 4);
  store<u32>(record, <u32>(bodyEnd - moduleStart), 8);
  store<u32>(record, locals, 24);
  store<u32>(record, pointCount(), 36);
  beginFunction(type, locals);
  readInstructions(record);
  if (pos != bodyEnd) refuse(BODY_SIZE, pos, <u32>(bodyEnd - pos));
  // The weight of the frame alone; depth.ts turns it into what a payer charges.
  store<u32>(record, FRAME_WEIGHT + paramCount(type) + locals + greatestHeight(), 32);
  setEnd(outerEnd);
}

function beginFunction(type: u64, locals: u32): void {
  resetOperands();
  resetFrames(paramCount(type) + 1 + locals);
  startMerges();
  setLive(true);
  pushFrame(FUNCTION, resultType(type));
  startCheckedBlock(pos);
  // The place of the `depth` word: taken out again where the function turns out not to pay.
  putWord(0, 0, 0, 0);
  keepBlock();
  if (locals != 0) emit(OP_LOCALS, 0, locals, 0, (((locals + 15) >> 4) + 1) * cost(CLASS_LOCALS));
}

function readInstructions(record: usize): void {
  let count: u32 = 0;
  while (true) {
    const at = pos;
    const op = readByte();
    setInstruction(at);
    count++;
    if (op >= 0x45) {
      if (op <= 0xc4) numeric(op);
      else extended(op);
    } else if (op >= 0x20) {
      if (op <= 0x24) variable(op);
      else if (op < 0x28) refuse(op < 0x27 ? REFERENCE_TYPES : OPCODE, at, op);
      else if (op <= 0x3e) memoryAccess(op);
      else if (op <= 0x40) memorySize(op);
      else constant(op);
    } else if (op == 0x0b && frameCount() == 1) {
      checkLimit(BODY_INSTRUCTIONS, count, at);
      endFunction(record);
      return;
    } else {
      control(op);
    }
    checkLimit(BODY_INSTRUCTIONS, count, at);
  }
}

function endFunction(record: usize): void {
  const result = labelType(frame);
  const exported = load<u32>(record, 28) != 0;
  leaveFunction();
  if (live) {
    if (exported) startCheckedBlock(instructionAt);
    emit(OP_END, result == NONE ? 0 : 1, load<u32>(record, 16), 0, cost(CLASS_CONTROL));
  } else {
    enterLive();
  }
  closeBlock();
}

// 0xC5 … 0xFF.
function extended(op: u32): void {
  if (op == 0xfc) {
    prefixed();
    return;
  }
  if (op == 0xfd) refuse(SIMD, instructionAt, op);
  if (op == 0xfe) refuse(THREADS, instructionAt, op);
  if (op == 0xfb) refuse(GARBAGE_COLLECTION, instructionAt, op);
  if (op >= 0xd0 && op <= 0xd6) refuse(REFERENCE_TYPES, instructionAt, op);
  refuse(OPCODE, instructionAt, op);
}

// 0x00 … 0x1F but for the function's own end.
function control(op: u32): void {
  switch (op) {
    case 0x00: {
      emit(op, 0, 0, 0, cost(CLASS_CONTROL));
      becomeUnreachable();
      return;
    }
    case 0x01:
      return;
    case 0x02:
      enterBlock(BLOCK, readBlockType());
      return;
    case 0x03:
      enterBlock(LOOP, readBlockType());
      return;
    case 0x04: {
      const result = readBlockType();
      pop(I32);
      enterBlock(IF, result);
      return;
    }
    case 0x05:
      enterElse();
      return;
    case 0x0b:
      leaveBlock();
      return;
    case 0x0c:
    case 0x0d:
    case 0x0e:
    case 0x0f:
      branch(op);
      return;
    case 0x10:
      call();
      return;
    case 0x11:
      callIndirect();
      return;
    case 0x1a:
      popAny();
      emit(op, 0, 0, 0, cost(CLASS_MOVE));
      return;
    case 0x1b:
      select();
      return;
    default:
      refuseControl(op);
  }
}

function refuseControl(op: u32): void {
  if (op == 0x12 || op == 0x13 || op == 0x15) refuse(TAIL_CALL, instructionAt, op);
  if (op == 0x14 || op == 0x1c) refuse(REFERENCE_TYPES, instructionAt, op);
  if ((op >= 0x06 && op <= 0x0a) || op == 0x18 || op == 0x19 || op == 0x1f) {
    refuse(EXCEPTIONS, instructionAt, op);
  }
  refuse(OPCODE, instructionAt, op);
}

// Empty or one value type; a type index is multi-value, whatever the type.
function readBlockType(): u32 {
  const at = pos;
  const byte = readByte();
  if (byte == 0x40) return NONE;
  if (byte == I32 || byte == I64) return byte;
  if (byte > 0x40 && byte < 0x80) refuseBlockType(byte, at);
  seek(at);
  const index = readSigned(33);
  if (index < 0) refuse(BLOCK_TYPE, at, <u32>index);
  if (index >= <i64>typeCount) refuse(TYPE_INDEX, at, <u32>index);
  refuse(MULTI_VALUE, at, <u32>index);
  return NONE;
}

function refuseBlockType(byte: u32, at: usize): void {
  if (byte == 0x7c || byte == 0x7d || byte == 0x7b) refuseValueType(byte, at);
  if ((byte >= 0x69 && byte <= 0x74) || byte == 0x63 || byte == 0x64) refuseValueType(byte, at);
  refuse(BLOCK_TYPE, at, byte);
}

function label(depth: u32): usize {
  if (depth >= frameCount()) refuse(LABEL_INDEX, instructionAt, depth);
  return frame - <usize>depth * FRAME_BYTES;
}

function branch(op: u32): void {
  if (op == 0x0e) {
    branchTable();
    return;
  }
  const target = label(op == 0x0f ? frameCount() - 1 : readU32());
  const type = labelType(target);
  if (op == 0x0d) {
    pop(I32);
    if (type != NONE) pop(type);
    if (type != NONE) push(type);
    emitBranch(OP_BR_IF, target, cost(CLASS_CONTROL));
    if (live) startBlock(pos);
    return;
  }
  if (type != NONE) pop(type);
  emitBranch(op == 0x0c ? OP_BR : OP_RETURN, target, cost(CLASS_CONTROL));
  becomeUnreachable();
}

function branchTable(): void {
  const count = readU32();
  checkLimit(BR_TABLE_ENTRIES, count, instructionAt);
  entriesTotal += count;
  checkLimit(BR_TABLE_ENTRIES_TOTAL, entriesTotal, instructionAt);
  pop(I32);
  // The br words follow at once; a charge that is still to come moves them by one.
  emitReference(OP_BR_TABLE, 0, 0, count, cost(CLASS_BR_TABLE) + cost(CLASS_CONTROL));
  if (live) store<u32>(wordNext - 12, pc());
  let arity: i32 = -1;
  for (let i: u32 = 0; i <= count; i++) {
    const target = label(readU32());
    const type = labelType(target);
    const wants: i32 = type == NONE ? 0 : 1;
    if (arity >= 0 && arity != wants) refuse(BR_TABLE_ARITY, instructionAt, i);
    arity = wants;
    if (type != NONE) {
      // What was found stays, unknown included: each label is checked against the same operand.
      push(pop(type));
    }
    emitBranch(OP_BR, target, 0);
  }
  becomeUnreachable();
}

function select(): void {
  pop(I32);
  const first = popAny();
  const second = popAny();
  if (first != second && first != NONE && second != NONE) {
    refuse(TYPE_MISMATCH, instructionAt, (first << 8) | second);
  }
  push(first == NONE ? second : first);
  emit(0x1b, 0, 0, 0, cost(CLASS_MOVE));
}

function popParams(type: u64): u32 {
  const params = paramCount(type);
  for (let i = params; i > 0; i--) pop(paramType(type, i - 1));
  return params;
}

function call(): void {
  const index = readU32();
  if (index >= functionCount) refuse(FUNCTION_INDEX, instructionAt, index);
  const type = functionType(index);
  const params = popParams(type);
  if (resultType(type) != NONE) push(resultType(type));
  emitReference(OP_CALL, params, index, 0, cost(CLASS_CALL));
  if (live) addCallEdge(index);
}

function callIndirect(): void {
  const index = readTypeIndex(instructionAt);
  const table = readU32();
  if (table != 0 || !tableDeclared) refuse(TABLE_INDEX, instructionAt, table);
  const type = packedType(index);
  pop(I32);
  const params = popParams(type);
  if (resultType(type) != NONE) push(resultType(type));
  emit(
    0x11,
    params,
    canonicalType(index),
    tableSize,
    cost(CLASS_CALL_INDIRECT) + cost(CLASS_FUNCTION),
  );
  if (live) addIndirectEdge(canonicalType(index));
}
