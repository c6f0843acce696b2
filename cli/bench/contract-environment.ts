// An environment in memory with one contract and the one account that deployed it and calls it: where blocks come from
// that are measured for their bundles and disputed. Every block has its bundle, and every transaction succeeds.
import { keySigner, type TransactionSigner } from "../../host/chain/key.ts";
import { joinDeployInput, signTransaction } from "../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import {
  createEnvironment,
  type Environment,
  memoryStore,
} from "../../host/environment/environment.ts";
import type { ExecutedBlock } from "../../host/environment/environment-core.ts";
import { assert } from "../../host/errors.ts";
import type { Rules } from "../../host/rules/rules.ts";

/** What a contract environment is made from. */
export interface ContractShape {
  readonly rules: Rules;
  readonly producer: Hex;
  /** Private key [32] of the account. */
  readonly key: Uint8Array;
  /** Deployed without arguments. */
  readonly wasm: Uint8Array;
}

export class ContractEnvironment {
  readonly #environment: Environment;
  readonly #signer: TransactionSigner;
  readonly #producer: Hex;
  #contract: Uint8Array = new Uint8Array(20);
  #nonce = 0n;
  #time = 1n;

  private constructor(environment: Environment, signer: TransactionSigner, producer: Hex) {
    this.#environment = environment;
    this.#signer = signer;
    this.#producer = producer;
  }

  static async open({ rules, producer, key, wasm }: ContractShape): Promise<ContractEnvironment> {
    const signer = keySigner(key);
    const genesis = [{ address: toHex(signer.address), balance: 10n ** 18n }];
    const environment = await createEnvironment({ rules, store: memoryStore(), genesis });
    const opened = new ContractEnvironment(environment, signer, producer);
    const input = joinDeployInput(wasm, new Uint8Array(0));
    const { entries } = await opened.execute([opened.#signed("deploy", input, 1)]);
    assert(entries[0]?.contract !== undefined, "a deployment gives an address");
    opened.#contract = fromHex(entries[0].contract, 20);
    return opened;
  }

  /** The next calls, signed. They share the gas of a transaction. */
  calls(inputs: readonly Uint8Array[]): Uint8Array[] {
    return inputs.map((input) => this.#signed("call", input, inputs.length));
  }

  /** Executes the next block and commits it. */
  async execute(transactions: readonly Uint8Array[]): Promise<ExecutedBlock> {
    const time = this.#time++;
    const block = await this.#environment.executeBlock({
      ...{ time, producer: this.#producer, transactions, bundle: true },
    });
    for (const { outcome, code } of block.entries) {
      assert(outcome === 0, `a call of the benchmark ends with outcome ${outcome}, code ${code}`);
    }
    return block;
  }

  async close(): Promise<void> {
    await this.#environment.close();
  }

  /** One of `count` transactions that share the gas of one. */
  #signed(kind: "call" | "deploy", input: Uint8Array, count: number): Uint8Array {
    const { rules, id } = this.#environment;
    const fields = { kind, input, to: this.#contract, value: 0n, price: rules.fees.priceMin };
    const gasLimit = Math.floor(Number(rules.gas.perTransaction) / count);
    const environmentId = fromHex(id, 32);
    return signTransaction(
      { ...fields, nonce: this.#nonce++, gasLimit, environmentId },
      this.#signer,
    );
  }
}
