// Rules named on the command line: a preset's name, a file, or `-` for stdin.
import { existsSync } from "node:fs";
import { EngineError } from "../host/errors.ts";
import { nearestName } from "../host/rules/nearest-name.ts";
import { parseRulesText } from "../host/rules/parse-rules.ts";
import { isPresetName, presetNames, presetRules } from "../host/rules/presets.ts";
import type { Rules } from "../host/rules/rules.ts";
import { inFile, readText } from "./files.ts";

const RULES_BYTES_MAX = 262_144;

/** @throws RULES_… with the file, FILE_… */
export function loadRules(nameOrFile: string): Rules {
  if (isPresetName(nameOrFile)) return presetRules(nameOrFile);
  if (nameOrFile !== "-" && !existsSync(nameOrFile) && !/[./\\]/.test(nameOrFile)) {
    const near = nearestName(nameOrFile, presetNames);
    throw new EngineError({
      code: "RULES_PRESET_UNKNOWN",
      message: `got ${nameOrFile}, expected ${presetNames.join(", ")} or a file`,
      ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
    });
  }
  return inFile(nameOrFile, () => parseRulesText(readText(nameOrFile, RULES_BYTES_MAX)));
}
