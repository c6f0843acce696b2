// Metering blocks (docs/program.md section 3). A block is opened lazily by its first word, so a block
// without words costs nothing, and is priced when the next one starts. Costs are summed here and
// nowhere else: the V8 back end gets the same sums through the points.
import { addPoint, POINT_CHARGE, POINT_CHARGE_CHECK, POINT_UNITS } from "./layout";
import { CLASS_CHARGE, cost } from "./rules";
import {
  OP_CHARGE,
  OP_CHARGE_CHECK,
  OP_CHARGE_UNITS,
  putReference,
  putWord,
  wordNext,
} from "./words";

/** Whether the code at hand can execute; unreachable code has no words. */
export let live: bool = false;

// The open block's charge word and point, 0 if none; the opcode of a block that has no word yet.
let chargeWord: usize = 0;
let chargePoint: usize = 0;
let blockCost: u64 = 0;
let pendingOp: u32 = 0;
let pendingAt: usize = 0;

export function setLive(value: bool): void {
  live = value;
}

/** Prices the open block; the next word needs a new one. */
export function closeBlock(): void {
  if (chargeWord != 0) {
    store<u64>(chargeWord, blockCost, 8);
    if (chargePoint != 0) store<u32>(chargePoint, <u32>blockCost, 8);
    chargeWord = 0;
  }
  pendingOp = 0;
}

/** Starts a block at byte `at` of the source; its charge exists once it has a word. */
export function startBlock(at: usize): void {
  closeBlock();
  pendingOp = OP_CHARGE;
  pendingAt = at;
}

/** Starts a block with a checked charge, which exists even if no word follows. */
export function startCheckedBlock(at: usize): void {
  closeBlock();
  pendingOp = OP_CHARGE_CHECK;
  pendingAt = at;
  openBlock();
}

function openBlock(): void {
  chargeWord = wordNext;
  chargePoint = addPoint(
    pendingAt,
    pendingOp == OP_CHARGE_CHECK ? POINT_CHARGE_CHECK : POINT_CHARGE,
    0,
  );
  blockCost = cost(CLASS_CHARGE);
  putWord(pendingOp, 0, 0, 0);
  pendingOp = 0;
}

/** The open block, to be taken up again: its charge word, 0 while it has none. */
export function openWord(): usize {
  return chargeWord;
}

/** Its point, 0 if none. */
export function openPoint(): usize {
  return chargePoint;
}

/** Takes up a block that was priced before: its charge pays for what follows too. */
export function resumeBlock(word: usize, point: usize): void {
  closeBlock();
  chargeWord = word;
  chargePoint = point;
  blockCost = load<u64>(word, 8);
}

/** Adds to the open block what no word of the source stands for. */
export function spend(amount: u64): void {
  blockCost += amount;
}

/** Puts one executed word at the given price. Nothing in unreachable code. */
export function emit(op: u32, a: u32, b: u32, imm: u64, price: u32): void {
  if (!live) return;
  if (pendingOp != 0) openBlock();
  blockCost += price;
  putWord(op, a, b, imm);
}

/** As `emit`, for a word whose b is, or will be, a pc. */
export function emitReference(op: u32, a: u32, b: u32, low: u32, price: u32): void {
  if (!live) return;
  if (pendingOp != 0) openBlock();
  blockCost += price;
  putReference(op, a, b, low);
}

/** The charge by units of the operand in `slot` before the instruction at byte `at`. */
export function emitUnits(slot: u32, unit: u32, shift: u32, at: usize): void {
  if (!live) return;
  emit(OP_CHARGE_UNITS, slot, unit, shift, cost(CLASS_CHARGE));
  addPoint(at, POINT_UNITS, (unit << 8) | shift);
}
