// `plasma config`: every setting with its value and where the value comes from.
import type { CliCommand } from "../command.ts";
import { readConfiguration, resolveSetting, settings } from "../configuration.ts";
import { tableText } from "../output.ts";

export const configCommand: CliCommand = {
  name: "config",
  group: "help",
  summary: "show every setting, its value and its origin",
  examples: ["plasma config", "plasma config --rules payments --json"],
  configure: (command) => {
    for (const { flag, about } of settings) command.option(`${flag} <value>`, about);
    return command;
  },
  run: (_context, _args, options) => {
    const configuration = readConfiguration(".");
    const values = settings.map((setting) =>
      resolveSetting(setting, options, process.env, configuration),
    );
    const rows = values.map(({ name, value, origin, from }) => [
      name,
      value ?? "-",
      from === null ? origin : `${origin} (${from})`,
    ]);
    return {
      document: { settings: values },
      text: tableText(["setting", "value", "origin"], rows),
    };
  },
};
