// Every fixed limit of the engine with its reason. What an environment may choose is in rules/;
// what stands here is part of the semantics version and the same for every environment.

/** Slots of one transaction's stack budget: the capacity of the machine's stack tree (DESIGN 4.4). */
export const DEPTH_BUDGET = 65_536;
/** Nested calls; the top-level call is 1. Bounds V8 stack use together with the depth budget. */
export const CALL_DEPTH_MAX = 32;
/** 64 KiB pages live in all frames of a transaction together: 64 MiB. */
export const LIVE_PAGES_MAX = 1_024;
/** Bytes of one output, revert, event, or stored value: one value stays a bounded piece of a witness. */
export const DATA_BYTES_MAX = 65_536;
/** Bytes a one-step hash may take: its step proof must carry them (9 kB limit). */
export const HASH_BYTES_MAX = 1_024;
export const EVENT_TOPICS_MAX = 4;
/** Events of one transaction: what a verifier of one event may have to hash stays bounded. */
export const EVENTS_MAX = 2 ** 16;
/** Depth of the outbox tree of a block. */
export const OUTBOX_DEPTH = 16;
/** Depth of the transactions and receipts trees: at most 2^20 entries in an order. */
export const TRANSACTIONS_DEPTH = 20;
export const TRANSACTIONS_MAX = 2 ** TRANSACTIONS_DEPTH;
/** Exclusive bound of every gas limit: sums and the signed 64-bit counter never overflow. */
export const GAS_LIMIT_BOUND = 2n ** 48n;
/** Bytes of one transaction, head included: a deploy of the largest module with its arguments. */
export const TRANSACTION_BYTES_MAX = 1_048_576;
/**
 * KiB that code counts beside its Wasm where a block enters it first. Without a cache it takes 2 ms and
 * 0.4 ms per KiB (docs/decisions/0014-cold-code.md): what is fixed takes as long as 5 KiB more.
 */
export const CODE_KIB_BASE = 5;
/** What code of so many bytes of Wasm counts where a block enters it first, in KiB. */
export const enteredKiB = (wasmBytes: number): number =>
  CODE_KIB_BASE + Math.ceil(wasmBytes / 1_024);
export const HEAD_BYTES = 256;
/** Bytes of one step proof: no step needs more (docs/machine.md section 7). */
export const STEP_PROOF_BYTES_MAX = 9_216;
export const PAGE_BYTES = 65_536;
