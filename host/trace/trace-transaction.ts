// Traces one transaction of a bundle: the entries before it execute as in a replay and must be what the
// bundle claims, then it runs on the machine, exactly, with a recorder that looks on. The trace is of
// what the transaction comes to, whatever the bundle says of it.

import type { BlockContext } from "../chain/block-context.ts";
import { blockHash } from "../chain/block-hash.ts";
import { type Bundle, type DebugEntry, decodeBundle } from "../chain/bundle.ts";
import { checkEntry, intrinsicGas } from "../chain/check-entry.ts";
import { type ExecutedEntry, executeEntries } from "../chain/execute-block.ts";
import type { Execution } from "../chain/execute-transaction.ts";
import type { Finding } from "../chain/finding.ts";
import { encodeReceipt } from "../chain/receipt.ts";
import { checkConsistency, receiptMismatch } from "../chain/replay-bundle.ts";
import { ReplayExecution, type ReplayGround, readBodyOf } from "../chain/replay-execution.ts";
import {
  contractAddress,
  type Entry,
  splitDeployInput,
  type Transaction,
} from "../chain/transaction.ts";
import { equalBytes, type Hex, toHex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import { BundleRun } from "../machine/bundle-run.ts";
import { Machine } from "../machine/machine.ts";
import { MachineRunner } from "../machine/machine-runner.ts";
import { describeOutcome, Outcome, TrapCode } from "../outcome.ts";
import { readRefusal } from "../program/prepare.ts";
import { CallRecorder } from "./call-recorder.ts";
import { ContractNames } from "./contract-names.ts";
import { eventOf, shownBytes } from "./host-call-details.ts";
import { NO_STACK } from "./native-stack.ts";
import { skipReason } from "./skip-reason.ts";
import type {
  TracedCall,
  TracedEvent,
  TracedRefusal,
  TracedTransaction,
  TransactionTrace,
} from "./trace.ts";
import { entrySteps } from "./trace-state.ts";
import { CODE_FULL } from "./trap-reason.ts";

export interface TraceRequest {
  /** Index in the body. */
  readonly transaction: number;
  /** ABIs and source maps beside those of the bundle, and before them. */
  readonly artifacts?: readonly DebugEntry[];
}

/** `fraud`: a claimed receipt before the transaction is wrong, so nobody claims the state it would run on. */
export type TraceReport =
  | { readonly verdict: "traced"; readonly trace: TransactionTrace }
  | { readonly verdict: "fraud"; readonly finding: Finding };

/**
 * Traces transaction `request.transaction` of the bundle in `bytes`.
 * @throws TRACE_TRANSACTION for an index that the block does not have; the codes of an unusable bundle
 * (BUNDLE_…, RULES_…, WITNESS_…, CODE_…, …_ROOT_MISMATCH); HOST_FAULT when the machine fails
 */
export function traceTransaction(
  bytes: Uint8Array,
  request: TraceRequest,
  ground: ReplayGround,
): TraceReport {
  const bundle = decodeBundle(bytes);
  const { transaction: index } = request;
  const count = bundle.transactions.length;
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new EngineError({
      code: "TRACE_TRANSACTION",
      message: `got transaction ${index}, expected 0 to ${count - 1}: the block has ${count}`,
      where: { height: bundle.order.height, field: "transaction" },
    });
  }
  const body = checkConsistency(bundle, () => readBodyOf(bundle, ground));
  const entries = body.entries();
  const execution = new ReplayExecution(bundle, ground, checkEntry, body);
  const before = executeBefore(bundle, execution.block, entries, index, ground);
  if (typeof before !== "number") return { verdict: "fraud", finding: before };

  const names = new ContractNames([...(request.artifacts ?? []), ...bundle.debug]);
  const recorder = new CallRecorder(names);
  const { machineRunner: _, ...block } = execution.block;
  const traced = { ...block, runner: new MachineRunner(new Machine(), recorder) };
  const range = { first: index, end: index + 1, gasUsed: before };
  const [executed] = [...executeEntries(traced, entries, range)] as [ExecutedEntry];
  const entry = entries[index] as Entry;
  const claimed = bundle.receipts[index] as Uint8Array;
  const finding = equalBytes(encodeReceipt(executed.receipt), claimed)
    ? null
    : receiptMismatch(index, claimed, executed.receipt);
  const { first, last } = entrySteps(new BundleRun(bundle, ground.hasher), index);
  const trace = {
    ...traceOf(traced, entry, executed.execution, recorder, names, before),
    height: bundle.order.height,
    block: toHex(blockHash(bundle.order, bundle.parentResult, bundle.result)),
    transaction: index,
    ...{ steps: last + 1n - first, firstStep: first, lastStep: last },
    finding,
  };
  return { verdict: "traced", trace };
}

/** What the entries before `index` used, or the first that differs from its claim. */
function executeBefore(
  bundle: Bundle,
  block: BlockContext,
  entries: readonly Entry[],
  index: number,
  ground: ReplayGround,
): number | Finding {
  let gasUsed = 0;
  let done = 0;
  for (const { receipt } of executeEntries(block, entries, { first: 0, end: index, gasUsed: 0 })) {
    const claimed = bundle.receipts[done] as Uint8Array;
    if (!equalBytes(encodeReceipt(receipt), claimed))
      return receiptMismatch(done, claimed, receipt);
    gasUsed += Number(receipt.gasUsed);
    done += 1;
    ground.onEntry?.(done);
  }
  return gasUsed;
}

type Position = "height" | "block" | "transaction" | "steps" | "firstStep" | "lastStep" | "finding";

function traceOf(
  block: BlockContext,
  entry: Entry,
  execution: Execution,
  recorder: CallRecorder,
  names: ContractNames,
  gasBefore: number,
): Omit<TransactionTrace, Position> {
  const { outcome, code, gasUsed, transaction } = execution;
  const executed = outcome !== Outcome.skipped && transaction !== undefined;
  const { calls, hostCalls, hostCallsOmitted, words } = recorder;
  return {
    hash: toHex(execution.transactionHash),
    head: transaction === undefined ? null : headOf(block, transaction),
    outcome: describeOutcome(outcome, code),
    words,
    gasUsed: BigInt(gasUsed),
    gasIntrinsic: executed ? BigInt(intrinsicGas(block.rules, transaction)) : 0n,
    skip: outcome === Outcome.skipped ? skipReason(block, entry, code, gasBefore) : null,
    refusal: executed ? refusalOf(transaction, execution, calls, names) : null,
    calls: executed ? withUnentered(block, transaction, execution, calls) : calls,
    hostCalls,
    hostCallsOmitted,
    events: eventsOf(execution, recorder),
  };
}

function headOf(block: BlockContext, transaction: Transaction): TracedTransaction {
  const { kind, sender, nonce, value, gasLimit, price, input } = transaction;
  const to =
    kind === "deploy" ? contractAddress(block.environmentId, sender, nonce) : transaction.to;
  return {
    kind,
    sender: toHex(sender),
    to: toHex(to),
    ...{ nonce, value, gasLimit: BigInt(gasLimit), price },
    inputBytes: input.length,
  };
}

/** The calls of a transaction with the one that entered no frame: there was no code, or no room for it. */
function withUnentered(
  block: BlockContext,
  transaction: Transaction,
  { code, outcome, gasUsed }: Execution,
  calls: readonly TracedCall[],
): readonly TracedCall[] {
  if (outcome === Outcome.trap && code === TrapCode.code_full) {
    const to = headOf(block, transaction).to as Hex;
    const kind = transaction.kind === "deploy" ? "deployment" : "call";
    const gasLeft = BigInt(transaction.gasLimit - gasUsed);
    const call = unentered(transaction, { id: calls.length, to, gasForwarded: gasLeft });
    return [...calls, { ...call, kind, status: "trap", trap: CODE_FULL }];
  }
  if (calls.length > 0) return calls;
  const gasForwarded = BigInt(transaction.gasLimit - intrinsicGas(block.rules, transaction));
  return [unentered(transaction, { id: 0, to: toHex(transaction.to), gasForwarded })];
}

/** A call that moved value at most. */
function unentered(
  { sender, value, input }: Transaction,
  { id, to, gasForwarded }: Pick<TracedCall, "id" | "to" | "gasForwarded">,
): TracedCall {
  return {
    id,
    kind: "transfer",
    ...{ to, caller: toHex(sender), contract: null, method: null, args: null },
    ...{ input: shownBytes(input) as Hex, inputBytes: input.length, value },
    ...{ gasForwarded, gasUsed: 0n, words: 0n, readOnly: false, status: "success", refused: null },
    ...{ output: "0x", outputBytes: 0, result: null, revert: null, trap: null },
    ...{ ...NO_STACK, calls: [] },
  };
}

/** Why prepare refused the module of a deployment. */
function refusalOf(
  { kind, input }: Transaction,
  { output }: Execution,
  calls: readonly TracedCall[],
  names: ContractNames,
): TracedRefusal | null {
  if (kind !== "deploy" || calls.length !== 1 || calls[0]?.status !== "revert") return null;
  const { wasm } = splitDeployInput(input);
  const refusal = readRefusal(wasm, output);
  if (refusal === undefined) return null;
  const { code, message, where, hint } = refusal;
  const { byteOffset = null } = where;
  const { lines } = names.module(wasm);
  const place = byteOffset === null ? undefined : lines?.place(byteOffset);
  return {
    code,
    message,
    function: where.function ?? null,
    functionName: where.functionName ?? place?.functionName ?? null,
    byteOffset,
    source: place?.source ?? null,
    hint,
  };
}

function eventsOf({ events }: Execution, recorder: CallRecorder): TracedEvent[] {
  return events.map(({ emitter, topics, data }) => {
    const list = Array.from({ length: topics.length / 32 }, (_, i) =>
      topics.subarray(32 * i, 32 * i + 32),
    );
    const module = recorder.moduleAt(toHex(emitter));
    const decoded = module === undefined ? undefined : eventOf(module, list, data);
    return {
      emitter: toHex(emitter),
      contract: module?.abi?.contract ?? null,
      name: decoded?.name ?? null,
      fields: decoded?.fields ?? null,
      topics: list.map(toHex),
      data: shownBytes(data) as Hex,
    };
  });
}
