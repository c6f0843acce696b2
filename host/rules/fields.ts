// The one table of all rule fields in canonical order: form, range, unit, reason. Parsing, encoding,
// comparing, schema/rules.json and the tables of docs/rules.md all read it, so they cannot disagree.
// The order of this table is hashed: a field is never moved, and a new one needs a new rules version.
import { CODE_KIB_BASE, PAGE_BYTES, TRANSACTION_BYTES_MAX, TRANSACTIONS_MAX } from "../limits.ts";
import { hostCallNames, hostCallsWithoutUnit } from "./host-call-names.ts";
import {
  entryCostMin,
  hostCallCostMin,
  instructionCostMin,
  intrinsicCostMin,
} from "./least-costs.ts";
import {
  type InstructionClass,
  instructionClasses,
  type ModuleLimitName,
  moduleLimitNames,
  RULES_VERSION,
  SEMANTICS_VERSION,
} from "./rules.ts";

interface FieldCommon {
  /** Keys from the root of the JSON document. */
  readonly path: readonly string[];
  readonly unit: string;
  /** What the field is for, and why its range is what it is. */
  readonly why: string;
}

/** A JSON number, `bytes` big-endian bytes in the canonical encoding. */
export interface IntegerField extends FieldCommon {
  readonly form: "integer";
  readonly bytes: 1 | 2 | 4;
  readonly min: number;
  readonly max: number;
  /** May be left out of JSON, where it is 0. */
  readonly optional?: true;
}

/** A decimal string in JSON, a bigint in TypeScript: u64 and u128. */
export interface DecimalField extends FieldCommon {
  readonly form: "decimal";
  readonly bytes: 8 | 16;
  readonly min: bigint;
  readonly max: bigint;
}

/** The four fields with a form of their own (docs/rules.md gives their encodings). */
export interface SpecialField extends FieldCommon {
  readonly form: "hostCallsAllowed" | "deployers" | "data" | "guardian";
}

export type Field = IntegerField | DecimalField | SpecialField;

/** Addresses in `deployers` and `data.committee`: a list that a judge reads in one step. */
export const ADDRESSES_MAX = 16;
/** Sums of charges between two checks stay below 2^32 when each summand stays below 2^30. */
export const COST_MAX = 2 ** 30;
/** The machine halts within 2^32 - 2^16 steps, and 2^20 entries take up to 2^4 phase steps each. */
export const BLOCK_GAS_MAX = 2n ** 32n - 2n ** 25n;
/** KiB of Wasm that the cache of programs holds: within it nothing that a block enters is made twice. */
const CODE_KIB_MAX = 16_384;
/** Largest body: one settlement post and one bundle stay in memory. */
export const BODY_BYTES_MAX = 64 * TRANSACTION_BYTES_MAX;
const YEAR_SECONDS = 31_536_000;

const integer = (
  path: string,
  bytes: 1 | 2 | 4,
  min: number,
  max: number,
  unit: string,
  why: string,
): IntegerField => ({ form: "integer", path: path.split("."), bytes, min, max, unit, why });

const decimal = (
  path: string,
  bytes: 8 | 16,
  min: bigint,
  max: bigint,
  unit: string,
  why: string,
): DecimalField => ({ form: "decimal", path: path.split("."), bytes, min, max, unit, why });

const special = (path: SpecialField["form"], unit: string, why: string): SpecialField => ({
  form: path,
  path: [path],
  unit,
  why,
});

const instructionWhy: Readonly<Record<InstructionClass, string>> = {
  control: "if, else, br, br_if, return, end, unreachable",
  br_table: "beside `control` for the branch that it takes",
  call: "saves and restores a frame",
  call_indirect: "bounds, null and type tests; `function` is added",
  move: "drop, select, locals, constants",
  global: "a load or store at a fixed address",
  load: "bounds check and cache",
  store: "bounds check and a dirty leaf in the machine",
  alu: "the unit of gas: other integer operations",
  multiply: "about twice an addition",
  divide: "many cycles and two trap conditions",
  memory_size: "a register",
  memory_grow: "the instruction itself",
  grow_page: "per page grown: 64 KiB are zeroed",
  bulk: "memory.copy and fill: base, and again per 128 bytes",
  charge: "the words that charge gas are steps too",
  locals: "per 128 bytes of declared locals zeroed, and once for `depth`",
  function: "the directory word of an indirect call",
  host: "the crossing between guest and host",
  reserved: "no instruction uses it yet",
};

const limitWhy: Readonly<
  Record<ModuleLimitName, readonly [max: number, unit: string, why: string]>
> = {
  wasmBytes: [
    262_144,
    "bytes",
    "at most 2^19 machine words come of it, the depth of the code tree",
  ],
  functions: [4_096, "functions", "imports included; linear call-graph analysis"],
  bodyBytes: [65_536, "bytes", "compile time of one function in an optimising engine"],
  bodyInstructions: [16_384, "instructions", "unchecked charges of one body stay below 2^32"],
  nesting: [512, "blocks", "recursion of engines' decoders"],
  brTableEntries: [1_024, "entries", "br_table is the slowest instruction to compile"],
  brTableEntriesTotal: [8_192, "entries", "a 650 KB module of br_table takes V8 9 seconds"],
  locals: [256, "locals", "parameters included; zeroed at every call"],
  localsTotal: [20_000, "locals", "register allocation is not linear in locals"],
  params: [32, "parameters", "moved at every call"],
  types: [512, "types", "canonicalised by comparison"],
  globals: [256, "globals", "the machine's global tree has depth 4"],
  table: [2_048, "entries", "the machine's table tree has depth 7"],
  dataSegments: [256, "segments", "copied at every reset"],
  imports: [64, "imports", "there are fewer host calls than that"],
  exports: [64, "exports", "each is a payer of depth"],
  pages: [
    1_024,
    "64 KiB pages",
    `${PAGE_BYTES * 1_024} bytes: the machine's memory tree has depth 19`,
  ],
  merges: [
    1_048_576,
    "values merged",
    "an optimising engine merges each local at each join: a second of its time",
  ],
};

function hostCallFields(): IntegerField[] {
  return hostCallNames.flatMap((name): IntegerField[] => {
    const path = ["gas", "hostCalls", name];
    const withUnit = !hostCallsWithoutUnit.has(name);
    const least = hostCallCostMin[name];
    const base = {
      form: "integer",
      bytes: 4,
      min: least.base,
      max: COST_MAX,
      unit: "gas",
    } as const;
    const unit = {
      form: "integer",
      bytes: 4,
      min: least.unit,
      max: withUnit ? COST_MAX : 0,
      unit: "gas",
    } as const;
    return [
      { ...base, path: [...path, "base"], why: "once per call" },
      withUnit
        ? { ...unit, path: [...path, "unit"], why: "per 128 or 32 bytes (docs/host-calls.md)" }
        : { ...unit, path: [...path, "unit"], why: "no argument costs", optional: true },
    ];
  });
}

/** Every field, in canonical order. */
export const fields: readonly Field[] = [
  integer("version", 1, RULES_VERSION, RULES_VERSION, "", "version of this layout"),
  integer(
    "semantics",
    2,
    SEMANTICS_VERSION,
    SEMANTICS_VERSION,
    "",
    "which execution function; 0 may still change",
  ),
  ...instructionClasses.map((name) =>
    integer(
      `gas.instructions.${name}`,
      2,
      instructionCostMin[name] ?? 1,
      65_535,
      "gas",
      instructionWhy[name],
    ),
  ),
  ...hostCallFields(),
  integer("gas.entry.base", 4, entryCostMin.base, COST_MAX, "gas", "starting an instance"),
  integer(
    "gas.entry.perKiB",
    4,
    entryCostMin.perKiB,
    COST_MAX,
    "gas",
    "code that no cache may have: prepared and compiled again (docs/decisions/0014-cold-code.md)",
  ),
  integer(
    "gas.entry.perPage",
    4,
    entryCostMin.perPage,
    COST_MAX,
    "gas",
    "an initial page is reset at every entry",
  ),
  integer(
    "gas.intrinsic.transaction",
    4,
    intrinsicCostMin.transaction,
    COST_MAX,
    "gas",
    "signature, nonce, fee, refund; more than the 16 phase steps",
  ),
  integer(
    "gas.intrinsic.transactionLeaf",
    4,
    intrinsicCostMin.transactionLeaf,
    COST_MAX,
    "gas",
    "per 128 bytes of input: hashing, availability",
  ),
  integer(
    "gas.intrinsic.deploy",
    4,
    intrinsicCostMin.deploy,
    COST_MAX,
    "gas",
    "for a deploy, beside the metered prepare",
  ),
  decimal("gas.perTransaction", 8, 1n, BLOCK_GAS_MAX, "gas", "not over gas.perBlock"),
  decimal(
    "gas.perBlock",
    8,
    1n,
    BLOCK_GAS_MAX,
    "gas",
    "2^32 - 2^25: a block's run halts within 2^32 machine steps",
  ),
  special("hostCallsAllowed", "names", "a module that imports another host call is refused"),
  ...moduleLimitNames.map((name) => {
    const [max, unit, why] = limitWhy[name];
    return integer(`module.${name}`, 4, 1, max, unit, why);
  }),
  special("deployers", "addresses", "who may deploy contracts"),
  integer("block.intervalSeconds", 4, 1, YEAR_SECONDS, "seconds", "the producer's pace"),
  integer(
    "block.timeSkewSecondsMax",
    4,
    1,
    YEAR_SECONDS,
    "seconds",
    "how far an order's time may lie from settlement's when posted",
  ),
  integer(
    "block.bodyBytesMax",
    4,
    256,
    BODY_BYTES_MAX,
    "bytes",
    "sum of the entries, each counting a head's 256 at least: 12 µs of work; refused when posted",
  ),
  integer(
    "block.codeKiBMax",
    4,
    CODE_KIB_BASE + 1,
    CODE_KIB_MAX,
    "KiB",
    `distinct code that a block enters, each counting its Wasm and ${CODE_KIB_BASE} KiB; what node and replay cache at most`,
  ),
  decimal("fees.priceMin", 8, 0n, 2n ** 64n - 1n, "per gas", "lower prices are skipped(price)"),
  special("data", "", "where a body must be available before its order counts"),
  integer(
    "dispute.windowSeconds",
    4,
    1,
    YEAR_SECONDS,
    "seconds",
    "claims enter this long, counted from the first one",
  ),
  integer(
    "dispute.clockSeconds",
    4,
    1,
    YEAR_SECONDS,
    "seconds",
    "a claim's chess clock for a whole dispute; how long its defenders may be offline in sum",
  ),
  integer(
    "dispute.graceSeconds",
    4,
    0,
    YEAR_SECONDS,
    "seconds",
    "added to both clocks when level B opens: twice what computing it takes at the block gas limit",
  ),
  decimal(
    "dispute.claimBond",
    16,
    0n,
    2n ** 128n - 1n,
    "settlement units",
    "of the first entry; lost with the claim, half of it to settlement",
  ),
  integer(
    "dispute.entryBondGrowthPercent",
    2,
    0,
    1_000,
    "percent",
    "each further entry posts the last bond grown by this",
  ),
  special("guardian", "address", "may pause settlement of new claims; null: nobody"),
  integer(
    "messages.inboxPerBlockMax",
    4,
    0,
    TRANSACTIONS_MAX,
    "messages",
    "taken from the inbox by one block",
  ),
  integer(
    "messages.inboxDelaySeconds",
    4,
    0,
    YEAR_SECONDS,
    "seconds",
    "after this an order must take the waiting message",
  ),
  integer("messages.outboxPerBlockMax", 4, 0, 65_536, "messages", "the outbox tree has depth 16"),
  integer("messages.messageBytesMax", 4, 0, 65_536, "bytes", "one bounded piece of a proof"),
  decimal("messages.gas", 8, 1n, BLOCK_GAS_MAX, "gas", "gas limit of a message from the inbox"),
];

/** Dotted path as errors and `plasma rules diff` print it. */
export const pathText = (path: readonly string[]): string => path.join(".");

/** Value at `path`, or undefined. Only own properties count. */
export function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** Sets the value at `path`, making the groups on the way. */
export function setAt(
  root: Record<string, unknown>,
  path: readonly string[],
  value: unknown,
): void {
  let group = root;
  for (const key of path.slice(0, -1)) {
    if (!Object.hasOwn(group, key)) group[key] = {};
    group = group[key] as Record<string, unknown>;
  }
  group[path.at(-1)!] = value;
}
