// Tracing on the execution thread: the library's and the command line's way to trace/trace-transaction.ts.

import type { TraceReport } from "../trace/trace-transaction.ts";
import type { TracedState } from "../trace/traced-state.ts";
import { type DebugInfo, encodeDebug } from "./environment.ts";
import { sharedWorker } from "./execution-thread.ts";

export type { TransactionTrace } from "../trace/trace.ts";
export type { TraceReport } from "../trace/trace-transaction.ts";
export type { TracedPlace, TracedState, TracedValue } from "../trace/traced-state.ts";

export interface TraceOptions {
  /** Index in the body, from 0. */
  readonly transaction: number;
  /** ABIs and source maps to use before those of the bundle. */
  readonly artifacts?: readonly DebugInfo[];
  /** Hears how many of the transactions before are done, every hundred. */
  readonly onProgress?: (done: number) => void;
}

/**
 * What one transaction of a bundle did, call by call: executed on the machine behind a replay of the
 * transactions before it. Verdict `fraud` where one of those has another receipt than the bundle claims.
 * @throws TRACE_TRANSACTION for an index that the block does not have; the codes of a bundle that is
 * unusable as evidence; HOST_FAULT
 */
export function traceTransaction(bytes: Uint8Array, options: TraceOptions): Promise<TraceReport> {
  const { transaction, artifacts = [], onProgress } = options;
  const request = { transaction, artifacts: artifacts.map(encodeDebug) };
  return sharedWorker().call<TraceReport>("trace", { bytes, request }, onProgress);
}

export interface StateTraceOptions {
  /** Steps of the block's run before the state, as disputes count them. */
  readonly step: bigint;
  /** The transaction that the step must belong to. */
  readonly transaction?: number;
  /** ABIs and source maps to use before those of the bundle. */
  readonly artifacts?: readonly DebugInfo[];
}

/**
 * The state of a block's run before a step: what comes next, where in the program, with which values. Runs
 * what the order says, whatever the bundle claims.
 * @throws TRACE_STEP, TRACE_TRANSACTION for what the block does not have; the codes of a bundle that is
 * unusable as evidence; HOST_FAULT
 */
export function traceState(bytes: Uint8Array, options: StateTraceOptions): Promise<TracedState> {
  const { artifacts = [], ...rest } = options;
  const request = { ...rest, artifacts: artifacts.map(encodeDebug) };
  return sharedWorker().call<TracedState>("traceState", { bytes, request });
}
