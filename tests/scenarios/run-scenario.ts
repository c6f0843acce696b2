// Runs one scenario from a seed and reckons what it came to: one row of the report.
import { type Reckoning, reckon } from "./reckoning.ts";
import type { Canary, Scenario } from "./scenario.ts";
import { World } from "./world.ts";

export interface ScenarioRow {
  readonly name: string;
  readonly seed: number;
  readonly faults: readonly string[];
  readonly acknowledgedLost: number;
  readonly wrongFinal: number;
  readonly rightRejected: number;
  readonly ok: boolean;
  readonly finalBlocks: number;
  readonly transactions: Reckoning["transactions"];
  readonly messages: number;
  readonly commands: number;
  /** Why it is not ok. */
  readonly problems: readonly string[];
}

export async function runScenario({ name, run }: Scenario, seed: number): Promise<ScenarioRow> {
  const world = new World(seed);
  try {
    const { towns, missed } = await run(world);
    const users = towns.map((one) => one.users);
    const { problems: wrong, ...reckoning } = await reckon(world, users);
    const alarms = world.nodes.flatMap(({ alarm, name: node }) =>
      alarm === undefined ? [] : [`${node} stopped: ${alarm.code} ${alarm.message}`],
    );
    const problems = [...wrong, ...alarms, ...missed.map((what) => `missed: ${what}`)];
    const { acknowledgedLost, wrongFinal, rightRejected } = reckoning;
    const ok =
      problems.length === 0 && acknowledgedLost === 0 && wrongFinal === 0 && rightRejected === 0;
    const { faults, log } = world;
    return { name, seed, faults, ...reckoning, ok, commands: log.length, problems };
  } finally {
    await world.close();
  }
}

/** Whether the run of a canary was found wrong in just the way it is. */
export const isNoticed = (canary: Canary, row: ScenarioRow): boolean =>
  !row.ok &&
  row.wrongFinal === canary.wrongFinal &&
  row.rightRejected === canary.rightRejected &&
  row.acknowledgedLost === 0 &&
  !row.problems.some((problem) => problem.startsWith("missed"));
