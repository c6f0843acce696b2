// Expectations on reverts and events, for any test runner: they throw an error that shows what was expected,
// what came, the calls of the transaction, and the line that traces it.

import { EngineError } from "../errors.ts";
import { Outcome, TrapCode } from "../outcome.ts";
import { addressed } from "./accounts.ts";
import { callSite, withSite } from "./call-site.ts";
import { ContractFailure } from "./contract-failure.ts";
import { traceLine, writeReportBundle } from "./failed-test.ts";
import { reportOf } from "./test-contract.ts";
import type { ReportedEvent, TransactionReport } from "./transaction-report.ts";
import { fieldsText, type Names, valueText } from "./value-text.ts";
import { World } from "./world.ts";

/** Values that fields must have; those not named may be anything. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Expects a call to fail: with a typed error of that name, whichever contract raised it, with a message that
 * contains the text or matches the pattern, or with a trap such as `out_of_gas`. Without `expected` any
 * failure will do.
 * @returns the failure, with all fields
 * @throws TEST_EXPECTATION where it succeeds or fails otherwise
 */
export async function expectRevert(
  call: Promise<unknown>,
  expected?: string | RegExp,
  fields: Fields = {},
): Promise<ContractFailure> {
  const site = callSite(expectRevert);
  const wanted = expectedText(expected, fields);
  try {
    const value = await call;
    const report = await reportOf(call);
    const names = report?.names ?? new Map();
    const got = value === undefined ? "success" : `success: ${valueText(value, names)}`;
    throw await missed(`expected ${wanted} but got ${got}`, report, site);
  } catch (error) {
    if (!(error instanceof ContractFailure)) throw error;
    if (isWanted(error, expected) && hasFields(error.fields, fields)) return error;
    throw await missed(`expected ${wanted} but got ${error.reason}`, error.report, site);
  }
}

/**
 * Expects an event among those of a transaction (of a world: the last), also of contracts that it called.
 * @param name `Transfer`, or `Token.Transfer` for that of one contract
 * @returns the first that fits
 * @throws TEST_EXPECTATION where none does
 */
export async function expectEvent(
  of: World | TransactionReport,
  name: string,
  fields: Fields = {},
): Promise<ReportedEvent> {
  const site = callSite(expectEvent);
  const report = of instanceof World ? of.last : of;
  const found = report.events.find(
    (event) =>
      (event.name === name || `${event.contract}.${event.name}` === name) &&
      hasFields(event.fields, fields),
  );
  if (found !== undefined) return found;
  const { names } = report;
  const list = report.events.map(
    (event) => `\n    ${event.contract}.${event.name}(${fieldsText(event.fields, names)})`,
  );
  const got = list.length === 0 ? "none" : list.join("");
  const wanted = `${name}(${fieldsText(addressed(fields) as Fields, names)})`;
  throw await missed(`expected event ${wanted} but got ${got}`, report, site);
}

function expectedText(expected: string | RegExp | undefined, fields: Fields): string {
  if (expected === undefined) return "a failure";
  if (expected instanceof RegExp) return `a failure like ${String(expected)}`;
  const list =
    Object.keys(fields).length === 0
      ? ""
      : `(${fieldsText(addressed(fields) as Fields, namesIn(fields))})`;
  return /^[A-Za-z_]\w*$/.test(expected) ? `error ${expected}${list}` : JSON.stringify(expected);
}

/** Names of the accounts among the values. */
function namesIn(fields: Fields): Names {
  const names = new Map<string, string>();
  for (const value of Object.values(fields)) {
    if (typeof value !== "object" || value === null) continue;
    if ("name" in value && "address" in value) names.set(String(value.address), String(value.name));
  }
  return names;
}

function isWanted(failure: ContractFailure, expected: string | RegExp | undefined): boolean {
  if (expected === undefined) return true;
  const { revert, reason, outcome, outcomeCode } = failure;
  if (expected instanceof RegExp) return expected.test(reason);
  if (revert?.kind === "error") return revert.name === expected;
  if (outcome === Outcome.trap) return trapName(outcomeCode) === expected;
  return reason.includes(expected);
}

const trapName = (code: number): string | undefined =>
  Object.entries(TrapCode).find(([, value]) => value === code)?.[0];

function hasFields(actual: Fields, expected: Fields): boolean {
  return Object.entries(expected).every(
    ([name, value]) => Object.hasOwn(actual, name) && isSame(actual[name], addressed(value)),
  );
}

/** Numbers and bigints by value, hex in any case, everything else by structure. */
function isSame(actual: unknown, expected: unknown): boolean {
  if (isNumber(actual) && isNumber(expected)) return BigInt(actual) === BigInt(expected);
  if (typeof actual === "string" && typeof expected === "string") {
    const isHex = actual.startsWith("0x") && expected.startsWith("0x");
    return isHex ? actual.toLowerCase() === expected.toLowerCase() : actual === expected;
  }
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return (
      actual.length === expected.length && actual.every((item, i) => isSame(item, expected[i]))
    );
  }
  if (typeof actual === "object" && typeof expected === "object" && actual && expected) {
    return hasFields(actual as Fields, expected as Fields);
  }
  return actual === expected;
}

const isNumber = (value: unknown): value is number | bigint =>
  typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value));

/** The error of an expectation that was missed, with what happened instead. */
async function missed(
  message: string,
  report: TransactionReport | undefined,
  site: string,
): Promise<EngineError> {
  const lines = [message];
  if (report !== undefined) {
    lines.push(...(await report.tree()).split("\n").map((line) => `  ${line}`));
    lines.push(`  ${traceLine(writeReportBundle(report))}`);
  }
  return withSite(new EngineError({ code: "TEST_EXPECTATION", message: lines.join("\n") }), site);
}
