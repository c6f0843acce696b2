// `plasma trace BUNDLE --tx N`: what one transaction did, executed on the proof machine behind a replay of
// those before it: outcome, gas, calls, host calls, the exact trap, and where in the source. Exit 3 where
// the bundle claims another receipt than what the transaction, or one before it, comes to. With `--at STEP`
// the state of the block's run before one step, and with `--prove FILE` that step's proof as a file.
import { proveStep } from "../../host/environment/proofs.ts";
import { type TraceReport, traceState, traceTransaction } from "../../host/environment/trace.ts";
import { EngineError, type ErrorCode } from "../../host/errors.ts";
import type { TracedState } from "../../host/trace/traced-state.ts";
import { readArtifacts } from "../artifacts.ts";
import type { CliCommand, CommandContext, CommandOptions, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { inFileAsync, readBytes, writeWhole } from "../files.ts";
import { findingLines } from "../finding-text.ts";
import { invalidArgument } from "../invalid-argument.ts";
import { stateText } from "../state-text.ts";
import { row, traceText } from "../trace-text.ts";

export const traceCommand: CliCommand = {
  name: "trace",
  group: "verify",
  summary:
    "show what a transaction did; calls, gas, the trap, source lines, or the state at a step",
  examples: ["plasma trace out/1.bundle --tx 1 --gas", "plasma trace out/1.bundle --at 40 --json"],
  configure: (command) =>
    command
      .argument("<bundle>", "a bundle, or - for stdin")
      .option("--tx <index>", "the transaction, counted from 0 as inspect lists them")
      .option(
        "--at <step>",
        "the state before this step, counted in the block's run as disputes do",
      )
      .option("--prove <file>", "with --at: write the step's proof there (.step.proof)")
      .option("--artifacts <dir>", "folder of a build: *.wasm, *.wasm.map, *.abi.json")
      .option("--gas", "show the gas left at each host call and what each frame used itself"),
  run: async (context, [file = ""], options) => {
    if (options.at !== undefined) return stateResult(context, file, options);
    if (options.prove !== undefined)
      throw usage("CLI_ARGUMENT_MISSING", "--prove needs --at", "--at");
    if (options.tx === undefined) {
      const what = "give --tx <index> for a transaction, or --at <step> for a step of the block";
      throw usage("CLI_ARGUMENT_MISSING", what, "--tx");
    }
    return transactionResult(context, file, options);
  },
};

function usage(code: ErrorCode, message: string, field: string): EngineError {
  return new EngineError({ code, message, where: { field } });
}

/** A number of at most `digits` digits. @throws CLI_ARGUMENT_INVALID */
function numberOf(value: unknown, field: string, digits: number, expected: string): bigint {
  const text = String(value);
  if (/^(0|[1-9][0-9]*)$/.test(text) && text.length <= digits) return BigInt(text);
  const got = JSON.stringify(text.slice(0, 64));
  throw invalidArgument(field, `got ${got}, expected ${expected}`);
}

const indexOf = ({ tx }: CommandOptions): number =>
  Number(numberOf(tx, "--tx", 7, "the index of a transaction, from 0"));

const artifactsOf = ({ artifacts }: CommandOptions) =>
  artifacts === undefined ? [] : readArtifacts(String(artifacts));

async function transactionResult(
  context: CommandContext,
  file: string,
  options: CommandOptions,
): Promise<CommandResult> {
  const transaction = indexOf(options);
  const artifacts = artifactsOf(options);
  const bytes = readBytes(file);
  const progress = context.progress(file, transaction);
  try {
    const onProgress = (done: number) => progress.update(done);
    const report = await inFileAsync(file, () =>
      traceTransaction(bytes, { transaction, artifacts, onProgress }),
    );
    return reportResult(context, file, report, options.gas === true);
  } finally {
    progress.stop();
  }
}

function reportResult(
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
  ...{ outcome: null, steps: null, firstStep: null, lastStep: null, words: null },
  ...{ gasUsed: null, gasIntrinsic: null, skip: null, refusal: null },
  ...{ calls: [], hostCalls: [], hostCallsOmitted: 0, events: [] },
};

async function stateResult(
  { colors }: CommandContext,
  file: string,
  options: CommandOptions,
): Promise<CommandResult> {
  const step = numberOf(options.at, "--at", 10, "a step of the block's run, from 0");
  const transaction = options.tx === undefined ? {} : { transaction: indexOf(options) };
  const artifacts = artifactsOf(options);
  const bytes = readBytes(file);
  const state = await inFileAsync(file, () =>
    traceState(bytes, { step, ...transaction, artifacts }),
  );
  const { prove } = options;
  const out = prove === undefined ? undefined : String(prove);
  const proof = out === undefined ? undefined : await proveStep(bytes, step);
  if (out !== undefined && proof !== undefined) writeWhole(out, proof);
  const text = stateText(state, colors);
  const written = `${row("proof", `${out}, ${proof?.length} bytes: "plasma verify ${out}" judges it`)}`;
  return {
    document: stateDocument(state, out),
    // What went to stdout is the proof.
    text: out === undefined ? text : out === "-" ? "" : `${text}\n\n${written}`,
  };
}

/** The state in one level, as its shape is public: what of the place there is, else null. */
function stateDocument(state: TracedState, proof: string | undefined): Record<string, unknown> {
  const { place, ...rest } = state;
  const [innermost] = place?.functions ?? [];
  return {
    ...rest,
    pc: place?.pc ?? null,
    function: innermost?.function ?? null,
    functionName: innermost?.name ?? null,
    byteOffset: innermost?.byteOffset ?? null,
    // A host call has no line of its own: its caller's says where it is made.
    source: place?.functions.find(({ source }) => source !== null)?.source ?? null,
    contract: place?.contract ?? null,
    address: place?.address ?? null,
    codeHash: place?.codeHash ?? null,
    pages: place?.pages ?? null,
    depthLeft: place?.depthLeft ?? null,
    stack: place?.stack ?? [],
    locals: place?.locals ?? [],
    globals: place?.globals ?? [],
    functions: place?.functions ?? [],
    functionsOmitted: place?.functionsOmitted ?? 0,
    proof: proof ?? null,
  };
}
