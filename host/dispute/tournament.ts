// A bracket of claims (docs/dispute.md section 2), after "permissionless refereed tournaments": claims enter while
// the window is open, as many as there are; a claim that waits meets the next one that comes, be it new or the winner
// of a match. At most one survives. Who entered a claim plays no part.
import { fromHex, type Hex, toHex } from "../codec/hex.ts";
import { keccak256Pair } from "../codec/keccak.ts";
import { addToPot, forfeit } from "./bonds.ts";
import { otherSide, Side } from "./command.ts";
import type { Draft, Match, MatchOutcome } from "./dispute-state.ts";
import { childAt, firstDifference } from "./openings.ts";

/** Name of two things together: keccak(a ‖ b). */
export function pairId(a: Hex, b: Hex): Hex {
  return toHex(keccak256Pair(fromHex(a, 32), fromHex(b, 32)));
}

function openMatch(draft: Draft, tournamentId: Hex, oneId: Hex, twoId: Hex): void {
  const { shape } = draft.subject;
  const tournament = draft.tournaments.get(tournamentId)!;
  const [one, two] = [draft.claims.get(oneId)!, draft.claims.get(twoId)!];
  const place = firstDifference(shape, one.children, two.children);
  const id = pairId(oneId, twoId);
  const match: Match = {
    id,
    tournament: tournamentId,
    level: tournament.level,
    openedAt: draft.time,
    claims: [oneId, twoId],
    stage: shape.moves === 1 ? "leaf" : "moves",
    depth: 1,
    place,
    nodes: [childAt(one.children, place), childAt(two.children, place)],
    shown: undefined,
    turn: Side.two,
    turnSince: draft.time,
    moves: 0,
    agreedLeaf: undefined,
    outcome: undefined,
  };
  draft.matches.set(id, match);
  draft.claims.set(oneId, { ...one, status: "matched" });
  draft.claims.set(twoId, { ...two, status: "matched" });
  const openMatches = tournament.openMatches + 1;
  draft.tournaments.set(tournamentId, { ...tournament, waiting: undefined, openMatches });
}

/** A claim that is in no match waits for an opponent, or meets the one that waits. */
export function awaitOpponent(draft: Draft, claimId: Hex): void {
  const claim = draft.claims.get(claimId)!;
  const tournament = draft.tournaments.get(claim.tournament)!;
  if (tournament.waiting !== undefined) {
    openMatch(draft, tournament.id, tournament.waiting, claimId);
    return;
  }
  draft.claims.set(claimId, { ...claim, status: "waiting" });
  draft.tournaments.set(tournament.id, { ...tournament, waiting: claimId });
}

/** Ends a match. The loser's side pays the winner; without a winner both pay into the pot. */
export function endMatch(draft: Draft, match: Match, ending: Omit<MatchOutcome, "time">): void {
  const outcome: MatchOutcome = { ...ending, time: draft.time };
  draft.matches.set(match.id, { ...match, stage: "over", shown: undefined, outcome });
  const tournament = draft.tournaments.get(match.tournament)!;
  const openMatches = tournament.openMatches - 1;
  draft.tournaments.set(tournament.id, { ...tournament, openMatches });
  const { winner } = ending;
  if (winner === undefined) {
    for (const id of match.claims) {
      addToPot(draft, tournament.id, forfeit(draft, draft.claims.get(id)!));
    }
    return;
  }
  const spoils = forfeit(draft, draft.claims.get(match.claims[otherSide(winner)])!);
  const winnerId = match.claims[winner];
  const claim = draft.claims.get(winnerId)!;
  draft.claims.set(winnerId, { ...claim, won: claim.won + spoils });
  awaitOpponent(draft, winnerId);
}
