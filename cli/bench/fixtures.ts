// The contracts that benchmarks run, built from the sources in the package's fixtures/contracts.
import { join } from "node:path";
import { buildContract, type ContractBuild } from "../../host/contract/build.ts";
import { packageFolder } from "../package.ts";

/** Builds `fixtures/contracts/<name>.ts`. */
export function buildFixture(name: string): Promise<ContractBuild> {
  return buildContract({
    entry: `${name}.ts`,
    baseDir: join(packageFolder, "fixtures", "contracts"),
  });
}
