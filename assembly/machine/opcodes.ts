// Generated from host/machine/opcode-table.ts by tests/golden/opcode-table.test.ts; do not edit.
// Dispatch numbers of the words: dense, so that the interpreter's switch is one jump table.
export const UNREACHABLE: u32 = 0;
export const IF: u32 = 1;
export const ELSE: u32 = 2;
export const END: u32 = 3;
export const BR: u32 = 4;
export const BR_IF: u32 = 5;
export const BR_TABLE: u32 = 6;
export const RETURN: u32 = 7;
export const CALL: u32 = 8;
export const CALL_INDIRECT: u32 = 9;
export const DROP: u32 = 10;
export const SELECT: u32 = 11;
export const LOCAL_GET: u32 = 12;
export const LOCAL_SET: u32 = 13;
export const LOCAL_TEE: u32 = 14;
export const GLOBAL_GET: u32 = 15;
export const GLOBAL_SET: u32 = 16;
export const I32_LOAD: u32 = 17;
export const I64_LOAD: u32 = 18;
export const I32_LOAD8_S: u32 = 19;
export const I32_LOAD8_U: u32 = 20;
export const I32_LOAD16_S: u32 = 21;
export const I32_LOAD16_U: u32 = 22;
export const I64_LOAD8_S: u32 = 23;
export const I64_LOAD8_U: u32 = 24;
export const I64_LOAD16_S: u32 = 25;
export const I64_LOAD16_U: u32 = 26;
export const I64_LOAD32_S: u32 = 27;
export const I64_LOAD32_U: u32 = 28;
export const I32_STORE: u32 = 29;
export const I64_STORE: u32 = 30;
export const I32_STORE8: u32 = 31;
export const I32_STORE16: u32 = 32;
export const I64_STORE8: u32 = 33;
export const I64_STORE16: u32 = 34;
export const I64_STORE32: u32 = 35;
export const MEMORY_SIZE: u32 = 36;
export const MEMORY_GROW: u32 = 37;
export const I32_CONST: u32 = 38;
export const I64_CONST: u32 = 39;
export const I32_EQZ: u32 = 40;
export const I32_EQ: u32 = 41;
export const I32_NE: u32 = 42;
export const I32_LT_S: u32 = 43;
export const I32_LT_U: u32 = 44;
export const I32_GT_S: u32 = 45;
export const I32_GT_U: u32 = 46;
export const I32_LE_S: u32 = 47;
export const I32_LE_U: u32 = 48;
export const I32_GE_S: u32 = 49;
export const I32_GE_U: u32 = 50;
export const I64_EQZ: u32 = 51;
export const I64_EQ: u32 = 52;
export const I64_NE: u32 = 53;
export const I64_LT_S: u32 = 54;
export const I64_LT_U: u32 = 55;
export const I64_GT_S: u32 = 56;
export const I64_GT_U: u32 = 57;
export const I64_LE_S: u32 = 58;
export const I64_LE_U: u32 = 59;
export const I64_GE_S: u32 = 60;
export const I64_GE_U: u32 = 61;
export const I32_CLZ: u32 = 62;
export const I32_CTZ: u32 = 63;
export const I32_POPCNT: u32 = 64;
export const I32_ADD: u32 = 65;
export const I32_SUB: u32 = 66;
export const I32_MUL: u32 = 67;
export const I32_DIV_S: u32 = 68;
export const I32_DIV_U: u32 = 69;
export const I32_REM_S: u32 = 70;
export const I32_REM_U: u32 = 71;
export const I32_AND: u32 = 72;
export const I32_OR: u32 = 73;
export const I32_XOR: u32 = 74;
export const I32_SHL: u32 = 75;
export const I32_SHR_S: u32 = 76;
export const I32_SHR_U: u32 = 77;
export const I32_ROTL: u32 = 78;
export const I32_ROTR: u32 = 79;
export const I64_CLZ: u32 = 80;
export const I64_CTZ: u32 = 81;
export const I64_POPCNT: u32 = 82;
export const I64_ADD: u32 = 83;
export const I64_SUB: u32 = 84;
export const I64_MUL: u32 = 85;
export const I64_DIV_S: u32 = 86;
export const I64_DIV_U: u32 = 87;
export const I64_REM_S: u32 = 88;
export const I64_REM_U: u32 = 89;
export const I64_AND: u32 = 90;
export const I64_OR: u32 = 91;
export const I64_XOR: u32 = 92;
export const I64_SHL: u32 = 93;
export const I64_SHR_S: u32 = 94;
export const I64_SHR_U: u32 = 95;
export const I64_ROTL: u32 = 96;
export const I64_ROTR: u32 = 97;
export const I32_WRAP_I64: u32 = 98;
export const I64_EXTEND_I32_S: u32 = 99;
export const I64_EXTEND_I32_U: u32 = 100;
export const I32_EXTEND8_S: u32 = 101;
export const I32_EXTEND16_S: u32 = 102;
export const I64_EXTEND8_S: u32 = 103;
export const I64_EXTEND16_S: u32 = 104;
export const I64_EXTEND32_S: u32 = 105;
export const MEMORY_COPY: u32 = 106;
export const MEMORY_FILL: u32 = 107;
export const CHARGE: u32 = 108;
export const CHARGE_CHECK: u32 = 109;
export const CHARGE_UNITS: u32 = 110;
export const DEPTH: u32 = 111;
export const LOCALS: u32 = 112;
export const FUNCTION: u32 = 113;
export const HOST: u32 = 114;
/** No such word. */
export const UNKNOWN: u32 = 115;

const LAST: u32 = 529;
// biome-ignore format: generated table
const DISPATCH: usize = memory.data<u8>([
  0, 115, 115, 115, 1, 2, 115, 115, 115, 115, 115, 3, 4, 5, 6, 7, 8, 9, 115, 115,
  115, 115, 115, 115, 115, 115, 10, 11, 115, 115, 115, 115, 12, 13, 14, 15, 16, 115, 115, 115,
  17, 18, 115, 115, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 115, 115, 31, 32,
  33, 34, 35, 36, 37, 38, 39, 115, 115, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50,
  51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78,
  79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 98, 115, 115, 115, 115, 99, 100, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 101, 102, 103, 104, 105, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 106, 107, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 115, 108, 109, 110, 111, 112, 115, 115, 115,
  115, 115, 115, 115, 115, 115, 115, 115, 113, 114,
]);

/** Dispatch number of an opcode. */
export function dispatchOf(opcode: u32): u32 {
  return opcode > LAST ? UNKNOWN : load<u8>(DISPATCH + opcode);
}
