// Blocks that are asked for before the ones before them are committed: they come out as if each had been waited for.
import { describe, expect, it } from "vitest";
import { fromHex, type Hex } from "../../../host/codec/hex.ts";
import { EnvironmentCore } from "../../../host/environment/environment-core.ts";
import { receiptsHere } from "../../../host/environment/made-receipts.ts";
import { nativeStateHasher } from "../../../host/environment/native.ts";
import { SharedTree } from "../../../host/environment/shared-tree.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import { hostFault } from "../../../host/sandbox/instance-pool.ts";
import { V8Runner } from "../../../host/sandbox/v8-runner.ts";
import { openStore } from "../../../host/state/lmdb-store.ts";
import { memoryStore } from "../../../host/state/memory-store.ts";
import type { StateStore } from "../../../host/state/state-store.ts";
import { addressOfName, PRODUCER, TestChain } from "../../support/test-chain.ts";
import { directory } from "../state/stored.ts";

const hasher = nativeStateHasher();
const rules = presetRules("general");
const names = Array.from({ length: 40 }, (_, i) => `account ${i}`);

const open = (store: StateStore, runner = new V8Runner()) =>
  TestChain.open(names, rules, runner, undefined, store);

/** Bodies of value transfers between many accounts: enough changes for the tree's own thread. */
function bodies(chain: TestChain, count: number): Uint8Array[][] {
  return Array.from({ length: count }, (_, block) =>
    names.map((name, i) => {
      const to = fromHex(addressOfName(`new ${block} ${i}`), 20);
      return chain.sign(name, { kind: "call", to, value: BigInt(1 + block) });
    }),
  );
}

const input = (transactions: readonly Uint8Array[], time: bigint) => ({
  ...{ transactions, time, producer: PRODUCER as Hex },
});

/** The head after each body, one waited for before the next is asked for. */
async function oneByOne(all: readonly (readonly Uint8Array[])[]): Promise<unknown[]> {
  const { core } = await open(memoryStore({ hasher }));
  const heads = [];
  for (const [i, body] of all.entries()) {
    await core.executeBlock(input(body, BigInt(i)));
    heads.push(core.head());
  }
  return heads;
}

const stores: Record<string, () => Promise<StateStore>> = {
  "in memory": async () => memoryStore({ hasher, treeThread: new SharedTree(hasher) }),
  "on disk": () => openStore(directory(), { hasher, treeThread: new SharedTree(hasher) }),
};

describe.each(Object.entries(stores))("blocks in a row, %s", (_, store) => {
  it("have the hashes and roots of blocks that were waited for", async () => {
    const opened = await store();
    const chain = await open(opened);
    const all = bodies(chain, 6);
    const expected = await oneByOne(all);
    const blocks = await Promise.all(
      all.map((body, i) => chain.core.executeBlock(input(body, BigInt(i)))),
    );
    const heads = blocks.map(({ height, blockHash, orderHash, resultHash, stateRoot }) => ({
      ...{ height, blockHash, orderHash, resultHash, stateRoot },
    }));
    expect(heads).toEqual(expected);
    expect(opened.head().height).toBe(6n);
    await chain.core.close();
  });

  it("leave out one that is refused, and go on", async () => {
    const chain = await open(await store());
    const [first, second, third] = bodies(chain, 3) as [Uint8Array[], Uint8Array[], Uint8Array[]];
    const expected = await oneByOne([first, second, third]);
    const { core } = chain;
    const [a, refused, b, late, c] = await Promise.allSettled([
      core.executeBlock(input(first, 0n)),
      core.executeBlock(input([new Uint8Array(rules.block.bodyBytesMax + 1)], 0n)),
      core.executeBlock(input(second, 1n)),
      core.executeBlock(input([], 0n)),
      core.executeBlock(input(third, 2n)),
    ]);
    expect(refused).toMatchObject({ status: "rejected", reason: { code: "BODY_TOO_LARGE" } });
    expect(late).toMatchObject({ status: "rejected", reason: { code: "ORDER_TIME" } });
    expect([a, b, c].map(({ status }) => status)).toEqual(Array(3).fill("fulfilled"));
    expect(core.head()).toEqual(expected[2]);
    await core.close();
  });

  it("make their bundles, and replay", async () => {
    const chain = await open(await store());
    const all = bodies(chain, 4);
    const blocks = await Promise.all(
      all.map((body, i) =>
        chain.core.executeBlock({ ...input(body, BigInt(i)), bundle: i % 2 === 1 }),
      ),
    );
    for (const [i, { bundle, stateRoot }] of blocks.entries()) {
      expect(bundle === undefined).toBe(i % 2 === 0);
      if (bundle === undefined) continue;
      const { verdict, shown } = chain.replay(bundle);
      expect([verdict, shown?.stateRoot]).toEqual(["valid", fromHex(stateRoot, 32)]);
    }
    await chain.core.close();
  });

  it("are where the chain stands for whoever asks in between", async () => {
    const chain = await open(await store());
    const { core } = chain;
    const [first, second] = bodies(chain, 2) as [Uint8Array[], Uint8Array[]];
    const expected = await oneByOne([first, second]);
    const one = core.executeBlock(input(first, 0n));
    expect(core.head()).toEqual(expected[0]);
    expect(core.account(addressOfName("new 0 3")).balance).toBe(1n);
    const two = core.executeBlock(input(second, 1n));
    expect(core.executed(2n)?.transactions).toEqual(second);
    await core.close();
    expect([(await one).height, (await two).height]).toEqual([1n, 2n]);
  });
});

it("a host fault takes nothing of the block before with it, and its bundle stands on that block", async () => {
  const native = new V8Runner();
  let isFailing = false;
  const runner = {
    run: (...frame: Parameters<V8Runner["run"]>) => {
      if (!isFailing) return native.run(...frame);
      throw hostFault("the engine failed while a contract ran", new RangeError("stack"));
    },
  } as V8Runner;
  const chain = await open(memoryStore({ hasher, treeThread: new SharedTree(hasher) }), runner);
  const [first] = bodies(chain, 1) as [Uint8Array[]];
  const deploy = chain.sign("account 0", { kind: "deploy", input: new Uint8Array(4) });
  const one = chain.core.executeBlock(input(first, 0n));
  isFailing = true;
  const fault = await chain.core.executeBlock(input([deploy], 1n)).catch((error: unknown) => error);
  isFailing = false;
  expect(fault).toMatchObject({ code: "HOST_FAULT" });
  const { stateRoot } = await one;
  expect(chain.core.head()).toMatchObject({ height: 1n, stateRoot });
});

it("a block that the disk refuses late takes those behind it with it", async () => {
  const store = await openStore(directory(), { hasher });
  const chain = await open(store);
  const [first, second] = bodies(chain, 2) as [Uint8Array[], Uint8Array[]];
  const commit = store.commit.bind(store);
  let count = 0;
  store.commit = async (block) => {
    await commit(block);
    if (++count > 1) return;
    await new Promise((resolve) => setTimeout(resolve, 30));
    throw new Error("the flush failed");
  };
  const ends = await Promise.allSettled([
    chain.core.executeBlock(input(first, 0n)),
    chain.core.executeBlock(input(second, 1n)),
  ]);
  expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(() => chain.core.head()).toThrow("the flush failed");
});

it("a block that the disk refuses, and every one behind it, is told so", async () => {
  const store = await openStore(directory(), { hasher });
  const chain = await open(store);
  const [first, second, third] = bodies(chain, 3) as [Uint8Array[], Uint8Array[], Uint8Array[]];
  await chain.core.executeBlock(input(first, 0n));
  const commit = store.commit.bind(store);
  store.commit = () => Promise.reject(new Error("the disk is full"));
  const ends = await Promise.allSettled([
    chain.core.executeBlock(input(second, 1n)),
    chain.core.executeBlock(input(third, 2n)),
  ]);
  store.commit = commit;
  expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await expect(chain.core.executeBlock(input(third, 3n))).rejects.toThrow("the disk is full");
  await chain.core.close();
});

it("are answered in their order, bundle or not, and the head never goes back", async () => {
  const { core, ...chain } = await openNamed();
  const order: bigint[] = [];
  const note = ({ height }: { height: bigint }) => order.push(height);
  await Promise.all(
    chain.all.map((body, i) =>
      core.executeBlock({ ...input(body, BigInt(i)), bundle: i % 3 === 2 }).then(note),
    ),
  );
  expect(order).toEqual(chain.all.map((_, i) => BigInt(i + 1)));
});

/** A chain in memory with bodies for it. */
async function openNamed(count = 7) {
  const chain = await open(memoryStore({ hasher, treeThread: new SharedTree(hasher) }));
  return { core: chain.core, all: bodies(chain, count) };
}

it("play by the rules of the block before them, which may have brought others", async () => {
  const { core, all } = await openNamed(1);
  const dearer = { ...rules, fees: { ...rules.fees, priceMin: rules.fees.priceMin + 1n } };
  const [one, two] = await Promise.all([
    core.executeBlock({ ...input(all[0]!, 0n), rules: dearer }),
    core.executeBlock(input(all[0]!, 1n)),
  ]);
  const outcomes = [one, two].map(({ entries }) => new Set(entries.map(({ code }) => code)));
  // Skipped for their price, both.
  expect(outcomes).toEqual([new Set([10]), new Set([10])]);
  expect(core.rules).toEqual(dearer);
});

it("leave nothing behind when receipts cannot be made, and the environment is of no more use when roots cannot", async () => {
  for (const failing of ["making", "finish"]) {
    let isFailing = false;
    const store = memoryStore({ hasher });
    const plain = await open(memoryStore({ hasher }));
    const accounts = names.map((name) => ({ address: addressOfName(name), balance: 10n ** 24n }));
    const core = await EnvironmentCore.open(
      store,
      { rules, accounts },
      {
        ...plain.ground,
        makeReceipts: (executions) => {
          const made = receiptsHere(executions);
          const fail = (): never => {
            throw new RangeError("no memory");
          };
          if (isFailing && failing === "making") fail();
          return isFailing ? { ...made, finish: fail } : made;
        },
      },
    );
    const [body] = bodies(plain, 1) as [Uint8Array[]];
    const before = core.head();
    isFailing = true;
    await expect(core.executeBlock(input(body, 0n))).rejects.toThrow("no memory");
    isFailing = false;
    if (failing === "finish") {
      expect(() => core.account(addressOfName("new 0 1"))).toThrow("no memory");
      await expect(core.executeBlock(input([], 1n))).rejects.toThrow("no memory");
      continue;
    }
    expect([core.head(), core.account(addressOfName("new 0 1")).balance]).toEqual([before, 0n]);
    const { stateRoot } = await core.executeBlock(input(body, 0n));
    const honest = await plain.core.executeBlock(input(body, 0n));
    expect(stateRoot).toBe(honest.stateRoot);
  }
});

it("are all on disk when the environment is closed", async () => {
  const chain = await open(await openStore(directory(), { hasher }));
  const ends: string[] = [];
  const all = bodies(chain, 2).map((body, i) =>
    chain.core.executeBlock(input(body, BigInt(i))).then(() => ends.push(`block ${i}`)),
  );
  await chain.core.close();
  ends.push("closed");
  await Promise.all(all);
  expect(ends).toEqual(["block 0", "block 1", "closed"]);
});

it("an environment opens on what was committed", async () => {
  const path = directory();
  const chain = await open(await openStore(path, { hasher, treeThread: new SharedTree(hasher) }));
  const all = bodies(chain, 3);
  await Promise.all(all.map((body, i) => chain.core.executeBlock(input(body, BigInt(i)))));
  const head = chain.core.head();
  await chain.core.close();
  const accounts = names.map((name) => ({ address: addressOfName(name), balance: 10n ** 24n }));
  const again = await EnvironmentCore.open(
    await openStore(path, { hasher, treeThread: new SharedTree(hasher) }),
    { rules, accounts },
    chain.ground,
  );
  expect(again.head()).toEqual(head);
  await again.close();
});
