// What a node comes to by itself: it executes every order that the ledger accepted, in the order of their heights,
// and holds what settlement makes final against it. It takes nobody's word for a result; where settlement made
// another one final, it stops, since nothing it could say from there on would be about the same chain.
import { type BlockResult, isSameResult, resultHash } from "../chain/result.ts";
import { type Hex, toHex } from "../codec/hex.ts";
import { tellsOfEnd } from "../environment/process-methods.ts";
import { assert, EngineError } from "../errors.ts";
import type { LedgerEnvironment } from "../settlement/ledger-state.ts";
import type { ExecutedOrder, Execution } from "./execution.ts";
import type { LedgerFollower } from "./ledger-follower.ts";

export class OwnChain {
  readonly id: Hex;
  readonly follower: LedgerFollower;
  readonly execution: Execution;
  /** Results of heights that are not final, and of the last final one. */
  readonly #results = new Map<bigint, BlockResult>();
  /** Up to which settlement's results were compared. */
  #compared = 0n;
  #last: Promise<void> = Promise.resolve();

  constructor(follower: LedgerFollower, execution: Execution) {
    this.id = execution.id;
    this.follower = follower;
    this.execution = execution;
  }

  /** What the ledger says of it. */
  get environment(): LedgerEnvironment {
    return this.follower.environment(this.id);
  }

  /**
   * Executes what the ledger accepted since, one caller at a time.
   * @throws NODE_OTHER_RESULT where settlement made another result final · what the execution throws
   */
  catchUp(): Promise<void> {
    const done = this.#last.then(() => this.#catchUp());
    this.#last = done.catch(() => {});
    return done;
  }

  /** The own result of a height from 1 to the head. */
  async result(height: bigint): Promise<BlockResult> {
    const known = this.#results.get(height);
    if (known !== undefined) return known;
    const { result } = await this.executed(height);
    this.#results.set(height, result);
    return result;
  }

  async executed(height: bigint): Promise<ExecutedOrder> {
    const executed = await this.#insist(() => this.execution.executed(height));
    assert(executed !== undefined, "what was executed is kept");
    return executed;
  }

  async #catchUp(): Promise<void> {
    const { id, follower, execution } = this;
    while (execution.head.height < this.environment.head.height) {
      const height = execution.head.height + 1n;
      const order = follower.order(id, height);
      assert(order !== undefined, "bodies are kept until they are executed");
      try {
        const { result, orderHash } = await execution.execute(order);
        this.#checkOrder(height, orderHash);
        this.#results.set(height, result);
      } catch (error) {
        // Its head tells whether the block was committed.
        await this.#recover(error);
      }
      if (execution.head.height >= height) follower.forgetOrder(id, height);
    }
    await this.#compare();
  }

  /** Asks again where the process of the execution ended; it gives up by itself when that happens too often. */
  async #insist<T>(question: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await question();
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  /** Waits until a process that ended is there again. @throws any other error */
  async #recover(error: unknown): Promise<void> {
    if (!tellsOfEnd(error)) throw error;
    await this.execution.ready();
  }

  #checkOrder(height: bigint, orderHash: Hex): void {
    const { final, orders } = this.environment;
    const pending = orders[Number(height - final.height - 1n)];
    const isIt = pending === undefined || toHex(pending.hash) === orderHash;
    assert(isIt, "the order that was executed is the one that settlement fixed");
  }

  async #compare(): Promise<void> {
    const { final } = this.environment;
    if (this.#compared === final.height) return;
    for (let height = this.#compared + 1n; height <= final.height; height++) {
      const settled = this.follower.finalResult(this.id, height);
      // What was final before a restart was compared then.
      if (settled === undefined) continue;
      const own = await this.result(height);
      if (!isSameResult(settled, own)) throw otherResult(this.id, height, settled, own);
      this.follower.forgetResult(this.id, height);
    }
    await this.#insist(() => this.execution.finalise(final.height));
    for (const height of this.#results.keys()) {
      if (height < final.height) this.#results.delete(height);
    }
    this.#compared = final.height;
  }
}

function otherResult(id: Hex, height: bigint, settled: BlockResult, own: BlockResult): EngineError {
  const [got, expected] = [settled, own].map((result) => toHex(resultHash(result)));
  return new EngineError({
    code: "NODE_OTHER_RESULT",
    message: `settlement made result ${got} final, expected ${expected}: nobody contradicted in time`,
    where: { field: `environment ${id}`, height },
  });
}
