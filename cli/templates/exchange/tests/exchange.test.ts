import { createWorld, type TestContract, type World } from "plasmavm/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const MUCH = 10n ** 12n;

// One chain for all tests: two tokens, a pool of both that alice provides, and bob with some of each.
let world: World;
let gold: TestContract;
let silver: TestContract;
let exchange: TestContract;

beforeAll(async () => {
  world = await createWorld();
  const alice = world.account("alice");
  const bob = world.account("bob");
  gold = await world.deploy("assembly/token.ts", [MUCH]);
  silver = await world.deploy("assembly/token.ts", [MUCH]);
  exchange = await world.deploy("assembly/exchange.ts", [gold, silver]);
  for (const token of [gold, silver]) {
    await token.as(alice).transfer(bob, 100_000n);
    for (const who of [alice, bob]) await token.as(who).approve(exchange, MUCH);
  }
  await exchange.as(alice).add(1_000_000n, 4_000_000n, 0n);
}, 60_000); // The first build loads the compiler.
afterAll(() => world.close());

interface Reserves {
  readonly a: bigint;
  readonly b: bigint;
}
const reserves = async () => (await exchange.view.reserves()) as unknown as Reserves;

test("trades at the price of the pool, less the fee", async () => {
  const bob = world.account("bob");
  expect(await exchange.view.price()).toBe(4n * 10n ** 18n); // Fixed: units of 10^-18
  const expected = (4_000_000n * 997_000n) / (1_000_000_000n + 997_000n);
  expect(await exchange.view.quote(gold, 1_000n)).toBe(expected);
  expect(await exchange.as(bob).trade(gold, 1_000n, expected)).toBe(expected);
  expect(await silver.view.balanceOf(bob)).toBe(100_000n + expected);
  expect(await reserves()).toEqual({ a: 1_001_000n, b: 4_000_000n - expected });
});

test("shows the events of every contract that took part, in their order", async () => {
  const bob = world.account("bob");
  const received = await exchange.as(bob).trade(silver, 4_000n, 0n);
  expect(world.last.events).toMatchObject([
    { name: "Traded", fields: { trader: bob.address, sold: silver.address, given: 4_000n } },
    { name: "Transfer", fields: { from: bob.address, to: exchange.address, amount: 4_000n } },
    { name: "Transfer", fields: { from: exchange.address, to: bob.address, amount: received } },
  ]);
});

test("keeps to the limit that the trader gave", async () => {
  const bob = world.account("bob");
  const got = (await exchange.view.quote(gold, 1_000n)) as bigint;
  await expect(exchange.as(bob).trade(gold, 1_000n, got + 1n)).rejects.toMatchObject({
    revert: { name: "Slippage", fields: { got, limit: got + 1n } },
  });
  expect(await exchange.as(bob).trade(gold, 1_000n, got)).toBe(got);
});

test("passes on the error of a token that it calls, and changes nothing", async () => {
  const carol = world.account("carol"); // has no gold, and approved none
  const before = await reserves();
  await expect(exchange.as(carol).trade(gold, 5n, 0n)).rejects.toMatchObject({
    revert: { name: "Insufficient", fields: { have: 0n, need: 5n } },
  });
  expect(await reserves()).toEqual(before);
});

test("pays providers their part of the pool and of the fees", async () => {
  const alice = world.account("alice");
  const bob = world.account("bob");
  const before = await reserves();
  const shares = (await exchange.as(bob).add(10_000n, 50_000n, 0n)) as bigint;
  const given = await reserves().then(({ a, b }) => ({ a: a - before.a, b: b - before.b }));
  await exchange.as(alice).trade(gold, 500_000n, 0n);
  await exchange.as(alice).trade(silver, 1_000_000n, 0n);
  const back = (await exchange.as(bob).remove(shares, 0n, 0n)) as unknown as Reserves;
  expect(back.a * back.b).toBeGreaterThan(given.a * given.b);
  expect(await exchange.view.sharesOf(bob)).toBe(0n);
  await expect(exchange.as(bob).remove(1n, 0n, 0n)).rejects.toMatchObject({
    revert: { name: "NotEnough", fields: { have: 0n, need: 1n } },
  });
});

test("provides no more of the second token than was allowed", async () => {
  const attempt = exchange.as(world.account("bob")).add(10_000n, 5n, 0n);
  await expect(attempt).rejects.toThrow("Slippage");
});

test("never lets the product of the reserves fall, whatever is traded", async () => {
  const bob = world.account("bob");
  for (const amount of [1n, 2n, 999n, 20_000n]) {
    for (const token of [gold, silver]) {
      const before = await reserves();
      await exchange.as(bob).trade(token, amount, 0n);
      const after = await reserves();
      expect(after.a * after.b).toBeGreaterThanOrEqual(before.a * before.b);
    }
  }
});

test("does not know other tokens", async () => {
  const stranger = world.account("carol"); // an account, no token of this pool
  await expect(exchange.as(stranger).trade(stranger, 1n, 0n)).rejects.toMatchObject({
    revert: { name: "UnknownToken", fields: { token: stranger.address } },
  });
});

test("refuses a token that calls back while a trade runs", async () => {
  const bob = world.account("bob");
  const greedy = await world.deploy("tests/contracts/greedy-token.ts");
  const pool = await world.deploy("assembly/exchange.ts", [greedy, silver]);
  await silver.as(bob).approve(pool, MUCH);
  await pool.as(bob).add(1_000n, 1_000n, 0n);
  // Its transferFrom sells once more. The exchange is locked while it runs, so that call is refused.
  await greedy.as(bob).aim(pool);
  expect(await pool.as(bob).trade(greedy, 100n, 0n)).toBe(90n);
  expect(await greedy.view.refused()).toBe(1);
}, 60_000);
