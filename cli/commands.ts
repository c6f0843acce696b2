// Every command that exists, in the order of the help. A command appears here when it works.
import type { CliCommand } from "./command.ts";
import { buildCommand } from "./commands/build.ts";
import { checkCommand } from "./commands/check.ts";
import { configCommand } from "./commands/config.ts";
import { explainCommand } from "./commands/explain.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { newCommand } from "./commands/new.ts";
import { replayCommand } from "./commands/replay.ts";
import { rulesCommand } from "./commands/rules.ts";
import { runCommand } from "./commands/run.ts";
import { tamperCommand } from "./commands/tamper.ts";

export const commands: readonly CliCommand[] = [
  newCommand,
  buildCommand,
  checkCommand,
  inspectCommand,
  runCommand,
  replayCommand,
  tamperCommand,
  rulesCommand,
  explainCommand,
  configCommand,
];
