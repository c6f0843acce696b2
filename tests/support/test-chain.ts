// A chain in memory on this thread for tests: accounts with derived keys, blocks, bundles, and the
// ground that replay needs. The same parts as in production; only the worker thread is missing.
import { addressOf, deriveKey } from "../../host/chain/key.ts";
import { type ReplayOptions, replayBundle } from "../../host/chain/replay-bundle.ts";
import type { ReplayGround } from "../../host/chain/replay-execution.ts";
import { type LieRequest, tamperBundle } from "../../host/chain/tamper.ts";
import { signTransaction, type TransactionFields } from "../../host/chain/transaction.ts";
import { type Hex, toHex } from "../../host/codec/hex.ts";
import { EnvironmentCore, type ExecutedBlock } from "../../host/environment/environment-core.ts";
import {
  nativeHostCrypto,
  nativeSignatureChecker,
  nativeSigner,
  nativeStateHasher,
} from "../../host/environment/native.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { Rules } from "../../host/rules/rules.ts";
import type { FrameRunner } from "../../host/sandbox/frame.ts";
import { ProgramCache } from "../../host/sandbox/program-source.ts";
import { V8Runner } from "../../host/sandbox/v8-runner.ts";
import { memoryStore } from "../../host/state/memory-store.ts";
import type { StateStore } from "../../host/state/state-store.ts";

export const PRODUCER: Hex = toHex(new Uint8Array(20).fill(0xee));
const BALANCE = 10n ** 24n;

export type TestFields = Partial<TransactionFields> & { readonly kind: "call" | "deploy" };

/** One environment with named accounts. */
export class TestChain {
  readonly core: EnvironmentCore;
  readonly ground: ReplayGround;
  #time = 1n;
  readonly #nonces = new Map<string, bigint>();

  private constructor(core: EnvironmentCore, ground: ReplayGround) {
    this.core = core;
    this.ground = ground;
  }

  static async open(
    names: readonly string[] = ["alice", "bob"],
    rules: Rules = presetRules("general"),
    runner: FrameRunner = new V8Runner(),
    machineRunner?: FrameRunner,
    store: StateStore = memoryStore({ hasher: nativeStateHasher() }),
  ): Promise<TestChain> {
    const hasher = nativeStateHasher();
    const crypto = nativeHostCrypto;
    const signatures = nativeSignatureChecker;
    const programs = new ProgramCache();
    const accounts = names.map((name) => ({ address: addressOfName(name), balance: BALANCE }));
    const shared = {
      ...{ crypto, signatures, runner },
      ...(machineRunner === undefined ? {} : { machineRunner }),
    };
    const core = await EnvironmentCore.open(store, { rules, accounts }, { ...shared, programs });
    const ground = { ...shared, hasher, programs: new ProgramCache() };
    return new TestChain(core, ground);
  }

  /** A signed transaction of `name`; its nonce counts up unless given. */
  sign(name: string, fields: TestFields): Uint8Array {
    const nonce = fields.nonce ?? this.#nonces.get(name) ?? 0n;
    if (fields.nonce === undefined) this.#nonces.set(name, nonce + 1n);
    return signTransaction(
      {
        environmentId: this.core.id,
        value: 0n,
        gasLimit: Number(this.core.rules.gas.perTransaction),
        price: this.core.rules.fees.priceMin,
        input: new Uint8Array(0),
        ...fields,
        nonce,
      },
      nativeSigner(deriveKey("test", name)),
    );
  }

  /** Executes a block and makes its bundle; with `rules` it and those after it have these. */
  async block(
    transactions: readonly Uint8Array[],
    inboxCount = 0,
    rules?: Rules,
  ): Promise<ExecutedBlock & { readonly bundle: Uint8Array }> {
    const time = this.#time;
    this.#time += 1n;
    const block = await this.core.executeBlock({
      time,
      producer: PRODUCER,
      transactions,
      inboxCount,
      bundle: true,
      ...(rules === undefined ? {} : { rules }),
    });
    return block as ExecutedBlock & { readonly bundle: Uint8Array };
  }

  replay(bundle: Uint8Array, options?: ReplayOptions): ReturnType<typeof replayBundle> {
    return replayBundle(bundle, this.ground, options);
  }

  tamper(bundle: Uint8Array, lie: LieRequest): Uint8Array {
    return tamperBundle(bundle, lie, this.ground);
  }
}

export function addressOfName(name: string): Hex {
  return toHex(addressOf(nativeSigner(deriveKey("test", name)).publicKey));
}
