// The host record of docs/machine.md section 2: 16 leaves of 128 bytes at RECORD. Whoever asks for a leaf
// touches it; which leaves a step touches is part of the format of proofs, so nothing here looks at a leaf
// that its caller did not name. Numbers are big-endian.
import { keccak128 } from "../crypto/keccak";
import { noteRecord } from "./access";

export const RECORD: usize = memory.data(2048, 8);

export const WORLD: u32 = 0;
export const FRAME: u32 = 1;
export const DATA: u32 = 2;
export const WORK: u32 = 3;
export const FRONTIER: u32 = 4;
export const TRANSACTION: u32 = 7;
export const ENTRY_LEAF: u32 = 8;
export const BLOCK: u32 = 9;
export const TERMS: u32 = 10;
export const MESSAGE: u32 = 11;
export const RULES: u32 = 12;
export const ENTERED: u32 = 13;

export const FLAG_DEPLOYMENT: u32 = 1;
export const FLAG_READ_ONLY: u32 = 2;

export const KIND_CALL: u8 = 1;
export const KIND_DEPLOY: u8 = 2;
export const KIND_MESSAGE: u8 = 3;

/** Root of an empty `bytesRoot` tree: keccak of 128 zero bytes. */
export const EMPTY_ROOT: usize = memory.data(32, 8);
const ZERO_LEAF: usize = memory.data(128, 8);

/** Computes EMPTY_ROOT; once, before anything else of this file. */
export function prepareRecord(): void {
  keccak128(ZERO_LEAF, EMPTY_ROOT);
}

/** Address of a leaf, which is touched. */
export function leaf(index: u32): usize {
  noteRecord(index, RECORD);
  return RECORD + ((<usize>index) << 7);
}

export function getU32(at: usize): u32 {
  return bswap<u32>(load<u32>(at));
}

export function putU32(at: usize, value: u32): void {
  store<u32>(at, bswap<u32>(value));
}

export function getU64(at: usize): u64 {
  return bswap<u64>(load<u64>(at));
}

export function putU64(at: usize, value: u64): void {
  store<u64>(at, bswap<u64>(value));
}

/** Whether `length` bytes are zero. */
export function isZero(at: usize, length: u32): bool {
  for (let i: u32 = 0; i < length; i++) if (load<u8>(at + i) != 0) return false;
  return true;
}

/** The data leaf of a frame that has not run yet. */
export function clearData(): void {
  const data = leaf(DATA);
  memory.fill(data, 0, 128);
  memory.copy(data, EMPTY_ROOT, 32);
  memory.copy(data + 36, EMPTY_ROOT, 32);
}
