// How moves, seals, claims of level B, steps, timeouts and ends are refused, with code and field, and the other side
// of each limit. A refused command leaves the state as it was (the arena checks that for each).
import { describe, expect, it } from "vitest";
import { deadlineOf } from "../../../host/dispute/clock.ts";
import type {
  AdvanceCommand,
  LastStepEnd,
  SealCommand,
  StepCommand,
} from "../../../host/dispute/command.ts";
import { Arena } from "../../support/dispute-arena.ts";
import { Duel, RULES, SOMEBODY, sealed, spoiled } from "../../support/duel.ts";
import {
  liesFrom,
  madeUpAt,
  SMALL_SHAPE,
  ToyMachine,
  toySubject,
  truth,
} from "../../support/toy-dispute.ts";

describe("a move", () => {
  it("is made in a match that waits for moves", () => {
    const duel = new Duel();
    duel.begin();
    const move = duel.next(duel.liar, "advance");
    duel.toLeaf();
    duel.refuse(move, "DISPUTE_STAGE", "match");
  });

  it("shows the lists that are asked for, no more and no less", () => {
    const duel = new Duel();
    duel.begin();
    const first = duel.next(duel.liar, "advance");
    const { below, ...rest } = first;
    duel.refuse({ ...first, own: below! }, "DISPUTE_LISTS", "own");
    duel.refuse({ ...rest, own: below! }, "DISPUTE_LISTS", "own");
    duel.give(first);
    const second = duel.next(duel.honest, "advance");
    const { own, ...others } = second;
    expect(second.below).toBeUndefined();
    duel.refuse({ ...second, below: own! }, "DISPUTE_LISTS", "below");
    duel.refuse({ ...others, below: own! }, "DISPUTE_LISTS", "own");
    duel.give(second);
  });

  it("needs both lists between the first and the last move", () => {
    const subject = toySubject({ arity: 2, moves: 3, levels: 1 });
    const game = new Arena(new ToyMachine(subject, 7));
    const [honest, liar] = [game.player(truth, 1), game.player(liesFrom(4, 1), 2)];
    game.enter(honest, liar);
    game.give(liar.commands(game.state, game.time)[0]);
    const move = honest.advance(game.state, game.matchOf(honest));
    const { below, ...rest } = move;
    game.refuse(rest, "DISPUTE_LISTS", "below");
    game.refuse({ ...move, below: spoiled(below!) }, "DISPUTE_CHILDREN", "below");
    game.give(move);
  });

  it("shows hashes that lead to the mover's node, also those of the other side are none", () => {
    const duel = new Duel();
    duel.begin();
    const first = duel.next(duel.liar, "advance") as AdvanceCommand & { below: Uint8Array };
    duel.refuse({ ...first, below: spoiled(first.below) }, "DISPUTE_CHILDREN", "below");
    const { depth, place } = duel.openMatch();
    const theirs = duel.honest.tree(duel.root).children(depth, place);
    duel.refuse({ ...first, below: theirs }, "DISPUTE_CHILDREN", "below");
    duel.give(first);
    const second = duel.next(duel.honest, "advance");
    duel.refuse({ ...second, own: first.below }, "DISPUTE_CHILDREN", "own");
  });

  it("comes before the clock has run out, not at that second", () => {
    for (const late of [0n, -1n]) {
      const duel = new Duel();
      const match = duel.begin();
      duel.time = deadlineOf(duel.state, match) + late;
      const move = duel.liar.advance(duel.state, match);
      if (late === 0n) duel.refuse(move, "DISPUTE_CLOCK", "time");
      else {
        duel.give(move);
        expect(duel.claimOf(duel.liar).clock).toBe(1n);
      }
    }
  });
});

describe("sealing and stepping", () => {
  it("wait until the first differing leaf is known", () => {
    const duel = new Duel();
    const match = duel.begin();
    const tree = duel.honest.tree(duel.root);
    const [agreedLeaf, path] = [tree.leaves[0]!, tree.path(0)];
    const shown = { account: SOMEBODY, match: match.id, side: 0, agreedLeaf, path } as const;
    duel.refuse({ kind: "seal", ...shown }, "DISPUTE_STAGE", "match");
    duel.refuse({ kind: "step", ...shown, proof: path }, "DISPUTE_STAGE", "match");
  });

  it("belong to their levels", () => {
    const { duel } = sealed();
    duel.give(duel.next(duel.honest, "claim"));
    duel.give(duel.next(duel.liar, "claim"));
    duel.toLeaf();
    const { proof: _, kind: __, ...shown } = duel.next(duel.honest, "step");
    duel.refuse({ kind: "seal", ...shown }, "DISPUTE_STAGE", "match");
    const other = new Duel();
    other.begin();
    other.toLeaf();
    const seal = other.next(other.honest, "seal");
    other.refuse({ ...seal, kind: "step", proof: new Uint8Array(8) }, "DISPUTE_STAGE", "match");
  });

  it("show the leaf before the first differing one, in the tree of the side they name", () => {
    const duel = new Duel();
    duel.begin();
    duel.toLeaf();
    const seal: SealCommand = duel.next(duel.honest, "seal");
    const { path, agreedLeaf } = seal;
    duel.refuse({ ...seal, agreedLeaf: spoiled(agreedLeaf) }, "DISPUTE_AGREED_LEAF", "path");
    duel.refuse({ ...seal, path: spoiled(path) }, "DISPUTE_AGREED_LEAF", "path");
    const { place } = duel.openMatch();
    const tree = duel.honest.tree(duel.root);
    const differing = { agreedLeaf: tree.leaves[place]!, path: tree.path(place) };
    duel.refuse({ ...seal, ...differing }, "DISPUTE_AGREED_LEAF", "path");
    duel.refuse({ ...seal, side: 1 }, "DISPUTE_AGREED_LEAF", "path");
    duel.give(seal);
  });

  it("may come from the side whose turn it is not, while the other has time", () => {
    const duel = new Duel();
    duel.begin();
    duel.toLeaf();
    expect(duel.openMatch().turn).toBe(1);
    duel.time = deadlineOf(duel.state, duel.openMatch());
    const tree = duel.honest.tree(duel.root);
    const index = duel.openMatch().place - 1;
    const shown = { agreedLeaf: tree.leaves[index]!, path: tree.path(index) };
    const seal: SealCommand = {
      kind: "seal",
      account: SOMEBODY,
      match: duel.openMatch().id,
      side: 0,
      ...shown,
    };
    duel.refuse(seal, "DISPUTE_CLOCK", "time");
    duel.time -= 1n;
    duel.give(seal);
    expect(duel.claimOf(duel.liar).clock).toBe(1n);
  });
});

describe("a claim of level B", () => {
  it("belongs to the sealed match that it names, and to no other", () => {
    const { duel, match } = sealed();
    const claim = duel.next(duel.honest, "claim");
    expect(claim.tournament).toBe(match.id);
    const third = duel.player(liesFrom(10, 3), 3);
    const fourth = duel.player(liesFrom(10, 4), 4);
    duel.enter(third, fourth);
    while (duel.matchOf(third).stage === "moves") {
      for (const player of [third, fourth]) {
        const move = player.commands(duel.state, duel.time).find(({ kind }) => kind === "advance");
        if (move !== undefined) duel.give(move);
      }
    }
    const other = duel.matchOf(third);
    duel.give(third.commands(duel.state, duel.time).find(({ kind }) => kind === "seal"));
    duel.refuse({ ...claim, tournament: other.id }, "DISPUTE_FIRST_LEAF", "firstPath");
    duel.give(claim);
  });

  it("opens the agreed state as leaf 0", () => {
    const { duel } = sealed();
    const claim = duel.next(duel.liar, "claim");
    duel.refuse({ ...claim, firstPath: spoiled(claim.firstPath) }, "DISPUTE_FIRST_LEAF");
  });

  it("proves the step from its last leaf to a contested state", () => {
    const { duel, match } = sealed();
    const claim = duel.next(duel.honest, "claim");
    const end = claim.end as LastStepEnd;
    const withEnd = (changed: Partial<LastStepEnd>) => ({ ...claim, end: { ...end, ...changed } });
    duel.refuse(withEnd({ path: spoiled(end.path) }), "DISPUTE_LAST_LEAF", "end.path");
    duel.refuse(withEnd({ leaf: spoiled(end.leaf) }), "DISPUTE_LAST_LEAF", "end.path");
    duel.refuse(withEnd({ proof: spoiled(end.proof) }), "DISPUTE_PROOF", "end.proof");
    duel.refuse({ ...claim, end: duel.honest.claim(duel.root)!.end }, "DISPUTE_LEVEL", "end");
    const tournament = duel.levelB(match);
    const elsewhere = duel.player(liesFrom(Number(tournament.firstStep) + 2, 9), 9);
    duel.refuse(elsewhere.claim(tournament)!, "DISPUTE_CONTEST", "end");
    duel.give(claim);
    expect(duel.claimOf(duel.honest, tournament).supports).toBe(0);
  });

  it("has the clock of its side and the grace, less the time since sealing", () => {
    const { duel, match } = sealed();
    duel.time += 100n;
    duel.give(duel.next(duel.honest, "claim"));
    expect(duel.claimOf(duel.honest, duel.levelB(match)).clock).toBe(300n + 20n - 100n);
    const claim = duel.next(duel.liar, "claim");
    duel.time += 220n;
    duel.refuse(claim, "DISPUTE_WINDOW_CLOSED", "time");
    duel.time -= 1n;
    duel.give(claim);
    expect(duel.claimOf(duel.liar, duel.levelB(match)).clock).toBe(1n);
  });

  it("cannot be entered for a side without time, while the other side still can", () => {
    const duel = new Duel();
    duel.begin();
    duel.time += 299n;
    duel.toLeaf();
    duel.give(duel.next(duel.honest, "seal"));
    expect(duel.claimOf(duel.liar).clock).toBe(1n);
    const claims = [duel.liar, duel.honest].map((player) => duel.next(player, "claim"));
    duel.time += 21n;
    duel.refuse(claims[0]!, "DISPUTE_WINDOW_CLOSED", "time");
    duel.give(claims[1]!);
  });
});

describe("a step", () => {
  it("with a refused proof decides nothing", () => {
    const { duel } = sealed();
    duel.give(duel.next(duel.honest, "claim"));
    duel.give(duel.next(duel.liar, "claim"));
    duel.toLeaf();
    const command: StepCommand = duel.next(duel.honest, "step");
    for (const proof of [new Uint8Array(0), spoiled(command.proof)]) {
      const refused = duel.try({ ...command, proof })!;
      expect(refused.code).toBe("DISPUTE_PROOF");
      expect(refused.details).toEqual({ rejected: 2 });
    }
    expect(duel.openMatch().outcome).toBeUndefined();
    duel.give(command);
  });
});

describe("a timeout", () => {
  it("comes when the mover's clock has run out, not a second before", () => {
    const duel = new Duel();
    const match = duel.begin();
    const timeout = { kind: "timeout", account: SOMEBODY, match: match.id } as const;
    duel.time = deadlineOf(duel.state, match) - 1n;
    duel.refuse(timeout, "DISPUTE_CLOCK_RUNNING", "time");
    duel.time += 1n;
    duel.give(timeout);
    expect(duel.state.matches.get(match.id)!.outcome!.winner).toBe(0);
    expect(duel.claimOf(duel.honest).clock).toBe(300n);
    duel.refuse(timeout, "DISPUTE_STAGE", "match");
  });

  it("takes the time of whoever is slow to ask for it, until both are out", () => {
    for (const late of [299n, 300n]) {
      const duel = new Duel();
      const match = duel.begin();
      duel.time = deadlineOf(duel.state, match) + late;
      duel.give({ kind: "timeout", account: SOMEBODY, match: match.id });
      const { outcome } = duel.state.matches.get(match.id)!;
      expect(outcome!.winner).toBe(late === 299n ? 0 : undefined);
      if (late === 299n) expect(duel.claimOf(duel.honest).clock).toBe(1n);
      else expect(duel.root.pot).toBe(1_050_000n);
    }
  });

  it("does not end a sealed match: level B does", () => {
    const { duel, match } = sealed();
    duel.time += 5_000n;
    const timeout = { kind: "timeout", account: SOMEBODY, match: match.id } as const;
    duel.refuse(timeout, "DISPUTE_STAGE", "match");
  });
});

describe("resolving", () => {
  it("waits for the first claim, the window and the open matches", () => {
    const duel = new Duel();
    const resolve = { kind: "resolve", account: SOMEBODY, tournament: duel.state.id } as const;
    duel.refuse(resolve, "DISPUTE_NOT_OVER", "tournament");
    duel.begin();
    duel.time = 1_099n;
    duel.give(duel.next(duel.honest, "timeout"));
    duel.refuse(resolve, "DISPUTE_NOT_OVER", "tournament");
    duel.time = 1_100n;
    duel.give(resolve);
    expect(duel.state.verdict!.survivor).toBeUndefined();
    const other = new Duel();
    other.begin();
    other.time = 1_100n;
    other.refuse(resolve, "DISPUTE_NOT_OVER", "tournament");
  });

  it("decides a sealed match once", () => {
    const { duel, match } = sealed();
    const resolve = { kind: "resolve", account: SOMEBODY, tournament: match.id } as const;
    duel.give(duel.next(duel.honest, "claim"));
    duel.time += 319n;
    duel.refuse(resolve, "DISPUTE_NOT_OVER", "tournament");
    duel.time += 1n;
    duel.give(resolve);
    expect(duel.state.matches.get(match.id)!.outcome!.winner).toBe(0);
    expect(duel.claimOf(duel.honest).clock).toBe(300n);
    duel.refuse(resolve, "DISPUTE_STAGE", "tournament");
  });

  it("of a level B that nobody entered puts both sides out", () => {
    const { duel, match } = sealed();
    duel.time += 320n;
    duel.give({ kind: "resolve", account: SOMEBODY, tournament: match.id });
    expect(duel.claimOf(duel.honest).status).toBe("out");
    expect(duel.claimOf(duel.liar).status).toBe("out");
  });

  it("keeps no grace: the clock after level B is never more than before, and less if more was used", () => {
    const { duel, match } = sealed();
    duel.time += 50n;
    duel.give(duel.next(duel.honest, "claim"));
    duel.time += 300n;
    duel.give(duel.next(duel.honest, "resolve"));
    expect(duel.claimOf(duel.honest).clock).toBe(270n);
    expect(duel.state.matches.get(match.id)!.outcome!.reason).toBe("levelB");
  });
});

describe("made-up states", () => {
  it("between two liars end by the clock, since nobody can prove a step from them", () => {
    const game = new Arena(new ToyMachine(toySubject(SMALL_SHAPE, RULES), 12));
    const [one, two] = [game.player(madeUpAt(4, 1), 1), game.player(madeUpAt(4, 2), 2)];
    game.enter(one, two);
    game.finish(one, two);
    expect(
      [...game.state.claims.values()].filter(({ status }) => status !== "out").length,
    ).toBeLessThan(2);
  });
});
