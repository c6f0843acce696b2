// A finding of a replay or a trace as people read it.
import type { Finding } from "../host/chain/finding.ts";
import { Outcome } from "../host/outcome.ts";

/** `file` is the bundle: where a transaction of it is at fault, the lines end with how to look into it. */
export function findingLines(finding: Finding, file?: string): string[] {
  const { code, message, transaction, field, got, expected } = finding;
  const where = [
    transaction === undefined ? undefined : `transaction ${transaction}`,
    field === undefined ? undefined : `field ${field}`,
  ].filter((part) => part !== undefined);
  const isTraceable = file !== undefined && file !== "-" && code === "RECEIPT_MISMATCH";
  return [
    `  finding[${code}]: ${message}`,
    ...(where.length === 0 ? [] : [`    where:    ${where.join(", ")}`]),
    ...(got === undefined ? [] : [`    got:      ${inWords(field, got)}`]),
    ...(expected === undefined ? [] : [`    expected: ${inWords(field, expected)}`]),
    ...(isTraceable && transaction !== undefined
      ? [`    look:     ${traceLine(file, transaction)}`]
      : []),
  ];
}

/** The command that shows what a transaction did. */
export const traceLine = (file: string, transaction: number): string =>
  `plasma trace ${/^[\w./@:+-]+$/.test(file) ? file : JSON.stringify(file)} --tx ${transaction}`;

/** An outcome's number with its word; other values as they are. */
function inWords(field: string | undefined, value: string): string {
  const outcome = Object.keys(Outcome).find(
    (name) => field === "outcome" && String(Outcome[name as keyof typeof Outcome]) === value,
  );
  return outcome === undefined ? value : `${value} (${outcome})`;
}
