// The test kit that contract authors use: `plasmavm/testing`.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addressed } from "../../../host/testing/accounts.ts";
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
    const failing = counter.as(alice, { gasLimit: 38_000n }).increment!(1n);
    await expect(failing).rejects.toMatchObject({ code: "CONTRACT_FAILED" });
    await expect(failing).rejects.toThrow(/out_of_gas|intrinsic_gas/);
  });

  it("moves value between accounts", async () => {
    const bob = world.account("bob");
    const before = await world.balance(bob);
    await world.transfer(alice, bob, 7n);
    expect(await world.balance(bob)).toBe(before + 7n);
  });

  it("reads a view as an account without a transaction, with that account as caller", async () => {
    const before = world.environment.head.height;
    expect(await counter.as(alice).value!()).toBe(await counter.view.value!());
    expect(world.environment.head.height).toBe(before);
  });

  it("sends value with a call and lets a contract that takes none keep it", async () => {
    const before = await world.balance(counter);
    await counter.as(alice, { value: 12n }).increment!(0n);
    expect(await world.balance(counter)).toBe(before + 12n);
  });

  it("says why a deployment failed and from where", async () => {
    const refused = world.deploy(COUNTER, []);
    await expect(refused).rejects.toMatchObject({ code: "ABI_ARGUMENT_COUNT" });
    const poor = world.account("poor", { balance: 0n });
    const failed = world.deploy(COUNTER, [1n], { from: poor, value: 1n });
    await expect(failed).rejects.toThrow("deploy Counter failed: skipped(balance)");
    await expect(failed).rejects.toHaveProperty("stack", expect.stringContaining("world.test.ts"));
  });

  it("stands for its address inside arrays and structs, but leaves a struct with such a field alone", () => {
    expect(addressed([alice, { owner: counter, n: 1 }])).toEqual([
      alice.address,
      { owner: counter.address, n: 1 },
    ]);
    expect(addressed({ address: "0x00" })).toBe("0x00");
    expect(addressed({ address: "0x00", name: "a struct" })).toEqual({
      address: "0x00",
      name: "a struct",
    });
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
