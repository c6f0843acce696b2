// Builds the commander program from the list of commands: groups, global options, help with examples,
// and errors in our own form. It turns a command line into a chosen command or an EngineError; it
// neither runs anything nor prints.
import { Command, CommanderError } from "commander";
import { EngineError, type ErrorCode } from "../host/errors.ts";
import { nearestName } from "../host/rules/nearest-name.ts";
import { type CliCommand, type CommandOptions, commandGroups } from "./command.ts";
import { foreignHint } from "./foreign-words.ts";

/** What the command line asks for. */
export type Request =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" }
  | {
      readonly kind: "run";
      readonly command: CliCommand;
      readonly args: readonly (string | undefined)[];
      readonly options: CommandOptions;
      readonly folder: string | undefined;
    };

const HELP_WIDTH = 100;

const codes: Readonly<Record<string, ErrorCode>> = {
  "commander.unknownOption": "CLI_OPTION_UNKNOWN",
  "commander.missingArgument": "CLI_ARGUMENT_MISSING",
  "commander.optionMissingArgument": "CLI_ARGUMENT_MISSING",
  "commander.missingMandatoryOptionValue": "CLI_ARGUMENT_MISSING",
  "commander.excessArguments": "CLI_ARGUMENT_EXTRA",
  "commander.invalidArgument": "CLI_ARGUMENT_INVALID",
  "commander.conflictingOption": "CLI_ARGUMENT_INVALID",
};

function usageError(error: CommanderError, usage: string): EngineError {
  const [first = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const hint = suggestion?.replace(/^\(Did you mean (.*)\?\)$/, 'did you mean "$1"?');
  return new EngineError({
    code: codes[error.code] ?? "CLI_ARGUMENT_INVALID",
    message: first,
    hint: hint ?? `see "${usage} --help"`,
    cause: error,
  });
}

function unknownCommand(name: string, parent: string, commands: readonly string[]): EngineError {
  const near = nearestName(name, commands);
  const foreign = parent === "plasma" ? foreignHint(name, commands) : undefined;
  const guess = near === undefined ? undefined : `did you mean "${parent} ${near}"?`;
  return new EngineError({
    code: "CLI_COMMAND_UNKNOWN",
    message: `there is no command "${parent} ${name.slice(0, 64)}"`,
    hint: foreign ?? guess ?? `"${parent} --help" lists the commands`,
  });
}

/** Help of every command: two-space indent, commander's layout, examples last. */
function dress(command: Command, path: string, definition: CliCommand | undefined): Command {
  command
    .exitOverride()
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .configureHelp({ helpWidth: HELP_WIDTH, showGlobalOptions: false })
    .allowExcessArguments(false);
  const examples = definition?.examples;
  if (examples !== undefined) {
    command.addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);
  }
  command.name(path.split(" ").at(-1)!);
  return command;
}

function addCommand(
  parent: Command,
  path: string,
  definition: CliCommand,
  choose: (request: Request) => void,
): void {
  const full = `${path} ${definition.name}`;
  const command = dress(parent.command(definition.name), full, definition);
  command.description(definition.summary);
  // The list of commands has one line for each.
  command.summary(definition.summary.split(";")[0]!);
  if (definition.group !== undefined) command.helpGroup(commandGroups[definition.group]);
  definition.configure?.(command);
  if (definition.subcommands !== undefined) {
    for (const subcommand of definition.subcommands) addCommand(command, full, subcommand, choose);
    const names = definition.subcommands.map((subcommand) => subcommand.name);
    command.on("command:*", ([name = ""]: string[]) => {
      throw unknownCommand(name, full, names);
    });
    return;
  }
  command.action((...values: unknown[]) => {
    const args = values.slice(0, -2) as (string | undefined)[];
    const options = command.opts();
    choose({ kind: "run", command: definition, args, options, folder: undefined });
  });
}

/** What `argv` (without node and script) asks for. @throws CLI_… */
export function readCommandLine(argv: readonly string[], commands: readonly CliCommand[]): Request {
  let request: Request | undefined;
  let help = "";
  let bareHelp = "";
  const program = dress(new Command(), "plasma", undefined)
    .description("Write contracts, run them metered, replay any block, refute what is wrong.")
    .usage("[options] <command>")
    .option("--json", "print exactly one JSON document on stdout, errors included")
    .option("-q, --quiet", "print nothing but errors")
    .option("--no-color", "print without colours (also NO_COLOR)")
    .option("-C, --directory <dir>", "work in this folder")
    .version("", "-V, --version", "show package, format and semantics versions")
    .configureOutput({
      writeOut: (text) => {
        help += text;
      },
      // Commander sends the help of a command without its subcommand here.
      writeErr: (text) => {
        bareHelp += text;
      },
    })
    .addHelpText(
      "after",
      '\n"plasma <command> --help" shows a command; "plasma explain CODE" an error.',
    );
  for (const definition of commands) {
    addCommand(program, "plasma", definition, (chosen) => {
      request = chosen;
    });
  }
  program.on("command:*", ([name = ""]: string[]) => {
    throw unknownCommand(
      name,
      "plasma",
      commands.map((command) => command.name),
    );
  });
  try {
    program.parse(argv.length === 0 ? ["--help"] : [...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.version") return { kind: "version" };
    // A command with subcommands and nothing after it: show what there is.
    if (error.code === "commander.help") return { kind: "help", text: bareHelp };
    if (error.code === "commander.helpDisplayed") return { kind: "help", text: help };
    throw usageError(error, usageOf(argv, commands));
  }
  if (request?.kind !== "run") return { kind: "help", text: help };
  const { directory } = program.opts<{ directory?: string }>();
  return { ...request, folder: directory };
}

/** The command that `argv` most likely meant, for "see … --help". */
function usageOf(argv: readonly string[], commands: readonly CliCommand[]): string {
  const words = argv.filter((word) => !word.startsWith("-"));
  const first = commands.find((command) => words.includes(command.name));
  if (first === undefined) return "plasma";
  const second = first.subcommands?.find((command) => words.includes(command.name));
  return second === undefined ? `plasma ${first.name}` : `plasma ${first.name} ${second.name}`;
}
