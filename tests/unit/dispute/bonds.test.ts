// Where bonds go: what entries cost, what is kept, who gets a share of what was won. That nothing is created or lost
// is checked by every test that plays a dispute.
import { describe, expect, it } from "vitest";
import { nextBond } from "../../../host/dispute/bonds.ts";
import { Arena } from "../../support/dispute-arena.ts";
import {
  account,
  liesFrom,
  SMALL_SHAPE,
  ToyMachine,
  toySubject,
  truth,
} from "../../support/toy-dispute.ts";

describe("the bond of an entry", () => {
  it("grows by the percentage of the rules, rounded up", () => {
    expect(nextBond(1_000_000n, 10)).toBe(1_100_000n);
    expect([1n, 10n, 11n, 20n].map((bond) => nextBond(bond, 10))).toEqual([2n, 11n, 13n, 22n]);
    expect(nextBond(7n, 0)).toBe(7n);
    expect(nextBond(0n, 1_000)).toBe(0n);
    expect(nextBond(3n, 1_000)).toBe(33n);
  });

  it("is at most 2^128 − 1, so that there is always a next entry", () => {
    const most = 2n ** 128n - 1n;
    expect(nextBond(most - 1n, 0)).toBe(most - 1n);
    expect(nextBond(most - 1n, 1)).toBe(most);
    expect(nextBond(most, 1_000)).toBe(most);
  });

  it("is no more than the first one and the growth of all that was locked before", () => {
    let [bond, locked] = [1_000_000n, 0n];
    for (let entries = 0; entries < 200; entries++) {
      expect(bond <= 1_000_000n + locked / 10n + BigInt(entries)).toBe(true);
      locked += bond;
      bond = nextBond(bond, 10);
    }
  });
});

function game(claimBond: bigint) {
  const rules = { windowSeconds: 1_000, clockSeconds: 100, graceSeconds: 10, claimBond };
  return new Arena(
    new ToyMachine(toySubject(SMALL_SHAPE, { ...rules, entryBondGrowthPercent: 0 }), 12),
  );
}

describe("a lost bond", () => {
  it("goes half to settlement and half to those who worked for the survivor, by their commands", () => {
    const arena = game(1_001n);
    const liar = arena.player(liesFrom(6, 1), 3);
    const [poster, worker] = [arena.player(truth, 1), arena.player(truth, 2)];
    arena.enter(poster, liar);
    // Two accepted moves of the worker, one entry of the poster; then the liar falls silent.
    arena.give(liar.commands(arena.state, arena.time)[0]);
    arena.give(worker.commands(arena.state, arena.time)[0]);
    arena.give(worker.commands(arena.state, arena.time).find(({ kind }) => kind === "seal"));
    arena.finish(worker);
    expect(arena.state.kept).toBe(500n);
    // 501 won: the worker's entry of level B is work too, its bond comes back whole.
    expect(arena.state.payouts.get(account(2))).toBe(1_001n + (501n * 3n) / 4n);
    expect(arena.state.payouts.get(account(1))).toBe(1_001n + 501n - (501n * 3n) / 4n);
    expect(arena.state.payouts.has(account(3))).toBe(false);
  });

  it("of two that are both out waits in the pot for the survivor", () => {
    const arena = game(1_000n);
    const liars = [1, 2].map((i) => arena.player(liesFrom(6, i), i));
    const honest = arena.player(truth, 9);
    arena.enter(...liars);
    arena.time += 200n;
    arena.give(honest.commands(arena.state, arena.time).find(({ kind }) => kind === "timeout"));
    expect(arena.root.pot).toBe(1_000n);
    arena.enter(honest);
    arena.finish(honest);
    expect(arena.state.payouts).toEqual(new Map([[account(9), 2_000n]]));
    expect(arena.state.kept).toBe(1_000n);
  });

  it("is kept whole by settlement where nobody survives", () => {
    const arena = game(1_000n);
    const liars = [1, 2].map((i) => arena.player(liesFrom(6, i), i));
    arena.enter(...liars);
    arena.time += 2_000n;
    arena.finish(...liars);
    expect(arena.state.verdict!.survivor).toBeUndefined();
    expect(arena.state.payouts.size).toBe(0);
    expect(arena.state.kept).toBe(2_000n);
  });

  it("of nothing leaves nothing to share", () => {
    const arena = game(0n);
    const [honest, liar] = [arena.player(truth, 1), arena.player(liesFrom(6, 1), 2)];
    arena.enter(honest, liar);
    arena.finish(honest, liar);
    expect(arena.state.verdict!.survivor).toBe(honest.claimId(arena.root));
    expect(arena.state.payouts.size).toBe(0);
  });
});
