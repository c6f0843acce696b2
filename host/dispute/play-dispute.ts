// Seats players at a dispute and lets time pass: whoever is ready gives commands, and when nobody has any, time goes
// on to the next moment at which something can change. Time is counted, not read, so that a game is the same
// each time it is played. What settlement would do beside this is to order commands of many, and to censor some.
import { assert, type EngineError } from "../errors.ts";
import { deadlineOf } from "./clock.ts";
import type { Command } from "./command.ts";
import type { RecordedDispute } from "./dispute-log.ts";
import type { DisputeState } from "./dispute-state.ts";
import type { Player } from "./player.ts";

/** A player, and how long it takes to answer. */
export interface Seat {
  readonly name: string;
  readonly player: Player;
  /** Seconds until it is ready again, asked after each change of the dispute; 0 where absent. */
  readonly delay?: () => bigint;
}

/** What became of a command. */
export interface Played {
  readonly time: bigint;
  readonly seat: Seat;
  readonly command: Command;
  readonly refused: EngineError | undefined;
  /** Around the command; equal where it was refused. */
  readonly before: DisputeState;
  readonly after: DisputeState;
}

/** More rounds than any dispute has: a player that never lets time pass is our bug. */
const ROUNDS_MAX = 1_000_000;

/** Plays a dispute from `time` on to its verdict, and tells `onPlayed` of every command. */
export async function playDispute(
  dispute: RecordedDispute,
  seats: readonly Seat[],
  time: bigint,
  onPlayed: (played: Played) => void = () => undefined,
): Promise<void> {
  const readyAt = seats.map(({ delay }) => time + (delay?.() ?? 0n));
  let now = time;
  for (let round = 0; dispute.state.verdict === undefined; round++) {
    assert(round < ROUNDS_MAX, "a dispute comes to its end");
    const acted = await playRound(dispute, seats, readyAt, now, onPlayed);
    if (dispute.state.verdict !== undefined) return;
    if (acted) {
      seats.forEach(({ delay }, i) => {
        readyAt[i] = now + (delay?.() ?? 0n);
      });
      continue;
    }
    const next = nextMoment(dispute.state, readyAt, now);
    assert(next !== undefined, "an open dispute waits for something");
    now = next;
  }
}

/** Lets everybody who is ready act once; whether anything was accepted. */
async function playRound(
  dispute: RecordedDispute,
  seats: readonly Seat[],
  readyAt: readonly bigint[],
  now: bigint,
  onPlayed: (played: Played) => void,
): Promise<boolean> {
  let acted = false;
  for (const [i, seat] of seats.entries()) {
    if (readyAt[i]! > now) continue;
    const commands = await seat.player.nextCommands(dispute.state, now);
    for (const command of commands) {
      const before = dispute.state;
      if (before.verdict !== undefined) return true;
      const applied = dispute.apply(now, command);
      const refused = "refused" in applied ? applied.refused : undefined;
      acted ||= refused === undefined;
      onPlayed({ time: now, seat, command, refused, before, after: dispute.state });
    }
  }
  return acted;
}

/** When something can change next: a clock runs out or is about to, a window closes, somebody is ready. */
function nextMoment(
  state: DisputeState,
  readyAt: readonly bigint[],
  now: bigint,
): bigint | undefined {
  const moments = [...readyAt];
  for (const match of state.matches.values()) {
    if (match.stage !== "moves" && match.stage !== "leaf") continue;
    const deadline = deadlineOf(state, match);
    moments.push(deadline - 1n, deadline);
  }
  for (const { closesAt, isResolved } of state.tournaments.values()) {
    if (closesAt !== undefined && !isResolved) moments.push(closesAt);
  }
  // Seconds are whole numbers of any size, so the least is found by order.
  return moments.filter((moment) => moment > now).sort((a, b) => (a < b ? -1 : 1))[0];
}
