// How failures of contracts explain themselves to their authors, in optimised code: the message of the error, the
// calls as a tree, and the place in the source. One golden file for all kinds, and one with all details.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ContractFailure, TestContract, World } from "../../host/testing/index.ts";
import { testing } from "../support/built.ts";
import { expectGolden } from "../support/golden.ts";

const FAULTY = "tests/unit/testing/assembly/faulty.ts";

let world: World;
let faulty: TestContract;
let other: TestContract;
beforeAll(async () => {
  world = await testing.createWorld();
  faulty = await world.deploy(FAULTY);
  other = await world.deploy(FAULTY);
});
afterAll(() => world.close());

const alice = () => world.account("alice");

async function failure(call: Promise<unknown> | undefined): Promise<ContractFailure> {
  return testing.expectRevert(call as Promise<unknown>);
}

const kinds: readonly [
  title: string,
  method: string,
  args: () => readonly unknown[],
  gasLimit?: bigint,
][] = [
  ["a failed assert", "asserts", () => []],
  ["a failed require", "requires", () => []],
  ["a typed error", "refuse", () => [2]],
  ["an overflow of u128", "overflow", () => []],
  ["a checked overflow of a plain integer", "overflowOfPlain", () => []],
  ["an index out of range", "index", () => [5]],
  ["a null that is used", "nothing", () => []],
  ["out of gas", "spin", () => [], 60_000n],
  ["code that is never reached", "unreached", () => []],
  ["a division by zero", "divides", () => [0]],
  ["a revert two calls down", "relay", () => [other, 1]],
  ["storage that nobody initialised", "uninitialised", () => []],
];

/** Gas is another matter: it changes with the SDK. */
const plain = (tree: string | undefined): string => tree?.replace(/\d+ gas/g, "# gas") ?? "";

describe("a failure explains itself", () => {
  it("with message, calls and place, whatever its kind", async () => {
    const texts: string[] = [];
    for (const [title, method, args, gasLimit] of kinds) {
      const options = gasLimit === undefined ? {} : { gasLimit };
      const { message, report } = await failure(faulty.as(alice(), options)[method]?.(...args()));
      texts.push(`# ${title}\n${message}\n${plain(await report?.tree())}\n`);
      // Whatever the compiler did, there is a place.
      expect(texts.at(-1)).toMatch(/^ *at .*faulty\.ts:\d+/m);
    }
    expectGolden("testing/failures.txt", texts.join("\n"));
  });

  it("with storage, events and source lines where they are asked for", async () => {
    const { report } = await failure(faulty.as(alice()).relay!(other, 0));
    expectGolden("testing/storage.txt", `${plain(await report?.tree("storage"))}\n`);
    expectGolden("testing/sources.txt", `${plain(await report?.tree("sources"))}\n`);
  });

  it("when a view fails, which leaves no transaction", async () => {
    const failed = await failure(faulty.as(alice()).viewRefuses!());
    expect(failed.message).toBe("Faulty.viewRefuses failed: Refused(who: alice, step: 4)");
    expect(failed.report).toBeUndefined();
  });

  it("when its caller caught it, as a failed call of a transaction that succeeded", async () => {
    expect(await faulty.as(alice()).catches!(other)).toBe(1);
    expect(await world.last.failedCalls()).toMatchObject([
      {
        contract: "Faulty",
        method: "refuse",
        status: "revert",
        error: "Refused",
        fields: { who: faulty.address, step: 3 },
      },
    ]);
  });
});
