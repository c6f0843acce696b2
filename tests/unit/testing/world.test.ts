// The test kit that contract authors use: `plasmavm/testing`.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestAccount, TestContract, World } from "../../../host/testing/index.ts";
import { testing } from "../../support/built.ts";

const COUNTER = "fixtures/contracts/counter.ts";

describe("a test world", () => {
  let world: World;
  let alice: TestAccount;
  let counter: TestContract;

  beforeAll(async () => {
    world = await testing.createWorld();
    alice = world.account("alice");
    counter = await world.deploy(COUNTER, [1n]);
  });
  afterAll(() => world.close());

  it("sends calls as an account and resolves to the decoded result", async () => {
    expect(await counter.as(alice).increment!(5n)).toBe(6n);
    expect(world.last).toMatchObject({ outcome: testing.Outcome.success });
    expect(world.last.gasUsed).toBeGreaterThan(0n);
  });

  it("reads without a transaction", async () => {
    const before = world.environment.head.height;
    expect(await counter.view.value!()).toBe(6n);
    expect(world.environment.head.height).toBe(before);
  });

  it("guesses what a misspelt method meant", () => {
    expect(() => counter.as(alice).incremnt).toThrowError(
      expect.objectContaining({ code: "ABI_NAME_UNKNOWN" }),
    );
  });

  it("names a wrong argument", async () => {
    await expect(counter.as(alice).increment!("many")).rejects.toMatchObject({
      code: "ABI_ARGUMENT",
    });
  });

  it("fails a call that runs out of gas and says so", async () => {
    const failing = counter.as(alice, { gasLimit: 15_000n }).increment!(1n);
    await expect(failing).rejects.toMatchObject({ code: "CONTRACT_FAILED" });
    await expect(failing).rejects.toThrow(/out_of_gas|intrinsic_gas/);
  });

  it("moves value between accounts", async () => {
    const bob = world.account("bob");
    const before = await world.balance(bob);
    await world.transfer(alice, bob, 7n);
    expect(await world.balance(bob)).toBe(before + 7n);
  });

  it("refuses an account it does not know and a file that is no contract", async () => {
    expect(() => world.account("eve")).toThrowError(
      expect.objectContaining({ code: "TEST_ACCOUNT_UNKNOWN" }),
    );
    await expect(world.deploy("nowhere.wasm")).rejects.toMatchObject({
      code: "TEST_CONTRACT_UNREADABLE",
    });
    const fresh = await testing.createWorld({ accounts: ["solo"] });
    expect(() => fresh.last).toThrowError(expect.objectContaining({ code: "TEST_NO_TRANSACTION" }));
    await fresh.close();
  });
});
