// The public face of an environment: an object whose methods ask the execution thread. One thread per
// environment, so that what runs in one cannot stop another (DESIGN 12).

import type { DebugEntry } from "../chain/bundle.ts";
import { fromHex, type Hex, toHex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import { decodeRules, encodeRules } from "../rules/encode-rules.ts";
import type { Rules } from "../rules/rules.ts";
import type {
  AccountResult,
  BlockInput,
  ExecutedBlock,
  Head,
  ViewInput,
  ViewResult,
} from "./environment-core.ts";
import { headIn } from "./executed-block.ts";
import { unpackEntries } from "./executed-entries.ts";
import { executionWorker } from "./execution-thread.ts";
import type { Registration } from "./genesis-input.ts";
import type { StateQuery } from "./prove-state.ts";
import type { WorkerClient } from "./worker-client.ts";
import type { WorkerMethods } from "./worker-methods.ts";

/** Where an environment keeps its state. */
export type StoreLocation =
  | { readonly kind: "memory" }
  | { readonly kind: "directory"; readonly path: string };

/** State that ends with the process. */
export function memoryStore(): StoreLocation {
  return { kind: "memory" };
}

/** State in an LMDB directory, made where it does not exist. One environment per directory. */
export function openStore(path: string): StoreLocation {
  return { kind: "directory", path };
}

export interface EnvironmentOptions {
  readonly rules: Rules;
  readonly store: StoreLocation;
  /** Accounts of height 0. They and the rules must be the same each time a store is opened. */
  readonly genesis: readonly { readonly address: Hex; readonly balance: bigint }[];
  /** Where it is registered (docs/settlement.md); absent without settlement. */
  readonly settlement?: Registration;
}

/** ABI and source map of a contract, for people who read the bundle; never affects a verdict. */
export interface DebugInfo {
  readonly wasmHash: Hex;
  readonly abiJson: string;
  readonly sourceMap: string;
}

export interface ExecuteBlockInput extends Omit<BlockInput, "debug"> {
  readonly debug?: readonly DebugInfo[];
  /** Hears how many entries are done, every hundred. */
  readonly onProgress?: (done: number) => void;
}

/** An open environment. */
export class Environment {
  readonly id: Hex;
  readonly #worker: WorkerClient;
  #head: Head;
  #rules: Rules;

  protected constructor(worker: WorkerClient, rules: Rules, id: Uint8Array, head: Head) {
    this.#worker = worker;
    this.#rules = rules;
    this.id = toHex(id);
    this.#head = head;
  }

  /** Used by createEnvironment. */
  static async open(options: EnvironmentOptions): Promise<Environment> {
    const { store, genesis, settlement } = options;
    checkGenesis(genesis);
    const worker = executionWorker();
    try {
      const { id, head, rules } = await ask(worker, "open", {
        storePath: store.kind === "directory" ? store.path : undefined,
        rules: encodeRules(options.rules),
        accounts: genesis,
        ...(settlement === undefined ? {} : { settlement }),
      });
      return new Environment(worker, decodeRules(rules), id, head);
    } catch (error) {
      await worker.close();
      throw error;
    }
  }

  /** The last committed block. */
  get head(): Head {
    return this.#head;
  }

  /** Those of the last committed block; before one brings others, those of genesis. */
  get rules(): Rules {
    return this.#rules;
  }

  /**
   * Executes and commits the next block; when it resolves the block survives a crash. Called again before it
   * resolves, the next block executes while the root of this one is made. With `rules` the block and those after
   * it play by them; code deployed before keeps its schedule.
   * @throws BODY_TOO_LARGE, ORDER_TIME, RULES_…, HOST_FAULT
   */
  async executeBlock(input: ExecuteBlockInput): Promise<ExecutedBlock> {
    const { onProgress, debug = [], ...params } = input;
    const request = { ...params, debug: debug.map(encodeDebug) };
    const block = await ask(this.#worker, "executeBlock", request, onProgress);
    this.#head = headIn(block);
    if (input.rules !== undefined) this.#rules = input.rules;
    const { packedEntries, ...rest } = block;
    return { ...rest, entries: unpackEntries(packedEntries) };
  }

  /** For an environment in memory that can be moved. */
  protected moved(head: Head, rules: Rules): void {
    this.#head = head;
    this.#rules = rules;
  }

  /** Calls a contract read-only on the head's state. */
  view(input: ViewInput): Promise<ViewResult> {
    return ask(this.#worker, "view", input);
  }

  /**
   * A state proof file: what the head's state has under a key, or that it has nothing there. `verifyProof`
   * says what it shows, bound to the head's block hash.
   * @throws HEX_INVALID
   */
  proveState(query: StateQuery): Promise<Uint8Array> {
    return ask(this.#worker, "proveState", query);
  }

  account(address: Hex): Promise<AccountResult> {
    return ask(this.#worker, "account", { address });
  }

  async close(): Promise<void> {
    await ask(this.#worker, "close", undefined);
    await this.#worker.close();
  }
}

/**
 * Opens the environment in `store`, creating it where the store is empty.
 * @throws STATE_OTHER_GENESIS when the store holds another one; STATE_… when it cannot be opened
 */
export function createEnvironment(options: EnvironmentOptions): Promise<Environment> {
  return Environment.open(options);
}

/** For bundles and traces. @throws HEX_INVALID */
export function encodeDebug(info: DebugInfo): DebugEntry {
  const utf8 = new TextEncoder();
  return {
    wasmHash: fromHex(info.wasmHash, 32),
    abi: utf8.encode(info.abiJson),
    sourceMap: utf8.encode(info.sourceMap),
  };
}

/** A typed question to the execution thread. */
export function ask<Name extends keyof WorkerMethods>(
  worker: WorkerClient,
  method: Name,
  params: WorkerMethods[Name]["params"],
  onProgress?: (done: number) => void,
): Promise<WorkerMethods[Name]["result"]> {
  return worker.call<WorkerMethods[Name]["result"]>(method, params, onProgress);
}

/** Callers in plain JavaScript have no compiler; the worker would die of a wrong shape. */
function checkGenesis(genesis: EnvironmentOptions["genesis"]): void {
  const isAccount = (account: unknown) => {
    const { address, balance } = (account ?? {}) as Record<string, unknown>;
    return typeof address === "string" && typeof balance === "bigint";
  };
  if (Array.isArray(genesis) && genesis.every(isAccount)) return;
  throw new EngineError({
    code: "GENESIS_BALANCES",
    message: "genesis: got another shape, expected a list of { address: Hex, balance: bigint }",
    where: { field: "genesis" },
  });
}
