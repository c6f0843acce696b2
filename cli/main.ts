#!/usr/bin/env node
// The `plasma` command as a process: runs the command line that it was started with (command-line.ts), ends with its
// exit code, and turns signals and what nobody caught into its failure. Nothing else ends the process.
import { CommandLine } from "./command-line.ts";
import { ExitCode } from "./exit-codes.ts";
import { interrupt } from "./files.ts";
import { type Failure, failureOf } from "./output.ts";

const commandLine = new CommandLine(process.argv.slice(2), process);

async function end(failure: Failure): Promise<void> {
  interrupt();
  process.exit(await commandLine.fail(failure));
}

function interrupted(): void {
  void end({
    code: "INTERRUPTED",
    message: "interrupted; nothing was left half-written",
    where: {},
    hint: "run the command again",
    exitCode: ExitCode.interrupted,
  });
}

process.on("SIGINT", interrupted);
process.on("SIGTERM", interrupted);
process.on("uncaughtException", (error) => void end(failureOf(error)));
// `plasma … | head` closes the pipe early; that is the reader's right.
process.stdout.on("error", () => process.exit(ExitCode.ok));

const exitCode = await commandLine.run();
// A command that failed may have left a child process at work.
interrupt();
process.exit(exitCode);
