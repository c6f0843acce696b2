// What the log of a dispute shows, for `plasma verify`: rows for people and the document of --json. Only form:
// host/dispute/verify-dispute.ts judged it.
import type { ShownDispute, VerifiedDispute } from "../host/environment/disputes.ts";

/** The parts that every verified file has. */
export function disputeResult(verified: VerifiedDispute) {
  const { judge } = verified;
  const common = { kind: "dispute log", judge } as const;
  if (verified.verdict === "unusable") {
    return { ...common, claim: null, reason: verified.finding, shown: [], about: null };
  }
  const { shown } = verified;
  return {
    ...common,
    claim: "stands" as const,
    reason: null,
    shown: rows(shown),
    about: { ...shown },
  };
}

function rows(shown: ShownDispute): [name: string, text: string][] {
  const { result, height, order, parentResult, environmentId } = shown;
  const { claims, commands, moves, seconds, refuted } = shown;
  return [
    ["verdict", result === null ? "no claim survived" : `result ${result}`],
    ...refuted.map((fallen): [string, string] => [
      "refuted",
      `result ${fallen.result} at step ${fallen.step}`,
    ]),
    ["game", `${claims} claims, ${commands} commands, ${moves} moves, ${seconds} seconds`],
    ["order", `${order}, height ${height}`],
    ["builds on", `result ${parentResult}`],
    ["in", `environment ${environmentId}`],
    ["not shown", "that settlement took these commands at these times"],
  ];
}
