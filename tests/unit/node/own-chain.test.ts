// Following the ledger: each order is executed once and in order, whatever happens to the process that executes it,
// and a node that joins late or restarts comes to the same.
import { afterEach, describe, expect, it } from "vitest";
import type { Hex } from "../../../host/codec/hex.ts";
import { EngineError } from "../../../host/errors.ts";
import type { ExecutedOrder, Execution, OrderToExecute } from "../../../host/node/execution.ts";
import { LedgerFollower } from "../../../host/node/ledger-follower.ts";
import { MemoryExecution } from "../../../host/node/memory-execution.ts";
import { OwnChain } from "../../../host/node/own-chain.ts";
import { town } from "../../scenarios/town.ts";
import { ground, World } from "../../scenarios/world.ts";

let world: World;
afterEach(() => world.close());

/** A ledger with so many orders of one environment. */
async function orders(count: number): Promise<Hex> {
  world = new World(3);
  const { id, users } = await town(world);
  for (let i = 0; i < count; i++) {
    users.transfers(2);
    await world.pass(20n);
  }
  expect(world.environment(id).head.height).toBe(BigInt(count));
  return id;
}

function followed(keeps?: (id: Hex, height: bigint) => boolean): LedgerFollower {
  const { genesis } = world;
  const options = keeps === undefined ? { genesis, ground } : { genesis, ground, keeps };
  const follower = new LedgerFollower(options);
  for (const { time, command } of world.log) follower.accept(time, command);
  return follower;
}

/** Its process ends in every second request to execute: before the commit, and then behind it. */
class FragileExecution {
  readonly done: bigint[] = [];
  readonly #inner: Execution;
  #requests = 0;

  constructor(inner: Execution) {
    this.#inner = inner;
  }

  static wrap(inner: Execution): { execution: Execution; fragile: FragileExecution } {
    const fragile = new FragileExecution(inner);
    const execution = new Proxy(inner, {
      get: (target, name) => {
        if (name === "execute") return (order: OrderToExecute) => fragile.execute(order);
        const value = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    return { execution, fragile };
  }

  async execute(order: OrderToExecute): Promise<ExecutedOrder> {
    const kind = this.#requests++ % 3;
    const ended = new EngineError({ code: "ENVIRONMENT_ENDED", message: "killed" });
    if (kind === 0) throw ended;
    const executed = await this.#inner.execute(order);
    this.done.push(order.height);
    if (kind === 1) throw ended;
    return executed;
  }
}

describe("a chain of one's own", () => {
  it("executes each order once where the process ends before or behind a commit", async () => {
    const id = await orders(4);
    const follower = followed();
    const memory = await MemoryExecution.open(follower.genesis(id));
    const { execution, fragile } = FragileExecution.wrap(memory);
    const chain = new OwnChain(follower, execution);
    await chain.catchUp();
    expect(fragile.done).toEqual([1n, 2n, 3n, 4n]);
    expect(execution.head.orderHash).toBe(
      `0x${Buffer.from(world.environment(id).head.orderHash).toString("hex")}`,
    );
    expect((await chain.result(4n)).gasUsed).toBeGreaterThan(0n);
  });

  it("passes on what is no end of a process", async () => {
    const id = await orders(1);
    const follower = followed();
    const memory = await MemoryExecution.open(follower.genesis(id));
    const failed = new EngineError({ code: "ENVIRONMENT_FAILED", message: "too often" });
    const execution = new Proxy(memory, {
      get: (target, name) => {
        if (name === "execute") return () => Promise.reject(failed);
        return Reflect.get(target, name, target);
      },
    });
    const chain = new OwnChain(follower, execution);
    await expect(chain.catchUp()).rejects.toBe(failed);
  });

  it("needs no bodies of what was executed before a restart", async () => {
    const id = await orders(3);
    const before = followed();
    const memory = await MemoryExecution.open(before.genesis(id));
    const first = before.order(id, 1n)!;
    await memory.execute(first);
    const follower = followed((_, height) => height > memory.head.height);
    expect(follower.order(id, 1n)).toBe(undefined);
    const chain = new OwnChain(follower, memory);
    await chain.catchUp();
    expect(memory.head.height).toBe(3n);
    expect(follower.order(id, 3n)).toBe(undefined);
  });

  it("lets no refused command leave a trace in the follower", async () => {
    const id = await orders(1);
    const follower = followed();
    const { state } = follower;
    const [{ command }] = world.log as [(typeof world.log)[number]];
    expect("refused" in follower.accept(world.time, command)).toBe(true);
    expect(follower.state).toBe(state);
    expect(follower.order(id, 2n)).toBe(undefined);
  });
});
