// The step function for words (docs/machine.md section 3), written once and compiled per mode (access.ts).
// One turn of the loop is one step. pc, sp, fp and the frame's memory are held in locals as addresses and
// left in the registers on return; gas and depth too. Steps are counted by place: `base` + ip is 16 times
// the steps taken, wrapping; straight code adds 16 by itself and jumps correct `base`. In fast mode the
// limit is looked at only at checked charges, which every cycle has; in the other modes before each step.
// The switch is long because the instruction set is: a case reads operands, traps or writes, and moves on.
import {
  binary,
  frameAt,
  globalAt,
  memoryAt,
  popped,
  pushed,
  slot,
  tableAt,
  touchCode,
  unary,
  wordAt,
} from "./access";
import { copyLeaf, copyTraps, fillLeaf, fillTraps, zeroLocals } from "./bulk";
import {
  BR,
  BR_IF,
  BR_TABLE,
  CALL,
  CALL_INDIRECT,
  CHARGE,
  CHARGE_CHECK,
  CHARGE_UNITS,
  DROP,
  ELSE,
  END,
  FUNCTION,
  GLOBAL_GET,
  GLOBAL_SET,
  HOST,
  I32_ADD,
  I32_AND,
  I32_CLZ,
  I32_CONST,
  I32_CTZ,
  I32_DIV_S,
  I32_DIV_U,
  I32_EQ,
  I32_EQZ,
  I32_EXTEND16_S,
  I32_EXTEND8_S,
  I32_GE_S,
  I32_GE_U,
  I32_GT_S,
  I32_GT_U,
  I32_LE_S,
  I32_LE_U,
  I32_LOAD,
  I32_LOAD16_S,
  I32_LOAD16_U,
  I32_LOAD8_S,
  I32_LOAD8_U,
  I32_LT_S,
  I32_LT_U,
  I32_MUL,
  I32_NE,
  I32_OR,
  I32_POPCNT,
  I32_REM_S,
  I32_REM_U,
  I32_ROTL,
  I32_ROTR,
  I32_SHL,
  I32_SHR_S,
  I32_SHR_U,
  I32_STORE,
  I32_STORE16,
  I32_STORE8,
  I32_SUB,
  I32_WRAP_I64,
  I32_XOR,
  I64_ADD,
  I64_AND,
  I64_CLZ,
  I64_CONST,
  I64_CTZ,
  I64_DIV_S,
  I64_DIV_U,
  I64_EQ,
  I64_EQZ,
  I64_EXTEND16_S,
  I64_EXTEND32_S,
  I64_EXTEND8_S,
  I64_EXTEND_I32_S,
  I64_EXTEND_I32_U,
  I64_GE_S,
  I64_GE_U,
  I64_GT_S,
  I64_GT_U,
  I64_LE_S,
  I64_LE_U,
  I64_LOAD,
  I64_LOAD16_S,
  I64_LOAD16_U,
  I64_LOAD32_S,
  I64_LOAD32_U,
  I64_LOAD8_S,
  I64_LOAD8_U,
  I64_LT_S,
  I64_LT_U,
  I64_MUL,
  I64_NE,
  I64_OR,
  I64_POPCNT,
  I64_REM_S,
  I64_REM_U,
  I64_ROTL,
  I64_ROTR,
  I64_SHL,
  I64_SHR_S,
  I64_SHR_U,
  I64_STORE,
  I64_STORE16,
  I64_STORE32,
  I64_STORE8,
  I64_SUB,
  I64_XOR,
  IF,
  LOCALS,
  LOCAL_GET,
  LOCAL_SET,
  LOCAL_TEE,
  MEMORY_COPY,
  MEMORY_FILL,
  MEMORY_GROW,
  MEMORY_SIZE,
  RETURN,
  SELECT,
  UNREACHABLE,
  DEPTH as DEPTH_WORD,
} from "./opcodes";
import {
  codeBase,
  DEPTH,
  DETAIL,
  dirtyGlobals,
  dirtyMemory,
  END_HOST,
  END_KIND,
  END_LIMIT,
  END_STUCK,
  END_SUCCESS,
  END_TRAP,
  FP,
  GAS,
  LEAST_DEPTH,
  memoryBase,
  PAGES,
  PC,
  RESUME,
  SP,
  stackBase,
  STEPS,
  TRAP_DEPTH,
  TRAP_OUT_OF_GAS,
  TRAP_WASM,
  WRITTEN,
} from "./registers";

/** Most steps of one call: 16 times as many fit into the u32 that counts. */
const SLICE_MAX: u64 = 1 << 27;

// Parameters with types of their own: asc widens a load to the type that its context wants, and takes
// that type's sign and width for the arithmetic around it.

/** A truth value as a slot. */
function flag(value: bool): u64 {
  return <u64>value;
}

/** An i32 as a slot. */
function low(value: u32): u64 {
  return <u64>value;
}

function stop(ip: usize, sp: usize, fp: usize, base: u32, kind: u32, detail: u32): void {
  store<u32>(PC, <u32>(ip - codeBase) >> 4);
  store<u32>(SP, <u32>(sp - stackBase) >> 3);
  store<u32>(FP, <u32>(fp - stackBase) >> 3);
  store<u64>(STEPS, load<u64>(STEPS) + ((base + <u32>ip) >> 4));
  store<u32>(END_KIND, kind);
  store<u32>(DETAIL, detail);
}

/** The trapping step counts; it changes nothing else of the frame but its gas. */
function trap(ip: usize, sp: usize, fp: usize, base: u32, code: u32): void {
  store<i64>(GAS, 0);
  stop(ip, sp, fp, base + 16, END_TRAP, code);
}

/** Runs words until the frame ends, a host word is at pc, or `stepsMax` steps are done or nearly done. */
export function interpret<M>(stepsMax: u64): void {
  const code = codeBase;
  const stack = stackBase;
  const memory = memoryBase;
  const dirt = dirtyMemory;
  let memoryBytes = (<u64>load<u32>(PAGES)) << 16;
  let ip = code + ((<usize>load<u32>(PC)) << 4);
  let sp = stack + ((<usize>load<u32>(SP)) << 3);
  let fp = stack + ((<usize>load<u32>(FP)) << 3);
  let gas = load<i64>(GAS);
  let base: u32 = 0 - <u32>ip;
  const limit = <u32>(min(stepsMax, SLICE_MAX) << 4);
  let at: u64 = 0;
  let target: usize = 0;
  while (true) {
    if (sizeof<M>() != 1) {
      if (base + <u32>ip >= limit) {
        store<i64>(GAS, gas);
        stop(ip, sp, fp, base, END_LIMIT, 0);
        return;
      }
      if (sizeof<M>() == 4) touchCode(<u32>(ip - code) >> 4);
    }
    switch (<u32>load<u16>(ip)) {
      case UNREACHABLE:
        return trap(ip, sp, fp, base, TRAP_WASM);
      case IF:
        sp = popped<M>(sp);
        target = load<u32>(sp) == 0 ? code + load<u32>(ip, 4) : ip + 16;
        base += <u32>(ip + 16 - target);
        ip = target;
        break;
      case ELSE:
      case FUNCTION:
        target = code + load<u32>(ip, 4);
        base += <u32>(ip + 16 - target);
        ip = target;
        break;
      case END: {
        const link = load<u64>(slot<M>(fp + load<u32>(ip, 4)));
        const arity = <usize>load<u16>(ip, 2);
        if (arity != 0) {
          const value = load<u64>(popped<M>(sp));
          store<u64>(slot<M>(fp), value);
        }
        store<u32>(DEPTH, load<u32>(DEPTH) + load<u32>(ip, 8));
        sp = fp + arity;
        if (<u32>link == 0) {
          store<i64>(GAS, gas);
          return stop(ip, sp, fp, base + 16, END_SUCCESS, 0);
        }
        target = wordAt<M>(code, <u32>link);
        base += <u32>(ip + 16 - target);
        ip = target;
        fp = frameAt<M>(stack, <u32>(link >> 32));
        break;
      }
      case BR_IF:
        sp = popped<M>(sp);
        if (load<u32>(sp) == 0) {
          ip += 16;
          break;
        }
      case BR:
      case RETURN: {
        const arity = <usize>load<u16>(ip, 2);
        const to = fp + <usize>load<u64>(ip, 8);
        if (arity != 0) {
          const value = load<u64>(popped<M>(sp));
          store<u64>(slot<M>(to), value);
        }
        sp = to + arity;
        target = code + load<u32>(ip, 4);
        base += <u32>(ip + 16 - target);
        ip = target;
        break;
      }
      case BR_TABLE:
        sp = popped<M>(sp);
        target = code + load<u32>(ip, 4) + ((<usize>min(load<u32>(sp), load<u32>(ip, 8))) << 4);
        base += <u32>(ip + 16 - target);
        ip = target;
        break;
      case CALL_INDIRECT: {
        const index = load<u32>(popped<M>(sp));
        if (index >= load<u32>(ip, 8)) return trap(ip, sp, fp, base, TRAP_WASM);
        const entry = tableAt<M>(index);
        if (load<u64>(entry) == 0xffffffffffffffff) return trap(ip, sp, fp, base, TRAP_WASM);
        if (load<u32>(entry, 4) != load<u32>(ip, 4)) return trap(ip, sp, fp, base, TRAP_WASM);
        sp -= 8;
        store<u32>(pushed<M>(sp), <u32>(ip + 16 - code) >> 4);
        store<u32>(sp, <u32>(fp - stack) >> 3, 4);
        fp = sp - load<u16>(ip, 2);
        sp += 8;
        target = wordAt<M>(code, load<u32>(entry));
        base += <u32>(ip + 16 - target);
        ip = target;
        break;
      }
      case CALL:
        store<u32>(pushed<M>(sp), <u32>(ip + 16 - code) >> 4);
        store<u32>(sp, <u32>(fp - stack) >> 3, 4);
        fp = sp - load<u16>(ip, 2);
        sp += 8;
        target = code + load<u32>(ip, 4);
        base += <u32>(ip + 16 - target);
        ip = target;
        break;
      case DROP:
        sp -= 8;
        ip += 16;
        break;
      case SELECT:
        popped<M>(sp);
        popped<M>(sp - 8);
        popped<M>(sp - 16);
        if (load<u32>(sp - 8) == 0) store<u64>(sp - 24, load<u64>(sp - 16));
        sp -= 16;
        ip += 16;
        break;
      case LOCAL_GET: {
        const value = load<u64>(slot<M>(fp + load<u16>(ip, 2)));
        store<u64>(pushed<M>(sp), value);
        sp += 8;
        ip += 16;
        break;
      }
      case LOCAL_SET:
        sp = popped<M>(sp);
        store<u64>(slot<M>(fp + load<u16>(ip, 2)), load<u64>(sp));
        ip += 16;
        break;
      case LOCAL_TEE:
        unary<M>(sp);
        store<u64>(slot<M>(fp + load<u16>(ip, 2)), load<u64>(sp - 8));
        ip += 16;
        break;
      case GLOBAL_GET: {
        const value = load<u64>(globalAt<M>(load<u16>(ip, 2)));
        store<u64>(pushed<M>(sp), value);
        sp += 8;
        ip += 16;
        break;
      }
      case GLOBAL_SET:
        sp = popped<M>(sp);
        store<u64>(globalAt<M>(load<u16>(ip, 2)), load<u64>(sp));
        store<u8>(dirtyGlobals + (load<u16>(ip, 2) >> 7), WRITTEN);
        ip += 16;
        break;
      case I32_LOAD:
        unary<M>(sp);
        at = <u64>load<u32>(sp - 8) + load<u64>(ip, 8);
        if (at + 4 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u64>(sp - 8, <u64>load<u32>(memoryAt<M>(memory, at, 4)));
        ip += 16;
        break;
      case I64_LOAD:
        unary<M>(sp);
        at = <u64>load<u32>(sp - 8) + load<u64>(ip, 8);
        if (at + 8 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u64>(sp - 8, load<u64>(memoryAt<M>(memory, at, 8)));
        ip += 16;
        break;
      case I32_LOAD8_S:
        unary<M>(sp);
        at = <u64>load<u32>(sp - 8) + load<u64>(ip, 8);
        if (at + 1 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u64>(sp - 8, <u64>(<u32>(<i32>load<i8>(memoryAt<M>(memory, at, 1)))));
        ip += 16;
        break;
      case I32_LOAD8_U:
        unary<M>(sp);
        at = <u64>load<u32>(sp - 8) + load<u64>(ip, 8);
        if (at + 1 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u64>(sp - 8, <u64>load<u8>(memoryAt<M>(memory, at, 1)));
        ip += 16;
        break;
      case I32_LOAD16_S:
        unary<M>(sp);
        at = <u64>load<u32>(sp - 8) + load<u64>(ip, 8);
        if (at + 2 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u64>(sp - 8, <u64>(<u32>(<i32>load<i16>(memoryAt<M>(memory, at, 2)))));
        ip += 16;
        break;
      case I32_LOAD16_U:
        unary<M>(sp);
        at = <u64>load<u32>(sp - 8) + load<u64>(ip, 8);
        if (at + 2 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u64>(sp - 8, <u64>load<u16>(memoryAt<M>(memory, at, 2)));
        ip += 16;
        break;
      case I64_LOAD8_S:
        unary<M>(sp);
        at = <u64>load<u32>(sp - 8) + load<u64>(ip, 8);
        if (at + 1 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u64>(sp - 8, <u64>(<i64>load<i8>(memoryAt<M>(memory, at, 1))));
        ip += 16;
        break;
      case I64_LOAD8_U:
        unary<M>(sp);
        at = <u64>load<u32>(sp - 8) + load<u64>(ip, 8);
        if (at + 1 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u64>(sp - 8, <u64>load<u8>(memoryAt<M>(memory, at, 1)));
        ip += 16;
        break;
      case I64_LOAD16_S:
        unary<M>(sp);
        at = <u64>load<u32>(sp - 8) + load<u64>(ip, 8);
        if (at + 2 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u64>(sp - 8, <u64>(<i64>load<i16>(memoryAt<M>(memory, at, 2))));
        ip += 16;
        break;
      case I64_LOAD16_U:
        unary<M>(sp);
        at = <u64>load<u32>(sp - 8) + load<u64>(ip, 8);
        if (at + 2 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u64>(sp - 8, <u64>load<u16>(memoryAt<M>(memory, at, 2)));
        ip += 16;
        break;
      case I64_LOAD32_S:
        unary<M>(sp);
        at = <u64>load<u32>(sp - 8) + load<u64>(ip, 8);
        if (at + 4 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u64>(sp - 8, <u64>(<i64>load<i32>(memoryAt<M>(memory, at, 4))));
        ip += 16;
        break;
      case I64_LOAD32_U:
        unary<M>(sp);
        at = <u64>load<u32>(sp - 8) + load<u64>(ip, 8);
        if (at + 4 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u64>(sp - 8, <u64>load<u32>(memoryAt<M>(memory, at, 4)));
        ip += 16;
        break;
      case I32_STORE:
        binary<M>(sp);
        at = <u64>load<u32>(sp - 16) + load<u64>(ip, 8);
        if (at + 4 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u32>(memoryAt<M>(memory, at, 4), load<u32>(sp - 8));
        store<u8>(dirt + <usize>(at >> 7), WRITTEN);
        store<u8>(dirt + <usize>((at + 3) >> 7), WRITTEN);
        sp -= 16;
        ip += 16;
        break;
      case I64_STORE:
        binary<M>(sp);
        at = <u64>load<u32>(sp - 16) + load<u64>(ip, 8);
        if (at + 8 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u64>(memoryAt<M>(memory, at, 8), load<u64>(sp - 8));
        store<u8>(dirt + <usize>(at >> 7), WRITTEN);
        store<u8>(dirt + <usize>((at + 7) >> 7), WRITTEN);
        sp -= 16;
        ip += 16;
        break;
      case I32_STORE8:
        binary<M>(sp);
        at = <u64>load<u32>(sp - 16) + load<u64>(ip, 8);
        if (at + 1 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u8>(memoryAt<M>(memory, at, 1), load<u8>(sp - 8));
        store<u8>(dirt + <usize>(at >> 7), WRITTEN);
        sp -= 16;
        ip += 16;
        break;
      case I32_STORE16:
        binary<M>(sp);
        at = <u64>load<u32>(sp - 16) + load<u64>(ip, 8);
        if (at + 2 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u16>(memoryAt<M>(memory, at, 2), load<u16>(sp - 8));
        store<u8>(dirt + <usize>(at >> 7), WRITTEN);
        store<u8>(dirt + <usize>((at + 1) >> 7), WRITTEN);
        sp -= 16;
        ip += 16;
        break;
      case I64_STORE8:
        binary<M>(sp);
        at = <u64>load<u32>(sp - 16) + load<u64>(ip, 8);
        if (at + 1 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u8>(memoryAt<M>(memory, at, 1), load<u8>(sp - 8));
        store<u8>(dirt + <usize>(at >> 7), WRITTEN);
        sp -= 16;
        ip += 16;
        break;
      case I64_STORE16:
        binary<M>(sp);
        at = <u64>load<u32>(sp - 16) + load<u64>(ip, 8);
        if (at + 2 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u16>(memoryAt<M>(memory, at, 2), load<u16>(sp - 8));
        store<u8>(dirt + <usize>(at >> 7), WRITTEN);
        store<u8>(dirt + <usize>((at + 1) >> 7), WRITTEN);
        sp -= 16;
        ip += 16;
        break;
      case I64_STORE32:
        binary<M>(sp);
        at = <u64>load<u32>(sp - 16) + load<u64>(ip, 8);
        if (at + 4 > memoryBytes) return trap(ip, sp, fp, base, TRAP_WASM);
        store<u32>(memoryAt<M>(memory, at, 4), load<u32>(sp - 8));
        store<u8>(dirt + <usize>(at >> 7), WRITTEN);
        store<u8>(dirt + <usize>((at + 3) >> 7), WRITTEN);
        sp -= 16;
        ip += 16;
        break;
      case MEMORY_SIZE:
        store<u64>(pushed<M>(sp), memoryBytes >> 16);
        sp += 8;
        ip += 16;
        break;
      case MEMORY_GROW: {
        unary<M>(sp);
        const delta = load<u32>(sp - 8);
        const pages = <u32>(memoryBytes >> 16);
        if (<u64>pages + delta > load<u32>(ip, 4)) {
          store<u64>(sp - 8, 0xffffffff);
        } else {
          store<u64>(sp - 8, pages);
          memoryBytes += (<u64>delta) << 16;
          store<u32>(PAGES, pages + delta);
        }
        ip += 16;
        break;
      }
      case I32_CONST:
      case I64_CONST:
        store<u64>(pushed<M>(sp), load<u64>(ip, 8));
        sp += 8;
        ip += 16;
        break;
      case I32_EQZ:
        unary<M>(sp);
        store<u64>(sp - 8, flag(load<u32>(sp - 8) == 0));
        ip += 16;
        break;
      case I32_EQ:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<u32>(sp - 8) == load<u32>(sp)));
        ip += 16;
        break;
      case I32_NE:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<u32>(sp - 8) != load<u32>(sp)));
        ip += 16;
        break;
      case I32_LT_S:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<i32>(sp - 8) < load<i32>(sp)));
        ip += 16;
        break;
      case I32_LT_U:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<u32>(sp - 8) < load<u32>(sp)));
        ip += 16;
        break;
      case I32_GT_S:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<i32>(sp - 8) > load<i32>(sp)));
        ip += 16;
        break;
      case I32_GT_U:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<u32>(sp - 8) > load<u32>(sp)));
        ip += 16;
        break;
      case I32_LE_S:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<i32>(sp - 8) <= load<i32>(sp)));
        ip += 16;
        break;
      case I32_LE_U:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<u32>(sp - 8) <= load<u32>(sp)));
        ip += 16;
        break;
      case I32_GE_S:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<i32>(sp - 8) >= load<i32>(sp)));
        ip += 16;
        break;
      case I32_GE_U:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<u32>(sp - 8) >= load<u32>(sp)));
        ip += 16;
        break;
      case I64_EQZ:
        unary<M>(sp);
        store<u64>(sp - 8, flag(load<u64>(sp - 8) == 0));
        ip += 16;
        break;
      case I64_EQ:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<u64>(sp - 8) == load<u64>(sp)));
        ip += 16;
        break;
      case I64_NE:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<u64>(sp - 8) != load<u64>(sp)));
        ip += 16;
        break;
      case I64_LT_S:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<i64>(sp - 8) < load<i64>(sp)));
        ip += 16;
        break;
      case I64_LT_U:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<u64>(sp - 8) < load<u64>(sp)));
        ip += 16;
        break;
      case I64_GT_S:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<i64>(sp - 8) > load<i64>(sp)));
        ip += 16;
        break;
      case I64_GT_U:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<u64>(sp - 8) > load<u64>(sp)));
        ip += 16;
        break;
      case I64_LE_S:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<i64>(sp - 8) <= load<i64>(sp)));
        ip += 16;
        break;
      case I64_LE_U:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<u64>(sp - 8) <= load<u64>(sp)));
        ip += 16;
        break;
      case I64_GE_S:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<i64>(sp - 8) >= load<i64>(sp)));
        ip += 16;
        break;
      case I64_GE_U:
        sp = binary<M>(sp);
        store<u64>(sp - 8, flag(load<u64>(sp - 8) >= load<u64>(sp)));
        ip += 16;
        break;
      case I32_CLZ:
        unary<M>(sp);
        store<u64>(sp - 8, <u64>clz<u32>(load<u32>(sp - 8)));
        ip += 16;
        break;
      case I32_CTZ:
        unary<M>(sp);
        store<u64>(sp - 8, <u64>ctz<u32>(load<u32>(sp - 8)));
        ip += 16;
        break;
      case I32_POPCNT:
        unary<M>(sp);
        store<u64>(sp - 8, <u64>popcnt<u32>(load<u32>(sp - 8)));
        ip += 16;
        break;
      case I32_ADD:
        sp = binary<M>(sp);
        store<u64>(sp - 8, low(load<u32>(sp - 8) + load<u32>(sp)));
        ip += 16;
        break;
      case I32_SUB:
        sp = binary<M>(sp);
        store<u64>(sp - 8, low(load<u32>(sp - 8) - load<u32>(sp)));
        ip += 16;
        break;
      case I32_MUL:
        sp = binary<M>(sp);
        store<u64>(sp - 8, low(load<u32>(sp - 8) * load<u32>(sp)));
        ip += 16;
        break;
      case I32_AND:
        sp = binary<M>(sp);
        store<u64>(sp - 8, low(load<u32>(sp - 8) & load<u32>(sp)));
        ip += 16;
        break;
      case I32_OR:
        sp = binary<M>(sp);
        store<u64>(sp - 8, low(load<u32>(sp - 8) | load<u32>(sp)));
        ip += 16;
        break;
      case I32_XOR:
        sp = binary<M>(sp);
        store<u64>(sp - 8, low(load<u32>(sp - 8) ^ load<u32>(sp)));
        ip += 16;
        break;
      case I32_SHL:
        sp = binary<M>(sp);
        store<u64>(sp - 8, low(load<u32>(sp - 8) << load<u32>(sp)));
        ip += 16;
        break;
      case I32_SHR_S:
        sp = binary<M>(sp);
        store<u64>(sp - 8, low(load<i32>(sp - 8) >> load<i32>(sp)));
        ip += 16;
        break;
      case I32_SHR_U:
        sp = binary<M>(sp);
        store<u64>(sp - 8, low(load<u32>(sp - 8) >> load<u32>(sp)));
        ip += 16;
        break;
      case I32_ROTL:
        sp = binary<M>(sp);
        store<u64>(sp - 8, <u64>rotl<u32>(load<u32>(sp - 8), load<u32>(sp)));
        ip += 16;
        break;
      case I32_ROTR:
        sp = binary<M>(sp);
        store<u64>(sp - 8, <u64>rotr<u32>(load<u32>(sp - 8), load<u32>(sp)));
        ip += 16;
        break;
      case I32_DIV_S:
        binary<M>(sp);
        if (load<u32>(sp - 8) == 0) return trap(ip, sp, fp, base, TRAP_WASM);
        if (load<i32>(sp - 8) == -1 && load<u32>(sp - 16) == 0x80000000) {
          return trap(ip, sp, fp, base, TRAP_WASM);
        }
        sp -= 8;
        store<u64>(sp - 8, low(load<i32>(sp - 8) / load<i32>(sp)));
        ip += 16;
        break;
      case I32_DIV_U:
        binary<M>(sp);
        if (load<u32>(sp - 8) == 0) return trap(ip, sp, fp, base, TRAP_WASM);
        sp -= 8;
        store<u64>(sp - 8, low(load<u32>(sp - 8) / load<u32>(sp)));
        ip += 16;
        break;
      case I32_REM_S:
        binary<M>(sp);
        if (load<u32>(sp - 8) == 0) return trap(ip, sp, fp, base, TRAP_WASM);
        sp -= 8;
        store<u64>(sp - 8, low(load<i32>(sp - 8) % load<i32>(sp)));
        ip += 16;
        break;
      case I32_REM_U:
        binary<M>(sp);
        if (load<u32>(sp - 8) == 0) return trap(ip, sp, fp, base, TRAP_WASM);
        sp -= 8;
        store<u64>(sp - 8, low(load<u32>(sp - 8) % load<u32>(sp)));
        ip += 16;
        break;
      case I64_CLZ:
        unary<M>(sp);
        store<u64>(sp - 8, <u64>clz<u64>(load<u64>(sp - 8)));
        ip += 16;
        break;
      case I64_CTZ:
        unary<M>(sp);
        store<u64>(sp - 8, <u64>ctz<u64>(load<u64>(sp - 8)));
        ip += 16;
        break;
      case I64_POPCNT:
        unary<M>(sp);
        store<u64>(sp - 8, <u64>popcnt<u64>(load<u64>(sp - 8)));
        ip += 16;
        break;
      case I64_ADD:
        sp = binary<M>(sp);
        store<u64>(sp - 8, load<u64>(sp - 8) + load<u64>(sp));
        ip += 16;
        break;
      case I64_SUB:
        sp = binary<M>(sp);
        store<u64>(sp - 8, load<u64>(sp - 8) - load<u64>(sp));
        ip += 16;
        break;
      case I64_MUL:
        sp = binary<M>(sp);
        store<u64>(sp - 8, load<u64>(sp - 8) * load<u64>(sp));
        ip += 16;
        break;
      case I64_AND:
        sp = binary<M>(sp);
        store<u64>(sp - 8, load<u64>(sp - 8) & load<u64>(sp));
        ip += 16;
        break;
      case I64_OR:
        sp = binary<M>(sp);
        store<u64>(sp - 8, load<u64>(sp - 8) | load<u64>(sp));
        ip += 16;
        break;
      case I64_XOR:
        sp = binary<M>(sp);
        store<u64>(sp - 8, load<u64>(sp - 8) ^ load<u64>(sp));
        ip += 16;
        break;
      case I64_SHL:
        sp = binary<M>(sp);
        store<u64>(sp - 8, load<u64>(sp - 8) << load<u64>(sp));
        ip += 16;
        break;
      case I64_SHR_S:
        sp = binary<M>(sp);
        store<u64>(sp - 8, load<i64>(sp - 8) >> load<i64>(sp));
        ip += 16;
        break;
      case I64_SHR_U:
        sp = binary<M>(sp);
        store<u64>(sp - 8, load<u64>(sp - 8) >> load<u64>(sp));
        ip += 16;
        break;
      case I64_ROTL:
        sp = binary<M>(sp);
        store<u64>(sp - 8, rotl<u64>(load<u64>(sp - 8), load<u64>(sp)));
        ip += 16;
        break;
      case I64_ROTR:
        sp = binary<M>(sp);
        store<u64>(sp - 8, rotr<u64>(load<u64>(sp - 8), load<u64>(sp)));
        ip += 16;
        break;
      case I64_DIV_S:
        binary<M>(sp);
        if (load<u64>(sp - 8) == 0) return trap(ip, sp, fp, base, TRAP_WASM);
        if (load<i64>(sp - 8) == -1 && load<u64>(sp - 16) == 0x8000000000000000) {
          return trap(ip, sp, fp, base, TRAP_WASM);
        }
        sp -= 8;
        store<u64>(sp - 8, load<i64>(sp - 8) / load<i64>(sp));
        ip += 16;
        break;
      case I64_DIV_U:
        binary<M>(sp);
        if (load<u64>(sp - 8) == 0) return trap(ip, sp, fp, base, TRAP_WASM);
        sp -= 8;
        store<u64>(sp - 8, load<u64>(sp - 8) / load<u64>(sp));
        ip += 16;
        break;
      case I64_REM_S:
        binary<M>(sp);
        if (load<u64>(sp - 8) == 0) return trap(ip, sp, fp, base, TRAP_WASM);
        sp -= 8;
        store<u64>(sp - 8, load<i64>(sp - 8) % load<i64>(sp));
        ip += 16;
        break;
      case I64_REM_U:
        binary<M>(sp);
        if (load<u64>(sp - 8) == 0) return trap(ip, sp, fp, base, TRAP_WASM);
        sp -= 8;
        store<u64>(sp - 8, load<u64>(sp - 8) % load<u64>(sp));
        ip += 16;
        break;
      case I32_WRAP_I64:
        unary<M>(sp);
        store<u32>(sp - 8, 0, 4);
        ip += 16;
        break;
      case I64_EXTEND_I32_S:
        unary<M>(sp);
        store<i64>(sp - 8, <i64>load<i32>(sp - 8));
        ip += 16;
        break;
      case I64_EXTEND_I32_U:
        unary<M>(sp);
        store<u32>(sp - 8, 0, 4);
        ip += 16;
        break;
      case I32_EXTEND8_S:
        unary<M>(sp);
        store<u64>(sp - 8, <u64>(<u32>(<i32>load<i8>(sp - 8))));
        ip += 16;
        break;
      case I32_EXTEND16_S:
        unary<M>(sp);
        store<u64>(sp - 8, <u64>(<u32>(<i32>load<i16>(sp - 8))));
        ip += 16;
        break;
      case I64_EXTEND8_S:
        unary<M>(sp);
        store<u64>(sp - 8, <u64>(<i64>load<i8>(sp - 8)));
        ip += 16;
        break;
      case I64_EXTEND16_S:
        unary<M>(sp);
        store<u64>(sp - 8, <u64>(<i64>load<i16>(sp - 8)));
        ip += 16;
        break;
      case I64_EXTEND32_S:
        unary<M>(sp);
        store<u64>(sp - 8, <u64>(<i64>load<i32>(sp - 8)));
        ip += 16;
        break;
      case MEMORY_COPY:
        if (copyTraps<M>(sp, memoryBytes)) return trap(ip, sp, fp, base, TRAP_WASM);
        if (copyLeaf<M>(memory, sp)) {
          sp -= 24;
          ip += 16;
        } else {
          base += 16;
        }
        break;
      case MEMORY_FILL:
        if (fillTraps<M>(sp, memoryBytes)) return trap(ip, sp, fp, base, TRAP_WASM);
        if (fillLeaf<M>(memory, sp)) {
          sp -= 24;
          ip += 16;
        } else {
          base += 16;
        }
        break;
      case CHARGE:
        gas -= load<i64>(ip, 8);
        ip += 16;
        break;
      case CHARGE_CHECK:
        if (sizeof<M>() == 1) {
          if (base + <u32>ip >= limit) {
            store<i64>(GAS, gas);
            stop(ip, sp, fp, base, END_LIMIT, 0);
            return;
          }
        }
        gas -= load<i64>(ip, 8);
        if (gas < 0) return trap(ip, sp, fp, base, TRAP_OUT_OF_GAS);
        ip += 16;
        break;
      case CHARGE_UNITS: {
        const shift = load<u64>(ip, 8);
        const count = <u64>load<u32>(slot<M>(fp + load<u16>(ip, 2)));
        if (sizeof<M>() == 1) {
          if (base + <u32>ip >= limit) {
            store<i64>(GAS, gas);
            stop(ip, sp, fp, base, END_LIMIT, 0);
            return;
          }
        }
        gas -= <i64>(((count + ((<u64>1) << shift) - 1) >> shift) * <u64>load<u32>(ip, 4));
        if (gas < 0) return trap(ip, sp, fp, base, TRAP_OUT_OF_GAS);
        ip += 16;
        break;
      }
      case DEPTH_WORD: {
        const depth = load<u32>(DEPTH);
        const weight = load<u32>(ip, 4);
        if (depth < weight) return trap(ip, sp, fp, base, TRAP_DEPTH);
        store<u32>(DEPTH, depth - weight);
        if (depth - weight < load<u32>(LEAST_DEPTH)) store<u32>(LEAST_DEPTH, depth - weight);
        ip += 16;
        break;
      }
      case LOCALS: {
        const count = load<u32>(ip, 4);
        sp = zeroLocals<M>(sp, count);
        if (load<u32>(RESUME) == 0) ip += 16;
        else base += 16;
        break;
      }
      case HOST:
        store<i64>(GAS, gas);
        stop(ip, sp, fp, base, END_HOST, load<u16>(ip, 2));
        return;
      default:
        store<i64>(GAS, gas);
        stop(ip, sp, fp, base + 16, END_STUCK, 0);
        return;
    }
  }
}
