// Environments that a transfer load runs in: the real core on a real store, whose signature checks
// can be told to accept anything (while accounts are funded, and for figures without signatures).
// Used in the bench thread only.
import { type BodyReader, hashedBody } from "../../host/chain/read-body.ts";
import type { Hex } from "../../host/codec/hex.ts";
import { EnvironmentCore } from "../../host/environment/environment-core.ts";
import type { CommittedBlock } from "../../host/environment/executed-block.ts";
import { countOutcomes } from "../../host/environment/executed-entries.ts";
import {
  nativeHostCrypto,
  nativeSignatureChecker,
  nativeStateHasher,
} from "../../host/environment/native.ts";
import { SharedBodies } from "../../host/environment/shared-bodies.ts";
import { sharedReceipts } from "../../host/environment/shared-receipts.ts";
import { SharedTree } from "../../host/environment/shared-tree.ts";
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

/** Reads bodies as an execution thread does, with its second thread, or lets every signature pass. */
export class SwitchedBodies {
  readonly #shared = new SharedBodies();
  #isChecking = false;

  readonly #sharesUnsigned: boolean;

  /** False: bodies without signatures are read in this thread alone, for figures of single transactions. */
  constructor(sharesUnsigned = true) {
    this.#sharesUnsigned = sharesUnsigned;
    this.checking = false;
  }

  get checking(): boolean {
    return this.#isChecking;
  }

  set checking(isChecking: boolean) {
    this.#isChecking = isChecking;
    this.#shared.isSigned = isChecking;
  }

  /** As when the request for a block has arrived and the one before it is not done yet. */
  readAhead(body: readonly Uint8Array[]): void {
    this.#shared.readAhead(body);
  }

  readonly read: BodyReader = (body) => {
    if (this.#isChecking) return this.#shared.read(body);
    const read = this.#sharesUnsigned ? this.#shared.read(body) : hashedBody(body);
    return {
      entries: () => read.entries(),
      transactionsRoot: () => read.transactionsRoot(),
      signatureHolds: () => true,
    };
  };
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
  const options = { hasher, treeThread: new SharedTree(hasher) };
  return path === undefined ? memoryStore(options) : openStore(path, options);
}

/** One environment with the load's accounts. */
export class TransferEnvironment {
  readonly signatures: SwitchedBodies;
  readonly #core: EnvironmentCore;
  #time: bigint;

  private constructor(core: EnvironmentCore, signatures: SwitchedBodies, time: bigint) {
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
    const switched = new SwitchedBodies();
    const ground = {
      ...benchGround,
      signatures: nativeSignatureChecker,
      readBody: switched.read,
      makeReceipts: sharedReceipts,
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
    const succeeded = countOutcomes(block.packedEntries)[Outcome.success];
    assert(succeeded === body.length, `${succeeded} of ${body.length} transfers succeeded`);
    return block;
  }

  /** The same for many bodies, of which the next ones are always at hand, as where requests queue up. */
  async executeAll(bodies: readonly (readonly Uint8Array[])[]): Promise<void> {
    let before: Promise<unknown> | undefined;
    for (const [i, body] of bodies.entries()) {
      if (i === 0) this.signatures.readAhead(body);
      const next = bodies[i + 1];
      if (next !== undefined) this.signatures.readAhead(next);
      const block = this.execute(body);
      // Should the one before it fail, nobody hears of this one.
      block.catch(() => {});
      await before;
      before = block;
    }
    await before;
  }

  async close(): Promise<void> {
    await this.#core.close();
  }
}
