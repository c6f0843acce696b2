// What a trace of one transaction holds: data that crosses threads and becomes text or JSON elsewhere. Bytes
// are hex, of at most BYTES_SHOWN bytes each; amounts, gas and steps are bigint. Names, arguments and source
// lines come from ABIs and source maps, which nobody vouches for: the numbers stand without them.

import type { DecodedRevert } from "../abi/decode-revert.ts";
import type { AbiValue } from "../abi/decode-value.ts";
import type { Finding } from "../chain/finding.ts";
import type { TransactionKind } from "../chain/transaction.ts";
import type { Hex } from "../codec/hex.ts";

/** Bytes of an input, output or value that a trace shows. */
export const BYTES_SHOWN = 1_024;
/** Host calls that a trace lists; a transaction can make millions. */
export const HOST_CALLS_LISTED = 10_000;
/** Functions of one native stack that a trace lists, half of them innermost and half outermost. */
export const STACK_LISTED = 64;

export type Named = Readonly<Record<string, AbiValue>>;

/** One function of the native stack, innermost first. */
export interface StackFrame {
  /** Index in the module; null in the stub that calls the dispatcher. */
  readonly function: number | null;
  /** From the source or the name section; `host call NAME` in the stub of an import. */
  readonly name: string | null;
  /** In the original Wasm. */
  readonly byteOffset: number | null;
  /** `path:line:column`. */
  readonly source: string | null;
  /**
   * The function around it, as far as it can be told: the compiler writes short functions in place of their
   * calls, and what called them leaves no frame.
   */
  readonly inlinedIn: string | null;
  /** Where `source` is in a library: the last place of the project before it in the same straight code. */
  readonly near: string | null;
}

/** Why a frame trapped. */
export interface TrapReason {
  /** Name of the trap code in the receipt. */
  readonly code: string;
  /** The condition of docs/machine.md section 3, or the name of the code where the host refused. */
  readonly condition: string;
  /** The word that trapped; null where the host refused. */
  readonly instruction: string | null;
  readonly message: string;
}

/** One call: of the transaction, or from a contract to another account. */
export interface TracedCall {
  /** Calls are numbered in the order in which they began. */
  readonly id: number;
  /** `transfer`: no code ran at the target; `deployment`: the first call of a new contract. */
  readonly kind: "call" | "prepare" | "deployment" | "transfer";
  readonly to: Hex;
  /** Name in the ABI. */
  readonly contract: string | null;
  readonly caller: Hex;
  readonly method: string | null;
  readonly args: Named | null;
  readonly input: Hex;
  readonly inputBytes: number;
  readonly value: bigint;
  readonly gasForwarded: bigint;
  readonly gasUsed: bigint;
  /** Machine words that the frame itself executed, a host call counted once. */
  readonly words: bigint;
  readonly readOnly: boolean;
  readonly status: "success" | "revert" | "trap" | "refused";
  /** Why a call was refused before anything of it ran. */
  readonly refused: string | null;
  readonly output: Hex;
  readonly outputBytes: number;
  /** The output by the ABI. */
  readonly result: AbiValue | null;
  readonly revert: DecodedRevert | null;
  readonly trap: TrapReason | null;
  /** Where it reverted or trapped; empty otherwise. */
  readonly stack: readonly StackFrame[];
  /** Functions between the listed innermost and outermost ones. */
  readonly stackOmitted: number;
  readonly calls: readonly TracedCall[];
}

/** One host call, in the order in which they were made. */
export interface TracedHostCall {
  /** Id of the call whose frame made it. */
  readonly call: number;
  readonly name: string;
  /** Gas left behind its charges. */
  readonly gasLeft: bigint;
  /** What it was given and gave back; storage keys and values by the ABI where they are known. */
  readonly details: Named;
}

/** Why an entry did not execute. */
export interface SkipReason {
  /** Name of the skip code. */
  readonly check: string;
  readonly message: string;
  readonly got: string | null;
  readonly expected: string | null;
}

/** What prepare refused of a module. */
export interface TracedRefusal {
  readonly code: string;
  readonly message: string;
  readonly function: number | null;
  readonly functionName: string | null;
  readonly byteOffset: number | null;
  readonly source: string | null;
  readonly hint: string;
}

export interface TracedEvent {
  readonly emitter: Hex;
  readonly contract: string | null;
  readonly name: string | null;
  readonly fields: Named | null;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

/** What the head of a transaction says. */
export interface TracedTransaction {
  readonly kind: TransactionKind;
  readonly sender: Hex;
  /** A deployment: where the contract goes. */
  readonly to: Hex;
  readonly nonce: bigint;
  readonly value: bigint;
  readonly gasLimit: bigint;
  readonly price: bigint;
  readonly inputBytes: number;
}

export interface TransactionTrace {
  readonly height: bigint;
  readonly block: Hex;
  /** Index in the body. */
  readonly transaction: number;
  readonly hash: Hex;
  /** Absent where the entry does not decode. */
  readonly head: TracedTransaction | null;
  /** Such as `success` or `trap(out_of_gas)`. */
  readonly outcome: string;
  /** Steps of the block's run that belong to it: words, steps of host calls, phases. */
  readonly steps: bigint;
  /** Its first and last step, counted in the block as disputes count them. */
  readonly firstStep: bigint;
  readonly lastStep: bigint;
  /** Machine words that its frames executed, a host call counted once. */
  readonly words: bigint;
  readonly gasUsed: bigint;
  readonly gasIntrinsic: bigint;
  readonly skip: SkipReason | null;
  readonly refusal: TracedRefusal | null;
  /** The calls that the transaction itself made: one, or two of a deployment. */
  readonly calls: readonly TracedCall[];
  readonly hostCalls: readonly TracedHostCall[];
  /** Host calls beyond those listed. */
  readonly hostCallsOmitted: number;
  /** What of events remains: none where the transaction failed. */
  readonly events: readonly TracedEvent[];
  /** Where the bundle claims another receipt. */
  readonly finding: Finding | null;
}
