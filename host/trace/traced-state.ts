// What a state of a block's run holds, for people: the step that comes next, where it stands in the program,
// the values at hand. Data that crosses threads and becomes text or JSON elsewhere; amounts, gas, steps and
// slots are bigint. Names and source lines are untrusted, as everywhere in a trace.

import type { Hex } from "../codec/hex.ts";
import type { Named, StackFrame } from "./trace.ts";

/** A local, global or operand. */
export interface TracedValue {
  /** Null for an operand that the next word does not pop: the machine does not need its type. */
  readonly type: "i32" | "i64" | null;
  /** The slot, unsigned. */
  readonly value: bigint;
}

/** A host call under way: the `host` word at pc takes one step or several. */
export interface TracedHostStep {
  readonly name: string;
  /** Arguments by name; what is copied piece by piece counts down. */
  readonly args: Readonly<Record<string, number>>;
  /** What it is given, by the contract's ABI where that is known; empty after its first step. */
  readonly details: Named;
}

/** Where a frame stands. */
export interface TracedPlace {
  readonly contract: string | null;
  readonly address: Hex;
  /** Hash of the Wasm that runs. */
  readonly codeHash: Hex;
  /** Index of the word, as in the machine's header. */
  readonly pc: number;
  /** Operands from the last one pushed, with parameters and declared locals below them by index. */
  readonly stack: readonly TracedValue[];
  readonly locals: readonly TracedValue[];
  readonly globals: readonly TracedValue[];
  readonly pages: number;
  /** Slots of the stack budget that are left. */
  readonly depthLeft: number;
  /** Functions that run, innermost first. */
  readonly functions: readonly StackFrame[];
  readonly functionsOmitted: number;
}

export interface TracedState {
  readonly height: bigint;
  /** How many steps of the block's run come before this state: the number that disputes use. */
  readonly step: bigint;
  /** `end`: no step follows, the block has halted. */
  readonly kind: "word" | "host call" | "phase" | "end";
  /** The entry of the body that the step belongs to; null where the run finds the end of the body. */
  readonly transaction: number | null;
  readonly firstStep: bigint | null;
  readonly lastStep: bigint | null;
  /** Such as `i32.load offset 8`, `host call emit`, `phase 3 sender`, `end`. */
  readonly instruction: string;
  /** What the step does in words, where the instruction does not say it. */
  readonly about: string | null;
  readonly hostCall: TracedHostStep | null;
  /** 0 in phases at the top: contracts that run, the callers included. */
  readonly callDepth: number;
  readonly gas: bigint;
  /** Null where no frame runs. */
  readonly place: TracedPlace | null;
  /** Contracts that wait for what runs, innermost first. */
  readonly callers: readonly { readonly address: Hex; readonly contract: string | null }[];
  readonly stateHash: Hex;
}
