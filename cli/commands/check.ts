// `plasma check WASM`: whether a module can be deployed under rules, why not, and how much of each
// limit it uses. Nothing runs. Exit 0 accepted, 1 refused.
import { existsSync } from "node:fs";
import type { CliCommand } from "../command.ts";
import { settingValue } from "../configuration.ts";
import { ExitCode } from "../exit-codes.ts";
import { readBytes, readText } from "../files.ts";
import { loadRules } from "../load-rules.ts";
import { checkModule, refusalLines } from "../module-check.ts";
import { tableText } from "../output.ts";

/** Many times what any rules allow; hashing it for the answer stays a matter of a moment. */
const WASM_BYTES_MAX = 16 * 1_048_576;

/** `plasma build` writes the map beside the module. */
function neighbourMap(file: string): string | undefined {
  const map = `${file}.map`;
  return file !== "-" && existsSync(map) ? readText(map) : undefined;
}

export const checkCommand: CliCommand = {
  name: "check",
  group: "author",
  summary: "tell whether a module can be deployed, and why not",
  examples: [
    "plasma check build/counter.wasm",
    "plasma check build/counter.wasm --rules payments --json",
  ],
  configure: (command) =>
    command
      .argument("<wasm>", "a Wasm module, or -")
      .option("--rules <rules>", "a preset's name or a file (general)"),
  run: (context, [file = ""], options) => {
    const rules = loadRules(settingValue("rules", options)!);
    const check = checkModule(readBytes(file, WASM_BYTES_MAX), rules, neighbourMap(file));
    const { colors } = context;
    const limits = tableText(
      ["limit", "used", "of"],
      check.limits.map(({ name, used, max }) => [name, String(used), String(max)]),
    );
    const head = check.accepted
      ? `${colors.green("accepted")}: code ${check.codeHash}, entry ${check.entryGas} gas`
      : refusalLines(file, check.refusals, colors).join("\n");
    return {
      document: { ...check },
      text: check.limits.length === 0 ? head : `${head}\n\n${limits}`,
      exitCode: check.accepted ? ExitCode.ok : ExitCode.failed,
    };
  },
};
