// Why a claim of level A lost, down to the step that refutes it: read from the state of a dispute alone, so that whoever
// replays a log learns the same. A claim may also fall without a step: nobody moved for it, or nobody could
// show a way to the state that it claims.

import type { Hex } from "../codec/hex.ts";
import { Side } from "./command.ts";
import { strideOf } from "./commitment-shape.ts";
import type { Claim, DisputeState, Match } from "./dispute-state.ts";
import { agreedStep } from "./match.ts";

/** How a claim fell. */
export type ClaimFall =
  | {
      readonly reason: "step";
      /** Machine steps before the one that refutes it. */
      readonly step: bigint;
      /** The state [32] before it, the one that the judge came to, and the one that the claim has instead. */
      readonly pre: Uint8Array;
      readonly post: Uint8Array;
      readonly claimed: Uint8Array;
    }
  | {
      /** timeout: nobody moved for it in time · unanswered: nobody showed a way to what it claims. */
      readonly reason: "timeout" | "unanswered";
      /** The steps in which the disagreement lies: from the first on, `steps` many. */
      readonly step: bigint;
      readonly steps: bigint;
    };

/** How a claim fell, or undefined where it has not lost a match. */
export function howClaimFell(state: DisputeState, claimId: Hex): ClaimFall | undefined {
  for (const match of state.matches.values()) {
    const side = match.claims.indexOf(claimId);
    const { outcome } = match;
    if (side < 0 || outcome === undefined || outcome.winner === side) continue;
    return fallIn(state, match, side === 0 ? Side.one : Side.two);
  }
  return undefined;
}

function fallIn(state: DisputeState, match: Match, side: Side): ClaimFall {
  const outcome = match.outcome!;
  if (outcome.reason === "step") {
    const { pre, post } = outcome.step!;
    return {
      reason: "step",
      step: agreedStep(state, match),
      pre,
      post,
      claimed: match.nodes[side],
    };
  }
  const place = placeOf(state, match);
  if (outcome.reason === "timeout") return { reason: "timeout", ...place };
  const falls = supporters(state, match, side).flatMap(
    (claim) => howClaimFell(state, claim.id) ?? [],
  );
  return (
    falls.find(({ reason }) => reason === "step") ?? falls[0] ?? { reason: "unanswered", ...place }
  );
}

function supporters(state: DisputeState, { id }: Match, side: Side): Claim[] {
  const { claims } = state.tournaments.get(id)!;
  return claims
    .map((claim) => state.claims.get(claim)!)
    .filter(({ supports }) => supports === side);
}

/** The steps that a match has narrowed the disagreement down to. */
export function placeOf(
  state: Pick<DisputeState, "subject" | "tournaments">,
  match: Match,
): { readonly step: bigint; readonly steps: bigint } {
  const { shape } = state.subject;
  const stride = strideOf(shape, match.level);
  if (match.stage !== "moves" && match.depth === shape.moves) {
    return { step: agreedStep(state, match), steps: stride };
  }
  const leaves = BigInt(shape.arity) ** BigInt(shape.moves - match.depth);
  const { firstStep } = state.tournaments.get(match.tournament)!;
  return { step: firstStep + BigInt(match.place) * leaves * stride, steps: leaves * stride };
}
