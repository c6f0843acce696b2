// What is known of a dispute between two commands (docs/dispute.md section 2): plain values, never written to after
// they are made. A player decides from this alone, and a stranger who replays the log comes to the same one.
// Claims, matches and tournaments are found by their ids; those that are over stay, with how they ended.
import type { BlockOrder } from "../chain/order.ts";
import type { BlockResult } from "../chain/result.ts";
import type { Hex } from "../codec/hex.ts";
import type { Rules } from "../rules/rules.ts";
import type { Side } from "./command.ts";
import type { CommitmentShape } from "./commitment-shape.ts";

/** What a dispute is about, and all that its judge trusts. */
export interface DisputeSubject {
  readonly order: BlockOrder;
  readonly parentResult: BlockResult;
  /** Those that the order names. */
  readonly rules: Rules;
  readonly shape: CommitmentShape;
}

/** waiting: for an opponent · matched: in an open match · out: lost · survivor: of a tournament that is resolved */
export type ClaimStatus = "waiting" | "matched" | "out" | "survivor";

/** A root that somebody claims. It has no owner: whoever knows the tree below it can move for it. */
export interface Claim {
  /** keccak(tournament id ‖ root). */
  readonly id: Hex;
  readonly tournament: Hex;
  /** [32] */
  readonly root: Uint8Array;
  /** The nodes one move below the root [32 × arity]. */
  readonly children: Uint8Array;
  /** State hash [32] of the last leaf. */
  readonly lastLeaf: Uint8Array;
  /** Level A: what the halted machine of the last leaf holds. */
  readonly result: BlockResult | undefined;
  /** Level B: the side of the sealed match whose contested state it comes to. */
  readonly supports: Side | undefined;
  readonly status: ClaimStatus;
  /** Seconds left, as they were when its clock last stopped. At least 1 unless it is out. */
  readonly clock: bigint;
  /** Who locked `bond`, and gets it back if the claim survives. */
  readonly account: Hex;
  readonly bond: bigint;
  /** Won from others, to be shared if it survives. */
  readonly won: bigint;
  /** Accepted entries, moves, seals and steps for it, by account. */
  readonly work: ReadonlyMap<Hex, bigint>;
}

/** moves: until the first differing leaf is known · leaf: it is · sealed: level B decides · over */
export type MatchStage = "moves" | "leaf" | "sealed" | "over";

/** Why a match ended. No winner: both are out. */
export interface MatchOutcome {
  readonly reason: "timeout" | "step" | "levelB";
  readonly winner: Side | undefined;
  readonly time: bigint;
  /** Of a step: the last agreed state, and the one that the judge came to. */
  readonly step?: { readonly pre: Uint8Array; readonly post: Uint8Array };
}

/** Two claims of one tournament against each other. */
export interface Match {
  /** keccak(id of claim one ‖ id of claim two); also the id of the tournament that sealing opens. */
  readonly id: Hex;
  readonly tournament: Hex;
  readonly level: number;
  readonly openedAt: bigint;
  /** Ids: `one` waited, `two` came and moves first. */
  readonly claims: readonly [one: Hex, two: Hex];
  readonly stage: MatchStage;
  /** Moves below the root at which the first differing nodes are known: 1 at the start, `shape.moves` at a leaf. */
  readonly depth: number;
  /** Index of those nodes among the arity^depth of their depth. At a leaf: n, at least 1. */
  readonly place: number;
  /** The differing nodes [32], by side. */
  readonly nodes: readonly [one: Uint8Array, two: Uint8Array];
  /** Children [32 × arity] of the other side's node, once shown: the side whose turn it is answers to them. */
  readonly shown: Uint8Array | undefined;
  readonly turn: Side;
  /** Since when the clock of `turn` runs. */
  readonly turnSince: bigint;
  /** Accepted moves. */
  readonly moves: number;
  /** Last agreed leaf [32], once sealed or stepped. */
  readonly agreedLeaf: Uint8Array | undefined;
  readonly outcome: MatchOutcome | undefined;
}

/** A bracket: claims enter while it is open, two waiting ones make a match, winners wait again. */
export interface Tournament {
  /** Level A: the dispute's id. Level B: the id of the match that it decides. */
  readonly id: Hex;
  readonly level: number;
  /** Machine steps before leaf 0. */
  readonly firstStep: bigint;
  /** State hash [32] that is leaf 0 of every claim. */
  readonly firstLeaf: Uint8Array;
  /** Level A opens with its first claim. */
  readonly opensAt: bigint | undefined;
  /** Claims enter before this time. */
  readonly closesAt: bigint | undefined;
  /** Ids in the order of entry. */
  readonly claims: readonly Hex[];
  /** The claim that waits for an opponent. */
  readonly waiting: Hex | undefined;
  readonly openMatches: number;
  /** Bond of the next entry. */
  readonly nextBond: bigint;
  /** What matches without a winner left behind. */
  readonly pot: bigint;
  readonly isResolved: boolean;
}

/** How a dispute ended. Without survivor the order has no result yet and may be disputed anew. */
export interface Verdict {
  readonly survivor: Hex | undefined;
  readonly result: BlockResult | undefined;
  readonly time: bigint;
}

export interface DisputeState {
  readonly subject: DisputeSubject;
  /** Also the id of the tournament of level A. */
  readonly id: Hex;
  /** Of the last accepted command. */
  readonly time: bigint;
  /** Accepted commands. */
  readonly commands: number;
  /** keccak chain [32] over the accepted commands with their times; starts at the dispute's id. */
  readonly logHash: Uint8Array;
  readonly tournaments: ReadonlyMap<Hex, Tournament>;
  readonly matches: ReadonlyMap<Hex, Match>;
  readonly claims: ReadonlyMap<Hex, Claim>;
  /** Paid out so far, by account: bonds given back and shares of what was won. */
  readonly payouts: ReadonlyMap<Hex, bigint>;
  /** Kept by settlement. */
  readonly kept: bigint;
  readonly verdict: Verdict | undefined;
}

/** A state under construction: entries are replaced, never written to. */
export interface Draft extends Omit<DisputeState, "tournaments" | "matches" | "claims"> {
  time: bigint;
  commands: number;
  logHash: Uint8Array;
  kept: bigint;
  verdict: Verdict | undefined;
  readonly tournaments: Map<Hex, Tournament>;
  readonly matches: Map<Hex, Match>;
  readonly claims: Map<Hex, Claim>;
  readonly payouts: Map<Hex, bigint>;
}
