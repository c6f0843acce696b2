// `plasma replay BUNDLE|DIR`: executes blocks again from their bundles alone and says whether the claimed
// results are right. The exit code speaks about the claim: 0 it stands, 3 it is refuted, 1 the evidence is
// unusable and says nothing. In a folder each block is anchored to the one before; the first, and so the
// chain, only where the user names a hash.
import type { Finding } from "../../host/chain/finding.ts";
import type { Hex } from "../../host/codec/hex.ts";
import {
  type ReplayBundleOptions,
  type ReplayResult,
  replayBundle,
  type ShownBlock,
} from "../../host/environment/replay.ts";
import { bundleFiles, statedTransactions } from "../bundle-files.ts";
import type { CliCommand, CommandContext, CommandOptions } from "../command.ts";
import { readBytes } from "../files.ts";
import { hostFaultLines } from "../output.ts";
import {
  blockText,
  type Expected,
  hashOption,
  type Replayed,
  replaySummary,
} from "../replay-text.ts";

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
    let ahead: Uint8Array | undefined;
    for (const [i, file] of files.entries()) {
      const bytes = ahead ?? readBytes(file);
      ahead = readAhead(files[i + 1]);
      const isLast = i === files.length - 1;
      const result = await replayFile(context, file, bytes, {
        ...(isLast && expected.expect !== undefined ? { expect: expected.expect } : {}),
        ...parentOptions(parent, expected.expectParent),
        next: ahead,
      });
      const checked = parent === undefined ? result : continued(result, parent);
      replayed.push({ file, result: checked });
      for (const line of hostFaultLines(result.hostFaults)) context.note(line);
      context.line(blockText(context.colors, file, checked));
      if (checked.verdict !== "valid") break;
      parent = checked.shown;
    }
    return replaySummary(context.colors, replayed, files.length, expected);
  },
};

/** @throws CLI_ARGUMENT_INVALID for what is no hash */
function expectations({ expect, expectParent }: CommandOptions): Expected {
  return {
    ...(expect === undefined ? {} : { expect: hashOption("--expect", expect) }),
    ...(expectParent === undefined
      ? {}
      : { expectParent: hashOption("--expect-parent", expectParent) }),
  };
}

function parentOptions(
  parent: ShownBlock | undefined,
  expectParent: Hex | undefined,
): ReplayBundleOptions {
  if (parent !== undefined) return { expectParent: parent.result, expectParentOrder: parent.order };
  return expectParent === undefined ? {} : { expectParent };
}

/** The bytes of the file whose turn is next, where they can be read: when its turn comes, it is told why not. */
function readAhead(file: string | undefined): Uint8Array | undefined {
  try {
    return file === undefined ? undefined : readBytes(file);
  } catch {
    return undefined;
  }
}

async function replayFile(
  context: CommandContext,
  file: string,
  bytes: Uint8Array,
  options: ReplayBundleOptions,
): Promise<ReplayResult> {
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
