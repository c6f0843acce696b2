// Runs the built command line: `runCli` in a process of its own (dist/cli/main.js, or PLASMA_CLI), as a user would;
// `callCli` in this process, which costs no start and is for tests of what a command answers, not of how its process
// behaves. Under --json both insist that stdout is exactly one document which its schema in schema/cli/
// accepts, so every test of a command is also a test of its schema.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Ajv, type ValidateFunction } from "ajv";
import type * as CommandLines from "../../cli/command-line.ts";

const root = resolve(import.meta.dirname, "../..");

/** The command line under test. */
export const cliFile = resolve(root, process.env.PLASMA_CLI ?? "dist/cli/main.js");

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  // biome-ignore lint/suspicious/noExplicitAny: the schema has been checked; tests read any field
  readonly json: any;
}

export interface CliOptions {
  /** A file that runs as a command; dist/cli/main.js by default. */
  readonly command?: string;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the running process, for signals. */
  readonly onStart?: (child: ChildProcess) => void;
}

const ajv = new Ajv({ allowUnionTypes: true });
const validators = new Map<string, ValidateFunction>();

/** Compiled schema schema/cli/<name>.json. */
export function validator(name: string): ValidateFunction {
  let validate = validators.get(name);
  if (validate === undefined) {
    validate = ajv.compile(JSON.parse(readFileSync(join(root, `schema/cli/${name}.json`), "utf8")));
    validators.set(name, validate);
  }
  return validate;
}

/**
 * The schema for a command line: schema/cli/rules-check.json for `rules check`, bench-scenario.json for
 * `bench` of a file, trace-at.json for `trace --at`, else of one word.
 */
export function schemaFor(args: readonly string[]): string {
  if (args.includes("--help") || args.includes("-h")) return "help";
  if (args.includes("--version") || args.includes("-V")) return "version";
  const words = args.filter((arg, i) => !arg.startsWith("-") && args[i - 1] !== "-C");
  const two = `${words[0]}-${words[1]}`;
  if (existsSync(join(root, `schema/cli/${two}.json`))) return two;
  if (words[0] === "trace" && args.includes("--at")) return "trace-at";
  if (words[0] === "bench" && words[1]?.endsWith(".json") === true) return "bench-scenario";
  return words[0] !== undefined && words[0] !== "rules" ? words[0] : "help";
}

function readDocument(args: readonly string[], stdout: string): unknown {
  const lines = stdout.split("\n");
  if (lines.length !== 2 || lines[1] !== "") {
    throw new Error(
      `--json printed ${lines.length - 1} lines, expected 1:\n${stdout.slice(0, 2000)}`,
    );
  }
  const document = JSON.parse(stdout) as { error?: unknown };
  const name = document.error === undefined ? schemaFor(args) : "error";
  const validate = validator(name);
  if (!validate(document)) {
    const reasons = JSON.stringify(validate.errors);
    throw new Error(
      `${args.join(" ")}: schema/cli/${name}.json: ${reasons}\n${stdout.slice(0, 2000)}`,
    );
  }
  return document;
}

function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(PLASMA_|NO_COLOR$|FORCE_COLOR$|NODE_OPTIONS$|VITEST)/.test(name),
  );
  return { ...Object.fromEntries(inherited), ...extra };
}

/** Runs `plasma args…` to its end in a process of its own. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const { command } = options;
  const [file, first] = command === undefined ? [process.execPath, [cliFile]] : [command, []];
  const child = spawn(file, [...first, ...args], {
    cwd: options.cwd ?? root,
    env: environment(options.env),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => stdout.push(part));
  child.stderr.on("data", (part: Buffer) => stderr.push(part));
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  options.onStart?.(child);
  const code = await new Promise<number | null>((done, reject) => {
    child.on("error", reject);
    child.on("close", (exit) => done(exit));
  });
  const text = Buffer.concat(stdout).toString("utf8");
  return {
    code,
    stdout: text,
    stderr: Buffer.concat(stderr).toString("utf8"),
    json: args.includes("--json") ? readDocument(args, text) : undefined,
  };
}

function setVariables(variables: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in variables)) delete process.env[name];
  Object.assign(process.env, variables);
}

/** Replaces folder and variables of this process while `run` runs. */
async function during<T>(options: CliOptions, run: () => Promise<T>): Promise<T> {
  const folder = process.cwd();
  const variables = { ...process.env };
  process.chdir(options.cwd ?? root);
  setVariables(environment(options.env));
  try {
    return await run();
  } finally {
    setVariables(variables);
    process.chdir(folder);
  }
}

/** A stream that keeps what is written to it. */
class KeptText {
  text = "";
  write(text: string, written?: () => void): void {
    this.text += text;
    written?.();
  }
}

let calls: Promise<unknown> = Promise.resolve();

/**
 * Runs `plasma args…` to its end in this process, as runCli does in one of its own: one after another, since folder
 * and variables are the process's. It has no stdin, no signals, and no stdout for files ("-o -").
 */
export function callCli(
  args: readonly string[],
  options: Pick<CliOptions, "cwd" | "env"> = {},
): Promise<CliRun> {
  if (args.includes("-") || process.env.PLASMA_CLI !== undefined) return runCli(args, options);
  const call = calls.then(async () => {
    const file = pathToFileURL(join(root, "dist/cli/command-line.js")).href;
    const { CommandLine } = (await import(/* @vite-ignore */ file)) as typeof CommandLines;
    const streams = { stdout: new KeptText(), stderr: new KeptText() };
    const code = await during(options, () => new CommandLine(args, streams).run());
    const { stdout, stderr } = { stdout: streams.stdout.text, stderr: streams.stderr.text };
    const json = args.includes("--json") ? readDocument(args, stdout) : undefined;
    return { code, stdout, stderr, json };
  });
  calls = call.catch(() => undefined);
  return call;
}
