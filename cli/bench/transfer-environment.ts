// Environments that a transfer load runs in: the real core on a real store, whose signature checks
// can be told to accept anything (while accounts are funded, and for figures without signatures).
// Used in the bench thread only.
import type { SignatureVerdicts, VerdictSource } from "../../host/chain/signature-verdicts.ts";
import type { Hex } from "../../host/codec/hex.ts";
import { EnvironmentCore } from "../../host/environment/environment-core.ts";
import type { CommittedBlock } from "../../host/environment/executed-block.ts";
import {
  nativeHostCrypto,
  nativeSignatureChecker,
  nativeStateHasher,
} from "../../host/environment/native.ts";
import { sharedVerdicts } from "../../host/environment/shared-verdicts.ts";
import { assert } from "../../host/errors.ts";
import { Outcome } from "../../host/outcome.ts";
import { ProgramCache } from "../../host/sandbox/program-source.ts";
import { V8Runner } from "../../host/sandbox/v8-runner.ts";
import { openStore } from "../../host/state/lmdb-store.ts";
import { memoryStore } from "../../host/state/memory-store.ts";
import type { StateStore } from "../../host/state/state-store.ts";
import type { TransferLoad } from "./transfer-load.ts";

const PRODUCER: Hex = "0x00000000000000000000000000000000000000fe";
const FIRST_TIME = 1_700_000_000n;

const anything: SignatureVerdicts = { holds: () => true };

/** Checks signatures as an execution thread does, with its helper, or lets anything pass. */
export class SwitchedVerdicts {
  checking = false;
  readonly source: VerdictSource = (body) => (this.checking ? sharedVerdicts(body) : anything);
}

/** What every environment of a bench thread shares, as in an execution thread. */
export const benchGround = {
  runner: new V8Runner(),
  crypto: nativeHostCrypto,
  programs: new ProgramCache(),
};

/** The default store at a path, or one in memory. */
export async function benchStore(path: string | undefined): Promise<StateStore> {
  const hasher = nativeStateHasher();
  return path === undefined ? memoryStore({ hasher }) : openStore(path, { hasher });
}

/** One environment with the load's accounts. */
export class TransferEnvironment {
  readonly signatures: SwitchedVerdicts;
  readonly #core: EnvironmentCore;
  #time: bigint;

  private constructor(core: EnvironmentCore, signatures: SwitchedVerdicts, time: bigint) {
    this.#core = core;
    this.#time = time;
    this.signatures = signatures;
  }

  /** New, or on a store that has blocks up to `time`. */
  static async open(
    load: TransferLoad,
    store: StateStore,
    time = FIRST_TIME,
  ): Promise<TransferEnvironment> {
    const switched = new SwitchedVerdicts();
    const ground = {
      ...benchGround,
      signatures: nativeSignatureChecker,
      verdicts: switched.source,
    };
    const core = await EnvironmentCore.open(store, load.genesis(), ground);
    return new TransferEnvironment(core, switched, time);
  }

  get id(): Uint8Array {
    return this.#core.id;
  }

  /** Of the last block. */
  get time(): bigint {
    return this.#time;
  }

  get stateRoot(): Hex {
    return this.#core.head().stateRoot;
  }

  /** Executes and commits a body; every transaction of a load succeeds. */
  async execute(body: readonly Uint8Array[], bundle = false): Promise<CommittedBlock> {
    this.#time += 1n;
    const block = await this.#core.executeBlock({
      time: this.#time,
      producer: PRODUCER,
      transactions: body,
      bundle,
    });
    for (const { outcome, code } of block.executions) {
      assert(outcome === Outcome.success, `a transfer ended with outcome ${outcome}, code ${code}`);
    }
    return block;
  }

  async close(): Promise<void> {
    await this.#core.close();
  }
}
