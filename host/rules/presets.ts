// Three complete sets of rules to start from. Values are given in full here, so that reading this
// file is reading what an environment runs under. Gas is in units of one integer operation; what takes longer
// is priced by `plasma bench gas`, each first touch of a state path as if it stood alone, so that the slowest
// block stays within its interval (docs/rules.md, docs/decisions/0026-prices.md). They may change while
// semantics is 0.
import { hostCallNames } from "./host-call-names.ts";
import { type GasRules, RULES_VERSION, type Rules, SEMANTICS_VERSION } from "./rules.ts";

export const presetNames = ["payments", "general", "data-heavy"] as const;
export type PresetName = (typeof presetNames)[number];

export const isPresetName = (name: string): name is PresetName =>
  (presetNames as readonly string[]).includes(name);

const instructions: GasRules["instructions"] = {
  control: 1,
  br_table: 2,
  call: 4,
  call_indirect: 6,
  move: 1,
  global: 1,
  load: 8,
  store: 2,
  alu: 1,
  multiply: 2,
  divide: 8,
  memory_size: 1,
  memory_grow: 20_000,
  grow_page: 30_000,
  bulk: 4,
  charge: 1,
  locals: 2,
  function: 1,
  host: 20,
  reserved: 1,
};

const hostCalls: GasRules["hostCalls"] = {
  input: { base: 40, unit: 6 },
  output: { base: 40, unit: 60 },
  revert: { base: 1_500, unit: 60 },
  context: { base: 100, unit: 0 },
  storage_open: { base: 3_500, unit: 0 },
  value_read: { base: 100, unit: 200 },
  storage_set: { base: 4_500, unit: 60 },
  storage_delete: { base: 5_000, unit: 0 },
  account: { base: 3_500, unit: 0 },
  emit: { base: 600, unit: 400 },
  call: { base: 4_000, unit: 12 },
  output_read: { base: 40, unit: 8 },
  enter: { base: 300, unit: 0 },
  keccak256: { base: 200, unit: 120 },
  sha256: { base: 200, unit: 280 },
  secp256k1_recover: { base: 25_000, unit: 0 },
  log: { base: 40, unit: 40 },
  send_message: { base: 4_000, unit: 600 },
  upgrade: { base: 10_000, unit: 0 },
};

const gas: GasRules = {
  instructions,
  hostCalls,
  entry: { base: 5_000, perKiB: 250, perPage: 1_500 },
  intrinsic: { transaction: 30_000, transactionLeaf: 450, deploy: 300_000 },
  perTransaction: 3n * 2n ** 25n,
  perBlock: 2n ** 27n,
};

const general: Rules = {
  version: RULES_VERSION,
  semantics: SEMANTICS_VERSION,
  gas,
  hostCallsAllowed: hostCallNames.filter((name) => name !== "log"),
  module: {
    wasmBytes: 262_144,
    functions: 4_096,
    bodyBytes: 65_536,
    bodyInstructions: 16_384,
    nesting: 512,
    brTableEntries: 1_024,
    brTableEntriesTotal: 8_192,
    locals: 256,
    localsTotal: 20_000,
    params: 32,
    types: 512,
    globals: 256,
    table: 2_048,
    dataSegments: 256,
    imports: 64,
    exports: 64,
    pages: 256,
    merges: 1_048_576,
  },
  deployers: "anyone",
  block: {
    intervalSeconds: 2,
    timeSkewSecondsMax: 15,
    bodyBytesMax: 8 * 1_048_576,
    codeKiBMax: 768,
  },
  fees: { priceMin: 0n },
  data: "settlement",
  dispute: {
    windowSeconds: 604_800,
    clockSeconds: 86_400,
    graceSeconds: 600,
    claimBond: 1_000_000n,
    entryBondGrowthPercent: 10,
  },
  guardian: null,
  messages: {
    inboxPerBlockMax: 256,
    inboxDelaySeconds: 3_600,
    outboxPerBlockMax: 65_536,
    messageBytesMax: 4_096,
    gas: 2n ** 18n,
  },
};

/** Short blocks of many small transactions; a day to challenge. */
const payments: Rules = {
  ...general,
  gas: { ...gas, perTransaction: 2n ** 25n, perBlock: 2n ** 26n },
  module: { ...general.module, wasmBytes: 98_304 },
  block: { ...general.block, intervalSeconds: 1, bodyBytesMax: 4 * 1_048_576, codeKiBMax: 384 },
  dispute: { ...general.dispute, windowSeconds: 86_400, clockSeconds: 43_200 },
};

/** Long blocks with large bodies; a transaction may use the whole block and 32 MiB of memory. */
const dataHeavy: Rules = {
  ...general,
  gas: { ...gas, perTransaction: 2n ** 28n, perBlock: 2n ** 28n },
  module: { ...general.module, pages: 512 },
  block: { ...general.block, intervalSeconds: 10, bodyBytesMax: 32 * 1_048_576, codeKiBMax: 8_192 },
  messages: { ...general.messages, messageBytesMax: 65_536, gas: 2n ** 20n },
};

/** One of the three presets. The value is shared and must not be written to. */
export function presetRules(name: PresetName): Rules {
  switch (name) {
    case "payments":
      return payments;
    case "general":
      return general;
    case "data-heavy":
      return dataHeavy;
  }
}
