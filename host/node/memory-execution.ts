// Execution in this process, on a store in memory: for tests and scenarios, and to come to an earlier state by
// executing again what the ledger has. It forgets nothing that is not final and ends with its process; a node
// that runs for long gives its environments processes of their own.
import { type Hex, toHex } from "../codec/hex.ts";
import { EnvironmentCore } from "../environment/environment-core.ts";
import type { Head } from "../environment/executed-block.ts";
import type { GenesisInput } from "../environment/genesis-input.ts";
import {
  nativeHostCrypto,
  nativeSignatureChecker,
  nativeStateHasher,
} from "../environment/native.ts";
import type { StateQuery } from "../environment/prove-state.ts";
import { assert } from "../errors.ts";
import { FallbackRunner } from "../machine/fallback-runner.ts";
import { ProgramCache } from "../sandbox/program-source.ts";
import { V8Runner } from "../sandbox/v8-runner.ts";
import { memoryStore } from "../state/memory-store.ts";
import type { ExecutedOrder, Execution, OrderToExecute } from "./execution.ts";

export class MemoryExecution implements Execution {
  readonly #core: EnvironmentCore;
  readonly #executed = new Map<bigint, ExecutedOrder>();
  /** Up to this height bundles were given up. */
  #final = 0n;

  private constructor(core: EnvironmentCore) {
    this.#core = core;
  }

  /** An environment at its genesis. */
  static async open(genesis: GenesisInput): Promise<MemoryExecution> {
    const core = await EnvironmentCore.open(memoryStore({ hasher: nativeStateHasher() }), genesis, {
      ...{ crypto: nativeHostCrypto, signatures: nativeSignatureChecker },
      ...{ runner: new V8Runner(), machineRunner: new FallbackRunner() },
      programs: new ProgramCache(),
    });
    return new MemoryExecution(core);
  }

  get id(): Hex {
    return toHex(this.#core.id);
  }

  get head(): Head {
    return this.#core.head();
  }

  async ready(): Promise<void> {}

  async execute(order: OrderToExecute): Promise<ExecutedOrder> {
    const { height, time, producer, body: transactions, inboxCount } = order;
    assert(height === this.head.height + 1n, "orders are executed in the order of their heights");
    const { rules } = order;
    const input = {
      ...{ time, producer, transactions, inboxCount, bundle: true },
      ...(rules === undefined ? {} : { rules }),
    };
    const block = await this.#core.executeBlock(input);
    const { orderHash, blockHash, result, messages, bundle } = block;
    const executed = { height, orderHash, blockHash, result, messages, bundle };
    this.#executed.set(height, executed);
    return executed;
  }

  async executed(height: bigint): Promise<ExecutedOrder | undefined> {
    return this.#executed.get(height);
  }

  async finalise(height: bigint): Promise<void> {
    const last = height < this.head.height ? height : this.head.height;
    while (this.#final < last) {
      const executed = this.#executed.get(++this.#final)!;
      this.#executed.set(this.#final, { ...executed, bundle: undefined });
    }
  }

  async proveState(query: StateQuery): Promise<Uint8Array> {
    return this.#core.proveState(query);
  }

  close(): Promise<void> {
    return this.#core.close();
  }
}
