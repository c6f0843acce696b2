// How claims enter a dispute (docs/dispute.md section 2). A claim opens both its ends, so that what is disputed
// between two claims of one tournament always lies between a state that both begin with and ends that each may
// have: no game can come down to the beginning, or to what a machine means by its end.

import type { BlockResult } from "../chain/result.ts";
import { type Hex, toHex } from "../codec/hex.ts";
import { addWork, nextBond } from "./bonds.ts";
import { levelAClock, levelBClock, windowEnd } from "./clock.ts";
import { type ClaimCommand, refusal, type Side } from "./command.ts";
import { leafCount } from "./commitment-shape.ts";
import type { Claim, Draft, Tournament } from "./dispute-state.ts";
import { judgeProof, type StepJudge, sideOf } from "./match.ts";
import { checkChildren, checkHaltedEnd, checkLeaf } from "./openings.ts";
import { awaitOpponent, pairId } from "./tournament.ts";

/** What a claim ends in. */
interface Ending {
  readonly lastLeaf: Uint8Array;
  readonly result: BlockResult | undefined;
  readonly supports: Side | undefined;
}

/** @throws DISPUTE_TOURNAMENT_UNKNOWN */
export function findTournament(draft: Draft, id: Hex): Tournament {
  const tournament = draft.tournaments.get(id);
  if (tournament !== undefined) return tournament;
  throw refusal("DISPUTE_TOURNAMENT_UNKNOWN", "tournament", `${id} is neither dispute nor sealed`);
}

/** @throws DISPUTE_LEVEL, DISPUTE_LAST_LEAF, DISPUTE_NOT_HALTED, DISPUTE_RESULT */
function checkLevelAEnd(draft: Draft, { root, end }: ClaimCommand): Ending {
  if (end.kind !== "halted") {
    throw refusal("DISPUTE_LEVEL", "end", "got a last step, expected a halted machine");
  }
  const lastLeaf = checkHaltedEnd(draft.subject.shape, root, end);
  return { lastLeaf, result: end.result, supports: undefined };
}

/** @throws DISPUTE_LEVEL, DISPUTE_LAST_LEAF, DISPUTE_PROOF, DISPUTE_CONTEST */
function checkLevelBEnd(
  draft: Draft,
  { tournament, root, end }: ClaimCommand,
  judge: StepJudge,
): Ending {
  const { shape } = draft.subject;
  if (end.kind !== "lastStep") {
    throw refusal("DISPUTE_LEVEL", "end", "got a halted machine, expected a last step");
  }
  const opening = { root, index: leafCount(shape) - 1, leaf: end.leaf, path: end.path };
  checkLeaf(shape, opening, "DISPUTE_LAST_LEAF", "end.path");
  const post = judgeProof(judge, end.leaf, end.proof, "end.proof");
  const supports = sideOf(draft.matches.get(tournament)!, post);
  if (supports === undefined) {
    const message = `the last step leads to ${toHex(post)}, which neither side claims`;
    throw refusal("DISPUTE_CONTEST", "end", message);
  }
  return { lastLeaf: end.leaf, result: undefined, supports };
}

/**
 * The clock of a claim that enters now, and when the window closes.
 * @throws DISPUTE_WINDOW_CLOSED
 */
function entryClock(
  draft: Draft,
  { id, opensAt, closesAt }: Tournament,
  { supports }: Ending,
): { readonly clock: bigint; readonly opensAt: bigint; readonly closesAt: bigint } {
  const { dispute } = draft.subject.rules;
  const opened = opensAt ?? draft.time;
  const closes = closesAt ?? windowEnd(dispute, opened);
  const sides = draft.matches.get(id)?.claims;
  const clock =
    sides === undefined || supports === undefined
      ? levelAClock(dispute, closes, draft.time)
      : levelBClock(dispute, draft.claims.get(sides[supports])!.clock, opened, draft.time);
  if (clock > 0n) return { clock, opensAt: opened, closesAt: closes };
  const message = `got time ${draft.time}, expected one before ${draft.time + clock}`;
  throw refusal("DISPUTE_WINDOW_CLOSED", "time", message);
}

/**
 * Enters a claim.
 * @throws DISPUTE_TOURNAMENT_UNKNOWN, DISPUTE_CLAIM_KNOWN, DISPUTE_BOND, DISPUTE_CHILDREN, DISPUTE_FIRST_LEAF,
 * DISPUTE_WINDOW_CLOSED · as the end of its level
 */
export function enterClaim(draft: Draft, command: ClaimCommand, judge: StepJudge): void {
  const { shape, rules } = draft.subject;
  const { account, root, children, firstPath } = command;
  const tournament = findTournament(draft, command.tournament);
  const id = pairId(tournament.id, toHex(root));
  if (draft.claims.has(id)) {
    throw refusal("DISPUTE_CLAIM_KNOWN", "root", `${toHex(root)} has been claimed before`);
  }
  const bond = tournament.nextBond;
  if (command.bondMax < bond) {
    throw refusal("DISPUTE_BOND", "bondMax", `got ${command.bondMax}, expected at least ${bond}`);
  }
  checkChildren(shape, children, root, "children");
  const first = { root, index: 0, leaf: tournament.firstLeaf, path: firstPath };
  checkLeaf(shape, first, "DISPUTE_FIRST_LEAF", "firstPath");
  const ending =
    tournament.level === 0 ? checkLevelAEnd(draft, command) : checkLevelBEnd(draft, command, judge);
  const { clock, opensAt, closesAt } = entryClock(draft, tournament, ending);
  const claim: Claim = {
    id,
    tournament: tournament.id,
    root,
    children,
    ...ending,
    status: "waiting",
    clock,
    account,
    bond,
    won: 0n,
    work: addWork(new Map(), account),
  };
  draft.claims.set(id, claim);
  draft.tournaments.set(tournament.id, {
    ...tournament,
    opensAt,
    closesAt,
    claims: [...tournament.claims, id],
    nextBond: nextBond(bond, rules.dispute.entryBondGrowthPercent),
  });
  awaitOpponent(draft, id);
}
