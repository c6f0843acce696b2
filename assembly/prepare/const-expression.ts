// Constant expressions: exactly one i32.const or i64.const and `end`. There are no imported globals
// in this profile, so global.get is never constant here; extended constants are not WebAssembly 2.0.
import { pos, readByte, readSigned } from "./reader";
import { CONST_EXPRESSION, FLOAT, refuse, REFERENCE_TYPES, SIMD, TYPE_MISMATCH } from "./refusal";
import { I32, I64 } from "./types";

/** Reads an expression of type I32 or I64; an i32 value is zero-extended. */
export function readConstExpression(type: u32): u64 {
  const at = pos;
  const op = readByte();
  if (op == 0x43 || op == 0x44) refuse(FLOAT, at, op);
  if (op == 0xd0 || op == 0xd2) refuse(REFERENCE_TYPES, at, op);
  if (op == 0xfd) refuse(SIMD, at, op);
  if (op != 0x41 && op != 0x42) refuse(CONST_EXPRESSION, at, op);
  const produced = op == 0x41 ? I32 : I64;
  if (produced != type) refuse(TYPE_MISMATCH, at, (type << 8) | produced);
  const value: u64 = op == 0x41 ? <u64>(<u32>readSigned(32)) : <u64>readSigned(64);
  const endAt = pos;
  const last = readByte();
  if (last != 0x0b) refuse(CONST_EXPRESSION, endAt, last);
  return value;
}
