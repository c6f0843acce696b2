// The contracts that benchmarks run, built from the sources in the package's fixtures/contracts.
import { join } from "node:path";
import type { ContractBuild } from "../../host/contract/build.ts";
import { buildCached } from "../../host/contract/build-cache.ts";
import { packageFolder } from "../package.ts";

/** Builds `fixtures/contracts/<name>.ts`. */
export function buildFixture(name: string): Promise<ContractBuild> {
  return buildCached({
    entry: `${name}.ts`,
    baseDir: join(packageFolder, "fixtures", "contracts"),
  });
}
