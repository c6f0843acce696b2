// The process of remote-node.ts: a verifier with an environment in a process of its own, on a folder that it may have
// been killed in before. Knows of the ledger what it is handed, from the beginning.
import { Messenger } from "../../host/node/messenger.ts";
import type { OwnChain } from "../../host/node/own-chain.ts";
import { openProcess } from "./killed-execution.ts";
import type { RemoteReply, RemoteStart, RemoteStep } from "./remote-node.ts";
import { honest } from "./town.ts";
import { World, type WorldNode } from "./world.ts";

let start: RemoteStart | undefined;
let world: World;
let node: WorldNode;
let chain: OwnChain | undefined;

async function step({ environment, person, folder }: RemoteStart, asked: RemoteStep) {
  for (const { time, command } of asked.records) {
    node.follower.accept(time, new Uint8Array(command));
  }
  if (chain === undefined) {
    const open = () => openProcess(node.follower.genesis(environment), folder);
    chain = await world.chain(node, environment, open);
    node.add(person, [honest(chain, person), new Messenger(chain)]);
  }
  return node.participants[0]!.step(asked.time);
}

async function answer(asked: RemoteStep): Promise<RemoteReply> {
  try {
    return { commands: await step(start!, asked) };
  } catch (error) {
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.on("message", async (message: RemoteStart | RemoteStep) => {
  if (!("records" in message)) {
    start = message;
    world = new World(message.seed);
    node = world.node("remote");
    return;
  }
  process.send!(await answer(message));
});
process.on("disconnect", async () => {
  await world.close();
  process.exit(0);
});
