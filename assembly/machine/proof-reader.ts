// The cursor over a step proof and why it is refused: the codes of docs/machine.md section 7. The first
// refusal stands; reading goes on harmlessly on zero bytes until the caller looks.

export const TRUNCATED: u32 = 1;
export const TRAILING: u32 = 2;
export const HEADER_INVALID: u32 = 3;
export const PRE_STATE: u32 = 4;
export const REGIONS: u32 = 5;
export const LEAF_INDEX: u32 = 6;
export const SIBLING: u32 = 7;
export const REGION_ROOT: u32 = 8;
export const LEAF_MISSING: u32 = 9;
export const LEAF_UNUSED: u32 = 10;
export const STATE_PATH: u32 = 11;
export const DATA_ROOT: u32 = 12;
export const ENTRY: u32 = 13;
export const RECEIPTS: u32 = 14;
export const SUSPENDED: u32 = 15;
export const DEPLOYERS: u32 = 16;

/** 0, or the code of the first refusal. */
export let refused: u32 = 0;
let at: usize = 0;
let end: usize = 0;
/** What is read behind the end. */
const NOTHING: usize = memory.data(128 * 16, 8);

export function startProof(proof: usize, length: u32): void {
  at = proof;
  end = proof + length;
  refused = 0;
}

export function refuse(code: u32): void {
  if (refused == 0) refused = code;
}

/** Address of the next `length` bytes, which are passed; behind the end the proof is refused. */
export function take(length: u32): usize {
  if (<u32>(end - at) < length) {
    refuse(TRUNCATED);
    return NOTHING;
  }
  const start = at;
  at += length;
  return start;
}

export function bytesLeft(): u32 {
  return <u32>(end - at);
}
