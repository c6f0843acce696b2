// Chess clocks (docs/dispute.md section 4). A claim has one clock, which runs only while the claim has to answer.
// It is never wound up again, but for the grace that both sides get when level B opens. Times and clocks are whole
// seconds; a clock with c seconds that starts at time t has run out at t + c.
import type { Hex } from "../codec/hex.ts";
import type { DisputeState, Draft, Match, Tournament } from "./dispute-state.ts";

type DisputeRules = DisputeState["subject"]["rules"]["dispute"];

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** When the window of level A closes that opens now. */
export function windowEnd({ windowSeconds }: DisputeRules, now: bigint): bigint {
  return now + BigInt(windowSeconds);
}

/** When the window of level B closes: when the clocks of both sides have run out, were they running from now on. */
export function levelBEnd(
  { graceSeconds }: DisputeRules,
  clocks: readonly [bigint, bigint],
  now: bigint,
): bigint {
  return now + most(clocks[0], clocks[1]) + BigInt(graceSeconds);
}

/**
 * The clock of a claim that enters level A now, before `closesAt`. Whoever comes late has less time, so a claim that
 * came at the last second cannot stall for longer than a second.
 */
export function levelAClock({ clockSeconds }: DisputeRules, closesAt: bigint, now: bigint): bigint {
  return least(BigInt(clockSeconds), closesAt - now);
}

/** The clock of a claim that enters level B now for a side whose own clock stopped at `sideClock`. May be <= 0. */
export function levelBClock(
  { graceSeconds }: DisputeRules,
  sideClock: bigint,
  opensAt: bigint,
  now: bigint,
): bigint {
  return sideClock + BigInt(graceSeconds) - (now - opensAt);
}

/** A side's clock after level B: what its claim there had left, but never more than before. The grace is not kept. */
export function clockAfterLevelB(sideClock: bigint, levelBClockLeft: bigint): bigint {
  return least(sideClock, levelBClockLeft);
}

const moverOf = ({ claims, turn }: Match): Hex => claims[turn];

/** When the clock of the side to move has run out. Only open matches that are not sealed have a running clock. */
export function deadlineOf({ claims }: Pick<DisputeState, "claims">, match: Match): bigint {
  return match.turnSince + claims.get(moverOf(match))!.clock;
}

/** Stops the clock of the side to move, which must be in time. */
export function stopClock(draft: Draft, match: Match): void {
  const mover = draft.claims.get(moverOf(match))!;
  const clock = deadlineOf(draft, match) - draft.time;
  draft.claims.set(mover.id, { ...mover, clock });
}

/** Whether a tournament has ended: nobody can enter any more, and no match is open. */
export function isOver({ closesAt, openMatches }: Tournament, now: bigint): boolean {
  return closesAt !== undefined && now >= closesAt && openMatches === 0;
}
