import {
  createWorld,
  expectEvent,
  expectRevert,
  fuzz,
  type TestAccount,
  type TestContract,
  type World,
} from "plasmavm/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
// Written by plasma build, which plasma test runs first.
import { Counter } from "../build/counter.ts";

let world: World;
let counter: TestContract<Counter>;
let alice: TestAccount;

beforeAll(async () => {
  world = await createWorld();
  alice = world.account("alice");
  counter = await world.deploy(Counter, [1n]);
}, 60_000); // The first build loads the compiler.
afterAll(() => world.close());

test("increments and remembers who did it", async () => {
  expect(await counter.as(alice).increment(5n)).toBe(6n);
  expect(await counter.view.value()).toBe(6n);
  expect(await counter.view.lastCaller()).toBe(alice.address);
  await expectEvent(world, "Incremented", { by: alice, count: 6n });
});

test("refuses to increment by more than 100", async () => {
  const before = await counter.view.value();
  await expectRevert(counter.as(alice).increment(101n), "TooMuch", { asked: 101n });
  expect(await counter.view.value()).toBe(before);
});

test("takes every amount up to 100 and no other", { timeout: 60_000 }, async () => {
  const before = await counter.view.value();
  await fuzz(counter, "increment", {
    runs: 50,
    reverts: ["TooMuch"],
    check: ({ args: [by], result }) =>
      Number(by) <= 100 ? result === before + BigInt(by as bigint) : result === undefined,
  });
});
