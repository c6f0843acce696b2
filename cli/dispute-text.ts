// A dispute for people: a line for each move as it is made, then the instruction that it came down to with what it
// had before and comes to after, and who won. Only form: host/environment/disputes.ts played it.
import type { Colors } from "picocolors/types.js";
import { toHex } from "../host/codec/hex.ts";
import type { DisputeMove, DisputeReport } from "../host/environment/disputes.ts";
import type { TracedPlace, TracedState, TracedValue } from "../host/trace/traced-state.ts";
import { counted } from "./output.ts";
import { oneLine, row, stackLine } from "./trace-text.ts";

const WHO = 22;
const MOVE = 9;
const PLACE = 27;

const columns = (who: string, move: string, level: string, place: string, bytes: string): string =>
  `${who.padEnd(WHO)} ${move.padEnd(MOVE)} ${level.padEnd(5)} ${place.padEnd(PLACE)} ${bytes.padStart(6)}`;

/** Above the moves. */
export const movesHead = `${columns("who", "move", "level", "steps", "bytes")}  seconds`;

/** One move. */
export function moveLine({ who, kind, level, place, bytes, seconds }: DisputeMove): string {
  const where =
    place === null
      ? ""
      : place.steps === 1n
        ? `${place.step}`
        : `${place.step} to ${place.step + place.steps - 1n}`;
  return `${columns(who, kind, level, where, String(bytes))}  ${seconds.toFixed(3)}`;
}

/** The states on both sides of the instruction, as an honest machine has them. */
export interface DisputedStep {
  readonly before: TracedState;
  readonly after: TracedState;
}

/** What became of the dispute; `steps` where it came down to one. */
export function reportText(
  report: DisputeReport,
  disputed: DisputedStep | undefined,
  colors: Colors,
): string {
  return [
    "",
    ...(disputed === undefined ? fallLines(report) : stepLines(report, disputed, colors)),
    "",
    ...endLines(report, colors),
  ]
    .map(oneLine)
    .join("\n");
}

function fallLines({ fall, refused, claims }: DisputeReport): string[] {
  if (fall === undefined) {
    if (refused !== undefined) return [row("refused", `${refused.code}: ${refused.message}`)];
    return [claims <= 1 ? "nobody disputes the claim" : "no claim lost a match"];
  }
  const last = fall.reason === "step" ? fall.step : fall.step + fall.steps - 1n;
  const where = `steps ${fall.step} to ${last}`;
  return fall.reason === "timeout"
    ? [row("timeout", `nobody moved for the lie in time; it lay in ${where}`)]
    : [row("no way", `nobody could show a run that leads to what the lie claims, in ${where}`)];
}

function stepLines(
  { fall }: DisputeReport,
  { before, after }: DisputedStep,
  colors: Colors,
): string[] {
  const { step, transaction, instruction, about, place, height } = before;
  const where =
    transaction === null ? "behind the last transaction" : `in transaction ${transaction}`;
  const functions = place?.functions ?? [];
  // A host call has no line of its own: its caller's says where it is made.
  const source =
    functions.find((frame) => frame.source !== null) ??
    functions[before.kind === "host call" ? 1 : 0];
  const claimed = fall?.reason === "step" ? toHex(fall.claimed) : "";
  return [
    `step ${step} of the run of block ${height}, ${where}`,
    row("does", colors.bold(instruction)),
    ...(about === null ? [] : [row("", about)]),
    ...(source === undefined ? [] : [row("at", stackLine(source).slice("at ".length))]),
    "",
    ...changeLines(before, after),
    row("before", before.stateHash),
    row("after", after.stateHash),
    row("claimed", colors.red(claimed)),
  ];
}

const PAIRS_SHOWN = 12;

/** Values that the step reads or changes. */
function changeLines(before: TracedState, after: TracedState): string[] {
  const pairs = [
    ...pair("gas", String(before.gas), String(after.gas)),
    ...placePairs(before.place, after.place),
  ];
  if (pairs.length === 0) return [];
  const width = Math.max(...pairs.map(([name]) => name.length));
  const shown = pairs.slice(0, PAIRS_SHOWN).map(([name, old, now]) => {
    return `  ${name.padEnd(width)}  ${old} -> ${now}`;
  });
  const more = pairs.length - shown.length;
  return [...shown, ...(more > 0 ? [`  … and ${more} more: see --json`] : []), ""];
}

type Pair = readonly [name: string, before: string, after: string];

const pair = (name: string, before: string, after: string): Pair[] =>
  before === after ? [] : [[name, before, after]];

function placePairs(before: TracedPlace | null, after: TracedPlace | null): Pair[] {
  if (before === null || after === null) return [];
  return [
    ...pair("word", String(before.pc), String(after.pc)),
    ...valuePairs("stack", before.stack, after.stack),
    ...valuePairs("local", before.locals, after.locals),
    ...valuePairs("global", before.globals, after.globals),
  ];
}

/** The top of the stack stands first, so what was popped and pushed shows side by side. */
function valuePairs(
  name: string,
  before: readonly TracedValue[],
  after: readonly TracedValue[],
): Pair[] {
  // An operand without type is not popped: it stays.
  const kept = name === "stack" ? before.filter(({ type }) => type === null).length : 0;
  const olds = before.slice(0, before.length - kept);
  const nows = after.slice(0, Math.max(0, after.length - kept));
  const count = Math.max(olds.length, nows.length);
  return Array.from({ length: count }, (_, i) =>
    pair(`${name} ${i}`, textOf(olds[i]), textOf(nows[i])),
  ).flat();
}

const textOf = (value: TracedValue | undefined): string =>
  value === undefined ? "none" : `${value.type ?? ""} ${value.value}`.trim();

function endLines(report: DisputeReport, { green, red, bold }: Colors): string[] {
  const { claim, winner, result, moves, claims, steps, seconds } = report;
  const color = claim === "stands" ? green : red;
  const what = claim === "stands" ? "the bundle's claim stands" : "the bundle's claim is refuted";
  const third = winner === "neither" ? "; so is the other claim" : "";
  return [
    `${color(bold(what))}${third}: the block comes to result ${result}`,
    `${counted(moves, "move")} between ${counted(claims, "claim")} over ${counted(Number(steps), "step")}, ${seconds.toFixed(1)} seconds`,
  ];
}
