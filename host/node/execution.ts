// What a node asks of whoever executes the blocks of one environment: in this process (memory-execution.ts) or in
// another (environment/environment-process.ts). Execution follows the ledger: only orders that settlement accepted
// are executed, each once and in the order of their heights, so that nothing is ever taken back.
import type { Hex } from "../codec/hex.ts";
import type { ExecutedOrder, Head } from "../environment/executed-block.ts";
import type { StateQuery } from "../environment/prove-state.ts";
import type { Rules } from "../rules/rules.ts";

export type { ExecutedOrder } from "../environment/executed-block.ts";

/** An order of settlement with its body. */
export interface OrderToExecute {
  /** Any other than the one after the head is refused: a repeat cannot execute an order twice. */
  readonly height: bigint;
  readonly time: bigint;
  readonly producer: Hex;
  readonly body: readonly Uint8Array[];
  readonly inboxCount: number;
  /** Where they are not those of genesis. */
  readonly rules?: Rules;
}

/** An environment that executes orders; what it has executed survives its process. */
export interface Execution {
  readonly id: Hex;
  /** The last executed block. */
  readonly head: Head;
  /**
   * Resolves when it answers, with the head as it is then: a request that ended with ENVIRONMENT_ENDED or
   * ENVIRONMENT_TIMEOUT may or may not have been done. @throws ENVIRONMENT_FAILED when it never will
   */
  ready(): Promise<void>;
  /** @throws ENVIRONMENT_ENDED, ENVIRONMENT_TIMEOUT where its process ended meanwhile */
  execute(order: OrderToExecute): Promise<ExecutedOrder>;
  /** Undefined above the head and at genesis. */
  executed(height: bigint): Promise<ExecutedOrder | undefined>;
  /** Heights up to this one are final: undo and bundles are given up. */
  finalise(height: bigint): Promise<void>;
  /** A state proof file at the head. @throws HEX_INVALID */
  proveState(query: StateQuery): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Where a sequencer takes the transactions of a block from. */
export interface BodySource {
  /** A candidate body: all messages of the inbox, then transactions as `rules`, the order's, have room for them. */
  body(input: {
    readonly time: bigint;
    readonly inbox: readonly Uint8Array[];
    readonly rules: Rules;
  }): Promise<readonly Uint8Array[]>;
}
