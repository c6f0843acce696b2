import { createWorld, type TestContract, type World } from "plasmavm/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

// A world is a chain of its own with funded accounts: alice, bob, carol and dave.
let world: World;
let token: TestContract;

beforeAll(async () => {
  world = await createWorld();
  token = await world.deploy("assembly/token.ts", [1_000n]); // alice deploys unless told otherwise
}, 60_000); // The first build loads the compiler.
afterAll(() => world.close());

test("gives the whole supply to whoever deploys it", async () => {
  const alice = world.account("alice");
  // `view` reads without a transaction.
  expect(await token.view.supply()).toBe(1_000n);
  expect(await token.view.balanceOf(alice)).toBe(1_000n);
});

test("moves tokens and says so in an event", async () => {
  const alice = world.account("alice");
  const bob = world.account("bob");
  // `as` sends a transaction; it resolves to what the method returns.
  expect(await token.as(alice).transfer(bob, 5n)).toBe(true);
  expect(await token.view.balanceOf(bob)).toBe(5n);
  expect(world.last.events).toMatchObject([
    { name: "Transfer", fields: { from: alice.address, to: bob.address, amount: 5n } },
  ]);
});

test("refuses to move more than there is, with an error that says how much is there", async () => {
  const carol = world.account("carol"); // has none
  // A call that reverts rejects; `revert` is the decoded @error.
  await expect(token.as(carol).transfer(world.account("bob"), 1n)).rejects.toMatchObject({
    revert: { name: "Insufficient", fields: { have: 0n, need: 1n } },
  });
  expect(await token.view.supply()).toBe(1_000n);
});

test("lets others spend as much as was approved, and not more", async () => {
  const alice = world.account("alice");
  const dave = world.account("dave");
  const before = (await token.view.balanceOf(alice)) as bigint;
  await token.as(alice).approve(dave, 10n);
  await token.as(dave).transferFrom(alice, dave, 7n);
  expect(await token.view.allowance(alice, dave)).toBe(3n);
  await expect(token.as(dave).transferFrom(alice, dave, 4n)).rejects.toThrow("Insufficient");
  expect(await token.view.balanceOf(alice)).toBe(before - 7n);
  expect(await token.view.balanceOf(dave)).toBe(7n);
});

test("never makes or loses a token", async () => {
  const names = ["alice", "bob", "carol", "dave"].map((name) => world.account(name));
  for (const [i, from] of names.entries()) {
    const have = (await token.view.balanceOf(from)) as bigint;
    await token.as(from).transfer(names[(i + 1) % 4], have / 2n);
  }
  let sum = 0n;
  for (const owner of names) sum += (await token.view.balanceOf(owner)) as bigint;
  expect(sum).toBe(1_000n);
});
