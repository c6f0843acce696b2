// `npm run scenarios -- --seed 1 [--only NAME] [--canary] [--json]`: compiles the scenarios into .plasma/ and runs
// them there (tests/scenarios/main.ts says what it does), at the speed of plain JavaScript.
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

process.chdir(resolve(import.meta.dirname, "../.."));
const out = ".plasma/scenarios/compiled";
const tsc = spawnSync(
  process.execPath,
  [
    ...["node_modules/typescript/bin/tsc", "-p", "tests/scenarios/tsconfig.json", "--outDir", out],
    ...["--incremental", "--tsBuildInfoFile", `${out}/.tsbuildinfo`],
  ],
  { stdio: ["ignore", "inherit", "inherit"] },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
await import(pathToFileURL(resolve(join(out, "tests/scenarios/main.js"))).href);
