// Control over a test world: time, balances, snapshots, and forks of a bundle or of the folder of a run.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestAccount, TestContract, World } from "../../../host/testing/index.ts";
import { testing } from "../../support/built.ts";
import { callCli } from "../../support/cli.ts";

const COUNTER = "fixtures/contracts/counter.ts";
const TOKEN = "fixtures/contracts/token.ts";
const FAULTY = "tests/unit/testing/assembly/faulty.ts";

let world: World;
let alice: TestAccount;
let bob: TestAccount;
let token: TestContract;
beforeAll(async () => {
  world = await testing.createWorld();
  alice = world.account("alice");
  bob = world.account("bob");
  token = await world.deploy(TOKEN, [1000n]);
});
afterAll(() => world.close());

describe("the time of a world", () => {
  it("is that of the next block and of views, and moves by a second with each transaction", async () => {
    const clock = await world.deploy(FAULTY);
    const before = world.time;
    await token.as(alice).approve!(bob, 1n);
    expect(world.time).toBe(before + 1n);
    world.advance(3600);
    expect(await clock.view.time!()).toBe(before + 3601n);
    world.time = 1_900_000_000n;
    expect(await clock.as(alice).time!()).toBe(1_900_000_000n);
  });

  it("goes to the time of the last block and not before it", async () => {
    await token.as(alice).approve!(bob, 2n);
    world.time -= 1n;
    await token.as(alice).approve!(bob, 3n);
    expect(() => world.advance(-2)).toThrowError(expect.objectContaining({ code: "TEST_TIME" }));
  });
});

describe("the balances of a world", () => {
  it("are what the test says, of new accounts and of old, without a transaction", async () => {
    const { height } = world.environment.head;
    const dana = world.account("dana", { balance: 5_000_000_000_000n });
    expect(await world.balance(dana)).toBe(5_000_000_000_000n);
    expect(world.environment.head.height).toBe(height);
    expect(await token.as(dana).approve!(bob, 1n)).toBe(true);
    world.account("dana", { balance: 3n });
    expect(await world.balance(dana)).toBe(3n);
    expect(await world.balance(dana.address)).toBe(3n);
  });

  it("reach 2^120 and no further", async () => {
    const fresh = await testing.createWorld({ accounts: ["solo"] });
    const rich = fresh.account("rich", { balance: 2n ** 120n });
    expect(await fresh.balance(rich)).toBe(2n ** 120n);
    fresh.account("rich", { balance: 2n ** 120n + 1n });
    await expect(fresh.balance(rich)).rejects.toMatchObject({ code: "TEST_BALANCE" });
    await fresh.close();
  });
});

describe("a snapshot", () => {
  it("brings back state, time and the last transaction, as often as one likes", async () => {
    const balance = () => token.view.balanceOf!(bob);
    const [before, time, last] = [await balance(), world.time, world.last];
    const snapshot = world.snapshot();
    for (const amount of [1n, 2n]) {
      await token.as(alice).transfer!(bob, amount);
      world.account("erin", { balance: amount });
      world.advance(50);
      await world.restore(snapshot);
      expect([await balance(), world.time, world.last]).toEqual([before, time, last]);
      expect(await world.balance(world.account("erin"))).toBe(0n);
    }
  });

  it("is gone when an earlier one was restored", async () => {
    const early = world.snapshot();
    await token.as(alice).transfer!(bob, 1n);
    const late = world.snapshot();
    await world.restore(early);
    await expect(world.restore(late)).rejects.toMatchObject({ code: "TEST_SNAPSHOT_GONE" });
    expect(await token.as(alice).transfer!(bob, 1n)).toBe(true);
  });
});

describe("a fork of a bundle", () => {
  it("has the state before its block as far as the block touched it, and refuses the rest", async () => {
    const before = (await token.view.balanceOf!(bob)) as bigint;
    await token.as(alice).transfer!(bob, 5n);
    const fork = await testing.World.fork(world.last.bundle);
    const forked = await fork.at(TOKEN, token.address);
    expect(await forked.view.balanceOf!(bob)).toBe(before);
    const snapshot = fork.snapshot();
    expect(await forked.as(alice).transfer!(bob, 7n)).toBe(true);
    expect(await forked.view.balanceOf!(bob)).toBe(before + 7n);
    const unknown = { code: "FORK_KEY_UNKNOWN" };
    await expect(forked.view.supply!()).rejects.toMatchObject(unknown);
    await expect(forked.as(alice).transfer!(token, 1n)).rejects.toMatchObject(unknown);
    const carol = fork.account("carol");
    await expect(forked.as(carol).transfer!(bob, 1n)).rejects.toMatchObject(unknown);
    fork.account("carol", { balance: 10n ** 18n });
    await expect(forked.as(carol).transfer!(bob, 0n)).rejects.toMatchObject(unknown);
    // What a rewind takes back is unknown again, not absent.
    await fork.restore(snapshot);
    await expect(fork.balance(carol)).rejects.toMatchObject(unknown);
    expect(await forked.as(alice).transfer!(bob, 1n)).toBe(true);
    await fork.close();
  });
});

describe("a fork of the folder of a run", () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "plasma-fork-"));
    const scenario = {
      rules: "general",
      seed: "fork",
      accounts: { alice: { balance: "1000000000000" } },
      blocks: [
        {
          transactions: [
            { from: "alice", deploy: join(process.cwd(), COUNTER), args: ["5"], as: "counter" },
            { from: "alice", to: "counter", call: "increment", args: ["2"] },
          ],
        },
      ],
    };
    writeFileSync(join(folder, "scenario.json"), JSON.stringify(scenario));
    const { code, stderr } = await callCli(["run", "scenario.json", "-o", "out"], { cwd: folder });
    expect({ code, stderr }).toMatchObject({ code: 0 });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("goes on from its head with the scenario's accounts, and leaves the folder as it was", async () => {
    const out = join(folder, "out");
    const before = readdirSync(join(out, "state")).sort();
    const { addresses } = JSON.parse(readFileSync(join(out, "receipts.json"), "utf8"));
    const fork = await testing.World.fork(out, { seed: "fork", accounts: ["alice"] });
    const counter = await fork.at(COUNTER, addresses.counter);
    expect(fork.environment.head.height).toBe(1n);
    expect(await counter.view.value!()).toBe(7n);
    expect(await counter.as(fork.account("alice")).increment!(1n)).toBe(8n);
    const bob = fork.account("bob", { balance: 10n ** 15n });
    const second = await fork.deploy(COUNTER, [1n], { from: bob });
    expect(await second.as(bob).increment!(1n)).toBe(2n);
    await fork.close();
    expect(readdirSync(join(out, "state")).sort()).toEqual(before);
    const again = await testing.World.fork(join(out, "state"), { balance: 10n ** 20n });
    expect(await (await again.at(COUNTER, addresses.counter)).view.value!()).toBe(7n);
    expect(await again.balance(again.account("dave"))).toBe(10n ** 20n);
    await again.close();
  });

  it("refuses a path where nothing is, and a folder that holds no store", async () => {
    await expect(testing.World.fork(join(folder, "nowhere"))).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
    });
    await expect(testing.World.fork(folder)).rejects.toMatchObject({ code: "STATE_NOT_A_STORE" });
    expect(existsSync(join(folder, "state.lmdb"))).toBe(false);
  });
});
