// An environment in a process of its own, from the side of its parent (docs/environments.md): the same questions as
// to an environment, a mempool beside it, and the bundles of blocks that are not final. What exhausts its memory or
// kills its process touches no other one; it is started again from its own folder and goes on behind its last block.
import { join } from "node:path";
import type { BlockResult } from "../chain/result.ts";
import { type Hex, toHex } from "../codec/hex.ts";
import { decodeRules, encodeRules } from "../rules/encode-rules.ts";
import type { Rules } from "../rules/rules.ts";
import { confinedTo } from "./confinement.ts";
import type { EnvironmentOptions } from "./environment.ts";
import type {
  AccountResult,
  ExecutedEntry,
  ExecutedMessage,
  Head,
  ViewInput,
  ViewResult,
} from "./environment-core.ts";
import type { ExecutedOrder } from "./executed-block.ts";
import { unpackEntries } from "./executed-entries.ts";
import { KeptBundles } from "./kept-bundles.ts";
import { type MempoolLimits, mempoolLimits } from "./mempool.ts";
import type { ProcessMethods, Submitted } from "./process-methods.ts";
import type { StateQuery } from "./prove-state.ts";
import { seesResidentMemory } from "./resident-memory.ts";
import {
  type ProcessEnd,
  type ProcessLimits,
  processLimits,
  SupervisedProcess,
} from "./supervised-process.ts";
import type { PackedBlock } from "./worker-methods.ts";

export type { ExecutedOrder } from "./executed-block.ts";
export type { Submitted } from "./process-methods.ts";
export type { EndReason, ProcessEnd, ProcessLimits } from "./supervised-process.ts";

export interface EnvironmentProcessOptions extends Omit<EnvironmentOptions, "store"> {
  /** The environment's own folder: `state/` and `bundles/` are in it. Made where it does not exist. */
  readonly folder: string;
  /** Those that differ from `processLimits`. */
  readonly limits?: Partial<ProcessLimits>;
  readonly mempool?: Partial<MempoolLimits>;
  /** Cores that it may run on, where the system can confine it; all of them where absent. */
  readonly cores?: readonly number[];
  /** Whether a second thread checks signatures and hashes state; none where absent: one busy thread per environment. */
  readonly secondThread?: boolean;
  /** Hears of every end that nobody asked for. */
  readonly onEnd?: (end: ProcessEnd) => void;
}

/** What to execute: what the ledger accepted. */
export interface Order {
  /** Unix seconds, at least the head's. */
  readonly time: bigint;
  readonly producer: Hex;
  readonly body: readonly Uint8Array[];
  /** So many entries at the start of the body are the next messages of the inbox. */
  readonly inboxCount: number;
  /** Rules from this block on, where they change. */
  readonly rules?: Rules;
  /** The height that the order is for: repeated after a crash, it cannot be executed twice. */
  readonly height?: bigint;
  /** False: no bundle is made; a dispute about the block then needs a replay from a store or a log. */
  readonly bundle?: boolean;
}

/** What a body is made for. */
export interface BodyInput {
  readonly inbox: readonly Uint8Array[];
  /** Those of the next order, where they may differ from the head's. */
  readonly rules?: Rules;
}

/** A block that was just executed. */
export class ProcessBlock implements ExecutedOrder {
  readonly height: bigint;
  readonly orderHash: Hex;
  readonly blockHash: Hex;
  readonly result: BlockResult;
  readonly gasUsed: bigint;
  readonly messages: readonly ExecutedMessage[];
  readonly hostFaults: PackedBlock["hostFaults"];
  readonly bundle: Uint8Array | undefined;
  readonly #packedEntries: Uint8Array;

  constructor(block: PackedBlock, bundle: Uint8Array | undefined) {
    this.height = block.height;
    this.orderHash = block.orderHash;
    this.blockHash = block.blockHash;
    this.result = block.result;
    this.gasUsed = block.gasUsed;
    this.messages = block.messages;
    this.hostFaults = block.hostFaults;
    this.bundle = bundle;
    this.#packedEntries = block.packedEntries;
  }

  /** What became of each entry of the body; made when it is looked at. */
  get entries(): readonly ExecutedEntry[] {
    return unpackEntries(this.#packedEntries);
  }
}

/** One environment and the process that it runs in. */
export class EnvironmentProcess {
  readonly #process: SupervisedProcess;
  readonly #bundles: KeptBundles;
  #id: Hex = "0x";
  #head!: Head;
  #rules: Rules;

  private constructor(options: EnvironmentProcessOptions) {
    const { folder, rules, genesis, settlement, cores } = options;
    this.#rules = rules;
    this.#bundles = new KeptBundles(join(folder, "bundles"));
    const params: ProcessMethods["open"]["params"] = {
      folder,
      rules: encodeRules(rules),
      accounts: genesis,
      ...(settlement === undefined ? {} : { settlement }),
      mempool: { ...mempoolLimits, ...options.mempool },
      secondThread: options.secondThread === true,
      tellsMemory: !seesResidentMemory,
    };
    this.#process = new SupervisedProcess({
      // The script stands beside this file in the built package.
      script: new URL("./environment-child.js", import.meta.url),
      command: confinedTo(cores),
      limits: { ...processLimits, ...options.limits },
      start: { method: "open", params },
      onReady: (value) => this.#opened(value as ProcessMethods["open"]["result"]),
      onEnd: (end) => options.onEnd?.(end),
    });
  }

  /**
   * Starts the process on the environment in `folder`, which is made where it is empty.
   * @throws STATE_OTHER_GENESIS when the folder holds another one; STATE_… when it cannot be opened;
   *   ENVIRONMENT_FAILED when the process ends before it has opened it, again and again
   */
  static async open(options: EnvironmentProcessOptions): Promise<EnvironmentProcess> {
    const environment = new EnvironmentProcess(options);
    try {
      await environment.ready();
    } catch (error) {
      await environment.close();
      throw error;
    }
    return environment;
  }

  get id(): Hex {
    return this.#id;
  }

  /** The last committed block that was heard of; after a crash it may be one more, known from `ready` on. */
  get head(): Head {
    return this.#head;
  }

  /** Those of the last committed block. */
  get rules(): Rules {
    return this.#rules;
  }

  /** Of the process, while one runs. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves when the process answers, with the head as it is then. @throws ENVIRONMENT_… */
  ready(): Promise<void> {
    return this.#process.ready();
  }

  /** Offers a transaction to the mempool. Being admitted does not outlive the process. */
  async submit(bytes: Uint8Array): Promise<Submitted> {
    return (await this.submitAll([bytes]))[0]!;
  }

  /** The same for many, one after the other. */
  submitAll(transactions: readonly Uint8Array[]): Promise<readonly Submitted[]> {
    return this.#ask("submit", { transactions });
  }

  /**
   * A body for the next order: all of `inbox`, then what the mempool has and the order's rules leave room for. What
   * those do not allow leaves the mempool. Where absent: those that came last, here or with an order.
   */
  async body({ inbox, rules }: BodyInput): Promise<Uint8Array[]> {
    const packed = rules === undefined ? undefined : encodeRules(rules);
    return [...inbox, ...(await this.#ask("body", { inbox, rules: packed }))];
  }

  /**
   * Executes and commits the next block; when it resolves, block and bundle survive a crash.
   * @throws ENVIRONMENT_HEIGHT for an order of another height; ENVIRONMENT_ENDED, ENVIRONMENT_TIMEOUT when
   *   the process ended meanwhile and `head` after `ready` tells whether the block was committed; what an
   *   environment throws
   */
  async execute(order: Order): Promise<ProcessBlock> {
    const { body, rules, height, bundle = true, ...input } = order;
    const packed = rules === undefined ? undefined : encodeRules(rules);
    const { block, head } = await this.#ask("execute", {
      ...input,
      transactions: body,
      bundle,
      rules: packed,
      height,
    });
    this.#head = head;
    if (rules !== undefined) this.#rules = rules;
    this.#process.provedWell();
    return new ProcessBlock(block, bundle ? await this.#bundles.read(block.height) : undefined);
  }

  /** What is known of a block of the past; undefined at 0 and above the head. */
  async executed(height: bigint): Promise<ExecutedOrder | undefined> {
    const block = await this.#ask("executed", { height });
    return block && { ...block, bundle: await this.bundle(height) };
  }

  /** The bundle of a committed block until it is final. Reads the folder, also while no process runs. */
  async bundle(height: bigint): Promise<Uint8Array | undefined> {
    return height > this.#head.height ? undefined : await this.#bundles.read(height);
  }

  /** Merges what is final into the store and gives up bundles; blocks are executed meanwhile. */
  finalise(height: bigint): Promise<void> {
    return this.#ask("finalise", { height });
  }

  /** Calls a contract read-only on the head's state. */
  view(input: ViewInput): Promise<ViewResult> {
    return this.#ask("view", input);
  }

  account(address: Hex): Promise<AccountResult> {
    return this.#ask("account", { address });
  }

  /** A state proof file of the head's state. @throws HEX_INVALID */
  proveState(query: StateQuery): Promise<Uint8Array> {
    return this.#ask("proveState", query);
  }

  /** Ends the process in order. Requests under way end with ENVIRONMENT_CLOSED. */
  async close(): Promise<void> {
    await this.#process.close("close");
  }

  #opened({ id, head, rules }: ProcessMethods["open"]["result"]): void {
    this.#id = toHex(id);
    this.#head = head;
    this.#rules = decodeRules(rules);
  }

  async #ask<Name extends keyof ProcessMethods>(
    method: Name,
    params: ProcessMethods[Name]["params"],
  ): Promise<ProcessMethods[Name]["result"]> {
    return (await this.#process.call(method, params)) as ProcessMethods[Name]["result"];
  }
}
