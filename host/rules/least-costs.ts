// The least that rules may ask for what costs more than an instruction. Rules come with bundles of
// strangers, and a block may use up to 2^32 gas: without these a replay could run for hours. Each value is
// the measured time of the work in units of 100 ns, rounded up (docs/rules.md has the measurements), so
// that the cheapest gas of any rules is at most about that much work. The ranges in fields.ts use them.
import type { HostCallName } from "./host-call-names.ts";
import type { HostCallCost, InstructionClass } from "./rules.ts";

/** Classes that may not cost 1. */
export const instructionCostMin: Readonly<Partial<Record<InstructionClass, number>>> = {
  memory_grow: 5,
  grow_page: 100,
};

export const hostCallCostMin: Readonly<Record<HostCallName, HostCallCost>> = {
  input: { base: 5, unit: 1 },
  output: { base: 5, unit: 1 },
  revert: { base: 5, unit: 1 },
  context: { base: 5, unit: 0 },
  storage_open: { base: 200, unit: 0 },
  value_read: { base: 5, unit: 5 },
  storage_set: { base: 200, unit: 5 },
  storage_delete: { base: 200, unit: 0 },
  account: { base: 200, unit: 0 },
  emit: { base: 30, unit: 20 },
  call: { base: 200, unit: 1 },
  output_read: { base: 5, unit: 1 },
  enter: { base: 5, unit: 0 },
  keccak256: { base: 20, unit: 20 },
  sha256: { base: 20, unit: 20 },
  secp256k1_recover: { base: 20_000, unit: 0 },
  log: { base: 5, unit: 1 },
  send_message: { base: 200, unit: 20 },
  upgrade: { base: 200, unit: 0 },
};

export const entryCostMin = { base: 300, perKiB: 100, perPage: 30 } as const;

export const intrinsicCostMin = { transaction: 1_000, transactionLeaf: 20, deploy: 1_000 } as const;
