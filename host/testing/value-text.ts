// Values, reverts and ends of transactions as a test's reader sees them: accounts and contracts by their names,
// numbers without quotes, long bytes cut in the middle.

import { type DecodedRevert, describeRevert } from "../abi/decode-revert.ts";
import type { AbiValue } from "../abi/decode-value.ts";
import { describeOutcome, Outcome } from "../outcome.ts";

/** Names by address in lower case. */
export type Names = ReadonlyMap<string, string>;

const HEX_SHOWN = 66;
const TEXT_SHOWN = 200;

/** One value on one line. */
export function valueText(value: unknown, names: Names): string {
  if (typeof value === "string") {
    if (!/^0x[0-9a-f]*…?$/.test(value)) return cut(JSON.stringify(value), TEXT_SHOWN);
    const name = names.get(value);
    if (name !== undefined) return name;
    return value.length <= HEX_SHOWN ? value : `${value.slice(0, 22)}…${value.slice(-8)}`;
  }
  if (Array.isArray(value)) return `[${value.map((item) => valueText(item, names)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{${fieldsText(value as Readonly<Record<string, unknown>>, names)}}`;
}

/** `name: value, …`. */
export function fieldsText(fields: Readonly<Record<string, unknown>>, names: Names): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${valueText(value, names)}`)
    .join(", ");
}

/** What a contract said when it reverted. */
export function revertText(revert: DecodedRevert, names: Names): string {
  if (revert.kind !== "error") return describeRevert(revert);
  return `${revert.name}(${fieldsText(revert.fields as Record<string, AbiValue>, names)})`;
}

/** How a transaction or view ended. */
export function endText(
  outcome: Outcome,
  code: number,
  revert: DecodedRevert | undefined,
  names: Names,
): string {
  if (outcome === Outcome.revert && revert !== undefined) return revertText(revert, names);
  return describeOutcome(outcome, code);
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
