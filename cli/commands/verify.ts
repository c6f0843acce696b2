// `plasma verify FILE`: what a file of evidence shows, by its kind: a bundle as `plasma replay` judges it, a step
// proof by two judges, a state proof by its path. The exit code speaks about the claim: 0 it stands, 3 it is
// refuted, 1 the file is unusable and says nothing. A kind without a row in `verifiers` is an error.
import type { Finding } from "../../host/chain/finding.ts";
import { FileKind, fileKindOf, openFile } from "../../host/codec/file-header.ts";
import { type Hex, toHex } from "../../host/codec/hex.ts";
import { judgeNames } from "../../host/dispute/verify-proof.ts";
import { verifyDispute } from "../../host/environment/disputes.ts";
import {
  type JudgeName,
  type ShownState,
  type ShownStep,
  type VerifiedProof,
  verifyProof,
} from "../../host/environment/proofs.ts";
import { replayBundle } from "../../host/environment/replay.ts";
import { assert, EngineError } from "../../host/errors.ts";
import { statedTransactions } from "../bundle-files.ts";
import type { CliCommand, CommandContext, CommandOptions, CommandResult } from "../command.ts";
import { disputeResult } from "../dispute-overview.ts";
import { ExitCode } from "../exit-codes.ts";
import { inFile, readBytes } from "../files.ts";
import { findingLines } from "../finding-text.ts";
import { hostFaultLines } from "../output.ts";

/** What a file of evidence came to. */
interface Verified {
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

type Verifier = (
  context: CommandContext,
  file: string,
  bytes: Uint8Array,
  options: CommandOptions,
) => Promise<Verified>;

/** Every kind of file that this command judges. */
const verifiers: Readonly<Partial<Record<FileKind, Verifier>>> = {
  [FileKind.bundle]: verifyBundle,
  [FileKind.stepProof]: verifyProofFile,
  [FileKind.stateProof]: verifyProofFile,
  [FileKind.disputeLog]: verifyDisputeFile,
};

export const verifyCommand: CliCommand = {
  name: "verify",
  group: "verify",
  summary: "judge a bundle or a proof file; exit 0 the claim stands, 3 refuted, 1 unusable",
  examples: ["plasma verify out/1.bundle", "plasma verify out/1.bundle --json"],
  configure: (command) =>
    command
      .argument("<file>", "a bundle, step proof, state proof or dispute log, or - for stdin")
      .option("--judge <name>", "of steps: both judges (default), typescript or assemblyscript"),
  run: async (context, [file = ""], options) => {
    const bytes = readBytes(file);
    const kind = fileKindOf(bytes);
    const verifier = kind === undefined ? undefined : verifiers[kind];
    if (verifier === undefined) refuseKind(file, bytes);
    return resultOf(context, file, await verifier(context, file, bytes, options));
  },
};

/** @throws FILE_MAGIC, FILE_KIND, BYTES_TRUNCATED: no file that can be judged */
function refuseKind(file: string, bytes: Uint8Array): never {
  try {
    inFile(file, () => openFile(bytes, FileKind.bundle));
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== "FILE_KIND") throw error;
    const { code, where, details } = error;
    const message = `file kind: got ${details.got}, expected a bundle, step proof, state proof or dispute log`;
    throw new EngineError({ code, message, where, details });
  }
  assert(false, "a bundle has a verifier");
}

function resultOf({ colors }: CommandContext, file: string, verified: Verified): CommandResult {
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
};

async function verifyBundle(
  context: CommandContext,
  file: string,
  bytes: Uint8Array,
  { judge }: CommandOptions,
): Promise<Verified> {
  if (judge !== undefined)
    throw invalidJudge(`got ${String(judge).slice(0, 64)}, but a bundle is judged by replay`);
  const progress = context.progress(file, statedTransactions(bytes));
  try {
    const result = await replayBundle(bytes, { onProgress: (done) => progress.update(done) });
    for (const line of hostFaultLines(result.hostFaults)) context.note(line);
    const { shown } = result;
    const claims = { valid: "stands", fraud: "refuted", unusable: null } as const;
    return {
      ...{ kind: "bundle", judge: "replay", claim: claims[result.verdict] },
      reason: result.verdict === "valid" ? null : result.finding,
      shown:
        shown === undefined
          ? []
          : [
              ["block", `${shown.block}, height ${shown.height}`],
              ["from", `state ${shown.stateRootBefore}`],
              ["to", `state ${shown.stateRoot}`],
              ["rules", shown.rulesHash],
            ],
      about: shown === undefined ? null : { ...shown },
    };
  } finally {
    progress.stop();
  }
}

async function verifyProofFile(
  _context: CommandContext,
  _file: string,
  bytes: Uint8Array,
  options: CommandOptions,
): Promise<Verified> {
  return proofResult(await verifyProof(bytes, { judge: judgeOf(options) }));
}

async function verifyDisputeFile(
  _context: CommandContext,
  _file: string,
  bytes: Uint8Array,
  options: CommandOptions,
): Promise<Verified> {
  return disputeResult(await verifyDispute(bytes, { judge: judgeOf(options) }));
}

/** @throws CLI_ARGUMENT_INVALID */
function judgeOf({ judge = "both" }: CommandOptions): JudgeName {
  const found = judgeNames.find((name) => name === judge);
  if (found !== undefined) return found;
  const got = JSON.stringify(String(judge).slice(0, 64));
  throw invalidJudge(`got ${got}, expected one of ${judgeNames.join(", ")}`);
}

function invalidJudge(message: string): EngineError {
  return new EngineError({
    code: "CLI_ARGUMENT_INVALID",
    message: `--judge: ${message}`,
    where: { field: "--judge" },
  });
}

function proofResult(verified: VerifiedProof): Verified {
  const { kind, judge, verdict } = verified;
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
