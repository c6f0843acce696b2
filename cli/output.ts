// How results and failures look. Under --json stdout is exactly one document, errors included;
// otherwise results are text on stdout and errors follow STYLE.md on stderr. Nothing is decided here
// but form: an exit code comes with the result or with the kind of failure.
import Table from "cli-table3";
import picocolors from "picocolors";
import type { Colors } from "picocolors/types.js";
import type { HostFaultNote } from "../host/chain/repeat-in-machine.ts";
import { AssertionError, EngineError, type ErrorWhere } from "../host/errors.ts";
import { ExitCode } from "./exit-codes.ts";

/** Colours for a stream: off for --no-color, NO_COLOR and where the stream is no terminal. */
export function colorsFor(stream: { readonly isTTY?: boolean }): Colors {
  const isShown = stream.isTTY === true || process.env.FORCE_COLOR !== undefined;
  return picocolors.createColors(picocolors.isColorSupported && isShown);
}

/** JSON with bigints as decimal strings, `v` first, one line. */
export function documentText(document: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify({ v: 1, ...document }, (_key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
  return `${text}\n`;
}

const colorBehindEscape = /^\[[0-9;]*m/;

/**
 * Text for a terminal: names out of strangers' files must not move the cursor or reorder a line. Control
 * characters but newline, tab and colours become a mark, and so do bidirectional overrides.
 */
export function printable(text: string): string {
  return text.replace(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, (character, at: number) => {
    if (character === "\n" || character === "\t") return character;
    const isColor = character === "\u001b" && colorBehindEscape.test(text.slice(at + 1, at + 16));
    return isColor ? character : "\ufffd";
  });
}

/** Rows in aligned columns without borders, for terminals and for `cut` alike. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const blank = {
    top: "",
    "top-mid": "",
    "top-left": "",
    "top-right": "",
    mid: "",
    "left-mid": "",
  };
  const none = { "mid-mid": "", "right-mid": "", bottom: "", "bottom-mid": "", "bottom-left": "" };
  const table = new Table({
    head: [...head],
    chars: { ...blank, ...none, "bottom-right": "", left: "", right: "", middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** `1 block`, `2 blocks`. */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;

/** One line for each transaction that the machine had to execute, for stderr. */
export const hostFaultLines = (faults: readonly HostFaultNote[]): string[] =>
  faults.map(({ transaction, program, message }) => {
    const where = program === undefined ? "" : ` in the program ${program}`;
    return `note: V8 failed on transaction ${transaction}${where} (${message}); the machine executed it, with the same result for everyone`;
  });

/** The place of a failure in words, or "". */
export function whereText(where: ErrorWhere): string {
  const name = where.functionName === undefined ? "" : ` (${where.functionName})`;
  // A source position inside the file says the file already.
  const within = where.file !== undefined && where.source?.startsWith(`${where.file}:`);
  const parts = [
    within ? undefined : where.file === "-" ? "stdin" : where.file,
    where.height === undefined ? undefined : `height ${where.height}`,
    where.transaction === undefined ? undefined : `transaction ${where.transaction}`,
    where.function === undefined ? undefined : `function ${where.function}${name}`,
    where.byteOffset === undefined ? undefined : `byte 0x${where.byteOffset.toString(16)}`,
    where.source,
    where.field,
  ];
  return parts.filter((part) => part !== undefined && part !== "").join(", ");
}

/** A failure ready for either form. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly where: ErrorWhere;
  readonly hint: string;
  readonly exitCode: ExitCode;
  /** Printed below a bug, for the report. */
  readonly stack?: string;
}

/** What any thrown value means: an EngineError is the user's to fix, all else is ours. */
export function failureOf(error: unknown): Failure {
  if (error instanceof EngineError) {
    const { code, message, where, hint } = error;
    // Two executors diverge: no verdict, and not the user's to fix.
    const exitCode = code === "JUDGES_DIFFER" ? ExitCode.refuted : ExitCode.failed;
    return { code, message, where, hint, exitCode };
  }
  const message = error instanceof Error ? error.message : String(error);
  const kind = error instanceof AssertionError ? "an assertion failed: " : "";
  const stack = error instanceof Error ? error.stack : undefined;
  return {
    code: "BUG",
    message: `${kind}${message}`,
    where: {},
    hint: 'this is our bug: report the command, its input, "plasma --version --json" and the lines on stderr',
    exitCode: ExitCode.bug,
    ...(stack === undefined ? {} : { stack }),
  };
}

/** `error[CODE]: message`, then where and fix. */
export function failureText(failure: Failure, colors: Pick<Colors, "red">): string {
  const lines = [`${colors.red(`error[${failure.code}]`)}: ${failure.message}`];
  const where = whereText(failure.where);
  if (where !== "") lines.push(`  where: ${where}`);
  if (failure.hint !== "") lines.push(`  fix:   ${failure.hint}`);
  return `${lines.join("\n")}\n`;
}

/** The error document of --json. */
export function failureDocument(failure: Failure): Readonly<Record<string, unknown>> {
  const { code, message, where, hint } = failure;
  return { error: { code, message, where, hint } };
}
