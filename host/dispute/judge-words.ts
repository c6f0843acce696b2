// One step of a word other than `host` (docs/machine.md section 3). Every case reads its operands, the top one
// first, tries its traps in the order of the table and only then writes. Registers may leave their bounds here:
// the step is then stuck, which judge-step.ts sees at its end.
import { TrapCode } from "../outcome.ts";
import {
  cell,
  goTo,
  inMemory,
  Phase,
  readI32,
  readMemory,
  readSlot,
  type StepAccess,
  trap,
  trapWasm,
  type Word,
  writeMemory,
  writeSlot,
} from "./judge-access.ts";
import { Region } from "./judge-header.ts";
import { type Numeric, numericOf } from "./judge-numeric.ts";
import { STUCK } from "./judge-rejection.ts";

type Execute = (access: StepAccess, word: Word) => void;

const NULL_ENTRY = 0xffff_ffff_ffff_ffffn;
const i32 = (value: number): bigint => BigInt(value >>> 0);

function push(access: StepAccess, value: bigint) {
  const { header } = access;
  writeSlot(access, header.sp, value);
  header.sp += 1;
  header.pc += 1;
}

/** Replaces `count` operands by one result. */
function replace(access: StepAccess, count: number, result: bigint) {
  const { header } = access;
  writeSlot(access, header.sp - count, result);
  header.sp += 1 - count;
  header.pc += 1;
}

function numeric(access: StepAccess, { operands, evaluate }: Numeric) {
  const { sp } = access.header;
  const y = operands === 2 ? readSlot(access, sp - 1) : 0n;
  const x = readSlot(access, sp - operands);
  const result = evaluate(x, y);
  if (result === undefined) trapWasm(access);
  else replace(access, operands, result);
}

// Control.

/** Moves the value of a label, if it has one, to `to`, where the label's height is. */
function unwind(access: StepAccess, values: number, to: number) {
  if (values !== 0) writeSlot(access, to, readSlot(access, access.header.sp - 1));
  access.header.sp = to + values;
}

function branch(access: StepAccess, { a, b, imm }: Word) {
  const { header } = access;
  unwind(access, a, header.fp + Number(imm));
  header.pc = b;
}

function branchIf(access: StepAccess, word: Word) {
  const { header } = access;
  const condition = readI32(access, header.sp - 1);
  header.sp -= 1;
  if (condition !== 0) branch(access, word);
  else header.pc += 1;
}

function branchTable(access: StepAccess, { b, imm }: Word) {
  const { header } = access;
  const index = readI32(access, header.sp - 1);
  header.sp -= 1;
  header.pc = b + Math.min(index, Number(imm));
}

function executeIf(access: StepAccess, { b }: Word) {
  const { header } = access;
  const condition = readI32(access, header.sp - 1);
  header.sp -= 1;
  header.pc = condition === 0 ? b : header.pc + 1;
}

function jump({ header }: StepAccess, { b }: Word) {
  header.pc = b;
}

/** The link at sp, then the callee's frame below it. */
function enterFunction(access: StepAccess, params: number, target: number) {
  const { header } = access;
  writeSlot(access, header.sp, (BigInt(header.fp) << 32n) | BigInt(header.pc + 1));
  header.fp = header.sp - params;
  header.sp += 1;
  header.pc = target;
}

function callIndirect(access: StepAccess, { a, b, imm }: Word) {
  const { header } = access;
  const index = readI32(access, header.sp - 1);
  if (BigInt(index) >= imm) return trapWasm(access);
  const entry = cell(access, Region.table, index);
  if (entry.getBigUint64(0, true) === NULL_ENTRY) return trapWasm(access);
  if (entry.getUint32(4, true) !== b) return trapWasm(access);
  header.sp -= 1;
  enterFunction(access, a, entry.getUint32(0, true));
}

/** Returns to the link; a link with pc 0 is the frame's own, whose end leaves the frame. */
function end(access: StepAccess, { a, b, imm }: Word) {
  const { header } = access;
  const link = readSlot(access, header.fp + b);
  const returnPc = Number(link & 0xffff_ffffn);
  unwind(access, a, header.fp);
  header.depth += Number(imm);
  if (returnPc === 0) return goTo(access, Phase.success);
  header.pc = returnPc;
  header.fp = Number(link >> 32n);
}

// Memory.

/** By opcode: bytes of the access, whether it extends the sign, bits of the result. */
const LOADS: Readonly<Record<number, readonly [bytes: number, signed: boolean, bits: number]>> = {
  40: [4, false, 32],
  41: [8, false, 64],
  44: [1, true, 32],
  45: [1, false, 32],
  46: [2, true, 32],
  47: [2, false, 32],
  48: [1, true, 64],
  49: [1, false, 64],
  50: [2, true, 64],
  51: [2, false, 64],
  52: [4, true, 64],
  53: [4, false, 64],
};

const STORES: Readonly<Record<number, number>> = {
  54: 4,
  55: 8,
  58: 1,
  59: 2,
  60: 1,
  61: 2,
  62: 4,
};

function load(access: StepAccess, { op, imm }: Word) {
  const [bytes, signed, bits] = LOADS[op]!;
  // An offset beyond 2^53 loses bits here and is out of bounds all the same.
  const at = readI32(access, access.header.sp - 1) + Number(imm);
  if (!inMemory(access, at, bytes)) return trapWasm(access);
  let value = 0n;
  for (const byte of readMemory(access, at, bytes).reverse()) value = (value << 8n) | BigInt(byte);
  replace(access, 1, signed ? BigInt.asUintN(bits, BigInt.asIntN(8 * bytes, value)) : value);
}

function store(access: StepAccess, { op, imm }: Word) {
  const { header } = access;
  const value = readSlot(access, header.sp - 1);
  const at = readI32(access, header.sp - 2) + Number(imm);
  const bytes = STORES[op]!;
  if (!inMemory(access, at, bytes)) return trapWasm(access);
  const content = Uint8Array.from({ length: bytes }, (_, i) =>
    Number((value >> BigInt(8 * i)) & 0xffn),
  );
  writeMemory(access, at, content);
  header.sp -= 2;
  header.pc += 1;
}

function grow(access: StepAccess, { b }: Word) {
  const { header } = access;
  const before = header.pages;
  const wanted = before + readI32(access, header.sp - 1);
  if (wanted <= b) header.pages = wanted;
  replace(access, 1, wanted <= b ? i32(before) : 0xffff_ffffn);
}

/** What is left of a bulk operation, or the end of its word. */
function goOn(access: StepAccess, to: number, middle: number, left: number) {
  const { header } = access;
  if (left === 0) {
    header.sp -= 3;
    header.pc += 1;
    return;
  }
  [to, middle, left].forEach((value, i) => {
    writeSlot(access, header.sp - 3 + i, i32(value));
  });
}

function bulkOperands(access: StepAccess): [to: number, middle: number, count: number] {
  const { sp } = access.header;
  const count = readI32(access, sp - 1);
  const middle = readI32(access, sp - 2);
  return [readI32(access, sp - 3), middle, count];
}

/** One leaf of the destination; from the back where the ranges may overlap the other way. */
function copy(access: StepAccess) {
  const [to, from, count] = bulkOperands(access);
  if (!inMemory(access, to, count) || !inMemory(access, from, count)) return trapWasm(access);
  if (to <= from) {
    const now = Math.min(count, 128 - (to % 128));
    writeMemory(access, to, readMemory(access, from, now));
    return goOn(access, to + now, from + now, count - now);
  }
  const now = Math.min(count, ((to + count - 1) % 128) + 1);
  const skip = count - now;
  writeMemory(access, to + skip, readMemory(access, from + skip, now));
  goOn(access, to, from, skip);
}

function fill(access: StepAccess) {
  const [to, value, count] = bulkOperands(access);
  if (!inMemory(access, to, count)) return trapWasm(access);
  const now = Math.min(count, 128 - (to % 128));
  writeMemory(access, to, new Uint8Array(now).fill(value));
  goOn(access, to + now, value, count - now);
}

// Charges and frames.

function charge({ header }: StepAccess, { imm }: Word) {
  header.gas = BigInt.asIntN(64, header.gas - imm);
  header.pc += 1;
}

/** A checked charge. */
function pay(access: StepAccess, cost: bigint) {
  const { header } = access;
  const gas = BigInt.asIntN(64, header.gas - cost);
  if (gas < 0n) return trap(access, TrapCode.out_of_gas);
  header.gas = gas;
  header.pc += 1;
}

function chargeUnits(access: StepAccess, { a, b, imm }: Word) {
  const count = BigInt(readI32(access, access.header.fp + a));
  const shift = imm & 63n;
  const units = BigInt.asUintN(64, count + (1n << shift) - 1n) >> shift;
  pay(access, units * BigInt(b));
}

function depth(access: StepAccess, { b }: Word) {
  const { header } = access;
  if (header.depth < b) return trap(access, TrapCode.depth);
  header.depth -= b;
  header.pc += 1;
}

/** Zeroes declared locals up to the end of a leaf of the stack. */
function locals(access: StepAccess, { b }: Word) {
  const { header } = access;
  if (header.resume > b) throw STUCK;
  const now = Math.min(b - header.resume, 16 - (header.sp % 16));
  for (let i = 0; i < now; i++) writeSlot(access, header.sp + i, 0n);
  header.sp += now;
  header.resume += now;
  if (header.resume < b) return;
  header.resume = 0;
  header.pc += 1;
}

function select(access: StepAccess) {
  const { sp } = access.header;
  const condition = readI32(access, sp - 1);
  const second = readSlot(access, sp - 2);
  const first = readSlot(access, sp - 3);
  replace(access, 3, condition !== 0 ? first : second);
}

function setLocal(access: StepAccess, { a }: Word) {
  const { header } = access;
  writeSlot(access, header.fp + a, readSlot(access, header.sp - 1));
  header.sp -= 1;
  header.pc += 1;
}

function setGlobal(access: StepAccess, { a }: Word) {
  const { header } = access;
  const value = readSlot(access, header.sp - 1);
  cell(access, Region.globals, a).setBigUint64(0, value, true);
  header.sp -= 1;
  header.pc += 1;
}

const words = new Map<number, Execute>([
  [0x00, trapWasm],
  [0x04, executeIf],
  [0x05, jump],
  [0x0b, end],
  [0x0c, branch],
  [0x0d, branchIf],
  [0x0e, branchTable],
  [0x0f, branch],
  [0x10, (access, { a, b }) => enterFunction(access, a, b)],
  [0x11, callIndirect],
  [
    0x1a,
    ({ header }) => {
      header.sp -= 1;
      header.pc += 1;
    },
  ],
  [0x1b, select],
  [0x20, (access, { a }) => push(access, readSlot(access, access.header.fp + a))],
  [0x21, setLocal],
  [
    0x22,
    (access, { a }) => {
      writeSlot(access, access.header.fp + a, readSlot(access, access.header.sp - 1));
      access.header.pc += 1;
    },
  ],
  [0x23, (access, { a }) => push(access, cell(access, Region.globals, a).getBigUint64(0, true))],
  [0x24, setGlobal],
  [0x3f, (access) => push(access, i32(access.header.pages))],
  [0x40, grow],
  [0x41, (access, { imm }) => push(access, BigInt.asUintN(32, imm))],
  [0x42, (access, { imm }) => push(access, imm)],
  [0x10a, copy],
  [0x10b, fill],
  [0x200, charge],
  [0x201, (access, { imm }) => pay(access, imm)],
  [0x202, chargeUnits],
  [0x203, depth],
  [0x204, locals],
  [0x210, jump],
]);
for (const opcode of Object.keys(LOADS)) words.set(Number(opcode), load);
for (const opcode of Object.keys(STORES)) words.set(Number(opcode), store);

/** Whether a word's fields are in the bounds of docs/machine.md section 3. */
export function isWordInBounds({ op, a, b, imm }: Word): boolean {
  if (op === 0x42) return true;
  if ([0x0b, 0x0c, 0x0d, 0x0f].includes(op)) return a <= 1 && imm <= 65_536n;
  if (op === 0x204) return b >= 1 && imm < 2n ** 32n;
  return a < 8_192 && imm < 2n ** 32n;
}

/** Executes one step of a word that is not `host`. @throws STUCK where there is no such word */
export function executeWord(access: StepAccess, word: Word) {
  const computation = numericOf(word.op);
  if (computation !== undefined) return numeric(access, computation);
  const execute = words.get(word.op);
  if (execute === undefined) throw STUCK;
  execute(access, word);
}
