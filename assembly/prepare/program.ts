// The program around the bodies (docs/program.md section 2): directory, import stubs, entry stub; and
// what can only be done once all bodies are read: the depth words, which need the whole call graph,
// and with them the final place of every word.
import { allocateCalls, endCallers, startCaller } from "./calls";
import { placeFrames, FRAME_BYTES } from "./control";
import { functionCount, pagesInitial } from "./declarations";
import { weighFunctions } from "./depth";
import { mainFunction, startFunction } from "./exports";
import { allocate } from "./heap";
import { unitsParam, unitsShift } from "./imports";
import { NO_UNITS } from "./host-calls";
import {
  definedCount,
  functionRecord,
  importCount,
  importRecord,
  keepsPoints,
  pointAddress,
} from "./layout";
import { placeLocals } from "./locals";
import { placeOperands } from "./operands";
import { readBody } from "./body";
import { enterFunction, NO_FUNCTION } from "./refusal";
import {
  BODY_INSTRUCTIONS,
  CLASS_CALL,
  CLASS_CHARGE,
  CLASS_CONTROL,
  CLASS_HOST,
  CLASS_LOCALS,
  cost,
  entryCost,
  hostBase,
  hostUnit,
  limit,
  LOCALS,
  NESTING,
} from "./rules";
import {
  checkWordCount,
  keepWords,
  OP_CALL,
  OP_CHARGE_CHECK,
  OP_CHARGE_UNITS,
  OP_DEPTH,
  OP_END,
  OP_FUNCTION,
  OP_HOST,
  pc,
  putWord,
  reserveWords,
  setWordNext,
  startWords,
  takeReferences,
  wordAt,
  wordNext,
} from "./words";
import { FRAME_WEIGHT } from "./weights";

// The entry stub has at most six; seven more let the last leaf be padded with zeros.
const SPARE_WORDS: u32 = 16;

export let entryPc: u32 = 0;
export let entryGas: u64 = 0;
export let entryDepth: u32 = 0;

// By defined function: u32 pc of its first word as read, u32 last word with a pc; and one past.
let places: usize = 0;
let placed: u32 = 0;

/** Allocates what bodies of `codeBytes` bytes need, and puts directory and import stubs. */
export function startProgram(codeBytes: u32): void {
  const instructions = min(limit(BODY_INSTRUCTIONS), codeBytes);
  placeOperands(allocate(instructions + 1));
  placeFrames(allocate((min(limit(NESTING), codeBytes) + 2) * FRAME_BYTES) + FRAME_BYTES);
  placeLocals(allocate(limit(LOCALS) + 32));
  places = allocate((definedCount + 1) << 3);
  allocateCalls(codeBytes);
  startWords();
  reserveWords(functionCount + 4 * importCount + 8);
  for (let i: u32 = 0; i < functionCount; i++) putWord(OP_FUNCTION, 0, 0, 0);
  for (let i: u32 = 0; i < importCount; i++) putImportStub(i);
}

function setDirectory(index: u32, target: u32): void {
  store<u32>(wordAt(index), target, 4);
}

function putImportStub(index: u32): void {
  const record = importRecord(index);
  const number = load<u32>(record);
  const params = load<u32>(record, 8);
  const results = load<u32>(record, 12);
  const units = unitsParam(index);
  setDirectory(index, pc());
  let price = <u64>cost(CLASS_CHARGE) + hostBase(number) + cost(CLASS_HOST) + cost(CLASS_CONTROL);
  if (units != NO_UNITS) price += cost(CLASS_CHARGE);
  putWord(OP_CHARGE_CHECK, 0, 0, price);
  if (units != NO_UNITS) putWord(OP_CHARGE_UNITS, units, hostUnit(number), unitsShift(index));
  putWord(OP_HOST, number, 0, params | (results << 8));
  putWord(OP_END, results, params, 0);
}

export function readBodies(): void {
  for (let i: u32 = 0; i < definedCount; i++) {
    store<u32>(places + (i << 3), pc());
    startCaller(i);
    enterFunction(importCount + i);
    readBody(importCount + i);
    store<u32>(places + (i << 3), takeReferences(), 4);
  }
  enterFunction(NO_FUNCTION);
  endCallers();
  store<u32>(places + (definedCount << 3), pc());
  checkWordCount();
  keepWords(SPARE_WORDS);
}

/** After all sections: weights, final places, entry stub. */
export function finishProgram(wasmBytes: u32): void {
  weighFunctions();
  let removed: u32 = 0;
  for (let i: u32 = 0; i < definedCount; i++) {
    const pays = load<u32>(functionRecord(importCount + i), 32) != 0;
    setDirectory(importCount + i, load<u32>(places + (i << 3)) - removed);
    if (!pays) removed++;
  }
  removed = 0;
  for (let i: u32 = 0; i < definedCount; i++) {
    placeFunction(i, removed);
    if (load<u32>(functionRecord(importCount + i), 32) == 0) removed++;
  }
  setWordNext(wordNext - ((<usize>removed) << 4));
  putEntryStub(wasmBytes);
}

// Moves the words of one function down over the depth places that were taken out before it.
function placeFunction(i: u32, removed: u32): void {
  const record = functionRecord(importCount + i);
  const weight = load<u32>(record, 32);
  const from = load<u32>(places + (i << 3));
  const to = load<u32>(places + (i << 3), 8);
  const shift = weight == 0 ? removed + 1 : removed;
  resolveReferences(load<u32>(places + (i << 3), 4), shift);
  if (weight != 0) {
    const last = wordAt(to - 1);
    if (load<u32>(last) << 16 == OP_END << 16) store<u64>(last, weight, 8);
    const depth = wordAt(from + 1);
    store<u32>(depth, OP_DEPTH);
    store<u32>(depth, weight, 4);
    addToEntryCharge(record, wordAt(from), cost(CLASS_LOCALS));
  }
  if (shift == 0) return;
  if (weight == 0) memory.copy(wordAt(from - removed), wordAt(from), 16);
  const rest = weight == 0 ? from + 2 : from;
  memory.copy(wordAt(rest - shift), wordAt(rest), (<usize>(to - rest)) << 4);
}

// The price of the depth word joins the charge at function entry, which is the function's first point.
function addToEntryCharge(record: usize, charge: usize, price: u32): void {
  store<u64>(charge, load<u64>(charge, 8) + price, 8);
  const point = pointAddress(load<u32>(record, 36));
  if (keepsPoints()) store<u32>(point, load<u32>(point, 8) + price, 8);
}

// Walks the words that hold a pc: calls get their target's entry, jumps move with the function.
function resolveReferences(head: u32, shift: u32): void {
  while (head != 0) {
    const word = wordAt(head);
    const target = load<u32>(word, 4);
    head = load<u32>(word, 12);
    store<u32>(word, 0, 12);
    const isCall = <u32>load<u16>(word) == OP_CALL;
    store<u32>(word, isCall ? load<u32>(wordAt(target), 4) : target - shift, 4);
  }
}

function putCall(index: u32): void {
  putWord(OP_CALL, 0, load<u32>(wordAt(index), 4), 0);
}

function putEntryStub(wasmBytes: u32): void {
  entryPc = pc();
  entryDepth = FRAME_WEIGHT;
  entryGas = entryCost(wasmBytes, pagesInitial) + cost(CLASS_CHARGE) + cost(CLASS_LOCALS);
  if (startFunction != NO_FUNCTION) entryGas += cost(CLASS_CALL);
  if (mainFunction != NO_FUNCTION) entryGas += cost(CLASS_CALL);
  putWord(OP_CHARGE_CHECK, 0, 0, entryGas);
  putWord(OP_DEPTH, 0, entryDepth, 0);
  if (startFunction != NO_FUNCTION) putCall(startFunction);
  if (mainFunction != NO_FUNCTION) putCall(mainFunction);
  putWord(OP_CHARGE_CHECK, 0, 0, cost(CLASS_CHARGE) + cost(CLASS_CONTROL));
  putWord(OP_END, 0, 0, entryDepth);
  checkWordCount();
}
