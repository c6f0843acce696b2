// The numbered results of executing one body entry, and of judging a step proof. Receipts hash the former and
// judges must agree on the latter, so a number is never reused or renumbered (tests pin them). Text is
// derived from numbers, never the reverse.

/** Outcome of a transaction, byte 33 of its receipt (docs/formats.md section 6). */
export const Outcome = { success: 0, revert: 1, trap: 2, skipped: 3 } as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** Why a frame trapped. A trap consumes all gas of the frame. 0 is left free for "no trap". */
export const TrapCode = {
  /** The charge of the next checked point was more than the gas left. */
  out_of_gas: 1,
  /** The frame does not fit in the transaction's depth budget of 65,536 slots. */
  depth: 2,
  /** A WebAssembly trap; which one is told by the machine's replay, not by the engine. */
  wasm: 3,
  /** A host call was given a range outside the caller's memory. */
  memory_bounds: 4,
  /** A host call asked for bytes outside the input, output or value. */
  data_bounds: 5,
  /** A host call was given more bytes than its limit. */
  data_too_long: 6,
  /** A write, event or value transfer in a read-only frame. */
  read_only: 7,
  /** The 2^16 + 1st event of the transaction. */
  events_full: 8,
  /** The 2^16 + 1st message of the block. */
  outbox_full: 9,
  /** More than four topics. */
  too_many_topics: 10,
  /** An argument outside its domain. */
  bad_argument: 11,
  /** The block has entered as much distinct code as its rules allow; the gas of the call is kept. */
  code_full: 12,
} as const;
export type TrapCode = (typeof TrapCode)[keyof typeof TrapCode];

/** Why a body entry was skipped: the first failing check of docs/formats.md section 5. */
export const SkipCode = {
  decode: 1,
  environment: 2,
  signature: 3,
  nonce: 4,
  gas_limit: 5,
  block_gas: 6,
  intrinsic_gas: 7,
  balance: 8,
  deployer: 9,
  price: 10,
} as const;
export type SkipCode = (typeof SkipCode)[keyof typeof SkipCode];

/** Status of a sub-call as the calling contract sees it. */
export const CallStatus = { success: 0, revert: 1, trap: 2, refused: 3 } as const;
export type CallStatus = (typeof CallStatus)[keyof typeof CallStatus];

/** The outcome of a transaction or view whose top-level call ended with `status`. */
export function outcomeOf(status: CallStatus): Outcome {
  if (status === CallStatus.success) return Outcome.success;
  return status === CallStatus.revert ? Outcome.revert : Outcome.trap;
}

const nameOf = (table: Readonly<Record<string, number>>, value: number): string =>
  Object.keys(table).find((name) => table[name] === value) ?? `unknown(${value})`;

/** The word for an outcome and its code, such as `trap(out_of_gas)` or `success`. */
export function describeOutcome(outcome: Outcome, code: number): string {
  const word = nameOf(Outcome, outcome);
  if (outcome === Outcome.trap) return `${word}(${nameOf(TrapCode, code)})`;
  if (outcome === Outcome.skipped) return `${word}(${nameOf(SkipCode, code)})`;
  return word;
}

/** Why a step proof is refused (docs/machine.md section 7). */
export const RejectionCode = {
  TRUNCATED: 1,
  TRAILING: 2,
  HEADER: 3,
  PRE_STATE: 4,
  REGIONS: 5,
  LEAF_INDEX: 6,
  SIBLING: 7,
  REGION_ROOT: 8,
  LEAF_MISSING: 9,
  LEAF_UNUSED: 10,
  STATE_PATH: 11,
  DATA_ROOT: 12,
  ENTRY: 13,
  RECEIPTS: 14,
  SUSPENDED: 15,
  DEPLOYERS: 16,
  OUTBOX: 17,
} as const;
export type RejectionCode = (typeof RejectionCode)[keyof typeof RejectionCode];

/** In a refusal of prepare: what is refused stands in no function. */
export const NO_FUNCTION = 0xffff_ffff;
