// `plasma explain CODE`: what an error, outcome, trap or skip code means and how to fix it. Accepts
// codes as they are printed anywhere: WASM_FLOAT_REFUSED, out_of_gas, trap(out_of_gas), skipped(nonce).
import { EngineError } from "../../host/errors.ts";
import { nearestName } from "../../host/rules/nearest-name.ts";
import type { CliCommand } from "../command.ts";
import { type Explanation, explanations } from "../explanations.ts";
import { tableText } from "../output.ts";

/** The explanation of a code in any of its spellings. @throws EXPLAIN_UNKNOWN with a suggestion */
export function explainCode(typed: string): Explanation {
  const inner = /^(?:trap|skipped|error)[([](.+)[)\]]$/.exec(typed)?.[1] ?? typed;
  const found = explanations.find((entry) => entry.code.toLowerCase() === inner.toLowerCase());
  if (found !== undefined) return found;
  const codes = explanations.map((entry) => entry.code);
  // The start of a long code is a fair way to ask for it.
  const start = codes.find((code) => code.toLowerCase().startsWith(inner.toLowerCase()));
  const near = nearestName(inner, codes) ?? start;
  throw new EngineError({
    code: "EXPLAIN_UNKNOWN",
    message: `there is no code ${JSON.stringify(inner.slice(0, 64))}`,
    ...(near === undefined ? {} : { hint: `did you mean "plasma explain ${near}"?` }),
  });
}

function explanationText({ code, kind, number, meaning, fix }: Explanation): string {
  const head = number === null ? `${code} (${kind})` : `${code} (${kind} ${number})`;
  const lines = [head];
  if (meaning !== "") lines.push(`  ${meaning}`);
  if (fix !== "") lines.push(`  fix: ${fix}`);
  return lines.join("\n");
}

export const explainCommand: CliCommand = {
  name: "explain",
  group: "help",
  summary: "say what a code means and how to fix it",
  examples: ["plasma explain RULES_FIELD_UNKNOWN", 'plasma explain "trap(out_of_gas)" --json'],
  configure: (command) =>
    command.argument("[code]", "an error, outcome, trap or skip code; none: list all"),
  run: (_context, [code]) => {
    if (code === undefined) {
      const rows = explanations.map((entry) => [
        entry.code,
        entry.kind,
        entry.meaning || entry.fix,
      ]);
      return { document: { codes: explanations }, text: tableText(["code", "kind", "says"], rows) };
    }
    const explanation = explainCode(code);
    return { document: { ...explanation }, text: explanationText(explanation) };
  },
};
