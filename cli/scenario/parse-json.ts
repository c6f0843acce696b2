// JSON text -> value, refusing beforehand what JSON.parse lets through: nesting that costs gigabytes, and
// a name that an object has twice, of which all but the last would silently be lost.
import { scenarioError } from "./json-field.ts";

/** Rules have 4 levels, arguments as many as the ABI room parses. */
const NESTING_MAX = 64;

/** The value of `text`. @throws SCENARIO_SYNTAX */
export function parseJson(text: string): unknown {
  scan(text);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.slice(0, 200) : "?";
    throw scenarioError("SCENARIO_SYNTAX", "", `not JSON: ${reason}`);
  }
}

/** One pass over the brackets and names; whether it is JSON otherwise is for JSON.parse to say. */
function scan(text: string): void {
  /** Names so far of each open object; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === "{" || character === "[") {
      open.push(character === "{" ? new Set() : undefined);
      if (open.length > NESTING_MAX) throw refusal(text, i, `nested over ${NESTING_MAX} deep`);
    } else if (character === "}" || character === "]") {
      open.pop();
    } else if (character === '"') {
      const end = endOfText(text, i);
      const names = open.at(-1);
      if (names !== undefined && isName(text, end)) {
        const name = text.slice(i + 1, end);
        if (names.has(name))
          throw refusal(text, i, `the name "${name.slice(0, 64)}" twice in one object`);
        names.add(name);
      }
      i = end;
    }
  }
}

/** Index of the quote that ends the string which begins at `start`, or the text's length. */
function endOfText(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i;
  }
  return text.length;
}

/** Whether a colon follows the string that ends at `end`. */
function isName(text: string, end: number): boolean {
  let i = end + 1;
  while (text[i] === " " || text[i] === "\n" || text[i] === "\r" || text[i] === "\t") i++;
  return text[i] === ":";
}

function refusal(text: string, at: number, what: string): Error {
  const line = text.slice(0, at).split("\n").length;
  return scenarioError("SCENARIO_SYNTAX", "", `line ${line}: got ${what}`);
}
