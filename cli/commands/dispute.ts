// `plasma dispute BUNDLE`: plays the whole dispute about a block on this computer, between an honest player that
// computes the block itself and another claim: a second bundle's, a saboteur's, or the bundle's own where it lies.
// The exit code speaks about the bundle's claim: 0 it stands, 3 it is refuted, 1 nothing could be disputed.
import { decodeBundle } from "../../host/chain/bundle.ts";
import { toHex } from "../../host/codec/hex.ts";
import { encodeStepProof } from "../../host/dispute/step-proof-file.ts";
import {
  type DisputeReport,
  playBlockDispute,
  type SaboteurKind,
  saboteurKinds,
  saboteurs,
} from "../../host/environment/disputes.ts";
import { traceState } from "../../host/environment/trace.ts";
import { EngineError, type ErrorCode } from "../../host/errors.ts";
import { nearestName } from "../../host/rules/nearest-name.ts";
import type { TracedState } from "../../host/trace/traced-state.ts";
import type { CliCommand, CommandContext, CommandOptions, CommandResult } from "../command.ts";
import { type DisputedStep, moveLine, movesHead, reportText } from "../dispute-text.ts";
import { ExitCode } from "../exit-codes.ts";
import { inFileAsync, readBytes, refuseExisting, writeWhole } from "../files.ts";
import { invalidArgument } from "../invalid-argument.ts";
import { tableText } from "../output.ts";
import { row } from "../trace-text.ts";

export const disputeCommand: CliCommand = {
  name: "dispute",
  group: "verify",
  summary: "play the dispute about a block against another claim; exit 0 it stands, 3 refuted",
  examples: ["plasma dispute out/1.bundle --lie random-tail", "plasma dispute out/1.bundle --json"],
  configure: (command) =>
    command
      .argument("[bundle]", "the bundle whose claim is disputed; alone: list the lies")
      .option("--against <bundle>", "a bundle of the same block with another result")
      .option("--lie <kind>", "a saboteur that disputes the claim")
      .option("--at <step>", "with --lie: the first step where it may lie; default: the middle")
      .option("-o, --out <file>", "write the log of the dispute there (.dispute)")
      .option("--prove <file>", "write the proof of the refuting step there (.step.proof)")
      .option("--force", "overwrite files"),
  run: async (context, [file], options) => {
    if (file === undefined && options.lie === undefined) {
      return { document: { lies: lieDocuments() }, text: lieTable() };
    }
    if (file === undefined) throw usage("CLI_ARGUMENT_MISSING", "give the bundle", "<bundle>");
    return dispute(context, file, options);
  },
};

const lieTable = (): string =>
  tableText(
    ["lie", "the saboteur"],
    saboteurKinds.map((kind) => [kind, saboteurs[kind].summary]),
  );

const lieDocuments = () =>
  saboteurKinds.map((kind) => ({ kind, summary: saboteurs[kind].summary }));

function usage(code: ErrorCode, message: string, field: string, hint?: string): EngineError {
  return new EngineError({
    code,
    message,
    where: { field },
    ...(hint === undefined ? {} : { hint }),
  });
}

/** @throws DISPUTE_LIE_UNKNOWN */
function lieOf({ lie }: CommandOptions): SaboteurKind | undefined {
  if (lie === undefined) return undefined;
  const found = saboteurKinds.find((kind) => kind === lie);
  if (found !== undefined) return found;
  const near = nearestName(String(lie), saboteurKinds);
  throw usage(
    "DISPUTE_LIE_UNKNOWN",
    `got ${JSON.stringify(String(lie).slice(0, 64))}, expected one of ${saboteurKinds.join(", ")}`,
    "--lie",
    near === undefined ? undefined : `did you mean "${near}"?`,
  );
}

/** @throws CLI_ARGUMENT_INVALID */
function stepOf({ at, lie }: CommandOptions): bigint | undefined {
  if (at === undefined) return undefined;
  if (lie === undefined) throw usage("CLI_ARGUMENT_MISSING", "--at needs --lie", "--lie");
  if (/^(0|[1-9][0-9]{0,9})$/.test(String(at))) return BigInt(String(at));
  const got = JSON.stringify(String(at).slice(0, 64));
  throw invalidArgument("--at", `got ${got}, expected a step of the block's run`);
}

async function dispute(
  context: CommandContext,
  file: string,
  options: CommandOptions,
): Promise<CommandResult> {
  const lie = lieOf(options);
  const step = stepOf(options);
  const { against, out, prove } = options;
  if (against !== undefined && lie !== undefined) {
    throw invalidArgument("--lie", "got it beside --against, expected one");
  }
  const files = [out, prove].flatMap((name) => (name === undefined ? [] : [String(name)]));
  if (options.force !== true) for (const name of files) refuseExisting(name);
  const bytes = readBytes(file);
  const rival = against === undefined ? undefined : readBytes(String(against));
  let hasMoved = false;
  const report = await inFileAsync(file, () =>
    playBlockDispute(bytes, {
      ...(rival === undefined ? {} : { against: rival }),
      ...(lie === undefined ? {} : { lie }),
      ...(step === undefined ? {} : { step }),
      onMove: (move) => {
        if (!hasMoved) context.line(movesHead);
        hasMoved = true;
        context.line(moveLine(move));
      },
    }),
  );
  const disputed = await disputedStep(bytes, report);
  const proofFile = writeFiles(bytes, report, options);
  return {
    document: documentOf(report, disputed, proofFile, out === undefined ? null : String(out)),
    text: [
      reportText(report, disputed, context.colors),
      ...(out === undefined ? [] : [row("log", `${out}: "plasma verify ${out}" replays it`)]),
      ...(proofFile === null
        ? []
        : [row("proof", `${proofFile}: "plasma verify ${proofFile}" judges it`)]),
    ].join("\n"),
    exitCode: report.claim === "stands" ? ExitCode.ok : ExitCode.refuted,
  };
}

async function disputedStep(
  bytes: Uint8Array,
  { fall }: DisputeReport,
): Promise<DisputedStep | undefined> {
  if (fall?.reason !== "step") return undefined;
  const { step } = fall;
  const before = await traceState(bytes, { step });
  const after = await traceState(bytes, { step: step + 1n });
  return { before, after };
}

/** Writes the log and the proof; the name of the proof's file, where there is one. */
function writeFiles(
  bytes: Uint8Array,
  { log, fall, proof }: DisputeReport,
  { out, prove }: CommandOptions,
): string | null {
  if (out !== undefined) writeWhole(String(out), log);
  if (prove === undefined) return null;
  if (proof === undefined || fall?.reason !== "step") {
    throw usage(
      "DISPUTE_NO_STEP",
      "the dispute did not come down to one step: there is no proof to write",
      "--prove",
    );
  }
  const { order, parentResult } = decodeBundle(bytes);
  const { step, pre, post } = fall;
  writeWhole(String(prove), encodeStepProof({ order, parentResult, step, pre, proof, post }));
  return String(prove);
}

function documentOf(
  report: DisputeReport,
  disputed: DisputedStep | undefined,
  proof: string | null,
  log: string | null,
): Record<string, unknown> {
  const { fall, refused, proof: proofBytes, log: _log, ...rest } = report;
  const functions = disputed?.before.place?.functions ?? [];
  return {
    ...rest,
    reason: fall?.reason ?? (refused === undefined ? null : "refused"),
    refused: refused ?? null,
    transaction: disputed?.before.transaction ?? null,
    step: fall?.step ?? null,
    instruction: disputed?.before.instruction ?? null,
    source: functions.find(({ source }) => source !== null)?.source ?? null,
    before: disputed === undefined ? null : stateDocument(disputed.before),
    after: disputed === undefined ? null : stateDocument(disputed.after),
    claimed: fall?.reason === "step" ? toHex(fall.claimed) : null,
    proof,
    proofBytes: proofBytes?.length ?? null,
    log,
  };
}

/** The values at hand. */
function stateDocument({ stateHash, gas, place }: TracedState): Record<string, unknown> {
  return {
    stateHash,
    gas,
    pc: place?.pc ?? null,
    stack: place?.stack ?? [],
    locals: place?.locals ?? [],
    globals: place?.globals ?? [],
  };
}
