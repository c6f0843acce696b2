import { createWorld, type TestContract, type World } from "plasmavm/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

let world: World;
let counter: TestContract;

beforeAll(async () => {
  world = await createWorld();
  counter = await world.deploy("assembly/counter.ts", [1n]);
}, 60_000); // The first build loads the compiler.
afterAll(() => world.close());

test("increments and remembers who did it", async () => {
  const alice = world.account("alice");
  expect(await counter.as(alice).increment(5n)).toBe(6n);
  expect(await counter.view.value()).toBe(6n);
  expect(await counter.view.lastCaller()).toBe(alice.address);
  expect(world.last.events).toMatchObject([
    { name: "Incremented", fields: { by: alice.address, count: 6n } },
  ]);
});

test("refuses to increment by more than 100", async () => {
  const bob = world.account("bob");
  await expect(counter.as(bob).increment(101n)).rejects.toThrow("TooMuch");
  expect(await counter.view.value()).toBe(6n);
});
