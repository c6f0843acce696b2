// What can be asked of the process of an environment: parameters and results by method, and the frames around them.
// Both ends are typed from this one file; everything in it survives msgpack (message-stream.ts).
import type { Hex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import type { AccountResult, BlockInput, Head, ViewInput, ViewResult } from "./environment-core.ts";
import type { KeptBlock } from "./executed-block.ts";
import type { GenesisInput, Registration } from "./genesis-input.ts";
import type { MempoolLimits, MempoolRefusal } from "./mempool.ts";
import type { StateQuery } from "./prove-state.ts";
import type { WorkerReply } from "./worker-client.ts";
import type { PackedBlock } from "./worker-methods.ts";

/** What became of a transaction that was offered to the mempool. */
export type Submitted =
  | { readonly admitted: true; readonly hash: Hex }
  | ({ readonly admitted: false } & MempoolRefusal);

/** An order to execute, as it crosses. */
export interface PackedOrder extends Omit<BlockInput, "rules" | "debug"> {
  /** Canonical, where they change. */
  readonly rules: Uint8Array | undefined;
  /** The height that the order is for; whatever comes next where absent. */
  readonly height: bigint | undefined;
}

export interface ProcessMethods {
  open: {
    params: {
      readonly folder: string;
      /** Canonical rules of genesis. */
      readonly rules: Uint8Array;
      readonly accounts: GenesisInput["accounts"];
      readonly settlement?: Registration;
      readonly mempool: MempoolLimits;
      readonly secondThread: boolean;
      /** Whether to tell the resident memory now and then: where the parent cannot see it. */
      readonly tellsMemory: boolean;
    };
    result: { readonly id: Uint8Array; readonly head: Head; readonly rules: Uint8Array };
  };
  submit: {
    params: { readonly transactions: readonly Uint8Array[] };
    result: readonly Submitted[];
  };
  /** What follows the inbox's entries in a body. */
  body: {
    params: {
      readonly inbox: readonly Uint8Array[];
      /** Canonical, of the next order; those that came last where absent. */
      readonly rules: Uint8Array | undefined;
    };
    result: readonly Uint8Array[];
  };
  execute: {
    params: PackedOrder;
    /** Without its bundle, which is in the folder. */
    result: { readonly block: PackedBlock; readonly head: Head };
  };
  executed: { params: { readonly height: bigint }; result: KeptBlock | undefined };
  finalise: { params: { readonly height: bigint }; result: undefined };
  view: { params: ViewInput; result: ViewResult };
  account: { params: { readonly address: Hex }; result: AccountResult };
  proveState: { params: StateQuery; result: Uint8Array };
  close: { params: undefined; result: undefined };
}

/** From the process: replies as threads give them, and what it tells by itself. */
export type ProcessReply = WorkerReply | { readonly kind: "memory"; readonly bytes: number };

/** Whether an error tells of the end of a process, not of what it answered. */
export function tellsOfEnd(error: unknown): boolean {
  const code = error instanceof EngineError ? error.code : undefined;
  return code === "ENVIRONMENT_ENDED" || code === "ENVIRONMENT_TIMEOUT";
}

/** Exit codes of the process by which its parent knows why it ended. */
export const processExit = { protocol: 64, thread: 65 } as const;
