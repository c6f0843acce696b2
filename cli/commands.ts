// Every command that exists, in the order of the help. A command appears here when it works. Modules
// are loaded when they are needed: `plasma explain` should not pay for a compiler or a database.
import type { CliCommand } from "./command.ts";

const loaders: Readonly<Record<string, () => Promise<CliCommand>>> = {
  demo: async () => (await import("./commands/demo.ts")).demoCommand,
  new: async () => (await import("./commands/new.ts")).newCommand,
  build: async () => (await import("./commands/build.ts")).buildCommand,
  check: async () => (await import("./commands/check.ts")).checkCommand,
  inspect: async () => (await import("./commands/inspect.ts")).inspectCommand,
  test: async () => (await import("./commands/test.ts")).testCommand,
  abi: async () => (await import("./commands/abi.ts")).abiCommand,
  run: async () => (await import("./commands/run.ts")).runCommand,
  replay: async () => (await import("./commands/replay.ts")).replayCommand,
  verify: async () => (await import("./commands/verify.ts")).verifyCommand,
  trace: async () => (await import("./commands/trace.ts")).traceCommand,
  dispute: async () => (await import("./commands/dispute.ts")).disputeCommand,
  tamper: async () => (await import("./commands/tamper.ts")).tamperCommand,
  bench: async () => (await import("./commands/bench.ts")).benchCommand,
  prove: async () => (await import("./commands/prove.ts")).proveCommand,
  rules: async () => (await import("./commands/rules.ts")).rulesCommand,
  explain: async () => (await import("./commands/explain.ts")).explainCommand,
  config: async () => (await import("./commands/config.ts")).configCommand,
};

/** All commands, for the help and for names that are not known. */
export const loadCommands = (): Promise<readonly CliCommand[]> =>
  Promise.all(Object.values(loaders).map((load) => load()));

/** The commands that a command line can need: the one that it names, else all. */
export async function commandsFor(argv: readonly string[]): Promise<readonly CliCommand[]> {
  const operand = argv.find(
    (word, i) => !word.startsWith("-") && !/^(-C|--directory)$/.test(argv[i - 1] ?? ""),
  );
  if (operand === undefined && (argv.includes("--version") || argv.includes("-V"))) return [];
  const load =
    operand !== undefined && Object.hasOwn(loaders, operand) ? loaders[operand] : undefined;
  return load === undefined ? loadCommands() : [await load()];
}
