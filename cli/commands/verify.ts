// `plasma verify FILE`: what a file of evidence shows, by its kind: a bundle as `plasma replay` judges it, a step
// proof by two judges, a state proof by its path. The exit code speaks about the claim: 0 it stands, 3 it is
// refuted, 1 the file is unusable and says nothing. A kind without a row in `verifiers` is an error.
import { FileKind, fileKindOf, openFile } from "../../host/codec/file-header.ts";
import {
  type JudgeName,
  judgeNames,
  verifyProof as judgeProof,
  type VerifiedProof,
} from "../../host/dispute/verify-proof.ts";
import { verifyDispute } from "../../host/environment/disputes.ts";
import { verifyProof } from "../../host/environment/proofs.ts";
import { replayBundle } from "../../host/environment/replay.ts";
import { assert, EngineError } from "../../host/errors.ts";
import { statedTransactions } from "../bundle-files.ts";
import type { CliCommand, CommandContext, CommandOptions } from "../command.ts";
import { disputeResult } from "../dispute-overview.ts";
import { inFile, readBytes } from "../files.ts";
import { invalidArgument } from "../invalid-argument.ts";
import { hostFaultLines } from "../output.ts";
import { verifySource } from "../verify-source.ts";
import { proofResult, type Verified, verifiedResult } from "../verify-text.ts";
import { isWasm } from "../wasm-overview.ts";

/** The judge outside of the host: judge.wasm in @wasmer/sdk. */
const WASI = "wasi";

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
  summary:
    "judge a bundle, proof, dispute log or built module; exit 0 it stands, 3 refuted, 1 unusable",
  examples: ["plasma verify out/1.bundle", "plasma verify out/1.bundle --json"],
  configure: (command) =>
    command
      .argument("<file>", "a bundle, proof, dispute log, or with --source Wasm; - for stdin")
      .option("--judge <name>", "of steps: both (default), typescript, assemblyscript or wasi")
      .option("--source <dir>", "Wasm: folder of the project that it is said to be built from"),
  run: async (context, [file = ""], options) => {
    const bytes = readBytes(file);
    if (isWasm(bytes) || options.source !== undefined) {
      if (!isWasm(bytes)) refuseWasm(file);
      const verified = await verifySource(file, bytes, sourceOf(options));
      return verifiedResult(context.colors, file, verified);
    }
    const kind = fileKindOf(bytes);
    const verifier = kind === undefined ? undefined : verifiers[kind];
    if (verifier === undefined) refuseKind(file, bytes);
    const verified = await verifier(context, file, bytes, options);
    return verifiedResult(context.colors, file, verified);
  },
};

/** @throws INSPECT_KIND_UNKNOWN */
function refuseWasm(file: string): never {
  const message = "got no Wasm module, expected one with --source";
  return inFile(file, () => {
    throw new EngineError({ code: "INSPECT_KIND_UNKNOWN", message });
  });
}

/** @throws CLI_ARGUMENT_MISSING */
function sourceOf({ source }: CommandOptions): string {
  if (source !== undefined) return String(source);
  throw new EngineError({
    code: "CLI_ARGUMENT_MISSING",
    message: "a module is verified with --source DIR",
  });
}

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
  if (options.judge === WASI) return proofResult(await verifyWithWasi(bytes), WASI);
  return proofResult(await verifyProof(bytes, { judge: judgeOf(options) }));
}

/** @throws JUDGE_WASI_MISSING, CLI_ARGUMENT_INVALID for a proof that it does not judge */
async function verifyWithWasi(bytes: Uint8Array): Promise<VerifiedProof> {
  if (fileKindOf(bytes) !== FileKind.stepProof) {
    throw invalidJudge("got wasi, but it judges step proof files alone");
  }
  const { openWasiJudge } = await import("../judge-wasi.ts");
  const wasi = await openWasiJudge();
  try {
    const verdict = await wasi.judge(bytes);
    const said = () => {
      assert(verdict !== undefined, "what decodes here is a step proof file to judge.wasm");
      return verdict;
    };
    return judgeProof(bytes, { typescript: said, assemblyscript: said }, "assemblyscript");
  } finally {
    await wasi.close();
  }
}

async function verifyDisputeFile(
  _context: CommandContext,
  _file: string,
  bytes: Uint8Array,
  options: CommandOptions,
): Promise<Verified> {
  if (options.judge === WASI) throw invalidJudge("got wasi, but it judges step proof files alone");
  return disputeResult(await verifyDispute(bytes, { judge: judgeOf(options) }));
}

/** @throws CLI_ARGUMENT_INVALID */
function judgeOf({ judge = "both" }: CommandOptions): JudgeName {
  const found = judgeNames.find((name) => name === judge);
  if (found !== undefined) return found;
  const got = JSON.stringify(String(judge).slice(0, 64));
  throw invalidJudge(`got ${got}, expected one of ${[...judgeNames, WASI].join(", ")}`);
}

const invalidJudge = (message: string): EngineError => invalidArgument("--judge", message);
