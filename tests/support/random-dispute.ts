// One dispute between an honest side and liars, all drawn from a seed: shape, rules, stories, who acts when. Some
// liars fall silent, some enter at the last second, some move for others; the honest side is as late as it may be.
// Time stops wherever something ends, so that what the honest side is assumed to do is done in time.

import { amountsIn } from "../../host/dispute/bonds.ts";
import { deadlineOf, isOver, levelBClock } from "../../host/dispute/clock.ts";
import type { Command } from "../../host/dispute/command.ts";
import type { CommitmentShape } from "../../host/dispute/commitment-shape.ts";
import { leafCount, strideOf } from "../../host/dispute/commitment-shape.ts";
import { RecordedDispute } from "../../host/dispute/dispute-log.ts";
import type { DisputeState, Match } from "../../host/dispute/dispute-state.ts";
import { assert } from "../../host/errors.ts";
import type { Random } from "./random.ts";
import { account, type Story, ToyMachine, ToyPlayer, toySubject, truth } from "./toy-dispute.ts";

const shapes: readonly CommitmentShape[] = [
  { arity: 2, moves: 2, levels: 2 },
  { arity: 2, moves: 3, levels: 2 },
  { arity: 4, moves: 2, levels: 2 },
  { arity: 8, moves: 1, levels: 2 },
  { arity: 2, moves: 4, levels: 1 },
  { arity: 4, moves: 3, levels: 1 },
];

const BEGIN = 1_000n;

interface Liar {
  readonly player: ToyPlayer;
  /** Acts once in so many chances; never again after `until`. */
  readonly laziness: number;
  readonly from: bigint;
  readonly until: bigint;
}

export interface RandomDisputeEnd {
  readonly state: DisputeState;
  readonly dispute: RecordedDispute;
  readonly machine: ToyMachine;
  readonly honest: ToyPlayer;
  readonly deposited: bigint;
}

function randomStory(random: Random, haltStep: number, variant: number): Story {
  const from = 1 + random.below(haltStep);
  const comesBack = random.oneIn(3);
  const madeUp = random.oneIn(4) ? random.below(haltStep) : -1;
  const name = `story ${variant} from ${from}`;
  const told = comesBack ? 100 * variant : variant;
  return { name, variantAt: (step) => (step === madeUp ? null : step < from ? 0 : told) };
}

export class RandomDispute {
  readonly #random: Random;
  readonly #machine: ToyMachine;
  readonly #honest: ToyPlayer;
  readonly #liars: readonly Liar[];
  readonly #dispute: RecordedDispute;
  readonly #honestEntry: bigint;
  #time = BEGIN;
  #deposited = 0n;

  constructor(random: Random, claims: number) {
    this.#random = random;
    const shape = random.pick(shapes);
    const windowSeconds = 20 + random.below(1_000);
    const subject = toySubject(shape, {
      windowSeconds,
      clockSeconds: 1 + random.below(2 * windowSeconds),
      graceSeconds: random.below(50),
      claimBond: BigInt(random.below(1_000)),
      entryBondGrowthPercent: random.below(30),
    });
    const lastStep = Number(strideOf(shape, 0)) * (leafCount(shape) - 1);
    const haltStep = lastStep - random.below(Math.min(lastStep, 4));
    this.#machine = new ToyMachine(subject, haltStep);
    this.#dispute = new RecordedDispute(subject, this.#machine.judge);
    this.#honest = new ToyPlayer(this.#machine, truth, account(1));
    this.#liars = Array.from({ length: claims - 1 }, (_, i) => {
      const story = randomStory(random, haltStep, i + 1);
      const player = new ToyPlayer(this.#machine, story, account(2 + (i % 200)));
      const from = this.#time + BigInt(random.oneIn(2) ? 0 : random.below(windowSeconds));
      const until = from + BigInt(random.oneIn(2) ? random.below(windowSeconds) : 1e6);
      return { player, laziness: 1 + random.below(4), from, until };
    });
    this.#honestEntry = BigInt(random.below(windowSeconds - 1));
  }

  get #state(): DisputeState {
    return this.#dispute.state;
  }

  #give(command: Command): void {
    const { tournaments } = this.#state;
    const bond = command.kind === "claim" ? tournaments.get(command.tournament)!.nextBond : 0n;
    const applied = this.#dispute.apply(this.#time, command);
    if ("refused" in applied) return;
    this.#deposited += bond;
    assert(amountsIn(applied.state) === this.#deposited, "nothing is created or lost");
  }

  run(): RandomDisputeEnd {
    for (let turns = 0; this.#state.verdict === undefined; turns++) {
      assert(turns < 20_000, "a dispute ends");
      this.#letLiarsAct();
      if (this.#random.oneIn(3)) this.#letHonestAct();
      this.#letTimePass();
    }
    return {
      state: this.#state,
      dispute: this.#dispute,
      machine: this.#machine,
      honest: this.#honest,
      deposited: this.#deposited,
    };
  }

  #letLiarsAct(): void {
    for (const { player, laziness, from, until } of this.#liars) {
      if (this.#time < from || this.#time > until || !this.#random.oneIn(laziness)) continue;
      const commands = player.commands(this.#state, this.#time);
      if (commands.length > 0) this.#give(this.#random.pick(commands));
    }
  }

  /** Everything that the honest side can do now. */
  #letHonestAct(): void {
    const root = this.#state.tournaments.get(this.#state.id)!;
    let isOutside = !this.#state.claims.has(this.#honest.claimId(root));
    const isEarly = this.#time < (root.opensAt ?? BEGIN) + this.#honestEntry;
    for (;;) {
      const commands = this.#honest.commands(this.#state, this.#time);
      const command = commands.find(({ kind }) => !(isOutside && isEarly && kind === "claim"));
      if (command === undefined) return;
      this.#give(command);
      isOutside &&= command.kind !== "claim";
    }
  }

  #letTimePass(): void {
    const { windowSeconds } = this.#state.subject.rules.dispute;
    const wished = this.#time + BigInt(this.#random.below(2 + Math.floor(windowSeconds / 8)));
    for (let tries = 0; ; tries++) {
      assert(tries < 3, "what ends has been ended");
      const last = this.#lastMoment();
      if (last > this.#time) {
        this.#time = last < wished ? last : wished;
        return;
      }
      this.#letHonestAct();
      if (this.#state.verdict !== undefined) return;
    }
  }

  /** How far time can go before the honest side is late for anything, or something that is over stays undone. */
  #lastMoment(): bigint {
    const moments: bigint[] = [2n ** 62n];
    const state = this.#state;
    for (const tournament of state.tournaments.values()) {
      if (tournament.isResolved || tournament.closesAt === undefined) continue;
      if (isOver(tournament, this.#time)) return this.#time;
      if (tournament.closesAt > this.#time) moments.push(tournament.closesAt);
      if (state.claims.has(this.#honest.claimId(tournament))) continue;
      if (tournament.level === 0) moments.push(tournament.opensAt! + this.#honestEntry);
      else moments.push(this.#lastEntry(state, tournament.id));
    }
    for (const match of state.matches.values()) moments.push(this.#lastAnswer(state, match));
    return moments.sort((a, b) => Number(a - b))[0]!;
  }

  #lastEntry(state: DisputeState, id: `0x${string}`): bigint {
    const match = state.matches.get(id)!;
    const { opensAt } = state.tournaments.get(id)!;
    const claim = state.claims.get(this.#honest.claimId(state.tournaments.get(match.tournament)!));
    if (claim === undefined || !match.claims.includes(claim.id)) return 2n ** 62n;
    const now = this.#time;
    return now + levelBClock(state.subject.rules.dispute, claim.clock, opensAt!, now) - 1n;
  }

  #lastAnswer(state: DisputeState, match: Match): bigint {
    if (match.stage === "over" || match.stage === "sealed") return 2n ** 62n;
    const deadline = deadlineOf(state, match);
    const honest = this.#honest.claimId(state.tournaments.get(match.tournament)!);
    if (match.claims[match.turn] === honest) return deadline - 1n;
    const other = state.claims.get(match.claims[1 - match.turn]!)!;
    return deadline + other.clock - (other.id === honest ? 1n : 0n);
  }
}
