// What executing one word costs under prepare rules (docs/program.md sections 3 and 7), summed word by
// word by the oracle. Written from the specification and apart from prepare, which sums whole blocks:
// that both agree on every successful run is the first law of metering.
import { Op, type Word } from "./word.ts";

/** Classes of docs/program.md section 7, by number. */
const Class = {
  control: 0,
  brTable: 1,
  call: 2,
  callIndirect: 3,
  move: 4,
  global: 5,
  load: 6,
  store: 7,
  alu: 8,
  multiply: 9,
  divide: 10,
  memorySize: 11,
  memoryGrow: 12,
  bulk: 14,
  charge: 15,
  locals: 16,
  function: 17,
  host: 18,
} as const;

/** Prices as the prepare rules state them. */
export interface Schedule {
  /** Gas of each of the 20 classes. */
  readonly classes: readonly number[];
  /** Base price by host call number. */
  readonly hostBase: (number: number) => number;
}

/** Decodes the prices out of the prepare rules (canonical bytes of docs/program.md section 7). */
export function scheduleOf(rules: Uint8Array): Schedule {
  const view = new DataView(rules.buffer, rules.byteOffset, rules.byteLength);
  const classCount = view.getUint8(3);
  const hostAt = 4 + 2 * classCount + 1;
  return {
    classes: Array.from({ length: classCount }, (_, i) => view.getUint16(4 + 2 * i)),
    hostBase: (number) => view.getUint32(hostAt + 9 * (number - 1) + 1),
  };
}

const DIVISIONS = new Set([0x6d, 0x6e, 0x6f, 0x70, 0x7f, 0x80, 0x81, 0x82]);
const MULTIPLICATIONS = new Set([0x6c, 0x7e]);

function classOf(op: number): number {
  if (op === 0x0e) return Class.brTable;
  if (op === 0x10) return Class.call;
  if (op === 0x11) return Class.callIndirect;
  if (op < 0x10) return Class.control;
  if (op <= 0x22 || op === 0x41 || op === 0x42) return Class.move;
  if (op <= 0x24) return Class.global;
  if (op <= 0x35) return Class.load;
  if (op <= 0x3e) return Class.store;
  if (op === 0x3f) return Class.memorySize;
  if (op === 0x40) return Class.memoryGrow;
  if (DIVISIONS.has(op)) return Class.divide;
  if (MULTIPLICATIONS.has(op)) return Class.multiply;
  if (op <= 0xc4) return Class.alu;
  if (op === Op.memoryCopy || op === Op.memoryFill) return Class.bulk;
  if (op === Op.depth || op === Op.locals) return Class.locals;
  if (op === Op.function) return Class.function;
  if (op === Op.host) return Class.host;
  return Class.charge;
}

/**
 * Gas of one execution of `word`, but for the units that a charge_units word charges: those are the
 * price of what follows it, known from the operand alone.
 */
export function wordCost(word: Word, schedule: Schedule): bigint {
  const price = schedule.classes[classOf(word.op)] ?? 0;
  if (word.op === Op.locals) return BigInt((Math.ceil(word.b / 16) + 1) * price);
  if (word.op === Op.memoryCopy || word.op === Op.memoryFill) return BigInt(2 * price);
  if (word.op === Op.host) return BigInt(price + schedule.hostBase(word.a));
  return BigInt(price);
}
