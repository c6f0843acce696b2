// What the V8 back end reads (docs/program.md section 5): header, imports, functions and points, all
// u32 little-endian and contiguous, so that the host copies one range. The imports and functions
// parts double as prepare's own records of them. Points are written only when the host asks: inside
// the sandbox nobody reads them.
import { allocate, keepTo } from "./heap";
import { moduleStart } from "./refusal";

export const HEADER_BYTES: u32 = 64;
export const IMPORT_BYTES: u32 = 16;
export const FUNCTION_BYTES: u32 = 40;
export const POINT_BYTES: u32 = 12;

export const POINT_CHARGE: u32 = 1;
export const POINT_CHARGE_CHECK: u32 = 2;
export const POINT_UNITS: u32 = 3;
export const POINT_DEAD: u32 = 4;

export let layoutStart: usize = 0;
export let layoutEnd: usize = 0;
export let importCount: u32 = 0;
export let definedCount: u32 = 0;
let importTable: usize = 0;
let functionTable: usize = 0;
let points: usize = 0;
let keepPoints: bool = false;

export function keepLayoutPoints(): void {
  keepPoints = true;
}

/** Places header and imports; the functions must follow before anything else is allocated. */
export function allocateImports(count: u32): void {
  layoutStart = allocate(HEADER_BYTES + count * IMPORT_BYTES);
  importTable = layoutStart + HEADER_BYTES;
  importCount = count;
  functionTable = importTable + count * IMPORT_BYTES;
  layoutEnd = functionTable;
}

/** `bytesLeft` bounds the points: each belongs to its own byte of a body, but for a few per function. */
export function allocateFunctions(count: u32, bytesLeft: u32): void {
  definedCount = count;
  points = functionTable + count * FUNCTION_BYTES;
  layoutEnd = points;
  keepTo(keepPoints ? points + (bytesLeft + 4 * count) * POINT_BYTES : points);
}

export function importRecord(index: u32): usize {
  return importTable + index * IMPORT_BYTES;
}

/** The record of the defined function with this index among all functions. */
export function functionRecord(index: u32): usize {
  return functionTable + (index - importCount) * FUNCTION_BYTES;
}

/** Adds a point and returns its address, 0 when points are not kept. */
export function addPoint(at: usize, kind: u32, value: u32): usize {
  if (!keepPoints) return 0;
  const point = layoutEnd;
  store<u32>(point, <u32>(at - moduleStart));
  store<u32>(point, kind, 4);
  store<u32>(point, value, 8);
  layoutEnd = point + POINT_BYTES;
  return point;
}

export function keepsPoints(): bool {
  return keepPoints;
}

export function pointCount(): u32 {
  return <u32>(layoutEnd - points) / POINT_BYTES;
}

export function pointAddress(index: u32): usize {
  return points + index * POINT_BYTES;
}
