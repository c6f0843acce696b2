// The fixture contracts on the real engine: what the small host of the other tests only imitates (locks,
// rollback of sub-calls, read-only frames, gas caps) holds there too.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestAccount, TestContract, World } from "../../../host/testing/index.ts";
import { testing } from "../../support/built.ts";

describe("contracts on the chain", () => {
  let world: World;
  let alice: TestAccount;
  let bob: TestAccount;
  let token: TestContract;
  let caller: TestContract;
  const send = (contract: TestContract, method: string, ...args: unknown[]): Promise<unknown> =>
    contract.as(alice)[method]!(...args);

  beforeAll(async () => {
    world = await testing.createWorld();
    alice = world.account("alice");
    bob = world.account("bob");
    token = await world.deploy("fixtures/contracts/token.ts", [1_000n]);
    caller = await world.deploy("fixtures/contracts/caller.ts", [token.address]);
    await send(token, "transfer", caller.address, 100n);
  });
  afterAll(() => world.close());

  it("call each other, and errors come through with their fields", async () => {
    expect(await caller.view.balance!()).toBe(100n);
    expect(await send(caller, "pay", bob.address, 40n)).toBe(true);
    await expect(send(caller, "pay", bob.address, 61n)).rejects.toThrow(
      /Insufficient\(have: "?60"?, need: "?61"?\)/,
    );
    expect(await token.view.balanceOf!(bob.address)).toBe(40n);
  });

  it("handle a failed sub-call, whose effects are gone", async () => {
    expect(await send(caller, "payWhatIsThere", bob.address, 500n)).toBe(1);
    expect(await token.view.balanceOf!(bob.address)).toBe(100n);
    expect(world.last.events.filter((event) => event.name === "Transfer")).toHaveLength(1);
  });

  it("are locked against coming back, unless they open themselves", async () => {
    expect(await send(caller, "reenter")).toBe(3);
    const inner = await send(caller, "reenterOpenly");
    expect(await send(caller, "count")).toBe(Number(inner) + 1);
  });
});
