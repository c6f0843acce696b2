// The chain of the demo: a token, 1,000 accounts that hold it, then blocks of signed transfers between
// random pairs, on LMDB. The same seed gives the same blocks everywhere; only the time taken differs.
import { encodeCall, encodeInit } from "../../host/abi/encode-call.ts";
import { deriveKey, type TransactionSigner } from "../../host/chain/key.ts";
import {
  contractAddress,
  joinDeployInput,
  signTransaction,
  type TransactionFields,
} from "../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { bytesHash } from "../../host/codec/trees.ts";
import {
  createEnvironment,
  type DebugInfo,
  type Environment,
  openStore,
} from "../../host/environment/environment.ts";
import type { ExecutedBlock } from "../../host/environment/environment-core.ts";
import { nativeSigner } from "../../host/environment/native.ts";
import { assert } from "../../host/errors.ts";
import { describeOutcome, Outcome } from "../../host/outcome.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { LoadedModule } from "../scenario/load-scenario.ts";

export interface DemoSize {
  readonly accounts: number;
  readonly blocks: number;
  readonly transfersPerBlock: number;
}

const SEED = "demo";
const FIRST_TIME = 1_700_000_000n;
const BALANCE = 10n ** 18n;
const TOKENS_EACH = 1_000_000n;
const CALL_GAS = 200_000;
const PRICE = 1n;

/** Random indices from a seed: keccak of the seed and a counter. */
function* indices(seed: string, bound: number): Generator<number, never, undefined> {
  for (let counter = 0; ; counter++) {
    const hash = keccak256(new TextEncoder().encode(`${seed} ${counter}`));
    const words = new DataView(hash.buffer, hash.byteOffset, 32);
    for (let at = 0; at < 32; at += 4) yield words.getUint32(at) % bound;
  }
}

/** An open demo environment with its accounts. */
export class DemoChain {
  readonly #environment: Environment;
  readonly #id: Uint8Array;
  readonly #accounts: readonly TransactionSigner[];
  readonly #nonces: bigint[];
  readonly #token: Required<LoadedModule>;
  readonly #tokenAddress: Uint8Array;
  readonly #producer: Hex;
  readonly #size: DemoSize;
  readonly #random: Generator<number, never, undefined>;

  private constructor(
    environment: Environment,
    token: Required<LoadedModule>,
    accounts: readonly TransactionSigner[],
    size: DemoSize,
  ) {
    this.#environment = environment;
    this.#id = fromHex(environment.id, 32);
    this.#accounts = accounts;
    this.#nonces = accounts.map(() => 0n);
    this.#token = token;
    this.#tokenAddress = contractAddress(this.#id, accounts[0]!.address, 0n);
    this.#producer = toHex(nativeSigner(deriveKey(SEED, "producer")).address);
    this.#size = size;
    this.#random = indices(SEED, size.accounts);
  }

  /** Makes genesis in an LMDB store at `path`. */
  static async open(
    path: string,
    token: Required<LoadedModule>,
    size: DemoSize,
  ): Promise<DemoChain> {
    const accounts = Array.from({ length: size.accounts }, (_, i) =>
      nativeSigner(deriveKey(SEED, `account${i}`)),
    );
    const environment = await createEnvironment({
      rules: presetRules("payments"),
      store: openStore(path),
      genesis: accounts.map(({ address }) => ({ address: toHex(address), balance: BALANCE })),
    });
    return new DemoChain(environment, token, accounts, size);
  }

  get environment(): Environment {
    return this.#environment;
  }

  /** Deploys the token, then gives every account its part: as many blocks as that takes. */
  async *setUp(): AsyncGenerator<ExecutedBlock> {
    const { accounts, transfersPerBlock } = this.#size;
    yield await this.execute([this.#deploy()]);
    for (let first = 1; first < accounts; first += transfersPerBlock) {
      const end = Math.min(accounts, first + transfersPerBlock);
      const body: Uint8Array[] = [];
      for (let to = first; to < end; to++) body.push(this.#transfer(0, to, TOKENS_EACH));
      yield await this.execute(body);
    }
  }

  /** The body of a block of transfers between random distinct accounts. */
  transferBody(): Uint8Array[] {
    return Array.from({ length: this.#size.transfersPerBlock }, () => {
      const from = this.#random.next().value;
      let to = this.#random.next().value;
      if (to === from) to = (from + 1) % this.#size.accounts;
      return this.#transfer(from, to, 1n + BigInt(to % 97));
    });
  }

  close(): Promise<void> {
    return this.#environment.close();
  }

  #deploy(): Uint8Array {
    const { wasm, abi } = this.#token;
    const supply = TOKENS_EACH * BigInt(this.#size.accounts);
    const { perTransaction } = this.#environment.rules.gas;
    const input = joinDeployInput(wasm, encodeInit(abi, [supply]));
    return this.#sign(0, { kind: "deploy", gasLimit: Number(perTransaction), input });
  }

  #transfer(from: number, to: number, amount: bigint): Uint8Array {
    const recipient = toHex(this.#accounts[to]!.address);
    return this.#sign(from, {
      kind: "call",
      to: this.#tokenAddress,
      gasLimit: CALL_GAS,
      input: encodeCall(this.#token.abi, "transfer", [recipient, amount]),
    });
  }

  #sign(
    from: number,
    fields: Pick<TransactionFields, "kind" | "to" | "gasLimit" | "input">,
  ): Uint8Array {
    const nonce = this.#nonces[from]!;
    this.#nonces[from] = nonce + 1n;
    const all = { ...fields, environmentId: this.#id, value: 0n, nonce, price: PRICE };
    return signTransaction(all, this.#accounts[from]!);
  }

  /** Executes a body as the next block and keeps it. */
  async execute(
    transactions: readonly Uint8Array[],
    onProgress?: (done: number) => void,
  ): Promise<ExecutedBlock> {
    const block = await this.#environment.executeBlock({
      time: FIRST_TIME + this.#environment.head.height,
      producer: this.#producer,
      transactions,
      bundle: true,
      debug: [this.#debug()],
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    const failed = block.entries.find(({ outcome }) => outcome !== Outcome.success);
    assert(
      failed === undefined,
      `a transaction of the demo ended ${failed && describeOutcome(failed.outcome as Outcome, failed.code)}`,
    );
    return block;
  }

  #debug(): DebugInfo {
    const { wasm, abiJson, sourceMap } = this.#token;
    return { wasmHash: toHex(bytesHash(wasm)), abiJson, sourceMap };
  }
}
