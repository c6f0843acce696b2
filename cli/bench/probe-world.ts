// Where probes run: one environment on a store in memory, whose blocks execute as everywhere, commit, and are
// replayed from their bundles. Signatures are checked only where a measurement asks for it. Used in the bench
// thread only.
import { deriveKey } from "../../host/chain/key.ts";
import { replayBundle } from "../../host/chain/replay-bundle.ts";
import {
  contractAddress,
  encodeTransaction,
  joinDeployInput,
  signTransaction,
} from "../../host/chain/transaction.ts";
import { type Hex, toHex } from "../../host/codec/hex.ts";
import {
  EnvironmentCore,
  type EnvironmentGround,
} from "../../host/environment/environment-core.ts";
import type { CommittedBlock } from "../../host/environment/executed-block.ts";
import {
  nativeHostCrypto,
  nativeSignatureChecker,
  nativeSigner,
  nativeStateHasher,
} from "../../host/environment/native.ts";
import { assert } from "../../host/errors.ts";
import { Outcome } from "../../host/outcome.ts";
import type { Rules } from "../../host/rules/rules.ts";
import { ProgramCache } from "../../host/sandbox/program-source.ts";
import { V8Runner } from "../../host/sandbox/v8-runner.ts";
import { ScratchStore } from "../../host/state/scratch-store.ts";
import { StateChanges } from "../../host/state/state-changes.ts";
import { StateClass } from "../../host/state/state-key.ts";
import { PROBE_INPUT_BYTES } from "./probe-module.ts";
import { SwitchedBodies } from "./transfer-environment.ts";

const PRODUCER: Hex = "0x00000000000000000000000000000000000000fe";
const BALANCE = 10n ** 30n;
const NO_SIGNATURE = new Uint8Array(64);

/** Processor time of this process: what else a machine does is not in it, and threads that help are. */
function cpuMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Rounds and start as a probe reads them, then bytes of its own. */
export function probeInput(
  rounds: number,
  start: number,
  rest: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const input = new Uint8Array(PROBE_INPUT_BYTES + rest.length);
  const view = new DataView(input.buffer);
  view.setUint32(0, rounds, true);
  view.setUint32(4, start, true);
  input.set(rest, PROBE_INPUT_BYTES);
  return input;
}

/** The key [32] that probes make of a number: it stands in the first four bytes, little-endian. */
export function probeKey(number: number): Uint8Array {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, number, true);
  return key;
}

export interface ProbeBlock {
  readonly millis: number;
  readonly gasUsed: number;
  readonly committed: CommittedBlock;
}

interface Call {
  readonly to: Uint8Array;
  readonly input: Uint8Array;
  readonly value?: bigint;
  readonly gasLimit?: number;
}

/** One environment for probes. */
export class ProbeWorld {
  readonly rules: Rules;
  readonly #store: ScratchStore;
  readonly #ground: EnvironmentGround;
  readonly #bodies: SwitchedBodies;
  readonly #signer = nativeSigner(deriveKey("plasma bench probes", "sender"));
  #core: EnvironmentCore;
  #nonce = 0n;
  #time = 1_700_000_000n;

  private constructor(
    core: EnvironmentCore,
    store: ScratchStore,
    ground: EnvironmentGround,
    bodies: SwitchedBodies,
  ) {
    this.rules = core.rules;
    this.#core = core;
    this.#store = store;
    this.#ground = ground;
    this.#bodies = bodies;
  }

  static async open(rules: Rules): Promise<ProbeWorld> {
    const bodies = new SwitchedBodies(false);
    const ground = {
      runner: new V8Runner(),
      crypto: nativeHostCrypto,
      programs: new ProgramCache(),
      signatures: nativeSignatureChecker,
      readBody: bodies.read,
    };
    const store = new ScratchStore(nativeStateHasher());
    const signer = nativeSigner(deriveKey("plasma bench probes", "sender"));
    const accounts = [{ address: toHex(signer.address), balance: BALANCE }];
    const core = await EnvironmentCore.open(store, { rules, accounts }, ground);
    return new ProbeWorld(core, store, ground, bodies);
  }

  /** Whether signatures are checked from now on. */
  set checksSignatures(checking: boolean) {
    this.#bodies.checking = checking;
  }

  get stateRoot(): Hex {
    return this.#core.head().stateRoot;
  }

  /** Gives a contract so many values under the keys of 0, 1 … without a block. */
  fill(address: Uint8Array, count: number, value: Uint8Array): void {
    const changes = new StateChanges(count);
    for (let i = 0; i < count; i++) changes.add(StateClass.storage, address, probeKey(i), value);
    const stateRoot = this.#store.edit(changes);
    const standing = this.#core.standing();
    const head = { ...standing.head, result: { ...standing.head.result, stateRoot } };
    this.#core = EnvironmentCore.resume(this.#store, this.#ground, this.#core.id, {
      ...standing,
      head,
    });
  }

  /** A transaction; signed where signatures are checked. */
  call({ to, input, value = 0n, gasLimit }: Call): Uint8Array {
    return this.#encode({ kind: "call", to, value, input, gasLimit: gasLimit ?? this.#gasMax });
  }

  /** A deployment, with the address that it makes. */
  deployment(
    wasm: Uint8Array,
    rest?: Uint8Array,
  ): { readonly bytes: Uint8Array; readonly address: Uint8Array } {
    const address = contractAddress(this.#core.id, this.#signer.address, this.#nonce);
    const input = joinDeployInput(wasm, probeInput(0, 0, rest));
    return {
      address,
      bytes: this.#encode({ kind: "deploy", value: 0n, input, gasLimit: this.#gasMax }),
    };
  }

  async deploy(wasm: Uint8Array, rest?: Uint8Array): Promise<Uint8Array> {
    const { bytes, address } = this.deployment(wasm, rest);
    await this.execute([bytes]);
    return address;
  }

  get #gasMax(): number {
    return Number(this.rules.gas.perTransaction);
  }

  #encode(fields: {
    readonly kind: "call" | "deploy";
    readonly to?: Uint8Array;
    readonly value: bigint;
    readonly input: Uint8Array;
    readonly gasLimit: number;
  }): Uint8Array {
    const whole = { ...fields, environmentId: this.#core.id, nonce: this.#nonce++, price: 0n };
    if (this.#bodies.checking) return signTransaction(whole, this.#signer);
    return encodeTransaction({
      ...whole,
      publicKey: this.#signer.publicKey,
      signature: NO_SIGNATURE,
    });
  }

  /** Executes and commits a block; all of its transactions succeed unless they may fail. */
  async execute(
    transactions: readonly Uint8Array[],
    bundle = false,
    mayFail = false,
  ): Promise<ProbeBlock> {
    this.#time += 1n;
    const start = cpuMillis();
    const committed = await this.#core.executeBlock({
      time: this.#time,
      producer: PRODUCER,
      transactions,
      bundle,
    });
    const millis = cpuMillis() - start;
    for (const { outcome, code } of committed.entries) {
      assert(
        mayFail || outcome === Outcome.success,
        `a probe ends with outcome ${outcome}, code ${code}`,
      );
    }
    const gasUsed = committed.entries.reduce((sum, one) => sum + Number(one.gasUsed), 0);
    return { millis, gasUsed, committed };
  }

  /** Milliseconds of the replay of a bundle. */
  replay(bundle: Uint8Array): number {
    return this.#replay(bundle, this.#ground.programs);
  }

  /** The same where no program is known. */
  replayCold(bundle: Uint8Array): number {
    return this.#replay(bundle, new ProgramCache());
  }

  #replay(bundle: Uint8Array, programs: ProgramCache): number {
    const ground = { ...this.#ground, programs, hasher: nativeStateHasher() };
    const start = cpuMillis();
    const { verdict, finding } = replayBundle(bundle, ground);
    const millis = cpuMillis() - start;
    assert(verdict === "valid", `a replay finds ${finding?.message ?? "the block"}`);
    return millis;
  }
}
