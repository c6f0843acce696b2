// Players that lie, for tests, fixtures and `plasma dispute --lie`. Each is an honest player's machinery over a false
// run (false-run.ts), with manners of its own: what it does not do, when it does it, and what it changes in its
// commands. None of them may be refused for its form alone, or it would prove nothing.
import type { Hex } from "../codec/hex.ts";
import { deadlineOf } from "./clock.ts";
import type { Command } from "./command.ts";
import type { DisputeState } from "./dispute-state.ts";
import type { Player } from "./player.ts";

/** Gives only what `keeps` lets through. */
abstract class Restrained implements Player {
  readonly #player: Player;

  constructor(player: Player) {
    this.#player = player;
  }

  protected abstract keeps(command: Command, state: DisputeState, time: bigint): boolean;

  async nextCommands(state: DisputeState, time: bigint): Promise<readonly Command[]> {
    const commands = await this.#player.nextCommands(state, time);
    return commands.filter((command) => this.keeps(command, state, time));
  }
}

/** Enters its claim and is never heard of again; or falls silent after some moves. */
export class SilentPlayer extends Restrained {
  readonly #account: Hex;
  readonly #moves: number;

  constructor(player: Player, account: Hex, moves = 0) {
    super(player);
    this.#account = account;
    this.#moves = moves;
  }

  protected keeps(command: Command, state: DisputeState): boolean {
    if (command.kind === "claim") return state.tournaments.get(command.tournament)?.level === 0;
    return this.#moves > this.#workDone(state);
  }

  /** Entries, moves, seals and steps so far. The entry is one of them. */
  #workDone(state: DisputeState): number {
    let count = -1n;
    for (const { work } of state.claims.values()) count += work.get(this.#account) ?? 0n;
    return Number(count);
  }
}

/** Makes every move in the last second of its clock. */
export class StallingPlayer extends Restrained {
  protected keeps(command: Command, state: DisputeState, time: bigint): boolean {
    if (command.kind !== "advance" && command.kind !== "seal" && command.kind !== "step")
      return true;
    const match = state.matches.get(command.match)!;
    return time >= deadlineOf(state, match) - 1n;
  }
}

/** Changes what it gives; a command that stays refused is given once. */
abstract class Forging implements Player {
  readonly #player: Player;
  readonly #given = new Set<string>();

  constructor(player: Player) {
    this.#player = player;
  }

  protected abstract forge(command: Command): Command;

  async nextCommands(state: DisputeState, time: bigint): Promise<readonly Command[]> {
    const commands = await this.#player.nextCommands(state, time);
    return commands.flatMap((command) => {
      const forged = this.forge(command);
      if (forged === command) return [command];
      const name = `${forged.kind} ${"match" in forged ? forged.match : forged.tournament}`;
      if (this.#given.has(name)) return [];
      this.#given.add(name);
      return [forged];
    });
  }
}

/** Claims another result than its last leaf holds. */
export class MisnamingPlayer extends Forging {
  protected forge(command: Command): Command {
    if (command.kind !== "claim" || command.end.kind !== "halted") return command;
    const { result } = command.end;
    const gasUsed = result.gasUsed ^ 1n;
    return { ...command, end: { ...command.end, result: { ...result, gasUsed } } };
  }
}

/** Gives step proofs of which a byte is another. */
export class MisprovingPlayer extends Forging {
  readonly #at: number;

  /** `at`: which byte, counted around. */
  constructor(player: Player, at: number) {
    super(player);
    this.#at = at;
  }

  protected forge(command: Command): Command {
    if (command.kind === "step") return { ...command, proof: this.#flipped(command.proof) };
    if (command.kind !== "claim" || command.end.kind !== "lastStep") return command;
    return { ...command, end: { ...command.end, proof: this.#flipped(command.end.proof) } };
  }

  #flipped(proof: Uint8Array): Uint8Array {
    const flipped = proof.slice();
    flipped[this.#at % flipped.length]! ^= 0x40;
    return flipped;
  }
}
