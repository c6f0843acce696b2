// Expectations on reverts and events: what they accept, and what they say when they are missed.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestAccount, TestContract, World } from "../../../host/testing/index.ts";
import { testing } from "../../support/built.ts";

let world: World;
let alice: TestAccount;
let token: TestContract;
let caller: TestContract;
let faulty: TestContract;
beforeAll(async () => {
  world = await testing.createWorld();
  alice = world.account("alice");
  token = await world.deploy("fixtures/contracts/token.ts", [1000n]);
  caller = await world.deploy("fixtures/contracts/caller.ts", [token]);
  faulty = await world.deploy("tests/unit/testing/assembly/faulty.ts");
});
afterAll(() => world.close());

const { expectRevert, expectEvent } = testing;
const pay = () => caller.as(alice).pay!(alice, 7n);

async function missed(expectation: Promise<unknown>): Promise<string> {
  const error = await expectation.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ code: "TEST_EXPECTATION" });
  expect(error.stack).toContain("expectations.test.ts");
  return error.message;
}

describe("expectRevert", () => {
  it("accepts a typed error that a contract below raised, by name and any of its fields", async () => {
    const failure = await expectRevert(pay(), "Insufficient", { need: 7 });
    expect(failure.fields).toEqual({ have: 0n, need: 7n });
    await expectRevert(pay(), "Insufficient", { have: 0n, need: 7n });
    await expectRevert(pay());
  });

  it("accepts messages, patterns, traps and errors with accounts", async () => {
    await expectRevert(faulty.as(alice).requires!(), "not yet");
    await expectRevert(faulty.as(alice).asserts!(), /step is not \d/);
    await expectRevert(faulty.as(alice, { gasLimit: 200_000n }).spin!(), "out_of_gas");
    await expectRevert(faulty.as(alice).refuse!(2), "Refused", { who: alice });
    await expectRevert(faulty.as(alice).viewRefuses!(), "Refused", { step: 4n });
  });

  it("shows what came in place of what it expected, with calls, source and trace line", async () => {
    const text = await missed(expectRevert(pay(), "Frozen", { by: alice }));
    expect(text.split("\n")).toEqual([
      "expected error Frozen(by: alice) but got Insufficient(have: 0, need: 7)",
      expect.stringMatching(
        /^ {2}Caller\.pay\(to: alice, amount: 7\) \[from alice, \d+ gas\] revert/,
      ),
      expect.stringMatching(/^ {4}Token\.transfer\(.*\) \[\d+ gas\] revert: Insufficient\(/),
      "      at fixtures/contracts/token.ts:72:26",
      "    at fixtures/contracts/caller.ts:35:12",
      expect.stringMatching(
        /^ {2}plasma trace \.plasma\/failures\/Caller\.pay-\w{8}\.bundle --tx 0$/,
      ),
    ]);
  });

  it.each([
    [
      "another field",
      () => expectRevert(pay(), "Insufficient", { need: 8n }),
      "Insufficient(need: 8)",
    ],
    ["a field that is not there", () => expectRevert(pay(), "Insufficient", { x: 1 }), "(x: 1)"],
    [
      "an error in place of a message",
      () => expectRevert(faulty.as(alice).requires!(), "NotYet"),
      "not yet",
    ],
    ["a part of the error's name", () => expectRevert(pay(), "Insuff"), "but got Insufficient"],
    ["another trap", () => expectRevert(faulty.as(alice).unreached!(), "depth"), "trap(wasm)"],
    [
      "success",
      () => expectRevert(token.as(alice).transfer!(alice, 1n), "X"),
      "but got success: true",
    ],
    ["success of a view", () => expectRevert(token.view.supply!(), "X"), "but got success: 1000"],
  ])("is missed by %s", async (_, expectation, said) => {
    expect(await missed(expectation())).toContain(said);
  });

  it("lets an error of the test itself through", async () => {
    await expect(expectRevert(token.as(alice).transfer!(1n), "X")).rejects.toMatchObject({
      code: "ABI_ARGUMENT_COUNT",
    });
  });
});

describe("expectEvent", () => {
  beforeAll(async () => {
    await token.as(alice).transfer!(caller, 10n);
    await caller.as(alice).payWhatIsThere!(alice, 4n);
  });

  it("finds an event of a contract below, by its name or the contract's too", async () => {
    const event = await expectEvent(world, "Transfer", { from: caller, amount: 4 });
    expect(event).toMatchObject({ contract: "Token", emitter: token.address });
    await expectEvent(world.last, "Token.Transfer");
  });

  it.each([
    ["another name", "Approval", {}],
    ["another contract", "Caller.Transfer", {}],
    ["another field", "Transfer", { amount: 5n }],
  ])("is missed by %s, and shows those that there are", async (_, name, fields) => {
    const text = await missed(expectEvent(world, name, fields));
    expect(text).toContain(`expected event ${name}(`);
    expect(text).toContain("Token.Transfer(from: Caller, to: alice, amount: 4)");
  });
});
