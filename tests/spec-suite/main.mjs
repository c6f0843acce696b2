// Compiles the harness of the core suite into .plasma/ and runs it there (tests/spec-suite/main.ts says what
// it does), at the speed of plain JavaScript and on every version of Node that the project supports.
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

process.chdir(resolve(import.meta.dirname, "../.."));
const out = ".plasma/spec-suite";
const tsc = spawnSync(
  process.execPath,
  ["node_modules/typescript/bin/tsc", "-p", "tests/spec-suite/tsconfig.json", "--outDir", out],
  { stdio: "inherit" },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
await import(pathToFileURL(resolve(join(out, "tests/spec-suite/main.js"))).href);
