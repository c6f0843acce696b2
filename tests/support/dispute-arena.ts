// A dispute in progress under test: gives commands, moves time, and checks after each accepted command what must
// hold at every moment of every dispute: no money is created or lost, clocks of living claims have not run out, and
// who is in a match or waits is who the tournaments say.
import { expect } from "vitest";
import type { Hex } from "../../host/codec/hex.ts";
import { amountsIn } from "../../host/dispute/bonds.ts";
import type { Command } from "../../host/dispute/command.ts";
import { RecordedDispute } from "../../host/dispute/dispute-log.ts";
import type { Claim, DisputeState, Match, Tournament } from "../../host/dispute/dispute-state.ts";
import { EngineError, type ErrorCode } from "../../host/errors.ts";
import { account, type Story, type ToyMachine, ToyPlayer } from "./toy-dispute.ts";

export class Arena {
  readonly machine: ToyMachine;
  readonly dispute: RecordedDispute;
  time = 100n;
  deposited = 0n;

  constructor(machine: ToyMachine) {
    this.machine = machine;
    this.dispute = new RecordedDispute(machine.subject, machine.judge);
  }

  get state(): DisputeState {
    return this.dispute.state;
  }

  get root(): Tournament {
    return this.state.tournaments.get(this.state.id)!;
  }

  player(story: Story, number: number): ToyPlayer {
    return new ToyPlayer(this.machine, story, account(number));
  }

  /** The claim of a player in a tournament. */
  claimOf(player: ToyPlayer, tournament = this.root): Claim {
    return this.state.claims.get(player.claimId(tournament))!;
  }

  /** The match that a player's claim of level A is in. */
  matchOf(player: ToyPlayer, tournament = this.root): Match {
    const id: Hex = player.claimId(tournament);
    const open = [...this.state.matches.values()].filter(({ stage }) => stage !== "over");
    return open.find(({ claims }) => claims.includes(id))!;
  }

  levelB(match: Match): Tournament {
    return this.state.tournaments.get(match.id)!;
  }

  /** What refuses a command now, or undefined if it is accepted. */
  try(command: Command): EngineError | undefined {
    const before = this.state;
    const bond =
      command.kind === "claim" ? before.tournaments.get(command.tournament)?.nextBond : 0n;
    const applied = this.dispute.apply(this.time, command);
    if ("refused" in applied) {
      expect(this.state).toBe(before);
      expect(applied.refused.where.field).toBeDefined();
      return applied.refused;
    }
    this.deposited += bond!;
    this.check();
    return undefined;
  }

  /** Gives a command that must be accepted. */
  give(command: Command | undefined): void {
    expect(command).toBeDefined();
    const refused = this.try(command!);
    if (refused !== undefined) throw refused;
  }

  /** Gives a command that must be refused with `code`, about `field`. */
  refuse(command: Command, code: ErrorCode, field?: string): void {
    const refused = this.try(command);
    expect(refused).toBeInstanceOf(EngineError);
    expect({ code: refused!.code, field: field && refused!.where.field }).toEqual({ code, field });
  }

  enter(...players: readonly ToyPlayer[]): void {
    for (const player of players) this.give(player.claim(this.root));
  }

  /** Lets the players in turn do all that is open to them until nothing is. */
  play(...players: readonly ToyPlayer[]): void {
    for (let idle = 0; idle < players.length; ) {
      const player = players[0]!;
      players = [...players.slice(1), player];
      const command = player.commands(this.state, this.time)[0];
      if (command === undefined) idle++;
      else {
        this.give(command);
        idle = 0;
      }
    }
  }

  /** Plays, and lets time pass to the ends of windows, until there is a verdict. */
  finish(...players: readonly ToyPlayer[]): void {
    for (let rounds = 0; this.state.verdict === undefined; rounds++) {
      expect(rounds).toBeLessThan(1_000);
      this.play(...players);
      if (this.state.verdict !== undefined) return;
      const ends = [...this.state.tournaments.values()].flatMap(({ closesAt, isResolved }) =>
        closesAt === undefined || isResolved || closesAt <= this.time ? [] : [closesAt],
      );
      this.time = ends.sort((a, b) => Number(a - b))[0] ?? this.time + 1n;
    }
  }

  check(): void {
    const { state } = this;
    expect(amountsIn(state)).toBe(this.deposited);
    for (const claim of state.claims.values()) {
      if (claim.status !== "out") expect(claim.clock > 0n).toBe(true);
      else expect(claim.bond + claim.won).toBe(0n);
    }
    for (const tournament of state.tournaments.values()) {
      const open = [...state.matches.values()].filter(
        (match) => match.tournament === tournament.id && match.stage !== "over",
      );
      expect(open.length).toBe(tournament.openMatches);
      const inMatches = new Set(open.flatMap(({ claims }) => claims));
      expect(inMatches.size).toBe(2 * open.length);
      const claims = tournament.claims.map((id) => state.claims.get(id)!);
      const waiting = claims.filter(({ status }) => status === "waiting");
      expect(waiting.map(({ id }) => id)).toEqual(
        tournament.waiting === undefined || tournament.isResolved ? [] : [tournament.waiting],
      );
      const matched = claims.filter(({ status }) => status === "matched");
      expect(matched.every(({ id }) => inMatches.has(id))).toBe(true);
      expect(matched.length).toBe(inMatches.size);
    }
  }
}
