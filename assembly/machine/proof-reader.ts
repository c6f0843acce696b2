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
export const OUTBOX: u32 = 17;

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
  serving = false;
}

/** Not a rejection: the prover must serve what NEED says and take the step again from its start. */
export const NEEDED: u32 = 255;
/** u32 kind ‖ u32 address or number ‖ three u32 more, for the host. */
export const NEED: usize = memory.data(20, 8);
export const NEED_STATE: u32 = 1;
export const NEED_ENTRY: u32 = 2;
export const NEED_HEAD: u32 = 3;
export const NEED_DEPLOYERS: u32 = 4;
export const NEED_OUTPUT: u32 = 5;
export const NEED_RECEIPTS: u32 = 6;
export const NEED_LEAVES: u32 = 7;
export const NEED_CHUNKS: u32 = 8;
export const NEED_OUTBOX: u32 = 9;
let serving: bool = false;

/** As `startProof`, for the pieces that the prover has served so far. */
export function startPieces(pieces: usize, length: u32): void {
  startProof(pieces, length);
  serving = true;
}

/** Says what is read next. Steps ask before they write anything but registers of this module's own. */
export function ask(kind: u32, a: u32, b: u32, c: u32, d: u32): void {
  if (!serving || at != end || refused != 0) return;
  store<u32>(NEED, kind);
  store<u32>(NEED, a, 4);
  store<u32>(NEED, b, 8);
  store<u32>(NEED, c, 12);
  store<u32>(NEED, d, 16);
  refuse(NEEDED);
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
