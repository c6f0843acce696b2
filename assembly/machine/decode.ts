// From raw words to the words that the interpreter runs on: 16 bytes each at the same index, with a dense
// opcode and fields scaled to what the interpreter adds them to. One word becomes one word, so pc and
// steps are the same. Total: a word that does not exist becomes UNKNOWN.
//   op u16 | a u16 | b u32 | imm u64, as in docs/program.md; here a of slots × 8, pcs × 16, heights × 8
import {
  BR,
  BR_IF,
  BR_TABLE,
  CALL,
  CALL_INDIRECT,
  CHARGE_UNITS,
  dispatchOf,
  ELSE,
  END,
  FUNCTION,
  GLOBAL_GET,
  GLOBAL_SET,
  I64_CONST,
  IF,
  LOCALS,
  LOCAL_GET,
  LOCAL_SET,
  LOCAL_TEE,
  RETURN,
  UNKNOWN,
} from "./opcodes";

/** No word and no slot is there: a field beyond them is decoded as this, so that scaling it cannot wrap. */
const BEYOND_CODE: u32 = 1 << 19;
const BEYOND_STACK: u32 = 1 << 17;

/** Whether fields are in the bounds of docs/machine.md section 3, which all that prepare writes are. */
function exists(op: u32, a: u32, b: u32, imm: u64): bool {
  switch (op) {
    case I64_CONST:
      return true;
    case BR:
    case BR_IF:
    case RETURN:
    case END:
      return a <= 1 && imm <= 65536;
    case LOCALS:
      return b >= 1 && imm < 1 << 32;
    default:
      return a < 8192 && imm < 1 << 32;
  }
}

/** Decodes the word at `from` to `to`. */
export function decodeWord(from: usize, to: usize): void {
  let op = dispatchOf(load<u16>(from));
  let a: u32 = load<u16>(from, 2);
  let b = load<u32>(from, 4);
  let imm = load<u64>(from, 8);
  if (!exists(op, a, b, imm)) op = UNKNOWN;
  switch (op) {
    case LOCAL_GET:
    case LOCAL_SET:
    case LOCAL_TEE:
    case GLOBAL_GET:
    case GLOBAL_SET:
    case CHARGE_UNITS:
    case CALL:
    case CALL_INDIRECT:
      a <<= 3;
      break;
    default:
  }
  switch (op) {
    case BR:
    case BR_IF:
    case RETURN:
      a <<= 3;
      imm <<= 3;
      b = min<u32>(b, BEYOND_CODE) << 4;
      break;
    case BR_TABLE:
      imm = min<u64>(imm, BEYOND_CODE);
      b = min<u32>(b, BEYOND_CODE) << 4;
      break;
    case IF:
    case ELSE:
    case CALL:
    case FUNCTION:
      b = min<u32>(b, BEYOND_CODE) << 4;
      break;
    case END:
      a <<= 3;
      b = min<u32>(b, BEYOND_STACK) << 3;
      break;
    default:
  }
  store<u32>(to, op | (a << 16));
  store<u32>(to, b, 4);
  store<u64>(to, imm, 8);
}

/** Decodes `count` words; `from` and `to` may be equal. */
export function decodeWords(from: usize, to: usize, count: u32): void {
  for (let end = from + ((<usize>count) << 4); from < end; from += 16) {
    decodeWord(from, to);
    to += 16;
  }
}
