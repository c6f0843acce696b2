// Counterexamples that were found, beside the test file: `token.test.ts` has `token.cases.json`. They are tried
// first at every later run, so the file belongs into the repository. A case is calls with their encoded
// inputs, which stay exact whatever the numbers; the text beside them is for people.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";

/** One call of a case. */
export interface KeptCall {
  /** For people: `Token.transfer(to: bob, amount: 5) as alice`. */
  readonly text: string;
  readonly as: string;
  /** Encoded call, with the selector. */
  readonly input: string;
  /** Decimal. */
  readonly value: string;
  /** Place of the action in the list of those of `invariant`. */
  readonly action: number;
}

export type KeptCase = readonly KeptCall[];

/** Cases of one property that are kept: the newest. */
const CASES_MAX = 8;
const FORMAT = 1;

interface CaseFile {
  readonly v: number;
  readonly cases: Readonly<Record<string, readonly KeptCase[]>>;
}

/** Where cases of the running test are kept, from the working folder, and under which name. */
export async function caseHome(property: string): Promise<{ file: string; key: string }> {
  try {
    const { expect } = await import("vitest");
    const { testPath, currentTestName } = expect.getState();
    if (testPath !== undefined) {
      const file = relative(process.cwd(), testPath).replace(/(\.test|\.spec)?\.\w+$/, "");
      const test = currentTestName === undefined ? "" : `${currentTestName}: `;
      return { file: `${file}.cases.json`, key: `${test}${property}` };
    }
  } catch {
    // No vitest.
  }
  return { file: ".plasma/cases.json", key: property };
}

/** The cases under `key`; none where the file is not one of ours. */
export function readCases(file: string, key: string): readonly KeptCase[] {
  return readFile(file)[key] ?? [];
}

/** Adds a case in front of those there are. */
export function keepCase(file: string, key: string, found: KeptCase): void {
  const all = readFile(file);
  const inputs = (one: KeptCase) =>
    JSON.stringify(one.map(({ as, input, value }) => [as, input, value]));
  const others = (all[key] ?? []).filter((one) => inputs(one) !== inputs(found));
  const cases = { ...all, [key]: [found, ...others].slice(0, CASES_MAX) };
  const sorted = Object.fromEntries(Object.entries(cases).sort(([a], [b]) => (a < b ? -1 : 1)));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ v: FORMAT, cases: sorted }, null, 2)}\n`);
}

function readFile(file: string): CaseFile["cases"] {
  if (!existsSync(file)) return {};
  try {
    const read = JSON.parse(readFileSync(file, "utf8")) as CaseFile;
    return read.v === FORMAT && typeof read.cases === "object" ? read.cases : {};
  } catch {
    return {};
  }
}
