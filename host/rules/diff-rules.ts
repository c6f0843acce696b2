// What changes between two sets of rules, field by field, for `plasma rules diff` and for those who
// must agree to a change. Two rules without a difference have the same hash, and the reverse.
import { fields, pathText, valueAt } from "./fields.ts";
import { writeField } from "./read-field.ts";
import type { Rules } from "./rules.ts";

/** One field that differs; values as in the JSON document. */
export interface RulesDifference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The differing fields in canonical order. */
export function diffRules(before: Rules, after: Rules): RulesDifference[] {
  return fields.flatMap((field) => {
    const a = writeField(field, valueAt(before, field.path));
    const b = writeField(field, valueAt(after, field.path));
    if (JSON.stringify(a) === JSON.stringify(b)) return [];
    return [{ path: pathText(field.path), before: a, after: b }];
  });
}
