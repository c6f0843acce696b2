// Every command that exists, in the order of the help. A command appears here when it works.
import type { CliCommand } from "./command.ts";
import { configCommand } from "./commands/config.ts";
import { explainCommand } from "./commands/explain.ts";
import { newCommand } from "./commands/new.ts";
import { rulesCommand } from "./commands/rules.ts";

export const commands: readonly CliCommand[] = [
  newCommand,
  rulesCommand,
  explainCommand,
  configCommand,
];
