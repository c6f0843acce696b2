// The import section: only functions of module "env" that docs/host-calls.md lists and the rules
// allow. A refusal names the import by index; the host turns known strangers (env.abort, env.seed,
// Date.now, console) into advice.
import { declareImports, setImportType } from "./declarations";
import {
  findHostCall,
  hostNumber,
  hostParams,
  hostResults,
  hostUnitsParam,
  hostUnitsShift,
  spells,
} from "./host-calls";
import { allocate } from "./heap";
import { importRecord } from "./layout";
import { nameLength, nameStart, pos, readByte, readName, readU32 } from "./reader";
import {
  EXCEPTIONS,
  EXTERNAL_KIND,
  IMPORT_GLOBAL,
  IMPORT_MEMORY,
  IMPORT_NOT_ALLOWED,
  IMPORT_SIGNATURE,
  IMPORT_TABLE,
  IMPORT_UNKNOWN,
  refuse,
} from "./refusal";
import { checkLimit, FUNCTIONS, hostAllowed, IMPORTS } from "./rules";
import { canonicalType, hostType, packedType, readTypeIndex } from "./types";

let units: usize = 0;

export function readImports(): void {
  const at = pos;
  const count = readU32();
  checkLimit(IMPORTS, count, at);
  checkLimit(FUNCTIONS, count, at);
  units = allocate(count << 1);
  declareImports(count);
  for (let i: u32 = 0; i < count; i++) readImport(i);
}

function readImport(index: u32): void {
  const at = pos;
  readName();
  const fromEnv = spells(nameStart, nameLength, "env");
  readName();
  const known = findHostCall(nameStart, nameLength);
  const kindAt = pos;
  const kind = readByte();
  if (kind == 1) refuse(IMPORT_TABLE, at, index);
  if (kind == 2) refuse(IMPORT_MEMORY, at, index);
  if (kind == 3) refuse(IMPORT_GLOBAL, at, index);
  if (kind == 4) refuse(EXCEPTIONS, kindAt, kind);
  if (kind != 0) refuse(EXTERNAL_KIND, kindAt, kind);
  const type = readTypeIndex(pos);
  if (!fromEnv || !known) refuse(IMPORT_UNKNOWN, at, index);
  if (packedType(type) != hostType(hostParams, hostResults)) refuse(IMPORT_SIGNATURE, at, index);
  if (!hostAllowed(hostNumber)) refuse(IMPORT_NOT_ALLOWED, at, index);
  const record = importRecord(index);
  store<u32>(record, hostNumber);
  store<u32>(record, canonicalType(type), 4);
  store<u32>(record, hostParams, 8);
  store<u32>(record, hostResults, 12);
  store<u8>(units + (index << 1), hostUnitsParam);
  store<u8>(units + (index << 1), hostUnitsShift, 1);
  setImportType(index, type);
}

/** Parameter of the import that is charged by unit, NO_UNITS if none. */
export function unitsParam(index: u32): u32 {
  return load<u8>(units + (index << 1));
}

export function unitsShift(index: u32): u32 {
  return load<u8>(units + (index << 1), 1);
}
