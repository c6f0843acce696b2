// `plasma test [vitest args…]`: builds the project's contracts, then runs the project's own vitest. How much a red
// test tells, the seed of random calls and the gas log go to vitest's workers through the environment, since
// they do not see our command line; everything that is not ours is passed on to vitest as it is.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { EngineError } from "../../host/errors.ts";
import type { CliCommand, CommandContext, CommandOptions, CommandResult } from "../command.ts";
import { settingValue } from "../configuration.ts";
import { ExitCode } from "../exit-codes.ts";
import { inScratchFolder, interruption, readText, writeWhole } from "../files.ts";
import {
  GAS_FILE,
  type GasChange,
  gasChanges,
  gasChangesText,
  gasSnapshot,
  gasSnapshotText,
  readGasSnapshot,
} from "../gas-snapshot.ts";
import { invalidArgument } from "../invalid-argument.ts";
import { readVitestReport, type VitestReport } from "../vitest-report.ts";
import { buildOnce } from "./build.ts";

/** Names that host/testing reads; not imported from there, which would load the whole kit. */
const VERBOSITY = "PLASMA_VERBOSITY";
const SEED = "PLASMA_SEED";
const GAS_LOG = "PLASMA_GAS_LOG";
const FAILURE_LOG = "PLASMA_FAILURE_LOG";

const VERBOSITY_MAX = 3;
const REPORT_FILE = ".plasma/vitest.json";

interface TestRequest {
  readonly verbosity: number;
  readonly seed: string | undefined;
  readonly build: boolean;
  /** File to write gas to, or to compare it with. */
  readonly gasSnapshot: string | undefined;
  readonly gasCheck: string | undefined;
  readonly vitestArgs: readonly string[];
}

/** @throws CLI_ARGUMENT_INVALID */
function requestOf(vitestArgs: readonly string[], options: CommandOptions): TestRequest {
  const { verbose, seed, build, gasSnapshot: snapshot, gasCheck: check } = options;
  if (seed !== undefined && !/^-?\d{1,10}$/.test(String(seed))) {
    const got = JSON.stringify(String(seed).slice(0, 40));
    throw invalidArgument("--seed", `got ${got}, expected a whole number`);
  }
  return {
    verbosity: Math.min(VERBOSITY_MAX, Number(verbose)),
    seed: seed === undefined ? undefined : String(seed),
    build: build !== false,
    gasSnapshot: gasFile("--gas-snapshot", snapshot),
    gasCheck: gasFile("--gas-check", check),
    vitestArgs,
  };
}

/**
 * The file of an option whose file may be left out: a test's path behind it must not be written over.
 * @throws CLI_ARGUMENT_INVALID
 */
function gasFile(option: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value === true) return GAS_FILE;
  const file = String(value);
  if (file.endsWith(".json")) return file;
  throw new EngineError({
    code: "CLI_ARGUMENT_INVALID",
    message: `${option}: got ${JSON.stringify(file.slice(0, 64))}, expected a file that ends in .json`,
    where: { field: option },
    hint: `put ${option} behind the arguments of vitest, or name a file: ${option}=${GAS_FILE}`,
  });
}

/** The script of the vitest that the project in `folder` has installed. @throws TEST_VITEST_MISSING */
function vitestScript(folder: string): string {
  try {
    const manifest = createRequire(join(folder, "package.json")).resolve("vitest/package.json");
    const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as { bin: { vitest: string } };
    return join(dirname(manifest), bin.vitest);
  } catch (cause) {
    throw new EngineError({
      code: "TEST_VITEST_MISSING",
      message: `vitest is not installed in ${folder}`,
      where: { file: folder },
      cause,
    });
  }
}

/** Builds what there is: types for the tests, and mistakes before vitest starts. @throws BUILD_… */
async function buildContracts(context: CommandContext): Promise<void> {
  const source = settingValue("source", {}) as string;
  if (!existsSync(source)) return;
  try {
    const { text, accepted } = await buildOnce(context, ".", {});
    // A module that prepare refuses fails where a test deploys it.
    if (!accepted) context.note(text);
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== "BUILD_NO_CONTRACT") throw error;
  }
}

/** Runs vitest to its end; its exit code. */
function runVitest(
  { json, quiet }: CommandContext,
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  // stdout is ours under --json.
  const out = quiet ? "ignore" : json ? 2 : "inherit";
  const child = spawn(process.execPath, [script, "run", ...args], {
    env: { ...process.env, ...environment },
    stdio: ["inherit", out, quiet ? "ignore" : "inherit"],
    signal: interruption,
  });
  return new Promise((done, reject) => {
    child.on("error", reject);
    child.on("close", (code) => done(code ?? ExitCode.bug));
  });
}

interface Gas {
  readonly file: string;
  readonly written: boolean;
  readonly methods: number;
  readonly changes: readonly GasChange[];
}

/** Writes or compares the gas snapshot. @throws GAS_SNAPSHOT_INVALID, FILE_… */
function settleGas(request: TestRequest, log: string, passed: boolean): Gas | null {
  const { gasSnapshot: written, gasCheck: checked } = request;
  if (written === undefined && checked === undefined) return null;
  const is = gasSnapshot(existsSync(log) ? readFileSync(log, "utf8") : "");
  if (checked !== undefined) {
    const changes = gasChanges(readGasSnapshot(readText(checked), checked), is);
    return { file: checked, written: false, methods: is.size, changes };
  }
  // Of a run that failed the figures are not all there.
  if (passed) writeWhole(written as string, gasSnapshotText(is));
  return { file: written as string, written: passed, methods: is.size, changes: [] };
}

function gasText(gas: Gas | null, { colors }: CommandContext): string {
  if (gas === null) return "";
  const { file, written, methods, changes } = gas;
  if (written) return `wrote gas of ${methods} methods to ${colors.bold(file)}`;
  if (changes.length === 0) return `gas of ${methods} methods is as in ${file}`;
  return [
    `gas is not as in ${file}:`,
    gasChangesText(changes),
    `if that is meant: plasma test --gas-snapshot ${file === GAS_FILE ? "" : file}`.trimEnd(),
  ].join("\n");
}

async function test(context: CommandContext, request: TestRequest): Promise<CommandResult> {
  const folder = resolve(".");
  const script = vitestScript(folder);
  // Before minutes of tests.
  if (request.gasCheck !== undefined) readGasSnapshot(readText(request.gasCheck), request.gasCheck);
  if (request.build) await buildContracts(context);
  return inScratchFolder(async (place) => {
    const [log, notes] = [join(place, "gas.tsv"), join(place, "failures.jsonl")];
    // vitest tells where it is, so it stays.
    const reportFile = resolve(REPORT_FILE);
    rmSync(reportFile, { force: true });
    const { verbosity, seed, vitestArgs } = request;
    const own = vitestArgs.some((arg) => /^--reporters?\b/.test(arg)) ? [] : ["--reporter=default"];
    const code = await runVitest(
      context,
      script,
      [...own, "--reporter=json", `--outputFile.json=${reportFile}`, ...vitestArgs],
      {
        [VERBOSITY]: String(verbosity),
        [FAILURE_LOG]: notes,
        ...(seed === undefined ? {} : { [SEED]: seed }),
        ...((request.gasSnapshot ?? request.gasCheck) ? { [GAS_LOG]: log } : {}),
      },
    );
    const report = readVitestReport(reportFile, notes, folder);
    if (report === undefined || report.files === 0) throw notRun(code, report);
    return resultOf(context, report, code, settleGas(request, log, code === 0));
  });
}

function notRun(code: number, report: VitestReport | undefined): EngineError {
  const isEmpty = report !== undefined && report.files === 0;
  return new EngineError({
    code: "TEST_RUN_FAILED",
    message: isEmpty ? "vitest found no test files" : `vitest ended with ${code} and ran nothing`,
    ...(isEmpty ? { hint: "write tests/NAME.test.ts; docs/testing.md shows how" } : {}),
  });
}

function resultOf(
  context: CommandContext,
  report: VitestReport,
  code: number,
  gas: Gas | null,
): CommandResult {
  const ok = code === 0 && (gas === null || gas.changes.length === 0);
  return {
    document: { ok, ...report, gas },
    text: gasText(gas, context),
    exitCode: ok ? ExitCode.ok : ExitCode.notAsWished,
  };
}

export const testCommand: CliCommand = {
  name: "test",
  group: "author",
  summary: "build the contracts and run the project's tests with its vitest",
  examples: ["plasma test", 'plasma test -vv -t "increments" --gas-snapshot'],
  configure: (command) =>
    command
      .argument("[vitest...]", "files and options for vitest, passed on as they are")
      .allowUnknownOption()
      .allowExcessArguments()
      .option(
        "-v, --verbose",
        "of red tests show -v all calls, -vv storage and events, -vvv source lines",
        (_: string, count: number) => count + 1,
        0,
      )
      .option("--gas-snapshot [file]", `write what each method used (${GAS_FILE})`)
      .option(
        "--gas-check [file]",
        `compare with the snapshot; exit 2 where gas differs (${GAS_FILE})`,
      )
      .option("--seed <number>", "seed of fuzz and invariant; a red test tells its own")
      .option("--no-build", "do not build the contracts first"),
  run: (context, args, options) =>
    test(context, requestOf((args[0] ?? []) as unknown as readonly string[], options)),
};
