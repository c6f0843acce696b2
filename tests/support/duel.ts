// Two claims against each other under test: an honest one that waited and a liar's that came after it and moves
// first, on a toy machine with short clocks. Finds the next command of either by its kind.
import { toHex } from "../../host/codec/hex.ts";
import type { Command } from "../../host/dispute/command.ts";
import type { Match } from "../../host/dispute/dispute-state.ts";
import { Arena } from "./dispute-arena.ts";
import {
  account,
  liesFrom,
  SMALL_SHAPE,
  ToyMachine,
  type ToyPlayer,
  toySubject,
  truth,
} from "./toy-dispute.ts";

/** Seconds. */
export const RULES = { windowSeconds: 1_000, clockSeconds: 300, graceSeconds: 20 };
export const SOMEBODY = account(77);
/** An id of nothing. */
export const NOTHING = toHex(new Uint8Array(32).fill(0xee));

/** A copy with one bit of its first byte changed. */
export const spoiled = (bytes: Uint8Array): Uint8Array => {
  const copy = bytes.slice();
  copy[0]! ^= 1;
  return copy;
};

export class Duel extends Arena {
  readonly honest: ToyPlayer;
  readonly liar: ToyPlayer;

  constructor(from = 6, dispute = {}) {
    super(new ToyMachine(toySubject(SMALL_SHAPE, { ...RULES, ...dispute }), 12));
    this.honest = this.player(truth, 1);
    this.liar = this.player(liesFrom(from, 1), 2);
  }

  /** Enters both; the liar came later and moves first. */
  begin(): Match {
    this.enter(this.honest, this.liar);
    return this.matchOf(this.liar);
  }

  /** The one command of a kind that a player has now. */
  next<K extends Command["kind"]>(player: ToyPlayer, kind: K): Extract<Command, { kind: K }> {
    const commands = player.commands(this.state, this.time);
    return commands.find((command) => command.kind === kind) as Extract<Command, { kind: K }>;
  }

  /** Plays the level of a match until its first differing leaf is known. */
  toLeaf(): void {
    while (this.openMatch().stage === "moves") {
      const mover = this.openMatch().turn === 1 ? this.second() : this.first();
      this.give(this.next(mover, "advance"));
    }
  }

  openMatch(): Match {
    return [...this.state.matches.values()].find(
      ({ stage }) => stage !== "over" && stage !== "sealed",
    )!;
  }

  #sideOf(id: string | undefined): ToyPlayer {
    const match = this.openMatch();
    const tournament = this.state.tournaments.get(match.tournament)!;
    return this.honest.claimId(tournament) === id ? this.honest : this.liar;
  }

  first(): ToyPlayer {
    return this.#sideOf(this.openMatch().claims[0]);
  }

  second(): ToyPlayer {
    return this.#sideOf(this.openMatch().claims[1]);
  }
}

/** A duel whose match of level A is sealed. */
export function sealed(from = 6, dispute = {}): { readonly duel: Duel; readonly match: Match } {
  const duel = new Duel(from, dispute);
  const { id } = duel.begin();
  duel.toLeaf();
  duel.give(duel.next(duel.honest, "seal"));
  return { duel, match: duel.state.matches.get(id)! };
}
