// Compares what one engine gave with what is expected, case by case and field by field. A field that is null was
// not told (the machine ran that case); a case without an answer is a mismatch, and so is one too many.
import type { CaseResult } from "./cases.ts";

export interface Mismatch {
  readonly engine: string;
  readonly case: string;
  readonly field: string;
  readonly got: string;
  readonly expected: string;
  /** The command that repeats the case. */
  readonly again: string;
}

/** What an engine gave: fields by case, the scenarios' blocks among them. */
export interface Answers {
  readonly version: string;
  readonly cases: ReadonlyMap<string, CaseResult["fields"]>;
  /** Runs on which the engine failed and that the machine repeated. */
  readonly repeats: number;
}

export interface ComparedEngine {
  readonly name: string;
  /** Whether it runs scenarios as a node does: cases `produce/…`. */
  readonly produces: boolean;
  readonly again: (caseName: string) => string;
}

/** Every field in which the engine differs. */
export function compareAnswers(
  engine: ComparedEngine,
  got: Answers,
  expected: Answers["cases"],
): Mismatch[] {
  const mismatches: Mismatch[] = [];
  for (const name of new Set([...expected.keys(), ...got.cases.keys()])) {
    if (!engine.produces && name.startsWith("produce/")) continue;
    const answered = got.cases.get(name);
    const fields = expected.get(name);
    for (const field of new Set([...Object.keys(fields ?? {}), ...Object.keys(answered ?? {})])) {
      const a = answered === undefined ? "no answer" : answered[field];
      const b = fields === undefined ? "no such case" : fields[field];
      if (a === b || a === null || b === null) continue;
      mismatches.push({
        ...{ engine: engine.name, case: name, field, got: String(a), expected: String(b) },
        again: engine.again(name),
      });
    }
  }
  return mismatches;
}
