// `plasma trace BUNDLE --tx N`: what one transaction did, executed on the proof machine behind a replay of
// those before it: outcome, gas, calls, host calls, the exact trap, and where in the source. Exit 3 where
// the bundle claims another receipt than what the transaction, or one before it, comes to.
import { type TraceReport, traceTransaction } from "../../host/environment/trace.ts";
import { EngineError } from "../../host/errors.ts";
import { readArtifacts } from "../artifacts.ts";
import type { CliCommand, CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { inFileAsync, readBytes } from "../files.ts";
import { findingLines } from "../finding-text.ts";
import { traceText } from "../trace-text.ts";

export const traceCommand: CliCommand = {
  name: "trace",
  group: "verify",
  summary: "show what a transaction did: calls, gas, the trap, source lines",
  examples: ["plasma trace out/1.bundle --tx 1", "plasma trace out/1.bundle --tx 0 --gas --json"],
  configure: (command) =>
    command
      .argument("<bundle>", "a bundle, or - for stdin")
      .requiredOption("--tx <index>", "the transaction, counted from 0 as inspect lists them")
      .option("--artifacts <dir>", "folder of a build: *.wasm, *.wasm.map, *.abi.json")
      .option("--gas", "show the gas left at each host call and what each frame used itself"),
  run: async (context, [file = ""], options) => {
    const transaction = indexOf(String(options.tx));
    const { artifacts: folder } = options;
    const artifacts = folder === undefined ? [] : readArtifacts(String(folder));
    const bytes = readBytes(file);
    const progress = context.progress(file, transaction);
    try {
      const report = await inFileAsync(file, () =>
        traceTransaction(bytes, {
          transaction,
          artifacts,
          onProgress: (done) => progress.update(done),
        }),
      );
      return resultOf(context, file, report, options.gas === true);
    } finally {
      progress.stop();
    }
  },
};

/** @throws CLI_ARGUMENT_INVALID */
function indexOf(text: string): number {
  if (/^(0|[1-9][0-9]{0,6})$/.test(text)) return Number(text);
  throw new EngineError({
    code: "CLI_ARGUMENT_INVALID",
    message: `--tx: got ${JSON.stringify(text.slice(0, 64))}, expected the index of a transaction, from 0`,
    where: { field: "--tx" },
  });
}

function resultOf(
  { colors }: CommandContext,
  file: string,
  report: TraceReport,
  gas: boolean,
): CommandResult {
  if (report.verdict === "fraud") {
    const { finding } = report;
    return {
      document: { verdict: "fraud", finding, ...NOT_TRACED },
      text: [
        `${colors.red("fraud")}: a transaction before it has another receipt than the bundle claims`,
        ...findingLines(finding, file),
      ].join("\n"),
      exitCode: ExitCode.refuted,
    };
  }
  const { trace } = report;
  const { finding } = trace;
  const text = traceText(trace, { colors, gas });
  return {
    document: { verdict: "traced", ...trace },
    text: finding === null ? text : [text, "", ...findingLines(finding)].join("\n"),
    exitCode: finding === null ? ExitCode.ok : ExitCode.refuted,
  };
}

/** The fields of a trace where there is none. */
const NOT_TRACED = {
  ...{ height: null, block: null, transaction: null, hash: null, head: null },
  ...{ outcome: null, steps: null, gasUsed: null, gasIntrinsic: null, skip: null, refusal: null },
  ...{ calls: [], hostCalls: [], hostCallsOmitted: 0, events: [] },
};
