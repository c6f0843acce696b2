// One command line from its words to its exit code: reads it, runs one command, writes its one result or its first
// failure to the streams that it is given. stdout is written exactly once under --json. It never ends the process
// and takes no signals: main.ts does both.
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

/** What is written to of a stream; `written` is called when the text has left the process. */
export interface TextStream {
  readonly isTTY?: boolean;
  write(text: string, written?: () => void): unknown;
}

export interface CommandStreams {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
}

/** Waits until the text has left the process: a pipe may take it later. */
function write(stream: TextStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (text === "") resolve();
    else stream.write(text, () => resolve());
  });
}

export class CommandLine {
  readonly #argv: readonly string[];
  readonly #streams: CommandStreams;
  readonly #json: boolean;
  readonly #quiet: boolean;
  #failed: Promise<ExitCode> | undefined;

  /** `argv` without node and script. */
  constructor(argv: readonly string[], streams: CommandStreams) {
    const optionsEnd = argv.indexOf("--");
    // Known before parsing, so that a wrong command line is answered in the form that was asked for.
    const flags = optionsEnd === -1 ? argv : argv.slice(0, optionsEnd);
    this.#argv = argv;
    this.#streams = streams;
    this.#json = flags.includes("--json");
    this.#quiet = flags.includes("-q") || flags.includes("--quiet");
  }

  /** Runs the command to its end; whatever it throws is reported. Resolves to the exit code. */
  async run(): Promise<ExitCode> {
    try {
      const { document, text, exitCode } = await this.#execute();
      const shown = text === "" || this.#quiet ? "" : `${printable(text)}\n`;
      await write(this.#streams.stdout, this.#json ? documentText(document) : shown);
      return exitCode ?? ExitCode.ok;
    } catch (error) {
      return this.fail(failureOf(error));
    }
  }

  /** Reports the first failure; what fails in its wake, such as an aborted child, adds nothing. */
  fail(failure: Failure): Promise<ExitCode> {
    this.#failed ??= this.#report(failure);
    return this.#failed;
  }

  async #report(failure: Failure): Promise<ExitCode> {
    discardUnfinished();
    const { stdout, stderr } = this.#streams;
    if (this.#json) await write(stdout, documentText(failureDocument(failure)));
    else await write(stderr, printable(failureText(failure, colorsFor(stderr))));
    if (failure.stack !== undefined) await write(stderr, `${failure.stack}\n`);
    return failure.exitCode;
  }

  async #execute(): Promise<CommandResult> {
    const request = readCommandLine(this.#argv, await commandsFor(this.#argv));
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
        return request.command.run!(this.#context(), request.args, request.options);
    }
  }

  #context(): CommandContext {
    const { stdout, stderr } = this.#streams;
    const json = this.#json;
    const quiet = this.#quiet;
    return {
      json,
      quiet,
      colors: colorsFor(stdout),
      line: (text) => {
        if (!json && !quiet) stdout.write(`${printable(text)}\n`);
      },
      note: (text) => {
        if (!quiet) stderr.write(`${printable(text)}\n`);
      },
      progress: (label, total) => startProgress(label, total, !json && !quiet),
    };
  }
}
