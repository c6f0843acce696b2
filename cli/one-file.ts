// The one-file verifier, `plasma-verify.mjs`: a module (all of plasmavm/verify) and, when a runtime is
// started on it, a command with the verdicts, texts, documents and exit codes of `plasma replay` and
// `verify`. Must work without Node: what it needs of the system is imported when it runs as a command.
import { EngineError } from "../host/errors.ts";
import { type VerifiedFile, verifyFile } from "../host/verify/verify-file.ts";
import { versions } from "../host/versions.ts";
import type { CommandResult } from "./command.ts";
import {
  documentText,
  failureDocument,
  failureOf,
  failureText,
  hostFaultLines,
  printable,
} from "./output.ts";
import { blockText, type Expected, hashOption, type Marks, replaySummary } from "./replay-text.ts";
import { proofResult, verifiedResult } from "./verify-text.ts";

export * from "../host/verify/index.ts";

const HELP = `Usage: node plasma-verify.mjs FILE [--expect HASH] [--expect-parent HASH] [--json]

Judges a file of evidence by itself: executes the block of a bundle again and says whether its claimed
result is right; judges a step proof by two judges, a state proof by its path. Needs nothing installed
but Node 20.19 or newer, or Bun. FILE is a .bundle, .step.proof or .state.proof, or - for stdin.

  --expect HASH         block hash of the block that you mean (bundles, state proofs)
  --expect-parent HASH  result hash that the block must build on (bundles)
  --json                print exactly one JSON document on stdout, errors included
  --version             show package, format and semantics versions

Exit codes: 0 the claim stands · 1 unusable evidence or wrong usage · 3 the claim is refuted`;

const plain = (text: unknown): string => String(text);
const marks: Marks = { green: plain, red: plain, yellow: plain, bold: plain };

/** What the command line asks for. */
interface Request {
  readonly file: string;
  readonly expected: Expected;
}

const OPTIONS = {
  expect: { type: "string" },
  "expect-parent": { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

/** @returns a request, or a text to print in place of an answer. @throws CLI_… */
async function readArguments(args: string[]): Promise<Request | string> {
  const { parseArgs } = await import("node:util");
  let parsed: ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split(/[.\n]/)[0] ?? "") : "";
    const hint = '"node plasma-verify.mjs --help" lists the options';
    throw new EngineError({ code: "CLI_OPTION_UNKNOWN", message, hint, cause });
  }
  const { values, positionals } = parsed;
  const { package: name, format, semantics } = versions;
  if (values.version) return `plasma-verify ${name} (format ${format}, semantics ${semantics})`;
  if (values.help) return HELP;
  const [file, extra] = positionals;
  if (file === undefined) {
    throw new EngineError({ code: "CLI_ARGUMENT_MISSING", message: "give a file to verify" });
  }
  if (extra !== undefined) {
    throw new EngineError({ code: "CLI_ARGUMENT_EXTRA", message: `got a second file, ${extra}` });
  }
  const { expect, "expect-parent": parent } = values;
  return {
    file,
    expected: {
      ...(expect === undefined ? {} : { expect: hashOption("--expect", expect) }),
      ...(parent === undefined ? {} : { expectParent: hashOption("--expect-parent", parent) }),
    },
  };
}

/** @throws FILE_NOT_FOUND, FILE_NOT_READABLE */
async function readWhole(file: string): Promise<Uint8Array> {
  const { readFileSync } = await import("node:fs");
  try {
    return new Uint8Array(readFileSync(file === "-" ? 0 : file));
  } catch (cause) {
    const reason = (cause as { readonly code?: string }).code ?? "unknown";
    if (reason === "ENOENT") {
      const message = `there is no file ${file}`;
      throw new EngineError({ code: "FILE_NOT_FOUND", message, where: { file }, cause });
    }
    const message = `${file} cannot be read: ${reason}`;
    throw new EngineError({ code: "FILE_NOT_READABLE", message, where: { file }, cause });
  }
}

function answer(file: string, verified: VerifiedFile, expected: Expected): CommandResult {
  if (verified.kind === "proof") return verifiedResult(marks, file, proofResult(verified.result));
  const { result } = verified;
  const summary = replaySummary(marks, [{ file, result }], 1, expected);
  return { ...summary, text: `${blockText(marks, file, result)}\n${summary.text}` };
}

async function runCommand(args: string[]): Promise<void> {
  const json = args.includes("--json");
  try {
    const request = await readArguments(args);
    if (typeof request === "string") {
      process.stdout.write(`${request}\n`);
      return;
    }
    const { file, expected } = request;
    const verified = await verifyFile(await readWhole(file), expected);
    const faults = verified.kind === "bundle" ? verified.result.hostFaults : [];
    for (const line of hostFaultLines(faults)) process.stderr.write(`${printable(line)}\n`);
    const { document, text, exitCode } = answer(file, verified, expected);
    process.stdout.write(json ? documentText(document) : `${printable(text)}\n`);
    process.exitCode = exitCode ?? 0;
  } catch (error) {
    const failure = failureOf(error);
    if (json) process.stdout.write(documentText(failureDocument(failure)));
    else process.stderr.write(printable(failureText(failure, marks)));
    if (failure.stack !== undefined) process.stderr.write(`${failure.stack}\n`);
    process.exitCode = failure.exitCode;
  }
}

/** Whether a runtime was started on this very file, and not on one that imports it. */
async function isCommand(): Promise<boolean> {
  const script = globalThis.process?.argv?.[1];
  if (script === undefined) return false;
  const { isMainThread } = await import("node:worker_threads");
  if (!isMainThread) return false;
  const { realpathSync } = await import("node:fs");
  const { pathToFileURL } = await import("node:url");
  try {
    return pathToFileURL(realpathSync(script)).href === import.meta.url;
  } catch {
    // Not a file: a runtime that evaluates text.
    return false;
  }
}

if (await isCommand()) await runCommand(process.argv.slice(2));
