// Whole disputes about a block on this computer: the honest player against another claim, each with a machine of its
// own in several threads. The library's and the command line's way to dispute/. The honest player computes
// the block from the bundle and trusts no result; whose claim is right comes out of the game.
import { availableParallelism } from "node:os";
import { type Bundle, decodeBundle } from "../chain/bundle.ts";
import type { LieKind } from "../chain/lies.ts";
import { orderHash } from "../chain/order.ts";
import { type BlockResult, isSameResult, resultHash } from "../chain/result.ts";
import { equalBytes, type Hex, toHex } from "../codec/hex.ts";
import { encodeCommand } from "../dispute/command.ts";
import { PRODUCTION_SHAPE, treeDepth } from "../dispute/commitment-shape.ts";
import { encodeDisputeLog, RecordedDispute } from "../dispute/dispute-log.ts";
import type { DisputeState, Match } from "../dispute/dispute-state.ts";
import { type ClaimFall, howClaimFell, placeOf } from "../dispute/how-claim-fell.ts";
import { type Played, playDispute, type Seat } from "../dispute/play-dispute.ts";
import { type Player, RunPlayer } from "../dispute/player.ts";
import { accountOf, type SaboteurKind, saboteurSeats } from "../dispute/saboteur-kinds.ts";
import type { VerifiedDispute } from "../dispute/verify-dispute.ts";
import { EngineError } from "../errors.ts";
import { RunCommitments } from "../machine/run-commitments.ts";
import { decodeRules } from "../rules/encode-rules.ts";
import { sharedWorker } from "./execution-thread.ts";
import { RunThreads } from "./parallel-states.ts";
import type { VerifyProofOptions } from "./proofs.ts";
import { tamperBundle } from "./replay.ts";

export { type SaboteurKind, saboteurKinds, saboteurs } from "../dispute/saboteur-kinds.ts";
export type { ShownDispute, VerifiedDispute } from "../dispute/verify-dispute.ts";

/** Bonds are play money here. */
const BOND_MAX = 2n ** 127n;
const THREADS_MAX = 4;

export interface DisputeOptions {
  /** Another bundle of the same order, whose claim plays too. */
  readonly against?: Uint8Array;
  /** A saboteur that plays too. */
  readonly lie?: SaboteurKind;
  /** Where the saboteur looks for a place to lie: at the first that fits from there on. */
  readonly step?: bigint;
  /** Threads that compute; default as many as there are cores, at most 4. */
  readonly threads?: number;
  /** Hears of every accepted command. */
  readonly onMove?: (move: DisputeMove) => void;
}

/** Threads that a dispute computes with where nothing else is said. */
export function threadCount(): number {
  return Math.min(THREADS_MAX, availableParallelism());
}

/** One accepted command. */
export interface DisputeMove {
  /** honest, or the name of who lies: bundle, against, a saboteur's kind. */
  readonly who: string;
  readonly kind: Played["command"]["kind"];
  readonly level: "A" | "B";
  /** The steps that the disagreement lies in after it; null where there is no match. */
  readonly place: { readonly step: bigint; readonly steps: bigint } | null;
  readonly bytes: number;
  /** That its player took. */
  readonly seconds: number;
  /** Of the dispute, in seconds since the first claim. */
  readonly time: bigint;
}

/** How a dispute ended. */
export interface DisputeReport {
  /** Of the bundle's claim. */
  readonly claim: "stands" | "refuted";
  /** neither: bundle and opponent claim wrong results, and a third claim stands. */
  readonly winner: "bundle" | "opponent" | "neither";
  readonly height: bigint;
  readonly dispute: Hex;
  /** Hash of the result that stands. */
  readonly result: Hex;
  /** Steps of the block's run. */
  readonly steps: bigint;
  /** Moves, seals and steps. */
  readonly moves: number;
  readonly claims: number;
  /** Why the decisive lie fell; undefined where nobody lied, or the lie never got in. */
  readonly fall: ClaimFall | undefined;
  /** Why no lying claim got in. */
  readonly refused: { readonly code: string; readonly message: string } | undefined;
  /** The proof of the refuting step. */
  readonly proof: Uint8Array | undefined;
  readonly seconds: number;
  readonly secondsPerMoveMax: number;
  /** The `.dispute` file. */
  readonly log: Uint8Array;
}

/** Counts the seconds that a player takes. */
class TimedPlayer implements Player {
  seconds = 0;
  readonly #player: Player;

  constructor(player: Player) {
    this.#player = player;
  }

  async nextCommands(state: DisputeState, time: bigint) {
    const start = performance.now();
    const commands = await this.#player.nextCommands(state, time);
    this.seconds = (performance.now() - start) / 1_000;
    return commands;
  }
}

/**
 * Plays the dispute about a block to its verdict.
 * @throws DISPUTE_OTHER_ORDER, DISPUTE_SAME_RESULT when `against` is no other claim about the block
 * @throws LIE_NOT_POSSIBLE when the block has no place for the lie · what replay refuses before it executes · HOST_FAULT
 */
export async function playBlockDispute(
  bytes: Uint8Array,
  options: DisputeOptions = {},
): Promise<DisputeReport> {
  const start = performance.now();
  const bundle = decodeBundle(bytes);
  const against = options.against === undefined ? undefined : decodeBundle(options.against);
  if (against !== undefined) checkRivals(bundle, against);
  const threads = new RunThreads(options.threads ?? threadCount());
  try {
    const table = await seat(bytes, bundle, against, options, threads);
    const { order, parentResult, rules } = bundle;
    const shape = PRODUCTION_SHAPE;
    const dispute = new RecordedDispute({
      ...{ order, parentResult, shape },
      rules: decodeRules(rules),
    });
    const played: Played[] = [];
    let secondsPerMoveMax = 0;
    await playDispute(dispute, table.seats, order.time, (one) => {
      played.push(one);
      const seconds = table.timed.get(one.seat)!.seconds;
      secondsPerMoveMax = Math.max(secondsPerMoveMax, seconds);
      if (one.refused === undefined) options.onMove?.(moveOf(one, order.time, seconds));
    });
    const seconds = (performance.now() - start) / 1_000;
    return { ...reportOf(dispute, table, bundle, against, played), seconds, secondsPerMoveMax };
  } finally {
    await threads.close();
  }
}

/**
 * What the log of a dispute (`.dispute`) shows. Never throws for what the bytes hold.
 * @throws JUDGES_DIFFER when the two judges do not agree, which is our bug
 */
export function verifyDispute(
  log: Uint8Array,
  { judge = "both" }: VerifyProofOptions = {},
): Promise<VerifiedDispute> {
  return sharedWorker().call<VerifiedDispute>("verifyDispute", { bytes: log, judge });
}

/** Who plays. */
interface Table {
  readonly seats: readonly Seat[];
  readonly timed: ReadonlyMap<Seat, TimedPlayer>;
  readonly right: BlockResult;
  readonly steps: bigint;
}

async function seat(
  bytes: Uint8Array,
  bundle: Bundle,
  against: Bundle | undefined,
  { against: againstBytes, lie, step }: DisputeOptions,
  threads: RunThreads,
): Promise<Table> {
  const states = await threads.open(bytes);
  const { result: right, steps } = await states.end();
  const player = (name: string, commitments: RunCommitments): Seat => {
    const account = accountOf(name);
    return { name, player: new RunPlayer({ commitments, account, bondMax: BOND_MAX }) };
  };
  const commitments = new RunCommitments(states, treeDepth(PRODUCTION_SHAPE));
  const honest = player("honest", commitments);
  const liars: Seat[] = [];
  const claimed = async (name: string, lying: Uint8Array): Promise<void> => {
    const run = await threads.open(lying, { kind: "claimed" });
    liars.push(player(name, new RunCommitments(run, treeDepth(PRODUCTION_SHAPE))));
  };
  const isRight = isSameResult(bundle.result, right);
  if (!isRight) await claimed("bundle", bytes);
  if (against !== undefined && againstBytes !== undefined && !isSameResult(against.result, right)) {
    await claimed("against", againstBytes);
  }
  if (lie !== undefined) {
    const open = async (falsehood: Parameters<RunThreads["open"]>[1], tampered?: LieKind) => {
      const source = tampered === undefined ? bytes : await tamperBundle(bytes, { kind: tampered });
      return threads.open(source, falsehood);
    };
    const ground = { shape: PRODUCTION_SHAPE, bondMax: BOND_MAX, open, step };
    liars.push(...(await saboteurSeats(lie, ground)));
  }
  // The bundle's claim was there first, whoever plays for it.
  const seats = isRight ? [honest, ...liars] : [...liars, honest];
  const timed = new Map<Seat, TimedPlayer>();
  const measured = seats.map((one) => {
    const timedPlayer = new TimedPlayer(one.player);
    const seated = { ...one, player: timedPlayer };
    timed.set(seated, timedPlayer);
    return seated;
  });
  return { seats: measured, timed, right, steps };
}

function reportOf(
  dispute: RecordedDispute,
  { right, steps }: Table,
  bundle: Bundle,
  against: Bundle | undefined,
  played: readonly Played[],
): Omit<DisputeReport, "seconds" | "secondsPerMoveMax"> {
  const { state } = dispute;
  const survivor = state.verdict?.survivor;
  const losers = [...state.claims.values()].filter(({ tournament }) => tournament === state.id);
  const falls = losers
    .filter(({ id }) => id !== survivor)
    .flatMap(({ id }) => howClaimFell(state, id) ?? []);
  const fall = falls.find(({ reason }) => reason === "step") ?? falls[0];
  const result = state.verdict?.result ?? right;
  const stands = isSameResult(bundle.result, result);
  const opponentStands = against === undefined || isSameResult(against.result, result);
  const refused = played.find((one) => one.refused !== undefined && one.command.kind === "claim");
  return {
    claim: stands ? "stands" : "refuted",
    winner: stands ? "bundle" : opponentStands ? "opponent" : "neither",
    height: bundle.order.height,
    dispute: state.id,
    result: toHex(resultHash(result)),
    steps,
    moves: played.filter(isMove).length,
    claims: losers.length,
    fall,
    refused:
      refused?.refused === undefined
        ? undefined
        : { code: refused.refused.code, message: refused.refused.message },
    proof: fall?.reason === "step" ? proofOf(played, fall.pre) : undefined,
    log: encodeDisputeLog(dispute.log),
  };
}

function isMove({ command, refused }: Played): boolean {
  if (refused !== undefined) return false;
  return command.kind === "advance" || command.kind === "seal" || command.kind === "step";
}

/** The accepted proof of the step from a state. */
function proofOf(played: readonly Played[], pre: Uint8Array): Uint8Array | undefined {
  for (const { command, refused } of played) {
    const isIt = command.kind === "step" && equalBytes(command.agreedLeaf, pre);
    if (isIt && refused === undefined) return command.proof;
  }
  return undefined;
}

function moveOf(
  { command, seat, after, time }: Played,
  from: bigint,
  seconds: number,
): DisputeMove {
  const match = matchOf(after, command);
  const tournament =
    "tournament" in command ? after.tournaments.get(command.tournament) : undefined;
  const level = match?.level ?? tournament?.level ?? 0;
  return {
    who: seat.name,
    kind: command.kind,
    level: level === 0 ? "A" : "B",
    place: match === undefined ? null : placeOf(after, match),
    bytes: encodeCommand(command).length,
    seconds,
    time: time - from,
  };
}

function matchOf(state: DisputeState, command: Played["command"]): Match | undefined {
  return "match" in command ? state.matches.get(command.match) : undefined;
}

/** @throws DISPUTE_OTHER_ORDER, DISPUTE_SAME_RESULT */
function checkRivals(bundle: Bundle, against: Bundle): void {
  const [one, two] = [bundle, against].map(({ order, parentResult }) => [
    toHex(orderHash(order)),
    toHex(resultHash(parentResult)),
  ]);
  if (one![0] !== two![0] || one![1] !== two![1]) {
    const what = one![0] !== two![0] ? "order" : "parent result";
    const at = one![0] !== two![0] ? 0 : 1;
    throw new EngineError({
      code: "DISPUTE_OTHER_ORDER",
      message: `${what}: got ${two![at]}, expected ${one![at]}: the other bundle is about another block`,
      where: { field: "against", height: against.order.height },
    });
  }
  if (!isSameResult(bundle.result, against.result)) return;
  throw new EngineError({
    code: "DISPUTE_SAME_RESULT",
    message: `both bundles claim result ${toHex(resultHash(bundle.result))}: there is nothing to dispute`,
    where: { field: "against", height: against.order.height },
  });
}
