// All suites, and which one a word on the command line means.
import { EngineError } from "../../host/errors.ts";
import { nearestName } from "../../host/rules/nearest-name.ts";
import { meteringSuite } from "./metering.ts";
import { replaySuite } from "./replay.ts";
import type { BenchSuite } from "./suite.ts";
import { transfersSuite } from "./transfers.ts";

export const benchSuites: readonly BenchSuite[] = [meteringSuite, transfersSuite, replaySuite];

/**
 * The suite with this name, or one that measures the scenario in this file.
 * @throws BENCH_SUITE_UNKNOWN
 */
export function suiteFor(name: string): BenchSuite {
  const suite = benchSuites.find((known) => known.name === name);
  if (suite !== undefined) return suite;
  const names = benchSuites.map((known) => known.name);
  const near = nearestName(name, names);
  throw new EngineError({
    code: "BENCH_SUITE_UNKNOWN",
    message: `there is no suite ${JSON.stringify(name.slice(0, 64))}`,
    ...(near === undefined ? {} : { hint: `did you mean "plasma bench ${near}"?` }),
  });
}
