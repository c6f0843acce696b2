// `plasma rules init|check|diff`: write, validate and compare the rules of an environment. Arguments
// are preset names, files, or `-`. The hash printed is the one that every order names.
import { toHex } from "../../host/codec/hex.ts";
import { EngineError } from "../../host/errors.ts";
import { diffRules } from "../../host/rules/diff-rules.ts";
import { rulesHash } from "../../host/rules/encode-rules.ts";
import { rulesToJson } from "../../host/rules/parse-rules.ts";
import { presetNames, presetRules } from "../../host/rules/presets.ts";
import type { Rules } from "../../host/rules/rules.ts";
import type { CliCommand } from "../command.ts";
import { refuseExisting, writeWhole } from "../files.ts";
import { loadRules } from "../load-rules.ts";
import { tableText } from "../output.ts";

const SCHEMA = "./node_modules/plasmavm/schema/rules.json";

/** The preset with exactly these rules, or null. */
function presetOf(rules: Rules): string | null {
  return presetNames.find((name) => diffRules(presetRules(name), rules).length === 0) ?? null;
}

const summary = (rules: Rules) => ({
  rulesHash: toHex(rulesHash(rules)),
  preset: presetOf(rules),
  version: rules.version,
  semantics: rules.semantics,
});

/**
 * Genesis places prepare under the environment's own schedule and limits, so rules that refuse prepare
 * are rules of no environment.
 * @throws RULES_PREPARE_REFUSED
 */
async function refuseUnlessPrepared(file: string, rules: Rules): Promise<void> {
  const { checkModule } = await import("../module-check.ts");
  const { prepareModule } = await import("../../host/program/prepare-module.ts");
  const [refusal] = checkModule(prepareModule, rules).refusals;
  if (refusal === undefined) return;
  throw new EngineError({
    code: "RULES_PREPARE_REFUSED",
    message: `the module limits refuse prepare itself: ${refusal.code}: ${refusal.message}`,
    where: { file, field: "module" },
  });
}

const init: CliCommand = {
  name: "init",
  summary: "write a complete rules document to start from",
  examples: ["plasma rules init payments", "plasma rules init general -o -"],
  configure: (command) =>
    command
      .argument("[preset]", `a preset (${presetNames.join(", ")}) or a file to complete`, "general")
      .option("-o, --out <file>", "where to write it; - is stdout", "rules.json")
      .option("--force", "overwrite the file"),
  run: (context, [preset = "general"], options) => {
    const rules = loadRules(preset);
    const file = String(options.out);
    const document = { $schema: SCHEMA, ...rulesToJson(rules) };
    const facts = { ...summary(rules), file: file === "-" ? null : file };
    if (file === "-") {
      const text = JSON.stringify(document, null, 2);
      return { document: { ...facts, rules: rulesToJson(rules) }, text };
    }
    if (options.force !== true) refuseExisting(file);
    writeWhole(file, `${JSON.stringify(document, null, 2)}\n`);
    return {
      document: { ...facts, rules: rulesToJson(rules) },
      text: `wrote ${context.colors.bold(file)}, rules ${facts.rulesHash}`,
    };
  },
};

const check: CliCommand = {
  name: "check",
  summary: "tell whether rules are valid, and their hash",
  examples: ["plasma rules check rules.json", "plasma rules check payments --json"],
  configure: (command) => command.argument("<rules>", "a file, a preset's name, or -"),
  run: async (context, [name = ""]) => {
    const rules = loadRules(name);
    await refuseUnlessPrepared(name, rules);
    const facts = summary(rules);
    const preset = facts.preset === null ? "" : `, the preset ${facts.preset}`;
    return {
      document: { valid: true, rules: name, ...facts },
      text: `${context.colors.green("valid")}: rules ${facts.rulesHash}${preset}`,
    };
  },
};

const diff: CliCommand = {
  name: "diff",
  summary: "list the fields in which two rules differ",
  examples: ["plasma rules diff payments general", "plasma rules diff general rules.json --json"],
  configure: (command) =>
    command
      .argument("<before>", "a file, a preset's name, or -")
      .argument("<after>", "a file, a preset's name, or -"),
  run: (_context, [nameBefore = "", nameAfter = ""]) => {
    const before = loadRules(nameBefore);
    const after = loadRules(nameAfter);
    const differences = diffRules(before, after);
    const show = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
    const rows = differences.map((entry) => [entry.path, show(entry.before), show(entry.after)]);
    return {
      document: {
        same: differences.length === 0,
        before: { rules: nameBefore, rulesHash: toHex(rulesHash(before)) },
        after: { rules: nameAfter, rulesHash: toHex(rulesHash(after)) },
        differences,
      },
      text:
        rows.length === 0 ? "the same rules" : tableText(["field", nameBefore, nameAfter], rows),
    };
  },
};

export const rulesCommand: CliCommand = {
  name: "rules",
  group: "operate",
  summary: "write, check and compare the rules of an environment",
  examples: ["plasma rules init payments -o -", "plasma rules diff payments data-heavy"],
  subcommands: [init, check, diff],
};
