// Judges the log of a dispute by itself: replays every command from what the order and the rules say, with a judge for
// each step proof. A log that replays shows its verdict to anyone; one that does not, or that ends before the
// verdict, shows nothing. Pure, and total on any bytes.
import { type Finding, findingOf } from "../chain/finding.ts";
import { orderHash } from "../chain/order.ts";
import { resultHash } from "../chain/result.ts";
import { type Hex, toHex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import { decodeCommand } from "./command.ts";
import { decodeDisputeLog, type RecordedDispute, replayDisputeLog } from "./dispute-log.ts";
import { howClaimFell } from "./how-claim-fell.ts";
import type { StepJudge } from "./match.ts";
import { type JudgeName, judgeWith, type StepJudges } from "./verify-proof.ts";

/** What a log shows; every field follows from its commands. */
export interface ShownDispute {
  readonly height: bigint;
  readonly environmentId: Hex;
  readonly order: Hex;
  readonly parentResult: Hex;
  readonly dispute: Hex;
  /** Hash of the result that stands; null where no claim survived. */
  readonly result: Hex | null;
  readonly claims: number;
  readonly commands: number;
  /** Moves, seals and steps. */
  readonly moves: number;
  /** Seconds from the first claim to the verdict. */
  readonly seconds: bigint;
  /** Claims of the block that a step refuted, and that step. */
  readonly refuted: readonly { readonly result: Hex; readonly step: bigint }[];
}

export type VerifiedDispute =
  | { readonly verdict: "stands"; readonly judge: JudgeName; readonly shown: ShownDispute }
  | { readonly verdict: "unusable"; readonly judge: JudgeName; readonly finding: Finding };

/**
 * Judges the dispute log in `bytes`.
 * @throws JUDGES_DIFFER when the two judges of steps do not agree
 */
export function verifyDispute(
  bytes: Uint8Array,
  judges: StepJudges,
  judge: JudgeName = "both",
): VerifiedDispute {
  const judgeOne: StepJudge = (pre, proof) => {
    const verdict = judgeWith(judges, judge, pre, proof);
    return verdict.valid ? { post: verdict.post } : { rejected: verdict.rejection };
  };
  try {
    const dispute = replayDisputeLog(decodeDisputeLog(bytes), judgeOne);
    if (dispute.state.verdict !== undefined) {
      return { verdict: "stands", judge, shown: shownOf(dispute) };
    }
    const message = `the log ends after ${dispute.state.commands} commands, before the verdict`;
    const finding = { code: "DISPUTE_NOT_OVER", message, field: "entries" } as const;
    return { verdict: "unusable", judge, finding };
  } catch (error) {
    if (!(error instanceof EngineError) || error.code === "JUDGES_DIFFER") throw error;
    return { verdict: "unusable", judge, finding: findingOf(error) };
  }
}

function shownOf({ state, log }: RecordedDispute): ShownDispute {
  const { order, parentResult, shape } = state.subject;
  const { opensAt, claims } = state.tournaments.get(state.id)!;
  const { result, time } = state.verdict!;
  const kinds = log.entries.map(({ command }) => decodeCommand(command, shape).kind);
  const isMove = (kind: string) => kind === "advance" || kind === "seal" || kind === "step";
  const refuted = claims.flatMap((id) => {
    const fall = howClaimFell(state, id);
    if (fall?.reason !== "step") return [];
    return [{ result: toHex(resultHash(state.claims.get(id)!.result!)), step: fall.step }];
  });
  return {
    height: order.height,
    environmentId: toHex(order.environmentId),
    order: toHex(orderHash(order)),
    parentResult: toHex(resultHash(parentResult)),
    dispute: state.id,
    result: result === undefined ? null : toHex(resultHash(result)),
    claims: claims.length,
    commands: kinds.length,
    moves: kinds.filter(isMove).length,
    seconds: time - (opensAt ?? time),
    refuted,
  };
}
