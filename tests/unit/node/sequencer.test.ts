// What a sequencer asks its source for: a body by the rules of the order that it is for, also where the head's are
// others.
import { expect, it } from "vitest";
import { Sequencer } from "../../../host/node/sequencer.ts";
import { encodeRules } from "../../../host/rules/encode-rules.ts";
import { noticeBlocks } from "../../../host/settlement/environment-rules.ts";
import { addressOf, scenarioRules, World } from "../../scenarios/world.ts";

it("asks for a body by the rules of the order, from the first one under new rules on", async () => {
  const world = new World(1);
  const interval = 100;
  const rules = scenarioRules(({ block }) => ({ block: { ...block, intervalSeconds: interval } }));
  const id = world.register(rules, {});
  const height = 1n + noticeBlocks(rules);
  const announced = encodeRules({ ...rules, fees: { priceMin: 3n } });
  world.do("operator", { kind: "rules", environment: id, height, rules: announced });
  const node = world.node("sequencer");
  const chain = await world.chain(node, id);
  const account = addressOf("sequencer");
  const asked = new Map<bigint, bigint>();
  const source = {
    body: async ({ rules: given }: { readonly rules: typeof rules }) => {
      asked.set(world.environment(id).head.height + 1n, given.fees.priceMin);
      return [Uint8Array.of(1)];
    },
  };
  node.add("sequencer", [new Sequencer({ chain, account, producer: account, source })]);
  while (world.environment(id).head.height < height) await world.pass(BigInt(interval));
  expect([asked.get(height - 1n), asked.get(height)]).toEqual([rules.fees.priceMin, 3n]);
  await world.close();
});
