// What a command is: its place in the help, its arguments, two examples that a test runs, and a
// function from arguments to one result. A command never prints its result and never exits:
// command-line.ts prints it, so that stdout is exactly one JSON document under --json, and main.ts exits.
import type { Command } from "commander";
import type { Colors } from "picocolors/types.js";
import type { ExitCode } from "./exit-codes.ts";
import type { Progress } from "./progress.ts";

export const commandGroups = {
  start: "Start:",
  author: "Write contracts:",
  verify: "Run and verify:",
  // One heading: the whole help fits 40 lines.
  measure: "Measure, operate, help:",
  operate: "Measure, operate, help:",
  help: "Measure, operate, help:",
} as const;

/** What a command finished with. */
export interface CommandResult {
  /** Printed under --json after `"v":1`; bigints become decimal strings. */
  readonly document: Readonly<Record<string, unknown>>;
  /** Printed otherwise, unless -q; without the last line's newline. May be empty. */
  readonly text: string;
  /** 0 where absent. */
  readonly exitCode?: ExitCode;
}

/** How a command speaks while it runs. Nothing here reaches stdout under --json. */
export interface CommandContext {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Colours for stdout. */
  readonly colors: Colors;
  /** A line of a long result as it comes, on stdout; silent under --json and -q. */
  line(text: string): void;
  /** A remark on stderr; silent under -q. */
  note(text: string): void;
  /** A bar on stderr that shows itself after a second of silence. */
  progress(label: string, total: number): Progress;
}

export type CommandOptions = Readonly<Record<string, unknown>>;

export interface CliCommand {
  readonly name: string;
  readonly summary: string;
  readonly group?: keyof typeof commandGroups;
  /** Two command lines that work in a folder made by `plasma new`; they end the help. */
  readonly examples?: readonly [string, string];
  /** Adds arguments and options. */
  readonly configure?: (command: Command) => Command;
  readonly run?: (
    context: CommandContext,
    args: readonly (string | undefined)[],
    options: CommandOptions,
  ) => CommandResult | Promise<CommandResult>;
  readonly subcommands?: readonly CliCommand[];
}
