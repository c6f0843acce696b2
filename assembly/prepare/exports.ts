// The export section: every index in range, no name twice, none that is ours, and which functions are `main` and
// `_start`. Whether `main` must exist is decided by the entry that was called, not here.
import {
  functionCount,
  functionType,
  globalCount,
  memoryDeclared,
  tableDeclared,
} from "./declarations";
import { allocate } from "./heap";
import { spells } from "./host-calls";
import { functionRecord, importCount } from "./layout";
import { nameLength, nameStart, pos, readByte, readName, readU32 } from "./reader";
import {
  ENTRY_MISSING,
  ENTRY_TYPE,
  EXCEPTIONS,
  EXPORT_DUPLICATE,
  EXPORT_RESERVED,
  EXTERNAL_KIND,
  FUNCTION_INDEX,
  GLOBAL_INDEX,
  MEMORY_INDEX,
  moduleStart,
  NO_FUNCTION,
  refuse,
  TABLE_INDEX,
} from "./refusal";
import { checkLimit, EXPORTS } from "./rules";

/** Function index of the contract's dispatcher and static initialiser; NO_FUNCTION if none. */
export let mainFunction: u32 = NO_FUNCTION;
export let startFunction: u32 = NO_FUNCTION;
// An export named main or _start that is no function [] -> []: no entry, and refused for a contract.
let wrongEntry: usize = 0;

export function readExports(): void {
  const at = pos;
  const count = readU32();
  checkLimit(EXPORTS, count, at);
  const names = allocate(count << 3);
  for (let i: u32 = 0; i < count; i++) {
    const nameAt = pos;
    readName();
    const start = nameStart;
    const length = nameLength;
    if (isReserved(start, length)) refuse(EXPORT_RESERVED, nameAt, i);
    for (let j: u32 = 0; j < i; j++) {
      if (load<u32>(names + (j << 3), 4) != length) continue;
      if (memory.compare(load<u32>(names + (j << 3)), start, length) == 0) {
        refuse(EXPORT_DUPLICATE, nameAt, i);
      }
    }
    store<u32>(names + (i << 3), <u32>start);
    store<u32>(names + (i << 3), length, 4);
    readExternal(nameAt, start, length);
  }
}

// The module that V8 runs exports its own functions and globals under such names.
function isReserved(name: usize, length: u32): bool {
  return length >= 7 && spells(name, 7, "plasma:");
}

function readExternal(nameAt: usize, name: usize, length: u32): void {
  const kindAt = pos;
  const kind = readByte();
  const indexAt = pos;
  const index = readU32();
  if (kind == 0) {
    if (index >= functionCount) refuse(FUNCTION_INDEX, indexAt, index);
    if (index >= importCount) store<u32>(functionRecord(index), 1, 28);
  } else if (kind == 1) {
    if (index != 0 || !tableDeclared) refuse(TABLE_INDEX, indexAt, index);
  } else if (kind == 2) {
    if (index != 0 || !memoryDeclared) refuse(MEMORY_INDEX, indexAt, index);
  } else if (kind == 3) {
    if (index >= globalCount) refuse(GLOBAL_INDEX, indexAt, index);
  } else {
    if (kind == 4) refuse(EXCEPTIONS, kindAt, kind);
    refuse(EXTERNAL_KIND, kindAt, kind);
  }
  const isMain = spells(name, length, "main");
  if (!isMain && !spells(name, length, "_start")) return;
  // The packed type of [] -> [] is zero. A host call never has it.
  if (kind != 0 || functionType(index) != 0) wrongEntry = nameAt;
  else if (isMain) mainFunction = index;
  else startFunction = index;
}

/** Refuses a module that cannot be a contract. */
export function requireEntry(): void {
  if (wrongEntry != 0) refuse(ENTRY_TYPE, wrongEntry, 0);
  if (mainFunction == NO_FUNCTION) refuse(ENTRY_MISSING, moduleStart, 0);
}
