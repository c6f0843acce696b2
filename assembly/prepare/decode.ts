// The module: preamble and sections, in order, each exactly as long as it says. Custom sections are
// skipped but for their names, which must be UTF-8; nothing they hold has a meaning here.
import {
  declareFunctions,
  declareImports,
  readFunctions,
  readGlobals,
  readMemories,
  readTables,
} from "./declarations";
import { readExports } from "./exports";
import { readImports } from "./imports";
import { definedCount } from "./layout";
import { readBodies, startProgram } from "./program";
import { end, pos, readByte, readName, readU32, seek, setEnd } from "./reader";
import {
  BODY_COUNT,
  EXCEPTIONS,
  MAGIC,
  moduleStart,
  refuse,
  SECTION_ID,
  SECTION_ORDER,
  SECTION_SIZE,
  START,
  TRUNCATED,
  VERSION,
} from "./refusal";
import { checkDataCount, readData, readDataCount, readElements } from "./segments";
import { readTypes } from "./types";

// Place of each section id in the order of the specification; tag (13) stands after memory.
const ORDER: usize = memory.data<u8>([0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6]);
const LAST_ID: u32 = 13;
const IMPORT_ORDER: u32 = 2;
const FUNCTION_ORDER: u32 = 3;
const CODE_ORDER: u32 = 12;
const LAST_ORDER: u32 = 14;

// How far declarations have been placed: sections may be absent, their records may not.
let passed: u32 = 0;

/** Reads the whole module at [start, start + length). */
export function decodeModule(start: usize, length: u32): void {
  const moduleEnd = start + length;
  seek(start);
  setEnd(moduleEnd);
  if (length < 4) refuse(TRUNCATED, moduleEnd, length);
  if (load<u32>(start) != 0x6d736100) refuse(MAGIC, start, load<u32>(start));
  if (length < 8) refuse(TRUNCATED, moduleEnd, length);
  if (load<u32>(start, 4) != 1) refuse(VERSION, start + 4, load<u32>(start, 4));
  seek(start + 8);
  while (pos < moduleEnd) readSection(moduleEnd);
  passTo(LAST_ORDER, moduleEnd);
  checkDataCount(moduleEnd);
}

function readSection(moduleEnd: usize): void {
  const at = pos;
  const id = readByte();
  const sizeAt = pos;
  const size = readU32();
  if (size > <u32>(moduleEnd - pos)) refuse(TRUNCATED, moduleEnd, size);
  if (id > LAST_ID) refuse(SECTION_ID, at, id);
  const sectionEnd = pos + size;
  setEnd(sectionEnd);
  if (id == 0) {
    readName();
    seek(sectionEnd);
  } else {
    const order = <u32>load<u8>(ORDER + id);
    if (order <= passed) refuse(SECTION_ORDER, at, id);
    passTo(order, at);
    readContent(id, at, moduleEnd);
    passed = order;
  }
  if (pos != sectionEnd) refuse(SECTION_SIZE, pos, <u32>(sectionEnd - pos));
  setEnd(moduleEnd);
}

// Places the records of sections that are absent before `order`.
function passTo(order: u32, at: usize): void {
  if (passed < IMPORT_ORDER && order > IMPORT_ORDER) declareImports(0);
  if (passed < FUNCTION_ORDER && order > FUNCTION_ORDER) declareFunctions(0, 0);
  if (passed < CODE_ORDER && order > CODE_ORDER) {
    if (definedCount != 0) refuse(BODY_COUNT, at, definedCount);
    startProgram(0);
    readBodies();
  }
}

function readContent(id: u32, at: usize, moduleEnd: usize): void {
  switch (id) {
    case 1:
      readTypes();
      return;
    case 2:
      readImports();
      return;
    case 3:
      readFunctions(<u32>(moduleEnd - pos));
      return;
    case 4:
      readTables();
      return;
    case 5:
      readMemories();
      return;
    case 6:
      readGlobals();
      return;
    case 7:
      readExports();
      return;
    case 8:
      refuse(START, at, 0);
      return;
    case 9:
      readElements();
      return;
    case 10:
      readCode();
      return;
    case 11:
      readData();
      return;
    case 12:
      readDataCount();
      return;
    default:
      refuse(EXCEPTIONS, at, id);
  }
}

function readCode(): void {
  const countAt = pos;
  const count = readU32();
  if (count != definedCount) refuse(BODY_COUNT, countAt, definedCount);
  startProgram(<u32>(end - pos));
  readBodies();
}
