// Test runner settings. CLI tests run the built dist/, so `npm test` builds first. Builds of contracts are
// shared between tests through a cache of the checkout's own. Test files share three processes: a compiler
// and a machine that are warm take half the time. So a test puts back what it changes of its process.
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files of half a minute and more, longest first. Only the order depends on this list. */
const LONGEST = [
  "e2e/package",
  "e2e/bench",
  "differential/proof-sampling",
  "e2e/hostile",
  "differential/random-modules",
  "e2e/cli-test",
  "dispute/saboteurs",
  "dispute/proof-mutation",
  "dispute/false-runs",
  "e2e/fuzz",
  "e2e/verifier",
  "e2e/run-replay",
  "e2e/examples",
];

/** Long files begin first, or one of them would run alone at the end while the other processor waits. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.findIndex((name) => moduleId.includes(`${name}.test.ts`));
      return place === -1 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    env: { XDG_CACHE_HOME: resolve(".plasma/cache") },
    pool: "forks",
    // One more than the cores of a small machine: tests of commands wait for other processes.
    maxWorkers: 3,
    isolate: false,
    sequence: { sequencer: LongestFirst },
  },
});
