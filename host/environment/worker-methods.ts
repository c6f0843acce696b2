// What can be asked of the execution worker: parameters and results by method. Both ends are typed from
// this one table; everything in it survives a structured clone.

import type { ReplayOptions, ReplayReport } from "../chain/replay-bundle.ts";
import type { LieRequest } from "../chain/tamper.ts";
import type { Hex } from "../codec/hex.ts";
import type { VerifiedDispute } from "../dispute/verify-dispute.ts";
import type { JudgeName, VerifiedProof } from "../dispute/verify-proof.ts";
import type { StateRequest } from "../trace/trace-state.ts";
import type { TraceReport, TraceRequest } from "../trace/trace-transaction.ts";
import type { TracedState } from "../trace/traced-state.ts";
import type {
  AccountResult,
  BlockInput,
  ExecutedBlock,
  Head,
  ViewInput,
  ViewResult,
} from "./environment-core.ts";
import type { KeptBlock } from "./executed-block.ts";
import type { GenesisInput, Registration } from "./genesis-input.ts";
import type { StateQuery } from "./prove-state.ts";
import type { AccountBalance, ScratchStart } from "./scratch-core.ts";

/** An executed block with its entries packed (executed-entries.ts). */
export type PackedBlock = Omit<ExecutedBlock, "entries"> & { readonly packedEntries: Uint8Array };

export interface WorkerMethods {
  open: {
    params: {
      readonly storePath: string | undefined;
      /** Canonical rules. */
      readonly rules: Uint8Array;
      readonly accounts: GenesisInput["accounts"];
      readonly settlement?: Registration;
      /** Where bundles of blocks that are not final are kept; nowhere where absent. */
      readonly bundleFolder?: string | undefined;
      /** False: the executing thread does everything alone. */
      readonly secondThread?: boolean;
    };
    /** The rules are the head's, which may be later ones. */
    result: { readonly id: Uint8Array; readonly head: Head; readonly rules: Uint8Array };
  };
  openScratch: {
    params: { readonly start: ScratchStart };
    result: {
      readonly id: Uint8Array;
      readonly rules: Uint8Array;
      readonly head: Head;
      readonly time: bigint;
    };
  };
  /** Remembers the place under a number, which must be higher than those before. */
  mark: { params: { readonly mark: number }; result: undefined };
  rewind: {
    params: { readonly mark: number };
    result: { readonly head: Head; readonly rules: Uint8Array };
  };
  setBalances: {
    params: { readonly balances: readonly AccountBalance[] };
    result: { readonly head: Head };
  };
  executeBlock: {
    params: BlockInput;
    result: PackedBlock;
  };
  view: { params: ViewInput; result: ViewResult };
  account: { params: { readonly address: Hex }; result: AccountResult };
  /** Addresses, 20 bytes each, and rows of account-rows.ts. */
  accounts: { params: { readonly addresses: Uint8Array }; result: Uint8Array };
  executed: { params: { readonly height: bigint }; result: KeptBlock | undefined };
  /** Answered while blocks go on being executed. */
  finalise: { params: { readonly height: bigint }; result: undefined };
  proveState: { params: StateQuery; result: Uint8Array };
  close: { params: undefined; result: undefined };
  replay: {
    params: {
      readonly bytes: Uint8Array;
      readonly options: ReplayOptions;
      /** The bundle that comes after it. */
      readonly next?: Uint8Array | undefined;
    };
    result: ReplayReport;
  };
  trace: {
    params: { readonly bytes: Uint8Array; readonly request: TraceRequest };
    result: TraceReport;
  };
  traceState: {
    params: { readonly bytes: Uint8Array; readonly request: StateRequest };
    result: TracedState;
  };
  proveStep: {
    params: { readonly bytes: Uint8Array; readonly step: bigint };
    result: Uint8Array;
  };
  verifyProof: {
    params: { readonly bytes: Uint8Array; readonly judge: JudgeName };
    result: VerifiedProof;
  };
  verifyDispute: {
    params: { readonly bytes: Uint8Array; readonly judge: JudgeName };
    result: VerifiedDispute;
  };
  tamper: {
    params: { readonly bytes: Uint8Array; readonly lie: LieRequest };
    result: Uint8Array;
  };
}
