#!/usr/bin/env node
// The `plasma` command: reads the command line, runs one command, prints its one result and exits
// with its code. All failures end here. stdout is written exactly once under --json.
import type { CommandContext, CommandResult } from "./command.ts";
import { commandsFor } from "./commands.ts";
import { ExitCode } from "./exit-codes.ts";
import { discardUnfinished } from "./files.ts";
import {
  colorsFor,
  documentText,
  type Failure,
  failureDocument,
  failureOf,
  failureText,
  printable,
} from "./output.ts";
import { cliVersions } from "./package.ts";
import { readCommandLine } from "./program.ts";
import { startProgress } from "./progress.ts";
import { enterFolder } from "./working-folder.ts";

const argv = process.argv.slice(2);
const optionsEnd = argv.indexOf("--");
// Known before parsing, so that a wrong command line is answered in the form that was asked for.
const flags = optionsEnd === -1 ? argv : argv.slice(0, optionsEnd);
const json = flags.includes("--json");
const quiet = flags.includes("-q") || flags.includes("--quiet");

/** Waits until the text has left the process: a pipe may take it later. */
function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (text === "") resolve();
    else stream.write(text, () => resolve());
  });
}

const context: CommandContext = {
  json,
  quiet,
  colors: colorsFor(process.stdout),
  line: (text) => {
    if (!json && !quiet) process.stdout.write(`${printable(text)}\n`);
  },
  note: (text) => {
    if (!quiet) process.stderr.write(`${printable(text)}\n`);
  },
  progress: (label, total) => startProgress(label, total, !json && !quiet),
};

async function execute(): Promise<CommandResult> {
  const request = readCommandLine(argv, await commandsFor(argv));
  switch (request.kind) {
    case "help":
      return { document: { help: request.text }, text: request.text.trimEnd() };
    case "version": {
      const { version, format, semantics } = cliVersions;
      const text = `plasma ${version} (format ${format}, semantics ${semantics})`;
      return { document: { ...cliVersions }, text };
    }
    case "run":
      enterFolder(request.folder);
      return request.command.run!(context, request.args, request.options);
  }
}

let failed = false;

/** Reports the first failure; what fails in its wake, such as an aborted child, adds nothing. */
async function fail(failure: Failure): Promise<void> {
  if (failed) return;
  failed = true;
  discardUnfinished();
  if (json) await write(process.stdout, documentText(failureDocument(failure)));
  else await write(process.stderr, printable(failureText(failure, colorsFor(process.stderr))));
  if (failure.stack !== undefined) await write(process.stderr, `${failure.stack}\n`);
  process.exit(failure.exitCode);
}

function interrupted(): void {
  void fail({
    code: "INTERRUPTED",
    message: "interrupted; nothing was left half-written",
    where: {},
    hint: "run the command again",
    exitCode: ExitCode.interrupted,
  });
}

process.on("SIGINT", interrupted);
process.on("SIGTERM", interrupted);
process.on("uncaughtException", (error) => void fail(failureOf(error)));
// `plasma … | head` closes the pipe early; that is the reader's right.
process.stdout.on("error", () => process.exit(ExitCode.ok));

try {
  const result = await execute();
  const text = result.text === "" || quiet ? "" : `${printable(result.text)}\n`;
  await write(process.stdout, json ? documentText(result.document) : text);
  process.exit(result.exitCode ?? ExitCode.ok);
} catch (error) {
  await fail(failureOf(error));
}
