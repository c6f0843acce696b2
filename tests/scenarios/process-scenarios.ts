// Scenarios with processes that die: environments that are killed while they execute or merge, a verifier that is killed
// in the middle of a dispute, an environment that runs out of memory. They need what is compiled beside this file.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EnvironmentProcess } from "../../host/environment/environment-process.ts";
import { Messenger } from "../../host/node/messenger.ts";
import { KilledExecution, type KillMoment, openProcess } from "./killed-execution.ts";
import { RemoteNode } from "./remote-node.ts";
import {
  balanceOf,
  isAllFinal,
  missing,
  type Scenario,
  type ScenarioEnd,
  toTheEnd,
} from "./scenario.ts";
import { busy, honest, lyingTown, type Town, town } from "./town.ts";
import { addressOf, BALANCE, scenarioRules, WINDOW, type World } from "./world.ts";

const KILLS = 3;
/** Below what such a block takes, above what the process takes at rest. */
const SMALL_MEMORY_MEBIBYTES = 80;
const HUNGRY_PAGES = 600;
/** The memory of a process is looked at twenty times a second: such a block must hold it for longer than that. */
const HUNGRY_FILLS = 7;

/** The process of the verifier's environment is killed at one kind of moment, again and again. */
function killIn(moment: KillMoment, what: string) {
  return async (world: World): Promise<ScenarioEnd> => {
    let killed: KilledExecution | undefined;
    const plan = { random: world.random, moment, kills: KILLS, delayMs: 12 };
    const one = await town(world, {
      execution: async (genesis) => {
        killed = await KilledExecution.open(genesis, plan);
        return killed;
      },
    });
    await busy(world, [one], 160n);
    await world.pass(WINDOW);
    await busy(world, [one], 100n);
    await toTheEnd(world);
    world.faults.push(`kill -9 of the environment ${what}, ${killed!.kills} times`);
    const expected = {
      "it was killed in the middle": killed!.kills > 0,
      "its head is settlement's": killed!.head.height === world.environment(one.id).head.height,
      "everything became final": isAllFinal(world, one),
    };
    return { towns: [one], missed: missing(expected) };
  };
}

/** The whole computer of the only verifier dies while it plays a dispute. */
async function killInDispute(world: World): Promise<ScenarioEnd> {
  const one = await lyingTown(world);
  one.verifier.isOnline = false;
  const isContested = () =>
    world
      .environment(one.id)
      .orders.some(({ disputes }) =>
        [...disputes.values()].some(
          ({ claims, verdict }) => claims.size > 0 && verdict === undefined,
        ),
      );
  const remote = new RemoteNode(world, one.id, "verifier", {
    random: world.random,
    kills: KILLS,
    delayMs: 40,
    isDue: isContested,
  });
  world.closing.push(remote);
  world.node("remote verifier").participants.push(remote);
  one.users.transfers(3);
  await world.pass(20n);
  await toTheEnd(world);
  world.faults.push(`kill -9 of the verifier in the middle of a dispute, ${remote.kills} times`);
  const expected = {
    "it was killed": remote.kills > 0,
    "the lie cost its bond": balanceOf(world, "sequencer") < BALANCE,
    "everything became final": isAllFinal(world, one),
  };
  return { towns: [one], missed: missing(expected) };
}

/** A folder that is gone with its world. */
function folderOf(world: World): string {
  const folder = mkdtempSync(join(tmpdir(), "plasma-scenario-"));
  world.closing.push({ close: async () => rmSync(folder, { recursive: true, force: true }) });
  return folder;
}

/** An environment that needs more memory than it may have ends; its neighbour does not notice. */
async function outOfMemory(world: World): Promise<ScenarioEnd> {
  const folder = folderOf(world);
  let small: EnvironmentProcess | undefined;
  const limits = { residentMebibytes: SMALL_MEMORY_MEBIBYTES, restartsMax: 2 };
  const rules = scenarioRules(({ module }) => ({ module: { ...module, pages: 1_024 } }));
  const hungry = await town(world, {
    rules,
    trusts: ["sequencer"],
    execution: async (genesis) => {
      small = await openProcess(genesis, folder, limits);
      return small;
    },
  });
  const other = await town(world);
  const contract = hungry.users.deploy("alice", HUNGRY_PAGES + 4);
  await busy(world, [hungry, other], 60n);
  for (let i = 0; i < 2; i++) hungry.users.fill("alice", contract, HUNGRY_PAGES, HUNGRY_FILLS);
  await busy(world, [hungry, other], 60n);
  const { alarm } = hungry.verifier;
  world.faults.push(`an environment with ${SMALL_MEMORY_MEBIBYTES} MiB gets blocks that need more`);
  const before = small!.head.height;
  await busy(world, [other], 60n);
  await small!.close();
  hungry.verifier.isOnline = false;
  hungry.verifier.alarm = undefined;
  const again = world.node("verifier with more memory");
  const open = () => openProcess(again.follower.genesis(hungry.id), folder);
  const chain = await world.chain(again, hungry.id, open);
  again.add("verifier", [honest(chain, "verifier"), new Messenger(chain)]);
  await toTheEnd(world);
  const expected = {
    "it ended for want of memory": alarm?.code === "ENVIRONMENT_FAILED",
    "with more memory it went on where it was": chain.execution.head.height > before,
    "its neighbour went on": isAllFinal(world, other),
    "everything became final": isAllFinal(world, hungry),
  };
  return { towns: [hungry, other], missed: missing(expected) };
}

/** What a mempool must refuse. */
function badTransaction({ random }: World, { users }: Town): Uint8Array {
  const [alice, bob] = [addressOf("alice"), addressOf("bob")];
  switch (random.below(5)) {
    case 0:
      return users.transfer("alice", bob, 1n, 0n);
    case 1:
      return users.transfer("alice", bob, 1n, 1_000_000n);
    case 2:
      // Without an account in the environment.
      return users.transfer("liar", alice, 1n, 0n);
    case 3: {
      const forged = users.transfer("bob", alice, 1n, 5n);
      forged[forged.length - 1]! ^= 1 + random.below(255);
      return forged;
    }
    default:
      return Uint8Array.from({ length: random.below(400) }, () => random.below(256));
  }
}

/** A flood against the mempool of a sequencer: nothing of it comes into a block. */
async function mempoolFlood(world: World): Promise<ScenarioEnd> {
  const folder = folderOf(world);
  let pool: EnvironmentProcess | undefined;
  const one = await town(world, {
    mempool: async (genesis) => {
      pool = await openProcess(genesis, folder);
      return pool;
    },
  });
  // The first nonce of alice must be used up before it is offered again.
  const first = one.users.transfer("alice", addressOf("bob"), 1n);
  let [flooded, admitted, refused] = [0, 0, 0];
  const offer = async (bytes: Uint8Array): Promise<void> => {
    const answer = await pool!.submit(bytes);
    if (answer.admitted) {
      admitted++;
      one.users.submit(bytes);
    } else refused++;
  };
  await offer(first);
  await world.pass(20n);
  await world.pass(100n, async () => {
    for (let i = 0; i < 40; i++, flooded++) await offer(badTransaction(world, one));
    await offer(one.users.transfer("bob", addressOf("alice"), 2n));
  });
  world.faults.push(`${flooded} transactions that the mempool must refuse`);
  await toTheEnd(world);
  const entries = world.orders(one.id).reduce((sum, { body }) => sum + body.length, 0);
  const expected = {
    "all of the flood was refused": refused === flooded,
    "what was admitted is in the blocks, and nothing else": entries === admitted && admitted > 1,
    "everything became final": isAllFinal(world, one),
  };
  return { towns: [one], missed: missing(expected) };
}

export const processScenarios: readonly Scenario[] = [
  { name: "mempool-flood", run: mempoolFlood },
  { name: "kill-in-block", run: killIn("execute", "in the middle of a block") },
  { name: "kill-in-merge", run: killIn("finalise", "in the middle of a merge") },
  { name: "kill-in-dispute", run: killInDispute },
  { name: "out-of-memory", run: outOfMemory },
];
