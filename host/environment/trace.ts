// Tracing on the execution thread: the library's and the command line's way to trace/trace-transaction.ts.

import type { TraceReport } from "../trace/trace-transaction.ts";
import { type DebugInfo, encodeDebug } from "./environment.ts";
import { sharedWorker } from "./execution-thread.ts";

export type { TransactionTrace } from "../trace/trace.ts";
export type { TraceReport } from "../trace/trace-transaction.ts";

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
