// `npm run differential -- --seconds 60 --seed 1 [--json]`: compiles the differential run into .plasma/ and runs
// it there (tests/differential/main.ts says what it does), at the speed of plain JavaScript.
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

process.chdir(resolve(import.meta.dirname, "../.."));
const out = ".plasma/differential/compiled";
const tsc = spawnSync(
  process.execPath,
  ["node_modules/typescript/bin/tsc", "-p", "tests/differential/tsconfig.json", "--outDir", out],
  { stdio: ["ignore", "inherit", "inherit"] },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
await import(pathToFileURL(resolve(join(out, "tests/differential/main.js"))).href);
