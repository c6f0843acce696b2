// What an environment stands on, handed in by whoever opens it: the thread that executes it, a benchmark, a test.

import type { BodyReader } from "../chain/read-body.ts";
import type { SignatureChecker } from "../codec/signature.ts";
import type { FrameRunner, HostCrypto } from "../sandbox/frame.ts";
import type { ProgramCache } from "../sandbox/program-source.ts";
import type { ReceiptMaker } from "./made-receipts.ts";

/** What the environment receives from its platform. */
export interface EnvironmentGround {
  readonly runner: FrameRunner;
  /** Runs a transaction on which `runner` meets a host fault; where absent, the fault is thrown. */
  readonly machineRunner?: FrameRunner;
  readonly crypto: HostCrypto;
  readonly signatures: SignatureChecker;
  /** Reads bodies and checks their signatures; by `signatures`, when asked, where absent. */
  readonly readBody?: BodyReader;
  /** Makes receipts; at once where absent. */
  readonly makeReceipts?: ReceiptMaker;
  readonly programs: ProgramCache;
  /**
   * Keeps the bundle of the next block so that it survives a crash. At once: where it fails the block is taken
   * back, so nothing may come between its changes and its commit, merges neither.
   */
  readonly keepBundle?: (height: bigint, bundle: Uint8Array) => void;
}
