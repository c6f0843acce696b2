// What a replay showed, as people and as programs read it: one form for `plasma replay` and the one-file
// verifier. Must import nothing of Node, since the latter runs anywhere.

import type { Colors } from "picocolors/types.js";
import type { ReplayResult } from "../host/chain/replay-result.ts";
import { fromHex, type Hex, toHex } from "../host/codec/hex.ts";
import { EngineError } from "../host/errors.ts";
import type { CommandResult } from "./command.ts";
import { ExitCode } from "./exit-codes.ts";
import { findingLines } from "./finding-text.ts";
import { counted } from "./output.ts";

/** How verdicts are marked in text: colours, or nothing. */
export type Marks = Pick<Colors, "green" | "red" | "yellow" | "bold">;

export interface Replayed {
  readonly file: string;
  readonly result: ReplayResult;
}

/** Hashes that the user named. */
export interface Expected {
  readonly expect?: Hex;
  readonly expectParent?: Hex;
}

const exitCodes = {
  valid: ExitCode.ok,
  fraud: ExitCode.refuted,
  unusable: ExitCode.failed,
} as const;

/** The hash that was given for option `name`. @throws CLI_ARGUMENT_INVALID for what is none */
export function hashOption(name: string, value: unknown): Hex {
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
}

/** What one replay showed, on a few lines. */
export function blockText(colors: Marks, file: string, result: ReplayResult): string {
  const { green, red, yellow } = colors;
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

/** The result of the command: the document of --json, the last lines of text, the exit code. */
export function replaySummary(
  { bold }: Marks,
  replayed: readonly Replayed[],
  files: number,
  expected: Expected,
): CommandResult {
  const verdict = replayed.at(-1)!.result.verdict;
  const named = expected.expect !== undefined || expected.expectParent !== undefined;
  const anchored = verdict !== "unusable" && named;
  const signaturesChecked = replayed.reduce((sum, { result }) => sum + result.signaturesChecked, 0);
  const transactions = replayed.reduce(
    (sum, { result }) => sum + (result.shown?.transactions ?? 0),
    0,
  );
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
