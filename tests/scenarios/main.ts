// `npm run scenarios -- --seed 1 [--only NAME] [--canary] [--json]`: every scenario from one seed, then canaries that
// must be found wrong. Ends with 2 where a scenario is not ok, or a canary was not noticed; with `--canary` runs only
// those and ends with 2, as any run with a wrong final result does.
import { parseArgs } from "node:util";
import { processScenarios } from "./process-scenarios.ts";
import { isNoticed, runScenario, type ScenarioRow } from "./run-scenario.ts";
import type { Scenario } from "./scenario.ts";
import { canaries, scenarios } from "./scenarios.ts";

const { values: options } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    canary: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function fail(message: string): never {
  say(`scenarios: ${message}`);
  process.exit(1);
}

if (!/^\d{1,9}$/.test(options.seed)) fail(`--seed: got ${options.seed}, expected a number`);
const all = [...scenarios, ...processScenarios];
const seed = Number(options.seed);
const chosen = options.canary
  ? canaries
  : all.filter(({ name }) => options.only === undefined || name === options.only);
if (chosen.length === 0) {
  fail(`--only: got ${options.only}, expected ${all.map(({ name }) => name).join(", ")}`);
}

function show(row: ScenarioRow, word: string, seconds: number): void {
  const { name, faults, problems, finalBlocks, transactions, messages, commands } = row;
  say(
    `${word} ${name}: ${finalBlocks} final blocks, ${transactions.final} transactions, ` +
      `${messages} messages, ${commands} commands, ${seconds.toFixed(1)} s`,
  );
  for (const fault of faults) say(`       fault: ${fault}`);
  for (const problem of problems) say(`       ${problem}`);
}

async function run(
  scenario: Scenario,
  wordOf: (row: ScenarioRow) => string = ({ ok }) => (ok ? "ok  " : "FAIL"),
): Promise<ScenarioRow> {
  const start = performance.now();
  const row = await runScenario(scenario, seed);
  show(row, wordOf(row), (performance.now() - start) / 1_000);
  return row;
}

const rows: ScenarioRow[] = [];
for (const scenario of chosen) rows.push(await run(scenario));
let ok = rows.every((row) => row.ok);
let noticed: boolean | undefined;
if (!options.canary && options.only === undefined) {
  say("canaries follow, which must be found wrong:");
  noticed = true;
  for (const canary of canaries) {
    const row = await run(canary, (one) =>
      isNoticed(canary, one) ? "found wrong:" : "NOT FOUND:",
    );
    noticed &&= isNoticed(canary, row);
  }
  ok &&= noticed;
}
if (options.json) {
  console.log(JSON.stringify({ scenarios: rows, ...(noticed === undefined ? {} : { noticed }) }));
} else {
  for (const { name, ok: isOk } of rows) console.log(`${isOk ? "ok  " : "FAIL"} ${name}`);
  if (noticed !== undefined) console.log(`${noticed ? "ok  " : "FAIL"} the canaries were noticed`);
}
process.exit(ok ? 0 : 2);
