// `plasma verify WASM --source DIR`: whether a module was built from these sources (cli/verify-source.ts). The
// exit code speaks about the claim: 0 it stands, 3 it is refuted, 1 the evidence says nothing.
import { EngineError } from "../../host/errors.ts";
import type { CliCommand, CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { inFile, readBytes } from "../files.ts";
import { findingLines } from "../finding-text.ts";
import { type SourceVerdict, verifySource } from "../verify-source.ts";
import { isWasm } from "../wasm-overview.ts";

export const verifyCommand: CliCommand = {
  name: "verify",
  group: "verify",
  summary: "judge whether a module was built from given sources; exit 0 it stands, 3 refuted",
  examples: [
    "plasma verify build/counter.wasm --source .",
    "plasma verify build/counter.wasm --source . --json",
  ],
  configure: (command) =>
    command
      .argument("<file>", "a Wasm module, or - for stdin")
      .option("--source <dir>", "folder of the project that it is said to be built from"),
  run: async (context, [file = ""], { source }) => {
    const bytes = readBytes(file);
    if (!isWasm(bytes)) inFile(file, () => refuse("INSPECT_KIND_UNKNOWN", "no Wasm module"));
    if (source === undefined)
      refuse("CLI_ARGUMENT_MISSING", "a module is verified with --source DIR");
    return resultOf(context, file, await verifySource(file, bytes, String(source)));
  },
};

function refuse(code: "INSPECT_KIND_UNKNOWN" | "CLI_ARGUMENT_MISSING", message: string): never {
  throw new EngineError({ code, message });
}

function resultOf(
  { colors }: CommandContext,
  file: string,
  { kind, judge, claim, reason, shown, about }: SourceVerdict,
): CommandResult {
  const word = claim ?? "unusable";
  const color = { stands: colors.green, refuted: colors.red, unusable: colors.yellow }[word];
  const what = claim === null ? "unusable" : `the claim ${claim === "stands" ? "" : "is "}${claim}`;
  return {
    document: { kind, judge, valid: claim !== null, claim, reason, about },
    text: [
      `${file === "-" ? "stdin" : file}: ${kind}, ${color(what)}`,
      ...shown.map(([name, value]) => `  ${name.padEnd(13)}${value}`),
      ...(reason === null ? [] : findingLines(reason, file)),
    ].join("\n"),
    exitCode:
      claim === null ? ExitCode.failed : claim === "stands" ? ExitCode.ok : ExitCode.refuted,
  };
}
