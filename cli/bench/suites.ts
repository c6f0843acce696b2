// All suites, and which one a word on the command line means.
import { statSync } from "node:fs";
import { EngineError } from "../../host/errors.ts";
import { nearestName } from "../../host/rules/nearest-name.ts";
import { loadScenario } from "../scenario/load-scenario.ts";
import { bigSuite } from "./big.ts";
import { buildSuite } from "./build.ts";
import { callsSuite } from "./calls.ts";
import { diskSuite } from "./disk.ts";
import { disputeSuite } from "./dispute.ts";
import { environmentsSuite } from "./environments.ts";
import { gasSuite } from "./gas.ts";
import { machineSuite } from "./machine.ts";
import { meteringSuite } from "./metering.ts";
import { proofSuite } from "./proof.ts";
import { replaySuite } from "./replay.ts";
import { scenarioSuite } from "./scenario.ts";
import { stateSuite } from "./state.ts";
import type { BenchSuite } from "./suite.ts";
import { transfersSuite } from "./transfers.ts";

/** In the order in which a page measures them: the longest last. */
export const benchSuites: readonly BenchSuite[] = [
  meteringSuite,
  transfersSuite,
  replaySuite,
  machineSuite,
  proofSuite,
  buildSuite,
  disputeSuite,
  environmentsSuite,
  bigSuite,
  callsSuite,
  gasSuite,
  stateSuite,
  diskSuite,
];

/** Whether a word names a file rather than a suite. */
const isFile = (word: string): boolean =>
  word === "-" ||
  /[./\\]/.test(word) ||
  statSync(word, { throwIfNoEntry: false })?.isFile() === true;

/**
 * The suite with this name, or one that measures the scenario in this file.
 * @throws BENCH_SUITE_UNKNOWN, and what scenarioSuite and loadScenario throw
 */
export async function suiteFor(word: string): Promise<BenchSuite> {
  const suite = benchSuites.find((known) => known.name === word);
  if (suite !== undefined) return suite;
  if (isFile(word)) return scenarioSuite(await loadScenario(word));
  const names = benchSuites.map((known) => known.name);
  const near = nearestName(word, names);
  throw new EngineError({
    code: "BENCH_SUITE_UNKNOWN",
    message: `there is no suite and no file ${JSON.stringify(word.slice(0, 64))}`,
    ...(near === undefined ? {} : { hint: `did you mean "plasma bench ${near}"?` }),
  });
}
