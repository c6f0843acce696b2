// Leaving an environment that has stopped: with a proof of the last final state or not at all.
import { afterEach, beforeEach, expect, it } from "vitest";
import { EngineError } from "../../../host/errors.ts";
import { Exit, proveFinalAccount } from "../../../host/node/exit.ts";
import { LedgerFollower } from "../../../host/node/ledger-follower.ts";
import { escapeTime } from "../../../host/settlement/escape.ts";
import { town } from "../../scenarios/town.ts";
import { addressOf, ground, WINDOW, World } from "../../scenarios/world.ts";

const account = addressOf("alice");

let world: World;
beforeEach(() => {
  world = new World(5);
});
afterEach(() => world.close());

it("asks again for a proof that could not be made, and keeps one that could", async () => {
  const { id } = await town(world);
  const { follower } = world.node("alice");
  const away = new EngineError({ code: "ENVIRONMENT_TIMEOUT", message: "no answer" });
  let asked = 0;
  const proof = async () => {
    if (asked++ === 0) throw away;
    return proveFinalAccount(follower, id, account);
  };
  const exit = new Exit({ follower, environment: id, account, proof });
  const time = escapeTime(world.environment(id));
  expect(await exit.step(time - 1n)).toEqual([]);
  await expect(exit.step(time)).rejects.toBe(away);
  const [leaving] = await exit.step(time);
  expect(await exit.step(time)).toEqual([leaving]);
  expect(asked).toBe(2);
  world.time = time;
  world.do("alice", leaving!);
  expect(world.environment(id).isClosed).toBe(true);
});

it("proves no earlier state where the body of a final order is gone", async () => {
  const { id, users } = await town(world);
  users.transfers(2);
  await world.passQuickly(2n * WINDOW);
  expect(world.environment(id).final.height).toBe(1n);
  const follower = new LedgerFollower({ genesis: world.genesis, ground, keeps: () => false });
  for (const { time, command } of world.log) follower.accept(time, command);
  await expect(proveFinalAccount(follower, id, account)).rejects.toThrow("were kept");
});
