// How a step reaches its state. The interpreter is compiled once per mode, chosen by a type argument that
// asc folds: fast (checks nothing; the prover's long runs), exact (stops after any step) and proof (every
// touched leaf must be open, or is noted for a proof that is being made). In the first two modes the
// functions below are nothing but address arithmetic. Regions lie at the same places in every mode.
import { isOpened } from "./multiproof";
import { forgetRefusal, LEAF_MISSING, refuse, refused, stuck } from "./proof-reader";
import { globalsBase, stackBase, tableBase } from "./registers";

/** Mode types; only their size matters. */
export type Fast = u8;
export type Exact = u16;
export type Proof = u32;

export const REGION_CODE: u32 = 0;
export const REGION_MEMORY: u32 = 1;
export const REGION_STACK: u32 = 2;
export const REGION_GLOBALS: u32 = 3;
export const REGION_TABLE: u32 = 4;
export const REGION_RECORD: u32 = 5;

/** Touched leaves of the last step in proof mode: region << 28 | leaf, each once, in order of touch. */
export const TOUCHED: usize = memory.data(4 * 64, 8);
export let touchedCount: u32 = 0;

const TOUCHED_MAX: u32 = 64;

/** The touched leaves as they were before the step, 128 bytes each; those of code are not kept. */
export const SAVED: usize = memory.data(128 * 64, 8);
/** Stands for what a step that has ended still reads and writes, up to 1,024 bytes of memory. */
const SINK: usize = memory.data(1024, 8);
const CODE_WORDS: u32 = 1 << 19;
const STACK_SLOTS: u32 = 1 << 16;

// Whether a leaf that is touched must have been opened: the judge's steps, not the prover's.
let checking: bool = false;

/** Begins a step of which the judge has a proof. */
export function checkTouched(): void {
  clearTouched();
  checking = true;
}

/** Begins a step that the prover notes. */
export function clearTouched(): void {
  checking = false;
  touchedCount = 0;
  forgetRefusal();
}

/**
 * Notes a leaf and keeps it before anything is written. False where the step has ended: before, or because the
 * leaf is none of the region's `leaves`, or is not opened.
 */
function note(region: u32, leaf: u32, leaves: u32, base: usize): bool {
  if (refused != 0) return false;
  if (leaf >= leaves) {
    stuck();
    return false;
  }
  const item = (region << 28) | leaf;
  for (let i: u32 = 0; i < touchedCount; i++) {
    if (load<u32>(TOUCHED + (i << 2)) == item) return true;
  }
  if (checking && !isOpened(item)) {
    refuse(LEAF_MISSING);
    return false;
  }
  assert(touchedCount < TOUCHED_MAX);
  store<u32>(TOUCHED + (touchedCount << 2), item);
  if (base != 0) memory.copy(SAVED + (touchedCount << 7), base + ((<usize>leaf) << 7), 128);
  touchedCount++;
  return true;
}

function noteSlot(address: usize): bool {
  // An address below the stack wraps to a large number, which is outside too.
  return note(REGION_STACK, <u32>(address - stackBase) >> 7, 1 << 12, stackBase);
}

/** A slot that is read or written; its address. */
export function slot<M>(address: usize): usize {
  if (sizeof<M>() == 4) {
    if (!noteSlot(address)) return SINK;
  }
  return address;
}

/** Pops one operand: the new sp, where the operand stands. */
export function popped<M>(sp: usize): usize {
  if (sizeof<M>() == 4) noteSlot(sp - 8);
  return sp - 8;
}

/** Takes one operand and leaves one result in its slot: sp. */
export function unary<M>(sp: usize): usize {
  if (sizeof<M>() == 4) noteSlot(sp - 8);
  return sp;
}

/** Takes two operands and leaves one result: the new sp, where the second operand stands. */
export function binary<M>(sp: usize): usize {
  if (sizeof<M>() == 4) {
    noteSlot(sp - 8);
    noteSlot(sp - 16);
  }
  return sp - 8;
}

/** The slot of a pushed value: sp before the push. */
export function pushed<M>(sp: usize): usize {
  if (sizeof<M>() == 4) noteSlot(sp);
  return sp;
}

/** Place of the word `pc`, which a link or a table entry names. */
export function wordAt<M>(code: usize, pc: u32): usize {
  if (sizeof<M>() == 4) {
    if (pc >= CODE_WORDS) {
      stuck();
      return code;
    }
  }
  return code + ((<usize>pc) << 4);
}

/** Place of the slot `index`, where a link says that the caller's frame begins. */
export function frameAt<M>(stack: usize, index: u32): usize {
  if (sizeof<M>() == 4) {
    if (index > STACK_SLOTS) {
      stuck();
      return stack;
    }
  }
  return stack + ((<usize>index) << 3);
}

/** `length` >= 1 bytes of memory at effective address `at` < 2^38; their place. */
export function memoryAt<M>(start: usize, at: u64, length: u32): usize {
  if (sizeof<M>() == 4) {
    const last = <u32>((at + length - 1) >> 7);
    for (let leaf = <u32>(at >> 7); leaf <= last; leaf++) {
      if (!note(REGION_MEMORY, leaf, 1 << 19, start)) return SINK;
    }
  }
  return start + <usize>at;
}

export function globalAt<M>(offset: usize): usize {
  if (sizeof<M>() == 4) {
    if (!note(REGION_GLOBALS, <u32>offset >> 7, 1 << 4, globalsBase)) return SINK;
  }
  return globalsBase + offset;
}

export function tableAt<M>(index: u32): usize {
  if (sizeof<M>() == 4) {
    if (!note(REGION_TABLE, index >> 4, 1 << 7, tableBase)) return SINK;
  }
  return tableBase + ((<usize>index) << 3);
}

/** Notes a leaf of the host record, which starts at `record`. */
export function noteRecord(leaf: u32, record: usize): void {
  note(REGION_RECORD, leaf, 16, record);
}

/** Notes the leaf of the word at pc. */
export function touchCode(pc: u32): void {
  note(REGION_CODE, pc >> 3, 1 << 16, 0);
}
