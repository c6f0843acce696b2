// The rules of an execution environment: every parameter that an operator may choose, as one value.
// Their canonical bytes are hashed into every order (encode-rules.ts), so a replay needs nothing but
// the bundle. docs/rules.md explains each field; fields.ts has its range and place in the encoding.
// What is equal for all environments is in host/limits.ts and must not be repeated here.
import type { Hex } from "../codec/hex.ts";
import type { HostCallName } from "./host-call-names.ts";

/** The only rules version there is. */
export const RULES_VERSION = 1;
/** Semantics that this software executes; 0 may change until the proof machine exists. */
export const SEMANTICS_VERSION = 0;
/** Version of the machine words and charge placement, in the prepare rules and code records. */
export const PROGRAM_VERSION = 1;

/** Classes of instructions in the order of docs/program.md section 7; index = class number. */
export const instructionClasses = [
  "control",
  "br_table",
  "call",
  "call_indirect",
  "move",
  "global",
  "load",
  "store",
  "alu",
  "multiply",
  "divide",
  "memory_size",
  "memory_grow",
  "grow_page",
  "bulk",
  "charge",
  "locals",
  "function",
  "host",
  "reserved",
] as const;
export type InstructionClass = (typeof instructionClasses)[number];

/** Limits on one module in the order of docs/program.md section 7; index = number in prepare. */
export const moduleLimitNames = [
  "wasmBytes",
  "functions",
  "bodyBytes",
  "bodyInstructions",
  "nesting",
  "brTableEntries",
  "brTableEntriesTotal",
  "locals",
  "localsTotal",
  "params",
  "types",
  "globals",
  "table",
  "dataSegments",
  "imports",
  "exports",
  "pages",
  "merges",
] as const;
export type ModuleLimitName = (typeof moduleLimitNames)[number];

/** Gas of one host call: `base + unit * ceil(argument / 2^shift)`; the shift is docs/host-calls.md's. */
export interface HostCallCost {
  readonly base: number;
  /** 0 for calls without an argument that costs. */
  readonly unit: number;
}

export interface GasRules {
  readonly instructions: Readonly<Record<InstructionClass, number>>;
  readonly hostCalls: Readonly<Record<HostCallName, HostCallCost>>;
  /** Charge of a contract's entry stub: per started KiB of Wasm and per initial page. */
  readonly entry: { readonly base: number; readonly perKiB: number; readonly perPage: number };
  /** Paid before anything runs; a leaf is 128 bytes of input. */
  readonly intrinsic: {
    readonly transaction: number;
    readonly transactionLeaf: number;
    readonly deploy: number;
  };
  readonly perTransaction: bigint;
  readonly perBlock: bigint;
}

/** Bodies lie with settlement, or with a committee that signs for the transactions root. */
export type DataRules =
  | "settlement"
  | { readonly committee: readonly Hex[]; readonly threshold: number };

export interface Rules {
  readonly version: 1;
  readonly semantics: 0;
  readonly gas: GasRules;
  /** In the order of the calls' numbers, without repetition. */
  readonly hostCallsAllowed: readonly HostCallName[];
  readonly module: Readonly<Record<ModuleLimitName, number>>;
  /** Who may deploy: anyone, or these addresses (lower case, ascending). */
  readonly deployers: "anyone" | readonly Hex[];
  readonly block: {
    readonly intervalSeconds: number;
    readonly timeSkewSecondsMax: number;
    readonly bodyBytesMax: number;
    /** Distinct code that a block may enter, in KiB; each counts some KiB more than its Wasm has. */
    readonly codeKiBMax: number;
  };
  readonly fees: { readonly priceMin: bigint };
  readonly data: DataRules;
  readonly dispute: {
    readonly windowSeconds: number;
    readonly clockSeconds: number;
    readonly graceSeconds: number;
    readonly claimBond: bigint;
    readonly entryBondGrowthPercent: number;
  };
  readonly guardian: Hex | null;
  readonly messages: {
    readonly inboxPerBlockMax: number;
    readonly inboxDelaySeconds: number;
    readonly outboxPerBlockMax: number;
    readonly messageBytesMax: number;
    /** Gas limit of a message that the inbox gives. */
    readonly gas: bigint;
  };
}
