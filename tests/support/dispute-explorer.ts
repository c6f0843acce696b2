// Explicit-state exploration of small disputes: from the first claim on, every order in which anybody can act and
// every second in which they can do it, each state visited once. The adversary chooses who acts when, for the honest
// side too; the one thing it cannot do is to let the honest side's time run out, for that is what is assumed.
import { type Hex, toHex } from "../../host/codec/hex.ts";
import { deadlineOf, isOver, levelBClock } from "../../host/dispute/clock.ts";
import type { Command } from "../../host/dispute/command.ts";
import { applyCommand, openDispute } from "../../host/dispute/dispute.ts";
import type { DisputeState, Match, Tournament } from "../../host/dispute/dispute-state.ts";
import { finalityBound } from "../../host/dispute/finality.ts";
import type { ToyMachine, ToyPlayer } from "./toy-dispute.ts";

export interface Explored {
  readonly states: number;
  readonly verdicts: number;
  /** Verdicts that the honest claim did not survive. */
  readonly lost: number;
  /** Verdicts that came after the bound. */
  readonly late: number;
  /** Seconds from the first claim to the latest verdict. */
  readonly longest: bigint;
  /** States in which nobody could do anything and no time could pass, but no verdict was there. */
  readonly stuck: number;
}

interface Place {
  readonly state: DisputeState;
  readonly time: bigint;
}

const short = (id: Hex): string => id.slice(2, 10);

/** All that decides how a dispute can go on. */
function keyOf({ state, time }: Place): string {
  const parts: string[] = [String(time)];
  for (const claim of state.claims.values()) {
    parts.push(`${short(claim.id)}${claim.status[0]}${claim.clock}`);
  }
  for (const match of state.matches.values()) {
    const { stage, depth, place, turn, turnSince } = match;
    parts.push(`${short(match.id)}${stage}${depth}.${place}${turn}@${turnSince}`);
  }
  for (const { id, closesAt, isResolved } of state.tournaments.values()) {
    parts.push(`${short(id)}-${closesAt}${isResolved}`);
  }
  return parts.sort().join();
}

/** What a command does, whoever gives it. */
function nameOf(command: Command): string {
  switch (command.kind) {
    case "claim":
      return `claim ${command.tournament} ${toHex(command.root)}`;
    case "resolve":
      return `resolve ${command.tournament}`;
    default:
      return `${command.kind} ${command.match}`;
  }
}

export class DisputeExplorer {
  readonly #machine: ToyMachine;
  readonly #honest: ToyPlayer;
  readonly #liars: readonly ToyPlayer[];
  readonly #assumes: "in-time" | "nothing";
  readonly #visited = new Set<string>();
  #verdicts = 0;
  #lost = 0;
  #late = 0;
  #stuck = 0;
  #longest = 0n;

  /** @param assumes in-time: the honest side is never late · nothing: time passes as the adversary likes */
  constructor(
    machine: ToyMachine,
    honest: ToyPlayer,
    liars: readonly ToyPlayer[],
    assumes: "in-time" | "nothing" = "in-time",
  ) {
    this.#machine = machine;
    this.#honest = honest;
    this.#liars = liars;
    this.#assumes = assumes;
  }

  run(): Explored {
    const left: Place[] = [{ state: openDispute(this.#machine.subject), time: 0n }];
    for (let place = left.pop(); place !== undefined; place = left.pop()) {
      const key = keyOf(place);
      if (this.#visited.has(key)) continue;
      this.#visited.add(key);
      if (place.state.verdict !== undefined) this.#noteVerdict(place.state);
      else left.push(...this.#after(place));
    }
    const [states, verdicts, lost, late] = [
      this.#visited.size,
      this.#verdicts,
      this.#lost,
      this.#late,
    ];
    return { states, verdicts, lost, late, longest: this.#longest, stuck: this.#stuck };
  }

  #noteVerdict(state: DisputeState): void {
    const root = state.tournaments.get(state.id)!;
    const { survivor, time } = state.verdict!;
    this.#verdicts++;
    // The honest side has nothing to say where nobody claimed anything else.
    if (survivor !== this.#honest.claimId(root)) this.#lost++;
    const took = time - root.opensAt!;
    if (took > this.#longest) this.#longest = took;
    const others = [...state.tournaments.values()].filter(({ level }) => level > 0);
    const levelB = Math.max(0, ...others.map(({ claims }) => claims.length));
    const { rules, shape } = state.subject;
    if (took > finalityBound(rules.dispute, shape, root.claims.length, levelB)) this.#late++;
  }

  #after(place: Place): Place[] {
    const { state, time } = place;
    const commands = new Map<string, Command>();
    for (const player of [this.#honest, ...this.#liars]) {
      for (const command of player.commands(state, time)) commands.set(nameOf(command), command);
    }
    const next: Place[] = [];
    for (const command of commands.values()) {
      const applied = applyCommand(state, time, command, this.#machine.judge);
      if ("state" in applied) next.push({ state: applied.state, time });
    }
    if (state.claims.size > 0 && this.#mayTimePass(state, time + 1n)) {
      next.push({ state, time: time + 1n });
    }
    if (next.length === 0) this.#stuck++;
    return next;
  }

  /** Whether the honest side is not late at `now`, and nothing is left undone that anybody can do. */
  #mayTimePass(state: DisputeState, now: bigint): boolean {
    for (const tournament of state.tournaments.values()) {
      if (tournament.isResolved) continue;
      if (isOver(tournament, now - 1n)) return false;
      if (this.#assumes === "in-time" && this.#isLateToEnter(state, tournament, now)) return false;
    }
    return [...state.matches.values()].every((match) => this.#isInTime(state, match, now));
  }

  #isLateToEnter(state: DisputeState, tournament: Tournament, now: bigint): boolean {
    if (state.claims.has(this.#honest.claimId(tournament))) return false;
    if (tournament.level === 0) return now >= tournament.closesAt!;
    return this.#isLateForLevelB(state, tournament.id, now);
  }

  /** Whether the honest claim is a side of a sealed match whose level B it can no longer enter. */
  #isLateForLevelB(state: DisputeState, id: Hex, now: bigint): boolean {
    const match = state.matches.get(id)!;
    const claim = this.#honestClaimIn(state, match);
    if (claim === undefined) return false;
    const { opensAt } = state.tournaments.get(id)!;
    return levelBClock(state.subject.rules.dispute, claim.clock, opensAt!, now) <= 0n;
  }

  #honestClaimIn(state: DisputeState, match: Match) {
    const tournament = state.tournaments.get(match.tournament)!;
    const id = this.#honest.claimId(tournament);
    return match.claims.includes(id) ? state.claims.get(id) : undefined;
  }

  #isInTime(state: DisputeState, match: Match, now: bigint): boolean {
    if (match.stage === "over" || match.stage === "sealed") return true;
    const late = now - deadlineOf(state, match);
    const other = state.claims.get(match.claims[1 - match.turn]!)!;
    const honest = this.#honestClaimIn(state, match);
    if (honest === undefined || this.#assumes === "nothing") return late <= other.clock;
    return honest === other ? late < other.clock : late < 0n;
  }
}
