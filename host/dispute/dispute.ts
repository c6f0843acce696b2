// The arbiter of a dispute (docs/dispute.md): a pure function from a state, a time and a command to the next state
// or a refusal. It reads no clock and calls nobody; what it trusts is the subject and the judge of steps. A refused
// command leaves no trace. Settlement orders the commands and says when each came.
import { orderHash } from "../chain/order.ts";
import { resultHash } from "../chain/result.ts";
import { equalBytes, fromHex, type Hex, toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EngineError } from "../errors.ts";
import { rulesHash } from "../rules/encode-rules.ts";
import { settleEmptyLevelB, settleLevelA, settleLevelB } from "./bonds.ts";
import { enterClaim, findTournament } from "./claim.ts";
import { clockAfterLevelB, isOver } from "./clock.ts";
import {
  type Command,
  decodeCommand,
  encodeCommand,
  type ResolveCommand,
  refusal,
} from "./command.ts";
import type { Claim, DisputeState, DisputeSubject, Draft, Tournament } from "./dispute-state.ts";
import { judgeStep } from "./judge.ts";
import { stateHash } from "./judge-header.ts";
import { initialRun } from "./judge-run.ts";
import { advance, type StepJudge, seal, step, timeout } from "./match.ts";
import { endMatch } from "./tournament.ts";

/** The next state, or why there is none. */
export type Applied = { readonly state: DisputeState } | { readonly refused: EngineError };

const TIME_END = 2n ** 64n;

/** keccak(order hash ‖ parent result hash ‖ u32 arity ‖ u8 moves ‖ u8 levels): the order binds the rules. */
function disputeId({ order, parentResult, shape }: DisputeSubject): Hex {
  const named = new ByteWriter(70).raw(orderHash(order)).raw(resultHash(parentResult));
  return toHex(keccak256(named.u32(shape.arity).u8(shape.moves).u8(shape.levels).finish()));
}

/**
 * A dispute without claims. Its window opens with the first one.
 * @throws RULES_HASH_MISMATCH unless the rules are those that the order names
 */
export function openDispute(subject: DisputeSubject): DisputeState {
  const { order, parentResult, rules } = subject;
  const hash = rulesHash(rules);
  if (!equalBytes(hash, order.rulesHash)) {
    throw new EngineError({
      code: "RULES_HASH_MISMATCH",
      message: `rules: got ${toHex(hash)}, expected ${toHex(order.rulesHash)}`,
      where: { field: "rules" },
    });
  }
  const id = disputeId(subject);
  const tournament: Tournament = {
    id,
    level: 0,
    firstStep: 0n,
    firstLeaf: stateHash(initialRun(order, parentResult, rules).header),
    opensAt: undefined,
    closesAt: undefined,
    claims: [],
    waiting: undefined,
    openMatches: 0,
    nextBond: rules.dispute.claimBond,
    pot: 0n,
    isResolved: false,
  };
  return {
    subject,
    id,
    time: 0n,
    commands: 0,
    logHash: fromHex(id, 32),
    tournaments: new Map([[id, tournament]]),
    matches: new Map(),
    claims: new Map(),
    payouts: new Map(),
    kept: 0n,
    verdict: undefined,
  };
}

/** Level B is over: its survivor's side wins the match, with the time that the survivor left it. */
function resolveLevelB(draft: Draft, tournament: Tournament, survivor: Claim | undefined): void {
  const match = draft.matches.get(tournament.id)!;
  const winner = survivor?.supports;
  if (survivor === undefined || winner === undefined) {
    settleEmptyLevelB(draft, tournament, match.tournament);
  } else {
    const side = match.claims[winner];
    settleLevelB(draft, tournament, survivor, side);
    const claim = draft.claims.get(side)!;
    const clock = clockAfterLevelB(claim.clock, survivor.clock);
    draft.claims.set(side, { ...claim, clock });
  }
  endMatch(draft, match, { reason: "levelB", winner });
}

/** @throws DISPUTE_TOURNAMENT_UNKNOWN, DISPUTE_STAGE, DISPUTE_NOT_OVER */
function resolve(draft: Draft, { tournament: id }: ResolveCommand): void {
  const tournament = findTournament(draft, id);
  if (tournament.isResolved) {
    throw refusal("DISPUTE_STAGE", "tournament", "it has been resolved before");
  }
  if (!isOver(tournament, draft.time)) {
    const until = tournament.closesAt ?? "its first claim";
    const message = `got ${tournament.openMatches} open matches and a window until ${until}`;
    throw refusal("DISPUTE_NOT_OVER", "tournament", message);
  }
  draft.tournaments.set(id, { ...tournament, isResolved: true });
  const resolved = draft.tournaments.get(id)!;
  const survivor = resolved.waiting === undefined ? undefined : draft.claims.get(resolved.waiting)!;
  if (resolved.level > 0) {
    resolveLevelB(draft, resolved, survivor);
    return;
  }
  settleLevelA(draft, resolved, survivor);
  draft.verdict = { survivor: survivor?.id, result: survivor?.result, time: draft.time };
}

function execute(draft: Draft, command: Command, judge: StepJudge): void {
  switch (command.kind) {
    case "claim":
      enterClaim(draft, command, judge);
      return;
    case "advance":
      advance(draft, command);
      return;
    case "seal":
      seal(draft, command);
      return;
    case "step":
      step(draft, command, judge);
      return;
    case "timeout":
      timeout(draft, command);
      return;
    case "resolve":
      resolve(draft, command);
      return;
  }
}

/** @throws DISPUTE_TIME, DISPUTE_OVER */
function checkTime(state: DisputeState, time: bigint): void {
  if (time < state.time || time >= TIME_END) {
    const expected = `${state.time} to ${TIME_END - 1n}`;
    throw refusal("DISPUTE_TIME", "time", `got ${time}, expected ${expected}`);
  }
  if (state.verdict !== undefined) {
    throw refusal("DISPUTE_OVER", "command", `the verdict was given at ${state.verdict.time}`);
  }
}

function nextLogHash(logHash: Uint8Array, time: bigint, command: Uint8Array): Uint8Array {
  return keccak256(new ByteWriter(72).raw(logHash).u64(time).raw(keccak256(command)).finish());
}

function applyDecoded(
  state: DisputeState,
  time: bigint,
  bytes: Uint8Array,
  judge: StepJudge,
): DisputeState {
  checkTime(state, time);
  const command = decodeCommand(bytes, state.subject.shape);
  const draft: Draft = {
    ...state,
    time,
    commands: state.commands + 1,
    logHash: nextLogHash(state.logHash, time, bytes),
    tournaments: new Map(state.tournaments),
    matches: new Map(state.matches),
    claims: new Map(state.claims),
    payouts: new Map(state.payouts),
  };
  execute(draft, command, judge);
  return draft;
}

/** What `action` gives; what it refuses. Assertions go through: they are bugs. */
function refusing(action: () => DisputeState): Applied {
  try {
    return { state: action() };
  } catch (thrown) {
    if (thrown instanceof EngineError) return { refused: thrown };
    throw thrown;
  }
}

/**
 * Applies the canonical bytes of a command that came at `time`, in seconds. Any byte string gives a state or a
 * refusal with code and field; the state that was given stays as it is. `judge` must say what judgeStep says.
 */
export function applyBytes(
  state: DisputeState,
  time: bigint,
  bytes: Uint8Array,
  judge: StepJudge = judgeStep,
): Applied {
  return refusing(() => applyDecoded(state, time, bytes, judge));
}

/** As applyBytes. Goes through the bytes, so that what is applied is what a log can hold. */
export function applyCommand(
  state: DisputeState,
  time: bigint,
  command: Command,
  judge: StepJudge = judgeStep,
): Applied {
  const { shape } = state.subject;
  return refusing(() => applyDecoded(state, time, encodeCommand(command, shape), judge));
}
