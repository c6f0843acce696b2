// Plays a dispute for one run: enters its claim where it is not there, moves and seals and steps for it, ends
// matches whose mover has no time left, and tournaments that are over. What to do follows from the state of the
// dispute, the time and the run alone; nothing is remembered, so a player that was away goes on at once. With the
// order's own run this is the honest player, and whose claim it plays for does not matter.
import { equalBytes, type Hex } from "../codec/hex.ts";
import type { CommitmentTree } from "../machine/commitment-tree.ts";
import { join } from "../machine/prove-word.ts";
import type { RunCommitments } from "../machine/run-commitments.ts";
import { recordSiblings } from "../machine/step-proof.ts";
import { deadlineOf, isOver, levelBClock } from "./clock.ts";
import {
  type ClaimCommand,
  type Command,
  type HaltedEnd,
  type LastStepEnd,
  Side,
} from "./command.ts";
import { childDepth, isLastLevel, leafCount, strideOf, treeDepth } from "./commitment-shape.ts";
import type { DisputeState, Match, Tournament } from "./dispute-state.ts";
import { agreedStep } from "./match.ts";
import { firstDifference } from "./openings.ts";

/** Whoever takes part in a dispute. */
export interface Player {
  /** What to do now, most urgent first; none while there is nothing to do but wait. */
  nextCommands(state: DisputeState, time: bigint): Promise<readonly Command[]>;
}

/** Leaves of the host record that hold a result, and the bytes of a leaf. */
const RESULT_LEAVES = [0, 9] as const;
const LEAF_BYTES = 128;

/** Who plays, and with what. */
export interface RunPlayerOptions {
  readonly commitments: RunCommitments;
  readonly account: Hex;
  /** Most that it locks for one claim. */
  readonly bondMax: bigint;
}

export class RunPlayer implements Player {
  readonly #commitments: RunCommitments;
  readonly #account: Hex;
  readonly #bondMax: bigint;

  constructor({ commitments, account, bondMax }: RunPlayerOptions) {
    this.#commitments = commitments;
    this.#account = account;
    this.#bondMax = bondMax;
  }

  async nextCommands(state: DisputeState, time: bigint): Promise<readonly Command[]> {
    if (state.verdict !== undefined) return [];
    const commands: (Command | undefined)[] = [];
    for (const match of state.matches.values()) {
      if (match.stage !== "over") commands.push(await this.#inMatch(state, match, time));
    }
    for (const tournament of state.tournaments.values()) {
      if (!tournament.isResolved) commands.push(await this.#inTournament(state, tournament, time));
    }
    return commands.filter((command) => command !== undefined);
  }

  async #inMatch(state: DisputeState, match: Match, time: bigint): Promise<Command | undefined> {
    if (match.stage === "sealed") return undefined;
    const account = this.#account;
    if (time >= deadlineOf(state, match)) return { kind: "timeout", account, match: match.id };
    const side = await this.#sideIn(state, match);
    if (side === undefined) return undefined;
    if (match.stage === "leaf") return this.#lastMove(state, match, side);
    return match.turn === side ? this.#move(state, match) : undefined;
  }

  async #inTournament(
    state: DisputeState,
    tournament: Tournament,
    time: bigint,
  ): Promise<Command | undefined> {
    const { id } = tournament;
    if (isOver(tournament, time)) {
      return { kind: "resolve", account: this.#account, tournament: id };
    }
    if (tournament.closesAt !== undefined && time >= tournament.closesAt) return undefined;
    const isIn = await this.#mayEnter(state, tournament, time);
    if (!isIn || tournament.nextBond > this.#bondMax) return undefined;
    const tree = await this.#tree(state, tournament);
    const known = tournament.claims.some((claim) =>
      equalBytes(state.claims.get(claim)!.root, tree.root),
    );
    return known ? undefined : this.#entry(state, tournament, tree);
  }

  /** Level A is open to all; level B is for those whose claim is a side of its match. */
  async #mayEnter(state: DisputeState, tournament: Tournament, time: bigint): Promise<boolean> {
    if (tournament.level === 0) return true;
    const match = state.matches.get(tournament.id)!;
    const side = await this.#sideIn(state, match);
    if (side === undefined) return false;
    const { dispute } = state.subject.rules;
    const { clock } = state.claims.get(match.claims[side])!;
    return levelBClock(dispute, clock, tournament.opensAt!, time) > 0n;
  }

  async #entry(
    state: DisputeState,
    tournament: Tournament,
    tree: CommitmentTree,
  ): Promise<ClaimCommand> {
    return {
      kind: "claim",
      account: this.#account,
      tournament: tournament.id,
      bondMax: this.#bondMax,
      root: tree.root,
      children: tree.children(0, 0, childDepth(state.subject.shape)),
      firstPath: tree.path(0),
      end:
        tournament.level === 0
          ? await this.#haltedEnd(state, tree)
          : await this.#lastStep(state, tournament, tree),
    };
  }

  async #haltedEnd(state: DisputeState, tree: CommitmentTree): Promise<HaltedEnd> {
    const { header, record, result } = await this.#commitments.end();
    const leaves = RESULT_LEAVES.map((place) =>
      record.slice(LEAF_BYTES * place, LEAF_BYTES * (place + 1)),
    );
    return {
      kind: "halted",
      result,
      header,
      path: tree.path(leafCount(state.subject.shape) - 1),
      recordLeaves: join(leaves),
      recordSiblings: join(recordSiblings(record, RESULT_LEAVES)),
    };
  }

  async #lastStep(
    state: DisputeState,
    { firstStep }: Tournament,
    tree: CommitmentTree,
  ): Promise<LastStepEnd> {
    const last = leafCount(state.subject.shape) - 1;
    const { proof } = await this.#commitments.prove(firstStep + BigInt(last));
    return { kind: "lastStep", leaf: tree.leaf(last), path: tree.path(last), proof };
  }

  async #move(state: DisputeState, match: Match): Promise<Command> {
    const { shape } = state.subject;
    const { shown, id } = match;
    const tree = await this.#tree(state, state.tournaments.get(match.tournament)!);
    const levels = childDepth(shape);
    const command = { kind: "advance", account: this.#account, match: id } as const;
    if (shown === undefined) {
      return { ...command, below: tree.children(levels * match.depth, match.place, levels) };
    }
    const own = tree.children(levels * match.depth, match.place, levels);
    const depth = match.depth + 1;
    if (depth === shape.moves) return { ...command, own };
    const place = match.place * shape.arity + firstDifference(shape, own, shown);
    return { ...command, own, below: tree.children(levels * depth, place, levels) };
  }

  /** Seals the match, or proves the step, from the own tree. */
  async #lastMove(state: DisputeState, match: Match, side: Side): Promise<Command> {
    const tree = await this.#tree(state, state.tournaments.get(match.tournament)!);
    const shown = {
      account: this.#account,
      match: match.id,
      side,
      agreedLeaf: tree.leaf(match.place - 1),
      path: tree.path(match.place - 1),
    };
    if (!isLastLevel(state.subject.shape, match.level)) return { kind: "seal", ...shown };
    const { proof } = await this.#commitments.prove(agreedStep(state, match));
    return { kind: "step", ...shown, proof };
  }

  /** The side of a match whose root is that of the own tree. */
  async #sideIn(state: DisputeState, match: Match): Promise<Side | undefined> {
    const tournament = state.tournaments.get(match.tournament)!;
    if (!(await this.#mayOwn(state, tournament))) return undefined;
    const { root } = await this.#tree(state, tournament);
    const [one, two] = match.claims.map((claim) => state.claims.get(claim)!.root);
    if (equalBytes(one!, root)) return Side.one;
    return equalBytes(two!, root) ? Side.two : undefined;
  }

  /** Whether a claim of the tournament can be one's own: no tree is built for the matches of others. */
  async #mayOwn(state: DisputeState, { id, level }: Tournament): Promise<boolean> {
    return level === 0 || (await this.#sideIn(state, state.matches.get(id)!)) !== undefined;
  }

  #tree(state: DisputeState, { level, firstStep }: Tournament): Promise<CommitmentTree> {
    const { shape } = state.subject;
    if (!isLastLevel(shape, level)) return this.#commitments.strides();
    const size = shape.levels === 1 ? 2n ** BigInt(treeDepth(shape)) : strideOf(shape, 0);
    return this.#commitments.steps(Number(firstStep / size));
  }
}
