// The moves of one match (docs/dispute.md section 3). Two trees that differ are walked down to the first leaf in
// which they differ: each move answers to the children that the other side showed, and shows those one move further
// down. What a side has to show follows from its root, so whoever makes its moves can help it only.
import { equalBytes, type Hex } from "../codec/hex.ts";
import { RejectionCode } from "../outcome.ts";
import { addWork } from "./bonds.ts";
import { deadlineOf, levelBEnd, stopClock } from "./clock.ts";
import {
  type AdvanceCommand,
  otherSide,
  refusal,
  type SealCommand,
  Side,
  type StepCommand,
  type TimeoutCommand,
} from "./command.ts";
import { isLastLevel, strideOf } from "./commitment-shape.ts";
import type { DisputeState, Draft, Match, MatchStage } from "./dispute-state.ts";
import type { Judgement } from "./judge.ts";
import { checkChildren, checkLeaf, childAt, firstDifference } from "./openings.ts";
import { endMatch } from "./tournament.ts";

/** Judges one step: `judgeStep` of judge.ts, or another judge that says the same. */
export type StepJudge = (pre: Uint8Array, proof: Uint8Array) => Judgement;

/** @throws DISPUTE_MATCH_UNKNOWN · DISPUTE_STAGE unless the match waits for what this command gives */
function findMatch(draft: Draft, id: Hex, stages: readonly MatchStage[]): Match {
  const match = draft.matches.get(id);
  if (match === undefined) {
    throw refusal("DISPUTE_MATCH_UNKNOWN", "match", `${id} is no match of this dispute`);
  }
  if (stages.includes(match.stage)) return match;
  const message = `got a match at stage ${match.stage}, expected ${stages.join(" or ")}`;
  throw refusal("DISPUTE_STAGE", "match", message);
}

/** @throws DISPUTE_CLOCK when the side to move has no time left */
function checkClock(draft: Draft, match: Match): void {
  const deadline = deadlineOf(draft, match);
  if (draft.time < deadline) return;
  const message = `got time ${draft.time}, expected one before ${deadline}`;
  throw refusal("DISPUTE_CLOCK", "time", message);
}

function addWorkFor(draft: Draft, claimId: Hex, account: Hex): void {
  const claim = draft.claims.get(claimId)!;
  draft.claims.set(claimId, { ...claim, work: addWork(claim.work, account) });
}

/** The same two values with one replaced. */
function bySide<T>(side: Side, ofSide: T, ofOther: T): readonly [one: T, two: T] {
  return side === Side.one ? [ofSide, ofOther] : [ofOther, ofSide];
}

/** @throws DISPUTE_LISTS unless exactly the expected one of the two lists is there */
function checkList(field: string, list: Uint8Array | undefined, isExpected: boolean): void {
  if ((list !== undefined) === isExpected) return;
  const message = isExpected ? "got none, expected the children" : "got children, expected none";
  throw refusal("DISPUTE_LISTS", field, message);
}

/** Goes one move down, to the first child in which the two sides' nodes differ. */
function descend(draft: Draft, match: Match, own: Uint8Array, shown: Uint8Array): Match {
  const { shape } = draft.subject;
  checkChildren(shape, own, match.nodes[match.turn], "own");
  const first = firstDifference(shape, own, shown);
  return {
    ...match,
    depth: match.depth + 1,
    place: match.place * shape.arity + first,
    nodes: bySide(match.turn, childAt(own, first), childAt(shown, first)),
  };
}

/** @throws DISPUTE_CLOCK, DISPUTE_LISTS, DISPUTE_CHILDREN · as findMatch */
export function advance(draft: Draft, command: AdvanceCommand): void {
  const { shape } = draft.subject;
  const match = findMatch(draft, command.match, ["moves"]);
  checkClock(draft, match);
  checkList("own", command.own, match.shown !== undefined);
  const isAnswer = command.own !== undefined && match.shown !== undefined;
  const depth = match.depth + (isAnswer ? 1 : 0);
  checkList("below", command.below, depth < shape.moves);
  const after = isAnswer ? descend(draft, match, command.own, match.shown) : match;
  if (command.below !== undefined) {
    checkChildren(shape, command.below, after.nodes[match.turn], "below");
  }
  stopClock(draft, match);
  addWorkFor(draft, match.claims[match.turn], command.account);
  draft.matches.set(match.id, {
    ...after,
    stage: depth === shape.moves ? "leaf" : "moves",
    shown: command.below,
    turn: otherSide(match.turn),
    turnSince: draft.time,
    moves: match.moves + 1,
  });
}

/**
 * Leaf n − 1, where n is the first differing one: the first differing leaf is never leaf 0, since both sides opened
 * that one when they entered.
 * @throws DISPUTE_AGREED_LEAF
 */
function checkAgreedLeaf(draft: Draft, match: Match, command: SealCommand | StepCommand): void {
  const { root } = draft.claims.get(match.claims[command.side])!;
  const { agreedLeaf: leaf, path } = command;
  const opening = { root, index: match.place - 1, leaf, path };
  checkLeaf(draft.subject.shape, opening, "DISPUTE_AGREED_LEAF", "path");
}

/** @throws DISPUTE_STAGE when a match of this level is not ended in this way */
function checkLevel(draft: Draft, match: Match, isLast: boolean): void {
  if (isLastLevel(draft.subject.shape, match.level) === isLast) return;
  const message = isLast
    ? "a stride of many steps is sealed, not proven"
    : "a stride of one step is proven, not sealed";
  throw refusal("DISPUTE_STAGE", "match", message);
}

/** Machine steps before the last agreed state of a match whose first differing leaf is known. */
export function agreedStep(
  { subject, tournaments }: Pick<DisputeState, "subject" | "tournaments">,
  match: Match,
): bigint {
  const { firstStep } = tournaments.get(match.tournament)!;
  return firstStep + BigInt(match.place - 1) * strideOf(subject.shape, match.level);
}

/** @throws DISPUTE_CLOCK, DISPUTE_AGREED_LEAF · as findMatch */
export function seal(draft: Draft, command: SealCommand): void {
  const match = findMatch(draft, command.match, ["leaf"]);
  checkLevel(draft, match, false);
  checkClock(draft, match);
  checkAgreedLeaf(draft, match, command);
  stopClock(draft, match);
  addWorkFor(draft, match.claims[command.side], command.account);
  const { agreedLeaf } = command;
  draft.matches.set(match.id, { ...match, stage: "sealed", agreedLeaf });
  const { dispute } = draft.subject.rules;
  const [one, two] = match.claims;
  const clocks = [draft.claims.get(one)!.clock, draft.claims.get(two)!.clock] as const;
  draft.tournaments.set(match.id, {
    id: match.id,
    level: match.level + 1,
    firstStep: agreedStep(draft, match),
    firstLeaf: agreedLeaf,
    opensAt: draft.time,
    closesAt: levelBEnd(dispute, clocks, draft.time),
    claims: [],
    waiting: undefined,
    openMatches: 0,
    nextBond: dispute.claimBond,
    pot: 0n,
    isResolved: false,
  });
}

const rejectionNames = Object.entries(RejectionCode);

/**
 * The state hash that the judge comes to.
 * @throws DISPUTE_PROOF: a refused proof is a refused command and never decides anything
 */
export function judgeProof(
  judge: StepJudge,
  pre: Uint8Array,
  proof: Uint8Array,
  field: string,
): Uint8Array {
  const judgement = judge(pre, proof);
  if ("post" in judgement) return judgement.post;
  const { rejected } = judgement;
  const name = rejectionNames.find(([, code]) => code === rejected)?.[0] ?? "";
  const message = `the judge refuses it with ${rejected} (${name})`;
  throw refusal("DISPUTE_PROOF", field, message, { rejected });
}

/** Which side a state is, of the two that a match contests. */
export function sideOf({ nodes }: Match, state: Uint8Array): Side | undefined {
  if (equalBytes(state, nodes[Side.one])) return Side.one;
  return equalBytes(state, nodes[Side.two]) ? Side.two : undefined;
}

/** @throws DISPUTE_CLOCK, DISPUTE_AGREED_LEAF, DISPUTE_PROOF · as findMatch */
export function step(draft: Draft, command: StepCommand, judge: StepJudge): void {
  const match = findMatch(draft, command.match, ["leaf"]);
  checkLevel(draft, match, true);
  checkClock(draft, match);
  checkAgreedLeaf(draft, match, command);
  const { agreedLeaf } = command;
  const post = judgeProof(judge, agreedLeaf, command.proof, "proof");
  stopClock(draft, match);
  // Neither: both claimed a state that does not follow, so both are out. The true one follows.
  const winner = sideOf(match, post);
  if (winner !== undefined) addWorkFor(draft, match.claims[winner], command.account);
  const ending = { reason: "step", winner, step: { pre: agreedLeaf, post } } as const;
  endMatch(draft, { ...match, agreedLeaf }, ending);
}

/**
 * Ends a match whose mover is out of time. From then on the clock of the other side runs; once that has run out
 * too, nobody has asked for the win in time and both are out.
 * @throws DISPUTE_CLOCK_RUNNING · as findMatch
 */
export function timeout(draft: Draft, command: TimeoutCommand): void {
  const match = findMatch(draft, command.match, ["moves", "leaf"]);
  const late = draft.time - deadlineOf(draft, match);
  if (late < 0n) {
    const message = `got time ${draft.time}, expected at least ${draft.time - late}`;
    throw refusal("DISPUTE_CLOCK_RUNNING", "time", message);
  }
  const winner = otherSide(match.turn);
  const claim = draft.claims.get(match.claims[winner])!;
  if (late >= claim.clock) {
    endMatch(draft, match, { reason: "timeout", winner: undefined });
    return;
  }
  draft.claims.set(claim.id, { ...claim, clock: claim.clock - late });
  endMatch(draft, match, { reason: "timeout", winner });
}
