// The scenarios that take little, once, from one seed; `npm run scenarios` runs all of them from any.
import { describe, expect, it } from "vitest";
import { isNoticed, runScenario } from "./run-scenario.ts";
import { canary, scenarios } from "./scenarios.ts";

const SEED = 7;
const quick = ["lying-sequencer", "late-verifier", "censorship", "rival-producers", "escape"];

describe("a scenario", () => {
  for (const name of quick) {
    it(`${name}: loses nothing that was acknowledged, and no wrong result becomes final`, async () => {
      const scenario = scenarios.find((one) => one.name === name)!;
      const row = await runScenario(scenario, SEED);
      expect(row).toMatchObject({ name, problems: [], ok: true });
      expect(row.finalBlocks).toBeGreaterThan(0);
    });
  }

  it("is found wrong where the only verifier stays away", async () => {
    const row = await runScenario(canary, SEED);
    expect(row.ok).toBe(false);
    expect(isNoticed(row)).toBe(true);
  });
});
