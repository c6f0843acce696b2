// Bonds (docs/dispute.md section 5). Every amount that enters a dispute is at each moment in one of four places:
// locked with a claim that is not out, won by such a claim, in the pot of a tournament, or paid out or kept by
// settlement. Nothing is created or lost. Half of a lost bond is kept, so that whoever fights himself pays too.
import type { Hex } from "../codec/hex.ts";
import type { Claim, DisputeState, Draft, Tournament } from "./dispute-state.ts";

const BOND_MAX = 2n ** 128n - 1n;
const KEPT_DIVISOR = 2n;

/** What the entry after one of `bond` costs: grown by the rules' percentage, rounded up, at most 2^128 − 1. */
export function nextBond(bond: bigint, growthPercent: number): bigint {
  const grown = bond + (bond * BigInt(growthPercent) + 99n) / 100n;
  return grown < BOND_MAX ? grown : BOND_MAX;
}

/** Takes a claim out and gives what its opponent gets: half of its bond and all that it had won. */
export function forfeit(draft: Draft, claim: Claim): bigint {
  const kept = claim.bond / KEPT_DIVISOR;
  draft.kept += kept;
  draft.claims.set(claim.id, { ...claim, status: "out", bond: 0n, won: 0n });
  return claim.bond - kept + claim.won;
}

export function addToPot(draft: Draft, tournamentId: Hex, amount: bigint): void {
  const tournament = draft.tournaments.get(tournamentId)!;
  draft.tournaments.set(tournamentId, { ...tournament, pot: tournament.pot + amount });
}

function pay(draft: Draft, account: Hex, amount: bigint): void {
  if (amount === 0n) return;
  draft.payouts.set(account, (draft.payouts.get(account) ?? 0n) + amount);
}

/** `work` with one more command of `account`. */
export function addWork(work: Claim["work"], account: Hex): Claim["work"] {
  return new Map(work).set(account, (work.get(account) ?? 0n) + 1n);
}

function joinWork(a: Claim["work"], b: Claim["work"]): Claim["work"] {
  const joined = new Map(a);
  for (const [account, count] of b) joined.set(account, (joined.get(account) ?? 0n) + count);
  return joined;
}

/** Empties the pot of a tournament. */
function takePot(draft: Draft, tournament: Tournament): bigint {
  draft.tournaments.set(tournament.id, { ...tournament, pot: 0n });
  return tournament.pot;
}

/** Gives the survivor's bond back; what it won and the pot are returned for somebody else to get. */
function settleSurvivor(draft: Draft, tournament: Tournament, survivor: Claim): bigint {
  pay(draft, survivor.account, survivor.bond);
  const settled: Claim = { ...survivor, status: "survivor", bond: 0n, won: 0n };
  draft.claims.set(survivor.id, settled);
  return survivor.won + takePot(draft, tournament);
}

/** Ends level B with a survivor: what it won, and the work for it, go to the claim of level A on its side. */
export function settleLevelB(
  draft: Draft,
  tournament: Tournament,
  survivor: Claim,
  side: Hex,
): void {
  const spoils = settleSurvivor(draft, tournament, survivor);
  const claim = draft.claims.get(side)!;
  const work = joinWork(claim.work, survivor.work);
  draft.claims.set(side, { ...claim, won: claim.won + spoils, work });
}

/** Ends level B without a survivor: its pot goes to the tournament above. */
export function settleEmptyLevelB(draft: Draft, tournament: Tournament, above: Hex): void {
  addToPot(draft, above, takePot(draft, tournament));
}

/** Ends level A: the spoils are shared by work, what does not divide goes to who entered the survivor. */
export function settleLevelA(
  draft: Draft,
  tournament: Tournament,
  survivor: Claim | undefined,
): void {
  if (survivor === undefined) {
    draft.kept += takePot(draft, tournament);
    return;
  }
  const spoils = settleSurvivor(draft, tournament, survivor);
  const total = [...survivor.work.values()].reduce((sum, count) => sum + count, 0n);
  let left = spoils;
  for (const [account, count] of survivor.work) {
    const share = (spoils * count) / total;
    pay(draft, account, share);
    left -= share;
  }
  pay(draft, survivor.account, left);
}

/** All that is in a dispute: what was put in, while no rule is broken. */
export function amountsIn(state: DisputeState): bigint {
  const sum = (amounts: Iterable<bigint>) =>
    [...amounts].reduce((total, amount) => total + amount, 0n);
  const claims = [...state.claims.values()].map(({ bond, won }) => bond + won);
  const pots = [...state.tournaments.values()].map(({ pot }) => pot);
  return sum(claims) + sum(pots) + sum(state.payouts.values()) + state.kept;
}
