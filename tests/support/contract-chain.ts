// One environment in memory on this thread, made of whatever parts the platform gives: the native ones in tests,
// the pure ones on other engines. Deploys random contracts, signs calls, executes blocks with their bundles.
import { deriveKey, keySigner, type TransactionSigner } from "../../host/chain/key.ts";
import { joinDeployInput, signTransaction } from "../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import { keccak256Into } from "../../host/codec/keccak.ts";
import { nobleSignatureChecker, type SignatureChecker } from "../../host/codec/signature.ts";
import { EnvironmentCore, type ExecutedBlock } from "../../host/environment/environment-core.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { FrameRunner, HostCrypto } from "../../host/sandbox/frame.ts";
import { ProgramCache } from "../../host/sandbox/program-source.ts";
import { memoryStore } from "../../host/state/memory-store.ts";
import { pureStateHasher, type StateHasher } from "../../host/state/state-hasher.ts";

/** What an engine brings. */
export interface ChainPlatform {
  readonly hasher: StateHasher;
  readonly crypto: HostCrypto;
  readonly signatures: SignatureChecker;
  readonly signer: (privateKey: Uint8Array) => TransactionSigner;
}

/** Nothing native: the same on every engine. */
export const purePlatform: ChainPlatform = {
  hasher: pureStateHasher,
  crypto: {
    keccak256Into,
    sha256: (bytes) => pureStateHasher.sha256(bytes),
    recover: nobleSignatureChecker.recover,
  },
  signatures: nobleSignatureChecker,
  signer: keySigner,
};

export interface ChainRunners {
  readonly runner: FrameRunner;
  /** Takes over where `runner` meets a host fault. */
  readonly machineRunner?: FrameRunner;
}

export type BundledBlock = ExecutedBlock & { readonly bundle: Uint8Array };

export const chainRules = presetRules("general");
const PRODUCER: Hex = toHex(new Uint8Array(20).fill(0xee));
const BALANCE = 10n ** 24n;
const DEPLOY_GAS = 60_000_000;

/** One environment with one account, which signs everything. */
export class ContractChain {
  readonly core: EnvironmentCore;
  readonly #signer: TransactionSigner;
  #nonce = 0n;
  #time = 0n;

  private constructor(core: EnvironmentCore, signer: TransactionSigner) {
    this.core = core;
    this.#signer = signer;
  }

  static async open(platform: ChainPlatform, runners: ChainRunners): Promise<ContractChain> {
    const signer = platform.signer(deriveKey("differential", "alice"));
    const accounts = [{ address: toHex(signer.address), balance: BALANCE }];
    const { crypto, signatures, hasher } = platform;
    const core = await EnvironmentCore.open(
      memoryStore({ hasher }),
      { rules: chainRules, accounts },
      { crypto, signatures, programs: new ProgramCache(), ...runners },
    );
    return new ContractChain(core, signer);
  }

  signDeploy(wasm: Uint8Array): Uint8Array {
    const input = joinDeployInput(wasm, new Uint8Array(0));
    return this.#sign("deploy", new Uint8Array(20), input, DEPLOY_GAS, 0n);
  }

  /** A call; one that is known to be skipped uses up no nonce. */
  signCall(to: Uint8Array, input: Uint8Array, gasLimit: number, isSkipped = false): Uint8Array {
    const signed = this.#sign("call", to, input, gasLimit, 5n);
    if (isSkipped) this.#nonce -= 1n;
    return signed;
  }

  #sign(
    kind: "call" | "deploy",
    to: Uint8Array,
    input: Uint8Array,
    gasLimit: number,
    value: bigint,
  ): Uint8Array {
    const fields = { environmentId: this.core.id, kind, to, value, nonce: this.#nonce, gasLimit };
    this.#nonce += 1n;
    const { priceMin } = chainRules.fees;
    return signTransaction({ ...fields, price: priceMin, input }, this.#signer);
  }

  async block(transactions: readonly Uint8Array[]): Promise<BundledBlock> {
    this.#time += 1n;
    const block = await this.core.executeBlock({
      time: this.#time,
      producer: PRODUCER,
      transactions,
      bundle: true,
    });
    return block as BundledBlock;
  }
}

/** Addresses of the contracts that a block of deployments made; undefined where prepare refused one. */
export function deployedAddresses(block: BundledBlock): (Uint8Array | undefined)[] {
  return block.entries.map(({ contract, outcome }) =>
    outcome === 0 && contract !== undefined ? fromHex(contract, 20) : undefined,
  );
}
