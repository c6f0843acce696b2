// Small disputes explored state by state: every order of entries, moves and delays of one honest claim and of liars
// of every kind that the shape has room for. The honest claim survives each, and each ends within the bound.
import { describe, expect, it } from "vitest";
import type { CommitmentShape } from "../../../host/dispute/commitment-shape.ts";
import { DisputeExplorer, type Explored } from "../../support/dispute-explorer.ts";
import {
  account,
  liesFrom,
  madeUpAt,
  type Story,
  ToyMachine,
  ToyPlayer,
  toySubject,
  truth,
} from "../../support/toy-dispute.ts";

interface Game {
  readonly shape: CommitmentShape;
  readonly halt: number;
  readonly rules: {
    readonly windowSeconds: number;
    readonly clockSeconds: number;
    readonly graceSeconds: number;
  };
}

function explore(
  game: Game,
  stories: readonly Story[],
  assumes: "in-time" | "nothing" = "in-time",
): Explored {
  const machine = new ToyMachine(toySubject(game.shape, game.rules), game.halt);
  const liars = stories.map((story, i) => new ToyPlayer(machine, story, account(i + 2)));
  const honest = new ToyPlayer(machine, truth, account(1));
  return new DisputeExplorer(machine, honest, liars, assumes).run();
}

/** Every choice of `count` of `items`, in their order. */
function choices<T>(items: readonly T[], count: number): T[][] {
  if (count === 0) return [[]];
  return items.flatMap((item, i) =>
    choices(items.slice(i + 1), count - 1).map((rest) => [item, ...rest]),
  );
}

function exploreAll(name: string, game: Game, casts: readonly (readonly Story[])[]): void {
  let [states, verdicts, longest] = [0, 0, 0n];
  for (const stories of casts) {
    const explored = explore(game, stories);
    const { lost, late, stuck } = explored;
    const wrong = { stories: stories.map((story) => story.name), lost, late, stuck };
    expect(wrong).toEqual({ ...wrong, lost: 0, late: 0, stuck: 0 });
    expect(explored.verdicts).toBeGreaterThan(0);
    states += explored.states;
    verdicts += explored.verdicts;
    if (explored.longest > longest) longest = explored.longest;
  }
  console.log(
    `${name}: ${casts.length} casts, ${states} states, ${verdicts} verdicts, at most ${longest} s`,
  );
}

/** Four leaves, three steps, one level. */
const flat: CommitmentShape = { arity: 2, moves: 2, levels: 1 };
const flatLiars = [
  ...[1, 2, 3].map((from) => liesFrom(from, from)),
  ...[1, 2].map((from) => liesFrom(from, 100 * from)),
  madeUpAt(1),
  madeUpAt(2, 7),
];

// Long on a busy machine; about ten seconds of one core.
describe("small disputes, state by state", { timeout: 300_000 }, () => {
  it("of one level: the honest claim survives one liar of any kind", () => {
    const rules = { windowSeconds: 4, clockSeconds: 3, graceSeconds: 0 };
    exploreAll("one level, one liar", { shape: flat, halt: 3, rules }, choices(flatLiars, 1));
  });

  it("of one level: the honest claim survives two liars of any kinds", () => {
    const rules = { windowSeconds: 2, clockSeconds: 2, graceSeconds: 0 };
    exploreAll("one level, two liars", { shape: flat, halt: 3, rules }, choices(flatLiars, 2));
  });

  it("of two levels without moves: the honest claim survives liars in both", () => {
    const shape = { arity: 2, moves: 1, levels: 2 } as const;
    const rules = { windowSeconds: 2, clockSeconds: 2, graceSeconds: 1 };
    const liars = [liesFrom(1, 1), liesFrom(2, 2), liesFrom(1, 100), madeUpAt(1), madeUpAt(1, 3)];
    const game = { shape, halt: 2, rules };
    exploreAll("two levels, one and two liars", game, [...choices(liars, 1), ...choices(liars, 2)]);
  });

  it("of two levels with moves in both: the honest claim survives one liar", () => {
    const shape = { arity: 2, moves: 2, levels: 2 } as const;
    const rules = { windowSeconds: 2, clockSeconds: 2, graceSeconds: 1 };
    const liars = [2, 4, 6, 9].map((from) => liesFrom(from, from));
    const game = { shape, halt: 11, rules };
    exploreAll("two levels with moves, one liar", game, choices([...liars, madeUpAt(6, 3)], 1));
  });

  it("of three liars in one level: the honest claim survives", () => {
    const rules = { windowSeconds: 1, clockSeconds: 1, graceSeconds: 0 };
    const game = { shape: flat, halt: 3, rules };
    exploreAll("one level, three liars", game, choices(flatLiars.slice(0, 4), 3));
  });

  it("are lost by an honest side that may be late, so that the exploration can find a loss", () => {
    const rules = { windowSeconds: 3, clockSeconds: 2, graceSeconds: 0 };
    const { lost } = explore({ shape: flat, halt: 3, rules }, [liesFrom(2, 2)], "nothing");
    expect(lost).toBeGreaterThan(0);
  });
});
