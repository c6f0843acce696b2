// `plasma replay BUNDLE|DIR`: executes blocks again from their bundles alone and says whether the claimed
// results are right. The exit code speaks about the claim: 0 it stands, 3 it is refuted, 1 the evidence is
// unusable and says nothing. In a folder each block is anchored to the one before; the first, and so the
// chain, only where the user names a hash.
import type { Finding } from "../../host/chain/finding.ts";
import { fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import {
  type ReplayBundleOptions,
  type ReplayResult,
  replayBundle,
  type ShownBlock,
} from "../../host/environment/replay.ts";
import { EngineError } from "../../host/errors.ts";
import { bundleFiles, statedTransactions } from "../bundle-files.ts";
import type { CliCommand, CommandContext, CommandOptions } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { readBytes } from "../files.ts";
import { findingLines } from "../finding-text.ts";
import { counted, hostFaultLines } from "../output.ts";

interface Replayed {
  readonly file: string;
  readonly result: ReplayResult;
}

const exitCodes = {
  valid: ExitCode.ok,
  fraud: ExitCode.refuted,
  unusable: ExitCode.failed,
} as const;

export const replayCommand: CliCommand = {
  name: "replay",
  group: "verify",
  summary: "execute blocks again from their bundles alone; exit 0 right, 3 refuted, 1 unusable",
  examples: ["plasma replay out", "plasma replay out/1.bundle --json"],
  configure: (command) =>
    command
      .argument("<bundle>", "a bundle, a folder of a run, or - for stdin")
      .option("--expect <hash>", "block hash of the (last) block")
      .option("--expect-parent <hash>", "result hash that the (first) block must build on"),
  run: async (context, [target = ""], options) => {
    const expected = expectations(options);
    const files = bundleFiles(target);
    const replayed: Replayed[] = [];
    let parent: ShownBlock | undefined;
    for (const file of files) {
      const isLast = replayed.length === files.length - 1;
      const result = await replayFile(context, file, {
        ...(isLast && expected.expect !== undefined ? { expect: expected.expect } : {}),
        ...parentOptions(parent, expected.expectParent),
      });
      const checked = parent === undefined ? result : continued(result, parent);
      replayed.push({ file, result: checked });
      for (const line of hostFaultLines(result.hostFaults)) context.note(line);
      context.line(blockText(context, file, checked));
      if (checked.verdict !== "valid") break;
      parent = checked.shown;
    }
    return summary(context, replayed, files.length, expected);
  },
};

interface Expected {
  readonly expect?: Hex;
  readonly expectParent?: Hex;
}

/** @throws CLI_ARGUMENT_INVALID for what is no hash */
function expectations(options: CommandOptions): Expected {
  const hash = (name: string, value: unknown): Hex => {
    try {
      return toHex(fromHex(String(value), 32));
    } catch (cause) {
      throw new EngineError({
        code: "CLI_ARGUMENT_INVALID",
        message: `${name}: got ${JSON.stringify(String(value).slice(0, 80))}, expected 0x and 64 hexadecimal digits`,
        hint: "give the hash as plasma prints it",
        where: { field: name },
        cause,
      });
    }
  };
  const { expect, expectParent } = options;
  return {
    ...(expect === undefined ? {} : { expect: hash("--expect", expect) }),
    ...(expectParent === undefined ? {} : { expectParent: hash("--expect-parent", expectParent) }),
  };
}

function parentOptions(
  parent: ShownBlock | undefined,
  expectParent: Hex | undefined,
): ReplayBundleOptions {
  if (parent !== undefined) return { expectParent: parent.result, expectParentOrder: parent.order };
  return expectParent === undefined ? {} : { expectParent };
}

async function replayFile(
  context: CommandContext,
  file: string,
  options: ReplayBundleOptions,
): Promise<ReplayResult> {
  const bytes = readBytes(file);
  const progress = context.progress(file, statedTransactions(bytes));
  try {
    return await replayBundle(bytes, { ...options, onProgress: (done) => progress.update(done) });
  } finally {
    progress.stop();
  }
}

/** Hashes name the parent, and these two fields say it in plain words: a chain has no gaps. */
function continued(result: ReplayResult, parent: ShownBlock): ReplayResult {
  const { shown } = result;
  if (shown === undefined || result.verdict !== "valid") return result;
  const mismatch = (field: string, got: string, expected: string): ReplayResult => {
    const message = `the block does not continue the one before it: ${field}`;
    const finding: Finding = { code: "PARENT_NOT_EXPECTED", message, field, got, expected };
    return { ...result, verdict: "unusable", anchored: false, finding };
  };
  if (shown.environmentId !== parent.environmentId) {
    return mismatch("environment id", shown.environmentId, parent.environmentId);
  }
  const height = parent.height + 1n;
  if (shown.height === height) return result;
  return mismatch("height", String(shown.height), String(height));
}

function blockText(context: CommandContext, file: string, result: ReplayResult): string {
  const { green, red, yellow } = context.colors;
  const color = { valid: green, fraud: red, unusable: yellow }[result.verdict];
  const lines = [`${file}: ${color(result.verdict)}`];
  const { shown } = result;
  if (shown !== undefined) {
    const verb = { valid: "follows", fraud: "does not follow", unusable: "is claimed to follow" };
    lines.push(
      `  block ${shown.block} ${verb[result.verdict]} from state ${shown.stateRootBefore} under rules ${shown.rulesHash}`,
      `  height ${shown.height}, ${counted(shown.transactions, "transaction")}, ${shown.gasUsed} gas, state ${shown.stateRoot}`,
    );
  }
  if (result.verdict !== "valid") lines.push(...findingLines(result.finding, file));
  return lines.join("\n");
}

function summary(
  context: CommandContext,
  replayed: readonly Replayed[],
  files: number,
  expected: Expected,
) {
  const verdict = replayed.at(-1)!.result.verdict;
  const named = expected.expect !== undefined || expected.expectParent !== undefined;
  const anchored = verdict !== "unusable" && named;
  const signaturesChecked = replayed.reduce((sum, { result }) => sum + result.signaturesChecked, 0);
  const transactions = replayed.reduce(
    (sum, { result }) => sum + (result.shown?.transactions ?? 0),
    0,
  );
  const { bold } = context.colors;
  const remaining = files - replayed.length;
  const lines = [
    `${bold(verdict)}: ${replayed.length} of ${counted(files, "block")} replayed, ${counted(transactions, "transaction")}, ${counted(signaturesChecked, "signature")} checked`,
    ...(remaining === 0
      ? []
      : [`${counted(remaining, "later block")} not replayed, since they build on it`]),
    anchored ? "anchored: yes" : "anchored: no (--expect HASH names the block that you mean)",
  ];
  return {
    document: { verdict, anchored, blocks: replayed.map(blockDocument), signaturesChecked },
    text: lines.join("\n"),
    exitCode: exitCodes[verdict],
  };
}

function blockDocument({ file, result }: Replayed): Record<string, unknown> {
  const { shown, verdict, anchored } = result;
  return {
    file,
    height: shown?.height ?? null,
    block: shown?.block ?? null,
    transactions: shown?.transactions ?? null,
    gasUsed: shown?.gasUsed ?? null,
    verdict,
    finding: verdict === "valid" ? null : result.finding,
    anchored,
    environment: shown?.environmentId ?? null,
    rules: shown?.rulesHash ?? null,
    stateRootBefore: shown?.stateRootBefore ?? null,
    stateRoot: shown?.stateRoot ?? null,
    result: shown?.result ?? null,
  };
}
