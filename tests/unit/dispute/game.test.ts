// Whole disputes on a toy machine, in production shape and in small ones: who wins, after how many moves, at which
// step, and what that does to bonds and clocks.
import { describe, expect, it } from "vitest";
import { toHex } from "../../../host/codec/hex.ts";
import { PRODUCTION_SHAPE } from "../../../host/dispute/commitment-shape.ts";
import { agreedStep } from "../../../host/dispute/match.ts";
import { Arena } from "../../support/dispute-arena.ts";
import {
  account,
  liesFrom,
  madeUpAt,
  SMALL_SHAPE,
  ToyMachine,
  toySubject,
  truth,
} from "../../support/toy-dispute.ts";

const arena = (halt = 11, dispute = {}) =>
  new Arena(new ToyMachine(toySubject(SMALL_SHAPE, dispute), halt));

describe("a dispute in production shape", () => {
  it("comes down to one step after eight moves, a seal and a step proof", () => {
    const wrong = 3 * 65_536 + 70;
    const machine = new ToyMachine(toySubject(PRODUCTION_SHAPE), 3 * 65_536 + 900);
    const game = new Arena(machine);
    const honest = game.player(truth, 1);
    const liar = game.player(liesFrom(wrong, 1), 2);
    game.enter(liar, honest);
    const match = game.matchOf(honest);
    game.play(honest, liar);
    const kinds = game.dispute.log.entries.map(({ command }) => command[1]);
    const [claim, advance, seal, step] = [1, 2, 3, 4];
    const moves = [advance, advance, advance, advance];
    expect(kinds).toEqual([claim, claim, ...moves, seal, claim, claim, ...moves, step]);
    const levelB = [...game.state.matches.values()].find(({ level }) => level === 1)!;
    expect(agreedStep(game.state, levelB)).toBe(BigInt(wrong - 1));
    expect(toHex(levelB.outcome!.step!.post)).toBe(toHex(machine.hash(0, wrong)));
    game.finish(honest, liar);
    expect(game.state.verdict!.survivor).toBe(honest.claimId(game.root));
    expect(game.state.matches.get(match.id)!.outcome!.reason).toBe("levelB");
  });
});

describe("a dispute", () => {
  it("ends without a match when one claim stands alone", () => {
    const game = arena();
    const honest = game.player(truth, 1);
    game.enter(honest);
    game.finish(honest);
    expect(game.state.verdict!.result!.stateRoot[0]).toBe(0);
    expect(game.time).toBe(100n + 604_800n);
    expect(game.state.payouts.get(account(1))).toBe(1_000_000n);
    expect(game.state.kept).toBe(0n);
  });

  it("is won by the true claim, whichever step the other one lies at", () => {
    for (let from = 1; from <= 12; from++) {
      for (const honestFirst of [true, false]) {
        const game = arena(12);
        const honest = game.player(truth, 1);
        const liar = game.player(liesFrom(from, 1), 2);
        game.enter(...(honestFirst ? [honest, liar] : [liar, honest]));
        game.finish(liar, honest);
        expect(game.state.verdict!.survivor).toBe(honest.claimId(game.root));
        // A lie that begins with a leaf of level A has no way to that leaf: nobody enters level B for it.
        const steps = [...game.state.matches.values()].filter((m) => m.outcome!.reason === "step");
        const isAtStride = from % 4 === 0;
        expect(steps.length).toBe(isAtStride ? 0 : 1);
      }
    }
  });

  it("tells claims of the same result apart that came there in another way", () => {
    const game = arena();
    const honest = game.player(truth, 1);
    const other = game.player(liesFrom(6, 100), 2);
    game.enter(honest, other);
    expect(game.claimOf(other).result).toEqual(game.claimOf(honest).result);
    game.finish(honest, other);
    expect(game.state.verdict!.survivor).toBe(honest.claimId(game.root));
  });

  it("throws two liars out whose states both do not follow", () => {
    const game = arena();
    const [one, two] = [game.player(liesFrom(3, 1), 1), game.player(liesFrom(3, 2), 2)];
    game.enter(one, two);
    game.finish(one, two);
    expect(game.state.verdict).toEqual({
      survivor: undefined,
      result: undefined,
      time: game.time,
    });
    const reasons = [...game.state.matches.values()].map(({ outcome }) => outcome!.reason);
    expect(reasons.sort()).toEqual(["levelB", "step"]);
    expect(game.state.kept).toBe(game.deposited);
  });

  it("lets a liar win against a liar, but neither against the true claim", () => {
    const game = arena();
    const liars = [1, 2, 3].map((i) => game.player(liesFrom(2 * i, i), i));
    const honest = game.player(truth, 9);
    game.enter(...liars, honest);
    game.finish(...liars, honest);
    expect(game.state.verdict!.survivor).toBe(honest.claimId(game.root));
  });

  it("is lost by made-up states, which nobody can prove a step from", () => {
    for (let at = 1; at <= 10; at++) {
      const game = arena();
      const honest = game.player(truth, 1);
      const liar = game.player(madeUpAt(at, 1), 2);
      game.enter(liar, honest);
      game.finish(liar, honest);
      expect(game.state.verdict!.survivor).toBe(honest.claimId(game.root));
    }
  });

  it("is won against a claim that differs in one leaf of level A only", () => {
    for (const at of [4, 8]) {
      const game = arena(12);
      const honest = game.player(truth, 1);
      const liar = game.player(madeUpAt(at), 2);
      game.enter(honest, liar);
      const leaves = [honest, liar].map((player) => player.tree(game.root).leaves.map(toHex));
      expect(leaves[0]!.filter((leaf, i) => leaf !== leaves[1]![i]).length).toBe(1);
      game.finish(liar, honest);
      expect(game.state.verdict!.survivor).toBe(honest.claimId(game.root));
    }
  });

  it("has one claim per root, whoever moves for it", () => {
    const game = arena();
    const [first, second] = [game.player(truth, 1), game.player(truth, 2)];
    const liar = game.player(liesFrom(5, 1), 3);
    game.enter(first, liar);
    // The one who entered the true claim is never heard of again.
    game.finish(second, liar);
    expect(game.state.verdict!.survivor).toBe(first.claimId(game.root));
    const [entered, worked] = [account(1), account(2)].map((id) => game.state.payouts.get(id)!);
    expect(entered).toBeGreaterThanOrEqual(1_000_000n);
    expect(worked).toBeGreaterThan(entered! - 1_000_000n);
  });
});

describe("a dispute in one level", () => {
  it("goes from four moves straight to the step", () => {
    const shape = { arity: 4, moves: 3, levels: 1 } as const;
    for (const from of [1, 2, 16, 17, 61, 62]) {
      const game = new Arena(new ToyMachine(toySubject(shape), 62));
      const honest = game.player(truth, 1);
      const liar = game.player(liesFrom(from, 1), 2);
      game.enter(honest, liar);
      const match = game.matchOf(honest);
      game.play(honest, liar);
      const { outcome, moves } = game.state.matches.get(match.id)!;
      expect({ reason: outcome!.reason, winner: outcome!.winner, moves }).toEqual({
        reason: "step",
        winner: 0,
        moves: 3,
      });
    }
  });
});
