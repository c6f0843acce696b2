// A scenario: accounts, blocks and transactions in words, the input of `plasma run` and `plasma bench`.
// These are the shapes after parsing; names, files and arguments are not resolved yet, because an
// address depends on the environment and an argument on the ABI of a contract that is deployed on the way.
import type { Hex } from "../../host/codec/hex.ts";
import type { Rules } from "../../host/rules/rules.ts";

/** The account that every scenario has beside those it lists; its key derives like theirs. */
export const PRODUCER = "producer";

/** Rules written in the scenario, or the file (relative to the scenario) that holds them. */
export type ScenarioRules = Rules | { readonly file: string };

export interface Scenario {
  /** Those of the genesis. */
  readonly rules: ScenarioRules;
  readonly seed: string;
  /** Genesis balance by name, in the order of the file. */
  readonly accounts: ReadonlyMap<string, bigint>;
  readonly blocks: readonly ScenarioBlock[];
}

export interface ScenarioBlock {
  /** Unix seconds; where absent, the block interval of the rules after the block before. */
  readonly time: bigint | undefined;
  /** From this block on; where absent, those of the block before. */
  readonly rules?: ScenarioRules;
  readonly transactions: readonly ScenarioEntry[];
}

/** What must come of an entry. Every field is optional. */
export interface Expectation {
  readonly outcome?: "success" | "revert" | "trap" | "skipped";
  /** Name of the trap or skip code. */
  readonly code?: string;
  /** The result as JSON, checked against the ABI. */
  readonly output?: unknown;
  /** The message of the revert, or the name of its typed error. */
  readonly error?: string;
}

interface EntryBase {
  /** Place in the file, such as `blocks[0].transactions[2]`. */
  readonly path: string;
  readonly expect: Expectation;
}

/** Any bytes, as they are. */
export interface RawEntry extends EntryBase {
  readonly kind: "raw";
  readonly bytes: Uint8Array;
}

/** Parts of a signed transaction that every kind may set. */
export interface SignedBase extends EntryBase {
  readonly from: string;
  readonly value: bigint;
  readonly gasLimit?: bigint;
  readonly price?: bigint;
  readonly nonce?: bigint;
  /** Another environment id than the scenario's. */
  readonly environment?: Hex;
  /** Put in place of the signature. */
  readonly signature?: Hex;
}

export interface DeployEntry extends SignedBase {
  readonly kind: "deploy";
  /** Wasm, or AssemblyScript to build, relative to the scenario. */
  readonly file: string;
  readonly args: readonly unknown[];
  /** Encoded arguments in place of `args`. */
  readonly input?: Uint8Array;
  readonly as?: string;
}

export interface CallEntry extends SignedBase {
  readonly kind: "call";
  /** A name, or an address. */
  readonly to: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Value, bytes or both, to anyone. */
export interface SendEntry extends SignedBase {
  readonly kind: "send";
  readonly to: string;
  readonly input: Uint8Array;
}

export type SignedEntry = DeployEntry | CallEntry | SendEntry;
export type ScenarioEntry = RawEntry | SignedEntry;
