// Hundreds of disputes with random shapes, rules, liars and delays: the honest claim survives each, money is kept
// together, each ends within the bound, and its log tells a stranger the same story.
import { describe, expect, it } from "vitest";
import { toHex } from "../../../host/codec/hex.ts";
import { amountsIn } from "../../../host/dispute/bonds.ts";
import {
  decodeDisputeLog,
  encodeDisputeLog,
  replayDisputeLog,
} from "../../../host/dispute/dispute-log.ts";
import { finalityBound } from "../../../host/dispute/finality.ts";
import { Random } from "../../support/random.ts";
import { RandomDispute, type RandomDisputeEnd } from "../../support/random-dispute.ts";

const SEED = 20_260;
const DISPUTES = 500;

/** Mostly a few claims, sometimes many. */
const claimsOf = (random: Random): number =>
  random.oneIn(25) ? 2 + random.below(63) : 1 + random.below(6);

function checkEnd(end: RandomDisputeEnd, seed: number): void {
  const { state, honest, deposited } = end;
  const root = state.tournaments.get(state.id)!;
  const { survivor, time } = state.verdict!;
  expect({ seed, survivor }).toEqual({ seed, survivor: honest.claimId(root) });
  const paid = [...state.payouts.values()].reduce((sum, amount) => sum + amount, 0n);
  expect({ seed, sum: paid + state.kept }).toEqual({ seed, sum: deposited });
  expect(amountsIn(state)).toBe(deposited);
  const levelB = [...state.tournaments.values()].filter(({ level }) => level === 1);
  const most = Math.max(0, ...levelB.map(({ claims }) => claims.length));
  const { rules, shape } = state.subject;
  const bound = finalityBound(rules.dispute, shape, root.claims.length, most);
  expect({ seed, isLate: time - root.opensAt! > bound }).toEqual({ seed, isLate: false });
}

function checkReplay({ state, dispute, machine }: RandomDisputeEnd): void {
  const log = decodeDisputeLog(encodeDisputeLog(dispute.log));
  const replayed = replayDisputeLog(log, machine.judge, state.subject.shape).state;
  expect(replayed).toEqual(state);
  expect(toHex(replayed.logHash)).toBe(toHex(state.logHash));
}

// Long on a busy machine; about ten seconds of one core.
describe("random disputes", { timeout: 300_000 }, () => {
  it(`are survived by the honest claim, ${DISPUTES} times, and replay from their logs`, () => {
    let [commands, claims, matches] = [0, 0, 0];
    for (let seed = SEED; seed < SEED + DISPUTES; seed++) {
      const random = new Random(seed);
      const end = new RandomDispute(random, claimsOf(random)).run();
      checkEnd(end, seed);
      if (seed % 5 === 0) checkReplay(end);
      commands += end.state.commands;
      claims += end.state.claims.size;
      matches += end.state.matches.size;
    }
    expect(matches).toBeGreaterThan(DISPUTES);
    console.log(`seed ${SEED}: ${commands} commands, ${claims} claims, ${matches} matches`);
  });

  it("of 64 claims end like those of two", () => {
    for (const seed of [1, 2]) {
      const end = new RandomDispute(new Random(seed), 64).run();
      checkEnd(end, seed);
      checkReplay(end);
    }
  });
});
