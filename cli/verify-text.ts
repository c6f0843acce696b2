// What a file of evidence came to, as people and as programs read it: one form for `plasma verify` and the
// one-file verifier. Must import nothing of Node, since the latter runs anywhere.
import type { Finding } from "../host/chain/finding.ts";
import { type Hex, toHex } from "../host/codec/hex.ts";
import type { ShownState, ShownStep, VerifiedProof } from "../host/dispute/verify-proof.ts";
import type { CommandResult } from "./command.ts";
import { ExitCode } from "./exit-codes.ts";
import { findingLines } from "./finding-text.ts";
import type { Marks } from "./replay-text.ts";

/** What a file of evidence came to. */
export interface Verified {
  readonly kind: string;
  /** Who judged: `replay`, or which judges of proofs. */
  readonly judge: string;
  readonly claim: "stands" | "refuted" | null;
  readonly reason: Finding | null;
  /** What the claim is about; empty where the file shows nothing. */
  readonly shown: readonly (readonly [name: string, value: string])[];
  readonly about: Readonly<Record<string, unknown>> | null;
}

const row = (name: string, text: string): string => `  ${name.padEnd(11)}${text}`;

/** The result of the command: its document, its text, its exit code. */
export function verifiedResult(colors: Marks, file: string, verified: Verified): CommandResult {
  const { kind, judge, claim, reason, shown, about } = verified;
  const word = claim ?? "unusable";
  const color = { stands: colors.green, refuted: colors.red, unusable: colors.yellow }[word];
  const what = claim === null ? "unusable" : `the claim ${claim === "stands" ? "" : "is "}${claim}`;
  return {
    document: { kind, judge, valid: claim !== null, claim, reason, about },
    text: [
      `${file === "-" ? "stdin" : file}: ${kind}, ${color(what)}`,
      // What does not decode, no judge has seen.
      ...(claim === null && reason?.code !== "PROOF_REFUSED"
        ? []
        : [row("judge", judgeTexts[judge] ?? judge)]),
      ...shown.map(([name, value]) => row(name, value)),
      ...(reason === null ? [] : findingLines(reason, file)),
    ].join("\n"),
    exitCode:
      claim === null ? ExitCode.failed : claim === "stands" ? ExitCode.ok : ExitCode.refuted,
  };
}

const judgeTexts: Readonly<Record<string, string>> = {
  replay: "the block executed again",
  both: "AssemblyScript and TypeScript, in agreement",
  typescript: "TypeScript",
  assemblyscript: "AssemblyScript",
  wasi: "AssemblyScript as a WASI command, run by Wasmer",
  rebuild: "the sources, built again",
};

/** What a proof file came to. `judge` names who judged where it was none of the host's own. */
export function proofResult(verified: VerifiedProof, judge: string = verified.judge): Verified {
  const { kind, verdict } = verified;
  if (verdict === "unusable") {
    const name = kind ?? "proof";
    return { kind: name, judge, claim: null, reason: verified.finding, shown: [], about: null };
  }
  if (verified.kind === "state proof") {
    const { shown } = verified;
    const about = { ...shown, value: shown.value === null ? null : toHex(shown.value) };
    return {
      kind: "state proof",
      judge,
      claim: "stands",
      reason: null,
      shown: stateRows(shown),
      about,
    };
  }
  const { shown } = verified;
  const reason = verified.verdict === "refuted" ? verified.finding : null;
  return {
    kind: "step proof",
    judge,
    claim: verified.verdict,
    reason,
    shown: stepRows(shown),
    about: { ...shown },
  };
}

function stepRows(shown: ShownStep): Verified["shown"] {
  const { height, environmentId, order, parentResult, step, pre, post, proofBytes } = shown;
  return [
    ["shown", `the step from state ${pre}`],
    ["", `leads to state ${post}`],
    ["proof", `${proofBytes} bytes`],
    ["order", `${order}, height ${height}`],
    ["builds on", `result ${parentResult}`],
    ["in", `environment ${environmentId}`],
    ["not shown", `that the first state is the one before step ${step} of that order's run`],
  ];
}

const VALUE_CHARACTERS = 130;

function stateRows(shown: ShownState): Verified["shown"] {
  const { kind, address, key, value, block, height, result, stateRoot } = shown;
  const hex: Hex | null = value === null ? null : toHex(value);
  const isLong = hex !== null && hex.length > VALUE_CHARACTERS;
  const text =
    hex === null
      ? "absent"
      : `${isLong ? `${hex.slice(0, VALUE_CHARACTERS)}…` : hex} (${value?.length} bytes)`;
  return [
    ["shown", `${kind} of ${address}`],
    ...(kind === "account" ? [] : ([["key", key]] as const)),
    ["value", text],
    ["block", block === null ? "genesis" : `${block}, height ${height}`],
    ["result", result],
    ["state", stateRoot],
    ["not shown", "that this block is the one you mean: compare its hash with one that you trust"],
  ];
}
