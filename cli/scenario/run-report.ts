// What `plasma run` leaves and shows of a run: the receipts file, the table of a block, the JSON. Pure;
// the command decides where each goes.
import { toHex } from "../../host/codec/hex.ts";
import { Outcome, SkipCode, TrapCode } from "../../host/outcome.ts";
import { rulesHash } from "../../host/rules/encode-rules.ts";
import { bundleName } from "../bundle-files.ts";
import { counted, tableText } from "../output.ts";
import type { Actors } from "./actors.ts";
import { decodeEntry, eventText, revertText, valueText } from "./decoded-entry.ts";
import type { RunBlock, RunEntry } from "./run-scenario.ts";
import type { ScenarioEntry } from "./scenario.ts";

/** Rows of a block that are shown; receipts.json has all. */
const ROWS_MAX = 20;

const outcomeNames = Object.keys(Outcome) as (keyof typeof Outcome)[];

function codeName({ executed }: RunEntry): string | null {
  const codes: Readonly<Record<string, number>> =
    executed.outcome === Outcome.trap ? TrapCode : SkipCode;
  if (executed.outcome !== Outcome.trap && executed.outcome !== Outcome.skipped) return null;
  return Object.keys(codes).find((name) => codes[name] === executed.code) ?? null;
}

/** The entry as the scenario says it, on one line. */
function entryText(entry: ScenarioEntry): string {
  if (entry.kind === "raw") return `raw, ${counted(entry.bytes.length, "byte")}`;
  const { from, value } = entry;
  const paid = value === 0n ? "" : ` with ${value}`;
  if (entry.kind === "deploy") {
    return `${from} deploys ${entry.as ?? entry.file}${paid}`;
  }
  if (entry.kind === "call") {
    const args = entry.args.map((arg) => (typeof arg === "string" ? arg : JSON.stringify(arg)));
    return clip(`${from}: ${entry.to}.${entry.method}(${args.join(", ")})${paid}`, 60);
  }
  const bytes = entry.input.length === 0 ? "" : ` and ${counted(entry.input.length, "byte")}`;
  return `${from} sends ${value}${bytes} to ${entry.to}`;
}

const clip = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

function saidText(run: RunEntry, actors: Actors): string {
  const { revert, result, events } = decodeEntry(run, run.executed, actors);
  if (revert !== undefined) return clip(revertText(revert, actors), 100);
  const { contract } = run.executed;
  const parts = [
    ...(contract === undefined ? [] : [contract]),
    ...(result === undefined ? [] : [valueText(result, actors)]),
    ...events.map((event) => eventText(event, actors)),
  ];
  return clip(parts.join("  "), 100);
}

/** A block's head line, its first entries and every failed expectation. */
export function blockLines(block: RunBlock, actors: Actors): string[] {
  const { executed, entries } = block;
  const { height, blockHash, stateRoot, gasUsed } = executed;
  const lines = [
    `block ${height}  ${blockHash}  ${counted(entries.length, "transaction")}, ${gasUsed} gas, state ${stateRoot}`,
  ];
  if (block.isChange) lines.push(`  from here on under rules ${toHex(rulesHash(block.rules))}`);
  const rows = entries.slice(0, ROWS_MAX).map((run, i) => {
    const { outcome } = decodeEntry(run, run.executed, actors);
    const gas = String(run.executed.gasUsed);
    return [`  ${i}`, entryText(run.entry), outcome, gas, saidText(run, actors)];
  });
  if (rows.length > 0)
    lines.push(tableText(["  #", "transaction", "outcome", "gas", "said"], rows));
  if (entries.length > ROWS_MAX)
    lines.push(`  … ${entries.length - ROWS_MAX} more in receipts.json`);
  for (const [i, { mismatches, entry }] of entries.entries()) {
    for (const { field, got, expected } of mismatches) {
      lines.push(`  unexpected ${field} of transaction ${i} (${entry.path}):`);
      lines.push(`    got:      ${got}`, `    expected: ${expected}`);
    }
  }
  return lines;
}

/** The block in receipts.json. */
export function receiptsDocument(block: RunBlock, actors: Actors): Record<string, unknown> {
  const { executed, time, entries } = block;
  const { height, blockHash, orderHash, resultHash, stateRoot, gasUsed } = executed;
  return {
    height,
    time,
    block: blockHash,
    order: orderHash,
    result: resultHash,
    rules: toHex(rulesHash(block.rules)),
    stateRoot,
    gasUsed,
    transactions: entries.map((run) => entryDocument(run, actors)),
  };
}

function entryDocument(run: RunEntry, actors: Actors): Record<string, unknown> {
  const { entry, executed, to, method } = run;
  const { result, revert, events } = decodeEntry(run, executed, actors);
  return {
    hash: executed.transactionHash,
    kind: entry.kind,
    from: entry.kind === "raw" ? null : entry.from,
    to: to ?? null,
    method: method ?? null,
    outcome: outcomeNames.find((name) => Outcome[name] === executed.outcome),
    code: codeName(run),
    gasUsed: executed.gasUsed,
    output: toHex(executed.output),
    result: result ?? null,
    revert: revert === undefined ? null : { ...revert, text: revertText(revert, actors) },
    events,
    contract: executed.contract ?? null,
  };
}

/** The block in the JSON of the command. */
export const blockDocument = ({ executed, entries, rules }: RunBlock): Record<string, unknown> => ({
  height: executed.height,
  block: executed.blockHash,
  rules: toHex(rulesHash(rules)),
  stateRoot: executed.stateRoot,
  transactions: entries.length,
  gasUsed: executed.gasUsed,
  file: bundleName(executed.height),
});

/** Failed expectations of a block, for the JSON of the command. */
export const failedExpectations = ({ executed, entries }: RunBlock): Record<string, unknown>[] =>
  entries.flatMap(({ mismatches }, transaction) =>
    mismatches.map((mismatch) => ({ height: executed.height, transaction, ...mismatch })),
  );

/** How many entries ended in which way. */
export function countOutcomes(
  counts: Readonly<Record<keyof typeof Outcome, number>>,
  { entries }: RunBlock,
): Record<keyof typeof Outcome, number> {
  const sum = { ...counts };
  for (const { executed } of entries) {
    const name = outcomeNames.find((key) => Outcome[key] === executed.outcome);
    if (name !== undefined) sum[name] += 1;
  }
  return sum;
}
