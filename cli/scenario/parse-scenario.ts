// JSON -> Scenario. Strict: an unknown field, a field that does not belong to the kind of transaction, a
// number where a decimal string belongs, a name that nothing defines are refused with their JSON path.
// Pure: reads no files; load-scenario.ts opens those that a scenario names.
import { toHex } from "../../host/codec/hex.ts";
import { EngineError } from "../../host/errors.ts";
import { GAS_LIMIT_BOUND, TRANSACTION_BYTES_MAX } from "../../host/limits.ts";
import { Outcome, SkipCode, TrapCode } from "../../host/outcome.ts";
import { parseRules } from "../../host/rules/parse-rules.ts";
import { isPresetName, presetNames } from "../../host/rules/presets.ts";
import { describeJson } from "../../host/rules/read-field.ts";
import type { Rules } from "../../host/rules/rules.ts";
import {
  type JsonObject,
  readChoice,
  readDecimal,
  readHex,
  readList,
  readObject,
  readText,
  refuseUnknown,
  required,
  scenarioError,
  suggestion,
} from "./json-field.ts";
import { parseJson } from "./parse-json.ts";
import {
  type DeployEntry,
  type Expectation,
  PRODUCER,
  type Scenario,
  type ScenarioBlock,
  type ScenarioEntry,
  type ScenarioRules,
  type SignedBase,
} from "./scenario.ts";

/** Half a million transactions in the shortest words. */
export const SCENARIO_BYTES_MAX = 32 * 1_048_576;
const TEXT_MAX = 4_096;
const SEED_MAX = 256;
const U64 = 2n ** 64n;
const U128 = 2n ** 128n;
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

const signedFields = ["from", "value", "gasLimit", "price", "nonce", "environment", "signature"];
const kindFields = {
  raw: ["raw"],
  deploy: ["deploy", "args", "input", "as", ...signedFields],
  call: ["to", "call", "args", ...signedFields],
  send: ["to", "input", ...signedFields],
} as const;
const entryFields = [...new Set([...Object.values(kindFields).flat(), "expect"])];
const outcomeNames = Object.keys(Outcome) as (keyof typeof Outcome)[];

/**
 * A scenario from its JSON text.
 * @throws SCENARIO_SYNTAX, SCENARIO_TYPE, SCENARIO_RANGE, SCENARIO_FIELD_UNKNOWN,
 *   SCENARIO_FIELD_MISSING, SCENARIO_FIELD_CONFLICT, SCENARIO_NAME_INVALID, SCENARIO_NAME_UNKNOWN,
 *   SCENARIO_NAME_TAKEN, SCENARIO_TIME, RULES_…, each with the JSON path
 */
export function parseScenario(text: string): Scenario {
  const document = readObject(parseJson(text), "");
  refuseUnknown(document, ["$schema", "rules", "seed", "accounts", "blocks"], "");
  const rules = readRules(
    required(document, "rules", "", "a preset's name, a file or rules"),
    "rules",
  );
  const seed = readText(required(document, "seed", "", "a string"), "seed", SEED_MAX);
  const accounts = readAccounts(required(document, "accounts", "", "an object of accounts"));
  const names: Names = { accounts: new Set([...accounts.keys(), PRODUCER]), contracts: new Set() };
  const list = readList(required(document, "blocks", "", "a list of blocks"), "blocks");
  const blocks: ScenarioBlock[] = [];
  let time = 0n;
  for (const [i, block] of list.entries()) {
    const read = readBlock(block, `blocks[${i}]`, names);
    if (read.time !== undefined && read.time < time) {
      const message = `got ${read.time}, expected at least ${time}, the time of an earlier block`;
      throw scenarioError("SCENARIO_TIME", `blocks[${i}].time`, message);
    }
    time = read.time ?? time;
    blocks.push(read);
  }
  return { rules, seed, accounts, blocks };
}

/** The names that entries may use so far. */
interface Names {
  readonly accounts: ReadonlySet<string>;
  readonly contracts: Set<string>;
}

function readRules(json: unknown, path: string): ScenarioRules {
  if (typeof json === "string" && !isPresetName(json)) {
    if (/[./\\]/.test(json)) return { file: readText(json, path, TEXT_MAX) };
    const message = `got ${JSON.stringify(json.slice(0, 48))}, expected ${presetNames.join(", ")} or a file`;
    const hint = suggestion(json, presetNames, "presets");
    throw scenarioError("RULES_PRESET_UNKNOWN", path, message, hint);
  }
  return rulesAt(path, () => parseRules(json));
}

/** Runs `parse` and puts `path` before the fields of its errors. */
function rulesAt(path: string, parse: () => Rules): Rules {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { code, message, hint, where, details } = error;
    const inner = where.field === undefined || where.field === "" ? "" : `.${where.field}`;
    const field = `${path}${inner}`;
    throw new EngineError({
      code,
      message: `${path}: ${message}`,
      where: { field },
      hint,
      details,
    });
  }
}

function readName(name: unknown, path: string): string {
  if (typeof name === "string" && NAME.test(name)) return name;
  const hint =
    typeof name === "string" && name.startsWith("@")
      ? "names are written with @ only in arguments"
      : undefined;
  throw scenarioError(
    "SCENARIO_NAME_INVALID",
    path,
    `got ${describeJson(name)}, expected a letter and up to 63 letters, digits, _ or -`,
    hint,
  );
}

function readAccounts(json: unknown): ReadonlyMap<string, bigint> {
  const accounts = new Map<string, bigint>();
  let total = 0n;
  for (const [name, value] of Object.entries(readObject(json, "accounts"))) {
    readName(name, "accounts");
    const path = `accounts.${name}`;
    const account = readObject(value, path);
    refuseUnknown(account, ["balance"], path);
    const { balance = "0" } = account;
    const amount = readDecimal(balance, `${path}.balance`, U128);
    total += amount;
    if (total >= U128) {
      const message = `the balances up to here sum to ${total}, expected less than 2^128`;
      throw scenarioError("SCENARIO_RANGE", `${path}.balance`, message);
    }
    accounts.set(name, amount);
  }
  return accounts;
}

function readBlock(json: unknown, path: string, names: Names): ScenarioBlock {
  const block = readObject(json, path);
  refuseUnknown(block, ["time", "rules", "transactions"], path);
  const { time, rules } = block;
  const list = required(block, "transactions", path, "a list of transactions");
  return {
    time: time === undefined ? undefined : readDecimal(time, `${path}.time`, U64),
    ...(rules === undefined ? {} : { rules: readRules(rules, `${path}.rules`) }),
    transactions: readList(list, `${path}.transactions`).map((entry, i) =>
      readEntry(entry, `${path}.transactions[${i}]`, names),
    ),
  };
}

function entryKind(entry: JsonObject, path: string): keyof typeof kindFields {
  for (const kind of ["raw", "deploy", "call"] as const)
    if (Object.hasOwn(entry, kind)) return kind;
  if (Object.hasOwn(entry, "to")) return "send";
  throw scenarioError(
    "SCENARIO_FIELD_MISSING",
    path,
    "got a transaction without deploy, call, to or raw",
    'write {"from", "to", "call", "args"}, {"from", "deploy"}, {"from", "to", "value"} or {"raw"}',
  );
}

function readEntry(json: unknown, path: string, names: Names): ScenarioEntry {
  const entry = readObject(json, path);
  refuseUnknown(entry, entryFields, path);
  const kind = entryKind(entry, path);
  const allowed: readonly string[] = kindFields[kind];
  const stray = Object.keys(entry).find((key) => key !== "expect" && !allowed.includes(key));
  if (stray !== undefined) {
    const message = `got ${stray} in a transaction of kind ${kind}, which has ${allowed.join(", ")}`;
    throw scenarioError("SCENARIO_FIELD_CONFLICT", `${path}.${stray}`, message);
  }
  const expect = readExpectation(entry.expect, `${path}.expect`);
  if (kind === "raw") {
    const bytes = readHex(entry.raw, `${path}.raw`);
    refuseLong(bytes, `${path}.raw`);
    return { kind, path, expect, bytes };
  }
  const signed = readSigned(entry, path, expect, names);
  if (kind === "deploy") return readDeploy(entry, signed, names);
  const to = readTarget(required(entry, "to", path, "a name or an address"), `${path}.to`, names);
  if (kind === "send") return { ...signed, kind, to, input: readInput(entry, path) };
  const method = readText(entry.call, `${path}.call`, SEED_MAX);
  return { ...signed, kind, to, method, args: readArguments(entry, path) };
}

function readDeploy(entry: JsonObject, signed: SignedBase, names: Names): DeployEntry {
  const { path } = signed;
  const file = readText(entry.deploy, `${path}.deploy`, TEXT_MAX);
  const args = readArguments(entry, path);
  if (entry.input !== undefined && entry.args !== undefined) {
    const message = "got args and input, expected one of them";
    throw scenarioError("SCENARIO_FIELD_CONFLICT", `${path}.input`, message);
  }
  const input = entry.input === undefined ? {} : { input: readInput(entry, path) };
  if (entry.as === undefined) return { ...signed, kind: "deploy", file, args, ...input };
  const as = readName(entry.as, `${path}.as`);
  if (names.accounts.has(as) || names.contracts.has(as)) {
    throw scenarioError("SCENARIO_NAME_TAKEN", `${path}.as`, `${as} is the name of something else`);
  }
  names.contracts.add(as);
  return { ...signed, kind: "deploy", file, args, ...input, as };
}

function readSigned(
  entry: JsonObject,
  path: string,
  expect: Expectation,
  names: Names,
): SignedBase {
  const from = required(entry, "from", path, "the name of an account");
  if (typeof from !== "string" || !names.accounts.has(from)) {
    const word = typeof from === "string" ? from : "";
    const hint = suggestion(word, [...names.accounts], "accounts");
    const message = `got ${describeJson(from)}, expected the name of an account`;
    throw scenarioError("SCENARIO_NAME_UNKNOWN", `${path}.from`, message, hint);
  }
  const decimal = (key: string, bound: bigint) =>
    entry[key] === undefined ? {} : { [key]: readDecimal(entry[key], `${path}.${key}`, bound) };
  const hex = (key: string, length: number) =>
    entry[key] === undefined ? {} : { [key]: toHex(readHex(entry[key], `${path}.${key}`, length)) };
  return {
    path,
    expect,
    from,
    value: readDecimal(entry.value ?? "0", `${path}.value`, U128),
    ...decimal("gasLimit", GAS_LIMIT_BOUND),
    ...decimal("price", U64),
    ...decimal("nonce", U64),
    ...hex("environment", 32),
    ...hex("signature", 64),
  };
}

function readTarget(json: unknown, path: string, names: Names): string {
  if (typeof json === "string") {
    if (names.accounts.has(json) || names.contracts.has(json)) return json;
    if (ADDRESS.test(json)) return json.toLowerCase();
  }
  const known = [...names.contracts, ...names.accounts];
  const word = typeof json === "string" ? json : "";
  const bare = word.startsWith("@") ? word.slice(1) : word;
  const hint = known.includes(bare)
    ? `write "${bare}": @ is for arguments`
    : suggestion(bare, known, "names");
  const message = `got ${describeJson(json)}, expected a name that is defined before, or an address`;
  throw scenarioError("SCENARIO_NAME_UNKNOWN", path, message, hint);
}

const readArguments = (entry: JsonObject, path: string): readonly unknown[] =>
  entry.args === undefined ? [] : readList(entry.args, `${path}.args`);

function readInput(entry: JsonObject, path: string): Uint8Array {
  const input =
    entry.input === undefined ? new Uint8Array(0) : readHex(entry.input, `${path}.input`);
  refuseLong(input, `${path}.input`);
  return input;
}

function refuseLong(bytes: Uint8Array, path: string): void {
  if (bytes.length <= TRANSACTION_BYTES_MAX) return;
  const message = `got ${bytes.length} bytes, expected at most ${TRANSACTION_BYTES_MAX}`;
  throw scenarioError("SCENARIO_RANGE", path, message);
}

function readExpectation(json: unknown, path: string): Expectation {
  if (json === undefined) return {};
  const expect = readObject(json, path);
  refuseUnknown(expect, ["outcome", "code", "output", "error"], path);
  const outcome =
    expect.outcome === undefined
      ? impliedOutcome(expect, path)
      : readChoice(expect.outcome, outcomeNames, `${path}.outcome`);
  const read: Expectation = {
    ...(outcome === undefined ? {} : { outcome }),
    ...(expect.code === undefined ? {} : { code: readCode(expect.code, outcome, `${path}.code`) }),
    ...(expect.output === undefined ? {} : { output: expect.output }),
    ...(expect.error === undefined
      ? {}
      : { error: readText(expect.error, `${path}.error`, TEXT_MAX) }),
  };
  const conflict =
    (read.output !== undefined && outcome !== "success") ||
    (read.error !== undefined && outcome !== "revert");
  if (!conflict) return read;
  const message = `output goes with success and error with revert, got outcome ${outcome}`;
  throw scenarioError("SCENARIO_FIELD_CONFLICT", path, message);
}

/** `output` alone means success, `error` alone revert. */
function impliedOutcome(expect: JsonObject, path: string): Expectation["outcome"] {
  if (expect.code !== undefined) {
    const message = "got a code without an outcome, expected outcome trap or skipped beside it";
    throw scenarioError("SCENARIO_FIELD_MISSING", `${path}.outcome`, message);
  }
  if (expect.output !== undefined) return "success";
  return expect.error === undefined ? undefined : "revert";
}

function readCode(json: unknown, outcome: Expectation["outcome"], path: string): string {
  if (outcome === "trap") return readChoice(json, Object.keys(TrapCode), path);
  if (outcome === "skipped") return readChoice(json, Object.keys(SkipCode), path);
  throw scenarioError("SCENARIO_FIELD_CONFLICT", path, "a code goes with outcome trap or skipped");
}
