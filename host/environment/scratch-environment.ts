// The face of a test world's environment: as any other, and it can be taken back and given balances. What it
// executes replays like everything else; only where its state comes from is nobody's claim.

import type { Hex } from "../codec/hex.ts";
import { decodeRules } from "../rules/encode-rules.ts";
import type { Rules } from "../rules/rules.ts";
import { ask, Environment } from "./environment.ts";
import type { Head } from "./environment-core.ts";
import { executionWorker } from "./execution-thread.ts";
import type { ScratchStart } from "./scratch-core.ts";
import type { WorkerClient } from "./worker-client.ts";

export type { ScratchStart } from "./scratch-core.ts";

export class ScratchEnvironment extends Environment {
  readonly #worker: WorkerClient;
  /** Time of the head when the world was opened. */
  readonly openedAt: bigint;

  private constructor(
    worker: WorkerClient,
    rules: Rules,
    id: Uint8Array,
    head: Head,
    openedAt: bigint,
  ) {
    super(worker, rules, id, head);
    this.#worker = worker;
    this.openedAt = openedAt;
  }

  /** @throws as ScratchCore.open */
  static async start(start: ScratchStart): Promise<ScratchEnvironment> {
    const worker = executionWorker();
    try {
      const { id, rules, head, time } = await ask(worker, "openScratch", { start });
      return new ScratchEnvironment(worker, decodeRules(rules), id, head, time);
    } catch (error) {
      await worker.close();
      throw error;
    }
  }

  /** Remembers this place for `rewind`, under a number higher than those before. */
  mark(mark: number): Promise<undefined> {
    return ask(this.#worker, "mark", { mark });
  }

  /** @throws TEST_SNAPSHOT_GONE */
  async rewind(mark: number): Promise<void> {
    const { head, rules } = await ask(this.#worker, "rewind", { mark });
    this.moved(head, decodeRules(rules));
  }

  /** Gives accounts balances without a block. */
  async setBalances(
    balances: readonly { readonly address: Hex; readonly balance: bigint }[],
  ): Promise<void> {
    this.moved((await ask(this.#worker, "setBalances", { balances })).head, this.rules);
  }
}
