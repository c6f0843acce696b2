// The growing array of machine words (docs/program.md section 1) and the two lists that run through
// unfinished words: a forward chain per label (through field b, resolved at the label) and one list of
// all words that hold a pc (through the upper half of imm, resolved when functions have moved).
//   op u16 | a u16 | b u32 | imm u64, little-endian
import { heapTop, keepTo, reachTo } from "./heap";

export const OP_IF: u32 = 0x04;
export const OP_ELSE: u32 = 0x05;
export const OP_END: u32 = 0x0b;
export const OP_BR: u32 = 0x0c;
export const OP_BR_IF: u32 = 0x0d;
export const OP_BR_TABLE: u32 = 0x0e;
export const OP_RETURN: u32 = 0x0f;
export const OP_CALL: u32 = 0x10;
export const OP_CHARGE: u32 = 0x200;
export const OP_CHARGE_CHECK: u32 = 0x201;
export const OP_CHARGE_UNITS: u32 = 0x202;
export const OP_DEPTH: u32 = 0x203;
export const OP_LOCALS: u32 = 0x204;
export const OP_FUNCTION: u32 = 0x210;
export const OP_HOST: u32 = 0x211;

const WORDS_MAX: u32 = 1 << 19;

export let wordsStart: usize = 0;
/** Address of the next word. */
export let wordNext: usize = 0;
// pc of the word put last that holds a pc, 0 if none: pc 0 is the directory.
let lastReference: u32 = 0;

export function startWords(): void {
  wordsStart = heapTop();
  wordNext = wordsStart;
}

/** Makes room for `count` more words. */
export function reserveWords(count: u32): void {
  reachTo(wordNext + ((<usize>count) << 4));
}

/** Lets other records follow, `spare` words after the last one. */
export function keepWords(spare: u32): void {
  keepTo(wordNext + ((<usize>spare) << 4));
}

/** A module of at most 2^18 bytes makes fewer words than the machine's code tree has places for. */
export function checkWordCount(): void {
  assert(pc() <= WORDS_MAX);
}

export function pc(): u32 {
  return <u32>((wordNext - wordsStart) >> 4);
}

export function wordAt(index: u32): usize {
  return wordsStart + ((<usize>index) << 4);
}

export function putWord(op: u32, a: u32, b: u32, imm: u64): void {
  const word = wordNext;
  store<u32>(word, op | (a << 16));
  store<u32>(word, b, 4);
  store<u64>(word, imm, 8);
  wordNext = word + 16;
}

/** Puts a word whose b is, or will be, a pc. `low` is the lower half of imm. */
export function putReference(op: u32, a: u32, b: u32, low: u32): void {
  const at = pc();
  putWord(op, a, b, <u64>low | ((<u64>lastReference) << 32));
  lastReference = at;
}

/** The words with references of one function, last first: call before its first and after its last. */
export function takeReferences(): u32 {
  const head = lastReference;
  lastReference = 0;
  return head;
}

/** Resolves a forward chain to the next word. */
export function resolveChain(head: u32): void {
  const target = pc();
  while (head != 0) {
    const word = wordAt(head);
    head = load<u32>(word, 4);
    store<u32>(word, target, 4);
  }
}

export function setWordNext(address: usize): void {
  wordNext = address;
}
