// Random calls: arguments of every type of the ABI, what counts as a failure, how small a counterexample gets, and
// that it is kept and tried first. Seeds are fixed.
import { existsSync, readFileSync, rmSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseAbiType } from "../../../host/abi/abi-type.ts";
import { decodeValue } from "../../../host/abi/decode-value.ts";
import { encodeValue } from "../../../host/abi/encode-value.ts";
import { ByteReader } from "../../../host/codec/reader.ts";
import { ByteWriter } from "../../../host/codec/writer.ts";
import { valueArbitrary } from "../../../host/testing/abi-arbitrary.ts";
import type { TestAccount, TestContract, World } from "../../../host/testing/index.ts";
import { testing } from "../../support/built.ts";

const { fuzz, invariant } = testing;
const CASES = "tests/unit/testing/fuzz.cases.json";

let world: World;
let alice: TestAccount;
let counter: TestContract;
let faulty: TestContract;
beforeAll(async () => {
  world = await testing.createWorld({ accounts: ["alice", "bob"] });
  alice = world.account("alice");
  counter = await world.deploy("fixtures/contracts/counter.ts", [1n]);
  faulty = await world.deploy("tests/unit/testing/assembly/faulty.ts");
});
afterAll(() => world.close());
beforeEach(() => rmSync(CASES, { force: true }));
afterAll(() => rmSync(CASES, { force: true }));

async function counterexample(search: Promise<void>): Promise<string> {
  const error = await search.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ code: "TEST_COUNTEREXAMPLE" });
  expect(error.stack).toContain("fuzz.test.ts");
  return error.message;
}

describe("random arguments", () => {
  const types = {
    Side: { variants: ["Buy", "Sell"] },
    Order: {
      fields: [
        { name: "maker", type: "address" },
        { name: "side", type: "Side" },
      ],
    },
  };
  const known = `0x${"11".repeat(20)}` as const;

  it.each(
    "bool u8 i8 u32 i64 u64 u128 i128 u256 i256 address bytes32 bytes string Side Order Order[] u8[3] u64?".split(
      " ",
    ),
  )("of type %s are values of it, as a contract gets and gives them", (name) => {
    const type = parseAbiType(name, types);
    fc.assert(
      fc.property(valueArbitrary(fc, type, [known]), (value) => {
        const out = new ByteWriter();
        encodeValue(out, type, value, "value");
        expect(decodeValue(new ByteReader(out.finish()), type)).toEqual(value);
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  it("often are where contracts go wrong: 0, the largest, small ones, known addresses", () => {
    const sample = (name: string) =>
      fc.sample(valueArbitrary(fc, parseAbiType(name), [known]), { seed: 3, numRuns: 200 });
    const numbers = sample("u64") as bigint[];
    for (const edge of [0n, 1n, 2n ** 64n - 1n]) expect(numbers).toContain(edge);
    expect(numbers.filter((n) => n > 100n && n < 2n ** 32n).length).toBeGreaterThan(10);
    expect(sample("address").filter((address) => address === known).length).toBeGreaterThan(40);
  });
});

describe("fuzz", () => {
  it("passes a method that only reverts as it says, and leaves the world as it was", async () => {
    const before = await counter.view.value!();
    const seen: bigint[] = [];
    await fuzz(faulty, "refuse", { seed: 1, runs: 20 });
    await fuzz(counter, "increment", {
      ...{ seed: 1, runs: 20, as: alice, args: { amount: fc.bigInt({ min: 5n, max: 9n }) } },
      check: ({ result, args, as }) => {
        expect(as).toBe(alice);
        seen.push(args[0] as bigint);
        return result === (before as bigint) + (args[0] as bigint);
      },
    });
    expect(seen.every((amount) => amount >= 5n && amount <= 9n)).toBe(true);
    expect(await counter.view.value!()).toBe(before);
    expect(existsSync(CASES)).toBe(false);
  });

  it("finds a failed check of the language and makes the call small, with bundle and seed", async () => {
    const text = await counterexample(fuzz(faulty, "index", { seed: 1, runs: 30 }));
    expect(text).toContain("fuzz Faulty.index does not hold after\n  1. Faulty.index(i: ");
    expect(text).toContain("Index out of range");
    expect(text).toMatch(/found by run \d+ of 30 with seed 1; kept in .*fuzz\.cases\.json/);
    expect(text).toMatch(/plasma trace \.plasma\/failures\/Faulty\.index-\w{8}\.bundle --tx 0/);
  });

  it("refuses reverts that are not allowed, by name or altogether", async () => {
    await fuzz(faulty, "refuse", { seed: 1, runs: 10, reverts: ["Refused"] });
    const named = fuzz(faulty, "refuse", { seed: 1, runs: 10, reverts: ["Other"] });
    expect(await counterexample(named)).toContain("Faulty.refuse(step: 1) as alice");
    const none = fuzz(faulty, "requires", { seed: 1, runs: 2, reverts: "none" });
    expect(await counterexample(none)).toContain("not yet");
  });

  it("keeps a counterexample beside the test and tries it before anything random", async () => {
    const search = (check: (amount: bigint) => boolean, runs: number) =>
      fuzz(counter, "increment", {
        ...{ seed: 2, runs },
        check: ({ args, failure }) => failure !== undefined || check(args[0] as bigint),
      });
    const first = await counterexample(search((amount) => amount < 77n, 40));
    expect(first).toContain("Counter.increment(amount: 77) as alice");
    const { v, cases } = JSON.parse(readFileSync(CASES, "utf8"));
    expect(v).toBe(1);
    expect(Object.values(cases)).toMatchObject([
      [[{ text: "Counter.increment(amount: 77) as alice" }]],
    ]);
    // So few random runs that only the kept one can find it.
    const again = await counterexample(search((amount) => amount !== 77n, 1));
    expect(again).toContain("increment(amount: 77)");
    expect(again).toContain("kept in tests/unit/testing/fuzz.cases.json");
    await search(() => true, 1);
  });
});

describe("invariant", () => {
  it("holds over sequences of calls by several accounts", async () => {
    const callers = new Set<string>();
    await invariant(
      world,
      [
        [counter, "increment", { args: { amount: fc.bigInt({ min: 0n, max: 5n }) } }],
        [faulty, "refuse", { as: alice }],
      ],
      async (call) => {
        if (call !== undefined) callers.add(call.as.name);
        expect(await counter.view.value!()).toBeGreaterThan(0n);
      },
      { seed: 5, runs: 4, length: 6 },
    );
    expect([...callers].sort()).toEqual(["alice", "bob"]);
  });

  it("shows the shortest sequence that breaks it as calls", async () => {
    const small = { args: { amount: fc.bigInt({ min: 0n, max: 3n }) } };
    const search = invariant(
      world,
      [
        [counter, "increment", small],
        [faulty, "refuse"],
      ],
      async () => ((await counter.view.value!()) as bigint) < 5n,
      { seed: 5, runs: 20, length: 8 },
    );
    const text = await counterexample(search);
    const calls = text.split("\n").filter((line) => /^ {2}\d+\. /.test(line));
    // 1 + 3 + 1 is the least that reaches 5, in two calls.
    expect(calls.length).toBe(2);
    expect(calls.every((line) => line.includes("Counter.increment(amount: "))).toBe(true);
    expect(text).toContain("the check gave false");
  });

  it("refuses to search without actions, or where the check does not hold to begin with", async () => {
    await expect(invariant(world, [], () => true)).rejects.toMatchObject({
      code: "TEST_FUZZ_ACTIONS",
    });
    const broken = invariant(world, [[counter, "increment"]], () => false);
    await expect(broken).rejects.toMatchObject({ code: "TEST_EXPECTATION" });
  });
});
