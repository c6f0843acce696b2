// The scenarios that take little, once, from one seed; `npm run scenarios` runs all of them from any.
import { describe, expect, it } from "vitest";
import { isNoticed, runScenario } from "./run-scenario.ts";
import { canaries, scenarios } from "./scenarios.ts";
import type { World } from "./world.ts";

const SEED = 7;
const quick = [
  "lying-sequencer",
  "lies-upon-stones",
  "late-verifier",
  "censorship",
  "rival-producers",
  "escape",
];

describe("a scenario", () => {
  for (const name of quick) {
    it(`${name}: loses nothing that was acknowledged, and no wrong result becomes final`, async () => {
      const scenario = scenarios.find((one) => one.name === name)!;
      const row = await runScenario(scenario, SEED);
      expect(row).toMatchObject({ name, problems: [], ok: true });
      expect(row.finalBlocks).toBeGreaterThan(0);
    });
  }

  for (const canary of canaries) {
    it(`${canary.name}: is found wrong`, async () => {
      expect(isNoticed(canary, await runScenario(canary, SEED))).toBe(true);
    });
  }

  it("is found wrong where a promised transaction is nowhere", async () => {
    const calm = scenarios.find((one) => one.name === "left-out-message")!;
    const lost = `0x${"77".repeat(32)}` as const;
    const run = async (world: World) => {
      const end = await calm.run(world);
      end.towns[0]!.users.acknowledged.push(lost);
      return end;
    };
    const row = await runScenario({ name: "lost", run }, SEED);
    expect(row).toMatchObject({ ok: false, acknowledgedLost: 1, wrongFinal: 0, problems: [] });
  });
});
