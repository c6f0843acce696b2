// What an environment is asked, and what it answers where that is no block (executed-block.ts).

import type { DebugEntry } from "../chain/bundle.ts";
import type { Hex } from "../codec/hex.ts";
import type { Rules } from "../rules/rules.ts";

/** A block to execute. */
export interface BlockInput {
  /** Unix seconds, at least the head's. */
  readonly time: bigint;
  readonly producer: Hex;
  /** Nobody writes to them until the block is committed. */
  readonly transactions: readonly Uint8Array[];
  /** So many of the transactions, at the start, are the next messages of the inbox; none where absent. */
  readonly inboxCount?: number;
  /** The rules of this block and those after it; the head's where absent. */
  readonly rules?: Rules;
  /** Whether to make the bundle; costs the witness. */
  readonly bundle?: boolean;
  /** ABIs and source maps for the bundle's debug part. */
  readonly debug?: readonly DebugEntry[];
}

/** A call that changes nothing. */
export interface ViewInput {
  readonly to: Hex;
  readonly input: Uint8Array;
  readonly caller?: Hex;
  readonly gasLimit?: bigint;
  /** Unix seconds that the contract sees; the head's where absent. */
  readonly time?: bigint;
}

export interface ViewResult {
  readonly outcome: number;
  readonly code: number;
  readonly gasUsed: bigint;
  readonly output: Uint8Array;
}

export interface AccountResult {
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly hasCode: boolean;
}
